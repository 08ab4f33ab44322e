#include "host/planjob.h"
#include "batch/batchspec.h"
#include "batch/shortjobs.h"
#include "host/filecalls.h"
#include "jstexts.h"
#include "llm/schemaexample.h"

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

constexpr int scriptFailed = 70; // EX_SOFTWARE

/// What a result would look like that went well.
batch::ItemResult exampleResult(const std::optional<RawJson> &schema)
{
    batch::ItemResult result;
    result.ok = true;
    result.outcome = u"completed"_s;
    result.reason = u"final_message"_s;
    const auto document =
        schema ? JsonDocument::parse(schema->text) : Result<JsonDocument>(fail(Error::Kind::Invalid, {}));
    if (document) {
        result.json = llm::exampleOf(document->root());
        result.text = QString::fromUtf8(result.json->text);
    }
    return result;
}

} // namespace

PlanJob::PlanJob(batch::BatchOrder order, const batch::Surroundings &surroundings, batch::BatchCallbacks callbacks)
    : m_order(std::move(order))
    , m_surroundings(surroundings)
    , m_callbacks(std::move(callbacks))
{}

PlanJob::~PlanJob()
{
    m_script.reset(); // first, for it calls all the others
}

Result<> PlanJob::start()
{
    auto opened = openScript(m_order, m_surroundings);
    if (!opened)
        return std::unexpected(opened.error());
    m_opened = std::move(*opened);
    planAgain();
    return {};
}

void PlanJob::planAgain()
{
    m_plans.emplace_back();
    m_runner = std::make_unique<batch::Runner>(m_surroundings, m_opened.journal.get(), m_opened.plan.runner);
    m_script = std::make_unique<script::ScriptThread>(m_opened.scriptPlan(makeModule(), m_callbacks.say));
    connect(m_script.get(), &script::ScriptThread::finished, this, &PlanJob::onScriptEnded);
    m_script->start();
}

script::HostModule PlanJob::makeModule()
{
    script::HostModule module;
    module.source = hostSource();
    addFileCalls(module, m_opened.rules);
    const auto ignore = [](JsonView) -> Result<RawJson> { return json::null(); };
    for (const char *name : {"phase", "progress", "failure", "hooks", "limits.set"})
        module.now[name] = ignore;
    for (const char *name : {"write", "write.csv", "write.junit", "write.markdown", "write.sarif"})
        module.now[name] = [](JsonView call) -> Result<RawJson> { return call["path"].raw(); };
    module.now["begin"] = [seed = scriptSeed(m_opened.plan.name)](JsonView) -> Result<RawJson> {
        return json::object({{"seed", seed}});
    };
    module.now["env"] = [this](JsonView name) { return shownVariable(m_order, name.toString()); };
    module.now["limits.spent"] = [](JsonView) -> Result<RawJson> {
        return json::object({{"requests", 0}, {"tokens", 0}, {"cost_usd", 0.0}, {"wall_s", 0.0}});
    };
    module.now["limits.left"] = [](JsonView) -> Result<RawJson> { return RawJson{"{}"}; };
    module.later["run"] = [this](const RawJson &call, const script::Answer &answer) { onRun(call, answer); };
    module.later["batch"] = [this](const RawJson &call, const script::Answer &answer) { onBatch(call, answer); };
    module.later["exec"] = [](const RawJson &, const script::Answer &answer) {
        answer(json::object({{"exit_code", 0}, {"stdout", ""}, {"stderr", ""}, {"timed_out", false}}));
    };
    for (const char *verb : {"steer", "cancel", "fork", "listen", "close"})
        module.later["session." + QByteArray(verb)] = [](const RawJson &, const script::Answer &answer) {
            answer(json::null());
        };
    for (const char *verb : {"diff", "bundle"})
        module.later["session." + QByteArray(verb)] = [](const RawJson &, const script::Answer &answer) {
            answer(json::string(""));
        };
    module.later["session.apply"] = [](const RawJson &, const script::Answer &answer) {
        answer(json::object({{"applied", false}, {"message", "a plan applies nothing"}}));
    };
    module.later["session.send"] = [this](const RawJson &text, const script::Answer &answer) {
        const auto call = JsonDocument::parse(text.text);
        const JsonView schema = call ? call->root()["schema"] : JsonView();
        const JsonView usual = call ? call->root()["options"]["schema"] : JsonView();
        const JsonView wanted = schema.isObject() ? schema : usual;
        ++m_turns;
        answer(toJson(exampleResult(wanted.isObject() ? std::optional(wanted.raw()) : std::nullopt)));
    };
    return module;
}

Result<batch::ItemResult> PlanJob::add(batch::Options options)
{
    if (const auto settled = m_opened.rules.settle(options); !settled)
        return std::unexpected(settled.error());
    auto &items = m_plans.back();
    auto item = m_runner->prepare(options, qint64(items.size()));
    if (!item)
        return std::unexpected(item.error());
    auto result = m_runner->earlierResult(item->options.key).value_or(exampleResult(options.schema));
    result.key = item->options.key;
    result.index = item->index;
    items.push_back(std::move(*item));
    return result;
}

void PlanJob::onRun(const RawJson &call, const script::Answer &answer)
{
    const auto document = JsonDocument::parse(call.text);
    const auto options =
        document ? batch::optionsFromJson(document->root()["options"]) : std::unexpected(document.error());
    const auto result = options ? add(*options) : std::unexpected(options.error());
    answer(result ? Result<RawJson>(toJson(*result)) : failAt(u"run()"_s, result.error()));
}

void PlanJob::onBatch(const RawJson &call, const script::Answer &answer)
{
    const auto document = JsonDocument::parse(call.text);
    const auto spec = document ? batch::batchSpecFromJson(document->root()["spec"]) : std::unexpected(document.error());
    const auto read = [this](const QString &path) { return m_opened.rules.read(path); };
    const auto items = spec ? batch::itemsOf(*spec, read) : std::unexpected(spec.error());
    if (!items)
        return answer(failAt(u"batch()"_s, items.error()));
    batch::Report report{.id = {}, .name = spec->name, .items = {}, .endReason = {}};
    for (const batch::Options &options : *items) {
        const auto result = add(options);
        if (!result)
            return answer(failAt(u"batch()"_s, result.error()));
        report.items.push_back(*result);
    }
    answer(toJson(report, batch::WithDiff::Yes));
}

void PlanJob::onScriptEnded(const script::Outcome &outcome)
{
    if (!outcome) {
        m_callbacks.say(u"Error: "_s + outcome.error().text());
        return m_callbacks.ended(scriptFailed);
    }
    if (m_order.twice && m_plans.size() == 1) {
        QMetaObject::invokeMethod(this, &PlanJob::planAgain, Qt::QueuedConnection); // the script is speaking
        return;
    }
    const auto code = batch::printPlans(m_plans, m_opened.journal->known(), m_order, m_callbacks);
    if (!code)
        m_callbacks.say(u"Error: "_s + code.error().message);
    if (m_turns > 0)
        m_callbacks.say(
            u"and %1 turns of sessions, which begin anew each time"_s.arg(m_turns / qint64(m_plans.size())));
    m_callbacks.ended(code.value_or(2));
}

void PlanJob::stop(int signal)
{
    m_script->cancel();
    m_callbacks.ended(128 + signal);
}

} // namespace nightshift::host
