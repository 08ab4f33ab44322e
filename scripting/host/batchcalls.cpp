#include "host/batchcalls.h"
#include "batch/batchspec.h"

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

/// What a script has no use for, or says itself.
Result<batch::BatchSpec> specFrom(JsonView object)
{
    for (const char *name : {"script", "webhook"}) {
        if (object[name].exists())
            return fail(Error::Kind::Invalid, u"/%1: in a script there is none"_s.arg(QLatin1StringView(name)));
    }
    return batch::batchSpecFromJson(object);
}

} // namespace

BatchCalls::BatchCalls(batch::Runner &runner, Runs &runs, PathRules rules)
    : m_runner(runner)
    , m_runs(runs)
    , m_rules(std::move(rules))
{}

BatchCalls::~BatchCalls() = default;

/// All of them, or nothing runs.
Result<std::vector<batch::PreparedItem>> BatchCalls::prepare(const std::vector<batch::Options> &items, qint64 first)
{
    std::vector<batch::PreparedItem> prepared;
    std::vector<batch::Decision> decisions;
    for (batch::Options options : items) {
        const auto settled = m_rules.settle(options);
        auto item = settled ? m_runner.prepare(options, first + qint64(prepared.size()))
                            : Result<batch::PreparedItem>(std::unexpected(settled.error()));
        if (!item)
            return failAt(u"/items/%1"_s.arg(prepared.size()), item.error());
        decisions.push_back(item->decision);
        prepared.push_back(std::move(*item));
    }
    if (const auto sentence = batch::brake(decisions, m_runner.resumePolicy())) {
        emit m_runs.braked(*sentence);
        return fail(Error::Kind::Canceled, *sentence);
    }
    for (const batch::PreparedItem &item : prepared) {
        if (item.decision.state == batch::Decision::State::Stale && item.decision.step == batch::Decision::Step::Run)
            emit m_runs.stale(item.options.key, item.decision.why);
    }
    return prepared;
}

void BatchCalls::run(const RawJson &call, const script::Answer &answer)
{
    const auto document = JsonDocument::parse(call.text);
    const auto spec = document ? specFrom(document->root()["spec"]) : std::unexpected(document.error());
    const auto read = [this](const QString &path) { return m_rules.read(path); };
    const auto items = spec ? batch::itemsOf(*spec, read) : std::unexpected(spec.error());
    if (!items)
        return answer(failAt(u"batch()"_s, items.error()));
    if (m_runs.isStopped())
        return answer(fail(Error::Kind::Canceled, u"the script was stopped"_s));
    const qint64 first = m_runs.reserve(qint64(items->size()));
    auto prepared = prepare(*items, first);
    if (!prepared)
        return answer(failAt(u"batch()"_s, prepared.error()));

    auto running = std::make_unique<Running>();
    running->budget = std::make_unique<batch::Budget>(u"batch"_s, spec->limits, &m_runner.budget());
    running->first = first;
    running->answer = answer;
    batch::Batch::Config config{.name = spec->name,
                                .concurrency = int(spec->concurrency > 0 ? spec->concurrency : m_runs.concurrency()),
                                .maxFailures = spec->maxFailures,
                                .wall = spec->limits.wall,
                                .budget = running->budget.get(),
                                .others = batch::Batch::Config::Others::Await};
    if (const int judge = int(document->root()["judge"].toInteger()); judge > 0)
        config.judge = [this, judge](const batch::ItemResult &result, batch::ItemRun::Verdict verdict) {
            m_runs.judge(judge, result, std::move(verdict));
        };
    running->items = std::make_unique<batch::Batch>(m_runner, std::move(*prepared), std::move(config), m_runs.claims());
    batch::Batch *all = running->items.get();
    connect(all, &batch::Batch::itemDone, &m_runs, &Runs::settle);
    connect(all, &batch::Batch::warned, &m_runs, &Runs::warned);
    connect(all, &batch::Batch::finished, this,
            [this, ended = running.get()](const batch::Report &report) { onFinished(ended, report); });
    m_running.push_back(std::move(running));
    all->setPaused(m_isPaused);
    all->start();
}

void BatchCalls::onFinished(Running *running, batch::Report report)
{
    for (batch::ItemResult &item : report.items)
        item.index -= running->first;
    running->items.release()->deleteLater(); // it is speaking
    const script::Answer answer = running->answer;
    answer(toJson(report, batch::WithDiff::Yes));
}

void BatchCalls::forEach(const std::function<void(batch::Batch &)> &what)
{
    for (const auto &running : m_running) {
        if (running->items)
            what(*running->items);
    }
}

void BatchCalls::stop()
{
    forEach([](batch::Batch &items) { items.stop(); });
}

void BatchCalls::finish()
{
    forEach([](batch::Batch &items) { items.finish(); });
}

void BatchCalls::setPaused(bool paused)
{
    m_isPaused = paused;
    forEach([paused](batch::Batch &items) { items.setPaused(paused); });
}

bool BatchCalls::isIdle() const
{
    return std::ranges::none_of(m_running, [](const auto &running) { return running->items != nullptr; });
}

} // namespace nightshift::host
