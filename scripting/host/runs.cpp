#include "host/runs.h"
#include "batch/sharing.h"
#include <QDateTime>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

constexpr auto judgeTime = std::chrono::hours(24); // a check may run tests; limits and the user end it sooner

const TurnError cancelled{FailureCode::CancelledByUser, u"the script was stopped"_s};

} // namespace

Runs::Runs(batch::Runner &runner, PathRules rules, int concurrency)
    : m_runner(runner)
    , m_rules(std::move(rules))
    , m_concurrency(concurrency)
{
    connect(&m_look, &QTimer::timeout, this, [this] {
        for (Call &call : std::exchange(m_others, {}))
            enter([this, ready = std::move(call)] { start(ready); });
    });
}

Runs::~Runs()
{
    for (const QString &key : std::as_const(m_failed)) // not before: others would try it again at once
        m_claims->release(key);
}

void Runs::setClaims(batch::Claims *claims)
{
    m_claims = claims;
    m_look.start(claims->interval());
}

Result<Runs::Call> Runs::prepare(const RawJson &call)
{
    const auto document = JsonDocument::parse(call.text);
    if (!document)
        return std::unexpected(document.error());
    const JsonView root = document->root();
    auto options = batch::optionsFromJson(root["options"]);
    if (!options)
        return failAt(u"run()"_s, options.error());
    if (options->prompt.isEmpty())
        return fail(Error::Kind::Invalid, u"run(): /prompt: expected a text"_s);
    if (const auto settled = m_rules.settle(*options); !settled)
        return failAt(u"run()"_s, settled.error());
    auto item = m_runner.prepare(*options, m_asked);
    if (!item)
        return failAt(u"run()"_s, item.error());
    return Call{std::move(*item), int(root["judge"].toInteger()), root["optional"].toBool(), {}};
}

void Runs::run(const RawJson &call, const script::Answer &answer)
{
    if (m_isStopped)
        return answer(fail(Error::Kind::Canceled, cancelled.message));
    auto prepared = prepare(call);
    if (!prepared)
        return answer(std::unexpected(prepared.error()));
    ++m_asked;
    prepared->answer = answer;
    const batch::Decision &decision = prepared->item.decision;
    if (decision.state == batch::Decision::State::Stale && decision.step == batch::Decision::Step::Run)
        return hold(*prepared);
    enter([this, ready = std::move(*prepared)] { start(ready); });
}

/// What a script will ask for nobody knows but by letting it ask: stale items begin when it has asked for all that it
/// can, so that a map() that would throw away the most is stopped before its first one.
void Runs::hold(const Call &call)
{
    const QString &why = call.item.decision.why;
    m_held.push_back(call);
    if (const auto sentence = batch::brake(++m_stale, m_runner.finishedBefore(), why, m_runner.resumePolicy())) {
        emit braked(*sentence);
        return;
    }
    if (m_held.size() == 1)
        m_script->call("heard", RawJson{"[]"}, judgeTime, [this](const script::Outcome &) { release(); });
}

void Runs::release()
{
    for (Call &call : std::exchange(m_held, {})) {
        if (!m_isStopped)
            emit stale(call.item.options.key, call.item.decision.why);
        enter([this, ready = std::move(call)] { start(ready); });
    }
}

void Runs::enter(std::function<void()> go)
{
    m_waiting.push_back(std::move(go));
    pump();
}

void Runs::leave()
{
    --m_inside;
    pump();
}

void Runs::pump()
{
    while (!m_isPaused && !m_waiting.empty() &&
           m_inside < (m_concurrency > 0 ? m_concurrency : m_runner.advisedConcurrency())) {
        const auto go = std::move(m_waiting.front());
        m_waiting.pop_front();
        ++m_inside;
        go();
    }
}

bool Runs::isLeftToOthers(Call &call)
{
    const auto whose = m_claims ? batch::whoseIs(call.item, *m_claims, m_runner) : batch::Whose::Ours;
    if (whose == batch::Whose::Ours)
        return false;
    if (whose)
        m_others.push_back(std::move(call));
    else
        call.answer(std::unexpected(whose.error()));
    return true;
}

void Runs::start(Call call)
{
    if (m_isStopped) {
        call.answer(fail(Error::Kind::Canceled, cancelled.message));
        return leave();
    }
    if (isLeftToOthers(call))
        return leave();
    batch::ItemRun *run = m_runner.start(call.item, this);
    if (call.judge > 0)
        run->setJudge([this, judge = call.judge](const batch::ItemResult &result, batch::ItemRun::Verdict verdict) {
            this->judge(judge, result, std::move(verdict));
        });
    m_running.emplace_back(run, batch::Progress::Running{run->key(), QDateTime::currentMSecsSinceEpoch(), 0});
    connect(run, &batch::ItemRun::finished, this,
            [this, run, call](const batch::ItemResult &result) { onFinished(run, call, result); });
}

void Runs::onFinished(batch::ItemRun *run, const Call &call, const batch::ItemResult &result)
{
    std::erase_if(m_running, [run](const auto &each) { return each.first == run; });
    run->deleteLater();
    m_failures -= !result.ok && call.optional;
    if (m_claims && call.item.decision.step != batch::Decision::Step::Take) {
        if (result.ok || batch::wasRun(result))
            m_claims->settle(result.key);
        if (!result.ok)
            m_failed += result.key;
    }
    settle(result);
    call.answer(toJson(result));
    leave();
}

void Runs::settle(const batch::ItemResult &result)
{
    m_results[result.index] = result;
    m_failures += !result.ok;
    emit itemDone(result);
}

void Runs::judge(int judge, const batch::ItemResult &result, batch::ItemRun::Verdict verdict)
{
    const RawJson args = json::array({json::number(qint64(judge)), toJson(result)});
    m_script->call("judge", args, judgeTime, [verdict = std::move(verdict)](const script::Outcome &outcome) {
        if (!outcome)
            return verdict(outcome.error().message);
        const auto said = JsonDocument::parse(outcome->text);
        verdict(said && said->root().isString() ? std::optional(said->root().toString()) : std::nullopt);
    });
}

void Runs::noteFailure(const QString &key, const QString &message)
{
    ++m_failures;
    if (message.isEmpty())
        return;
    batch::ItemResult result;
    result.key = key;
    result.index = m_asked++;
    result.outcome = u"failed"_s;
    result.reason = u"script_error"_s;
    result.message = message;
    m_results[result.index] = result;
    emit itemDone(result);
}

void Runs::stop()
{
    for (const auto &[run, since] : m_running)
        run->interrupt({FailureCode::Interrupted, cancelled.message});
    refuseWaiting();
}

void Runs::setPaused(bool paused)
{
    m_isPaused = paused;
    pump();
}

void Runs::refuseWaiting()
{
    m_isStopped = true;
    release();
    for (Call &call : std::exchange(m_others, {}))
        call.answer(fail(Error::Kind::Canceled, cancelled.message));
    for (const auto waiting = std::exchange(m_waiting, {}); const auto &go : waiting) {
        ++m_inside;
        go();
    }
}

batch::Progress Runs::progress() const
{
    batch::Progress progress{.total = m_asked, .running = qint64(m_running.size())};
    for (const auto &[index, result] : m_results) {
        ++(result.ok ? progress.succeeded : progress.failed);
        progress.fromJournal += result.from == batch::ItemResult::From::Journal;
    }
    progress.usage = m_runner.budget().usage();
    progress.requests = m_runner.budget().requests();
    for (const auto &[run, running] : m_running)
        progress.items.push_back(running);
    return progress;
}

} // namespace nightshift::host
