#include "host/scriptjob.h"
#include "batch/keptbatch.h"
#include "batch/progressview.h"
#include <QDateTime>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::host {

namespace {

constexpr auto drawnEvery = 250ms; // on a terminal
constexpr auto toldEvery = 10s;    // in a log
constexpr auto watchedEvery = 1s;  // by the service
constexpr auto aliveWithin = 1h;   // whoever watches is less patient
constexpr auto farewell = 5s;      // for a script that was told to stop
constexpr int scriptFailed = 70;   // EX_SOFTWARE
constexpr int refused = 2;

} // namespace

ScriptJob::ScriptJob(batch::BatchOrder order, const batch::Surroundings &surroundings, batch::BatchCallbacks callbacks)
    : m_order(std::move(order))
    , m_surroundings(surroundings)
    , m_callbacks(std::move(callbacks))
{}

ScriptJob::~ScriptJob()
{
    m_script.reset(); // first, for it calls all the others
    m_sessions.reset();
    m_batches.reset();
    m_runs.reset();
}

Result<> ScriptJob::start()
{
    if (!m_order.shard.isEmpty())
        return fail(Error::Kind::Usage, u"--shard: only a script itself knows what it will ask for; with --claim DIR "
                                        "it shares its runs with others"_s);
    auto opened = openScript(m_order, m_surroundings, m_callbacks.watch.scriptFolder);
    if (!opened)
        return std::unexpected(opened.error());
    m_plan = std::move(opened->plan);
    m_plan.runner.level = u"script"_s;
    m_plan.runner.resume.only = m_callbacks.watch.again;
    m_plan.runner.trees = batch::Runner::Config::Trees::Stay;
    m_rules = opened->rules;
    m_journal = std::move(opened->journal);
    applyConfig(opened->config);
    if (const auto begun = beginJournal(*opened); !begun)
        return begun;
    auto held = OutFolder::open(m_plan.out); // before any agent could do something to it
    if (!held)
        return std::unexpected(held.error());
    m_rules.held = std::make_shared<OutFolder>(std::move(*held));
    m_runner = std::make_unique<batch::Runner>(m_surroundings, m_journal.get(), m_plan.runner);
    m_runs = std::make_unique<Runs>(*m_runner, m_rules, m_plan.concurrency);
    if (!m_order.claim.isEmpty()) {
        m_claims = batch::claimsOf(m_order);
        m_runs->setClaims(m_claims.get());
    }
    m_sessions = std::make_unique<SessionCalls>(*m_runner, *m_runs, m_rules, m_order.program);
    m_batches = std::make_unique<BatchCalls>(*m_runner, *m_runs, m_rules);
    m_hooks = std::make_shared<ScriptHooks>(m_order.script, m_order.hookTimeout.value_or(usualHookDeadline),
                                            hookFailureFromName(m_order.hookFailure).value_or(HookFailure::Deny));
    m_hooks->setMayApprove(m_order.allowExec);
    HookSources hooks = m_callbacks.watch.hooks;
    hooks.push_back(m_hooks);
    m_runner->setHooks(std::move(hooks));
    m_script = std::make_unique<script::ScriptThread>(opened->scriptPlan(makeModule(), m_callbacks.say));
    m_runs->setScript(m_script.get());
    m_sessions->setScript(m_script.get());
    m_sessions->setListening([hooks = m_hooks] { hooks->listen(); });
    m_hooks->setScript(m_script.get());
    connect(m_runs.get(), &Runs::itemDone, this, &ScriptJob::onItemDone);
    connect(m_runs.get(), &Runs::braked, this, &ScriptJob::onBraked);
    connect(m_runs.get(), &Runs::warned, this,
            [this](const QString &sentence) { m_callbacks.say(u"warning: "_s + sentence); });
    connect(m_runs.get(), &Runs::stale, this, [this](const QString &key, const QString &why) {
        m_callbacks.say(u"%1: stale, %2; it runs again"_s.arg(key, why));
    });
    if (m_callbacks.watch.tell) // others spend from the same budget
        connect(m_runner.get(), &batch::Runner::charged, this, &ScriptJob::onTick);
    connect(m_script.get(), &script::ScriptThread::finished, this, &ScriptJob::onScriptEnded);
    connect(&m_tick, &QTimer::timeout, this, &ScriptJob::onTick);
    m_tick.start(m_callbacks.watch.tell ? std::chrono::milliseconds(watchedEvery)
                 : m_callbacks.draw     ? std::chrono::milliseconds(drawnEvery)
                                        : std::chrono::milliseconds(toldEvery));
    m_limits.begin(m_plan.runner.limits);
    m_wall.setSingleShot(true);
    connect(&m_wall, &QTimer::timeout, this, [this] { endAt(u"script.wall_s"_s); });
    setWall(m_plan.runner.limits.wall);
    m_script->start();
    if (m_callbacks.watch.tell)
        showProgress(); // patience with the script begins
    return {};
}

void ScriptJob::setWall(std::optional<std::chrono::milliseconds> limit)
{
    if (limit)
        m_wall.start(std::max(std::chrono::milliseconds(0), *limit - m_limits.age()));
}

void ScriptJob::applyConfig(const ScriptConfig &config)
{
    m_plan.name = m_order.name.isEmpty() ? config.name : m_order.name;
    m_plan.runner.limits = filledIn(m_plan.runner.limits, config.limits);
    m_plan.maxFailures = m_plan.maxFailures ? m_plan.maxFailures : config.maxFailures;
    m_plan.concurrency = m_order.concurrency.isEmpty() ? config.concurrency : m_plan.concurrency;
}

Result<> ScriptJob::beginJournal(const OpenedScript &script)
{
    m_seed = scriptSeed(m_plan.name);
    const auto begun = m_journal->begin({.batch = m_callbacks.watch.id, .name = m_plan.name, .seed = m_seed},
                                        m_surroundings.defaults.home.state);
    if (!begun || batch::isKept(m_order))
        return begun;
    return batch::keepScript(m_plan, m_order.script, script.args);
}

void ScriptJob::onMain(std::function<void()> what)
{
    QMetaObject::invokeMethod(this, std::move(what), Qt::QueuedConnection);
}

void ScriptJob::onItemDone(const batch::ItemResult &result)
{
    m_limits.note(m_runner->budget().usage(), m_runner->budget().requests());
    if (result.from != batch::ItemResult::From::Journal)
        m_callbacks.say(batch::endingLine(result));
    if (m_plan.maxFailures && m_runs->failures() >= *m_plan.maxFailures && !m_runs->isStopped())
        endAt(u"script.max_failures"_s);
}

void ScriptJob::endAt(const QString &limit)
{
    if (m_outcome)
        return;
    m_endReason = limit;
    m_callbacks.say(u"the script ends at its limit "_s + limit);
    stop(0);
}

void ScriptJob::onBraked(const QString &sentence)
{
    if (m_outcome || !m_refusal.isEmpty())
        return;
    m_refusal = sentence;
    stop(0);
}

void ScriptJob::stop(int signal)
{
    if (signal != 0)
        m_signal = signal;
    m_script->emitEvent("cancel", json::null());
    m_runs->stop();
    m_batches->stop();
    m_sessions->stop();
    QTimer::singleShot(farewell, m_script.get(), [this] { m_script->cancel(); });
}

void ScriptJob::change(const batch::BatchChange &change)
{
    if (change.concurrency)
        m_runs->setConcurrency(int(*change.concurrency));
    if (change.costUsd) {
        batch::Limits wished;
        wished.costUsd = change.costUsd;
        m_runner->budget().setLimits(m_limits.change(wished));
    }
    if (change.paused) {
        m_runs->setPaused(*change.paused);
        m_batches->setPaused(*change.paused);
    }
    if (change.finish)
        finishRunning();
}

/// The script hears of what is under way and is refused all else; it has time to make something of that.
void ScriptJob::finishRunning()
{
    m_signal = SIGTERM;
    m_isFinishing = true;
    m_script->emitEvent("cancel", json::null());
    m_runs->finish();
    m_batches->finish();
}

/// A script that is in an endless loop, or at the end of its memory, does not even say that it has no such function.
void ScriptJob::onTick()
{
    if (m_isFinishing && m_runs->isIdle() && m_batches->isIdle()) {
        m_isFinishing = false;
        QTimer::singleShot(farewell, m_script.get(), [this] { m_script->cancel(); });
    }
    if (m_callbacks.draw)
        return m_callbacks.draw(batch::progressLines(m_runs->progress(), QDateTime::currentMSecsSinceEpoch()));
    if (!m_callbacks.watch.tell)
        return showProgress();
    if (std::exchange(m_isAsked, true))
        return;
    m_script->call("alive", {"[]"}, aliveWithin, [this](const script::Outcome &) {
        m_isAsked = false;
        showProgress();
    });
}

void ScriptJob::showProgress()
{
    if (m_callbacks.watch.tell)
        return m_callbacks.watch.tell(batch::toJson(m_runs->progress(), m_plan.name));
    m_callbacks.say(QString::fromUtf8(batch::toJson(m_runs->progress(), m_plan.name).text));
}

void ScriptJob::onScriptEnded(const script::Outcome &outcome)
{
    m_outcome = outcome;
    m_runs->stop(); // what nobody waits for any more
    m_batches->stop();
    m_sessions->stop();
    QTimer::singleShot(0, this, &ScriptJob::finish);
}

batch::Report ScriptJob::report() const
{
    batch::Report report{.id = m_journal->batchId(), .name = m_plan.name};
    for (const auto &[index, result] : m_runs->results()) {
        report.items.push_back(result);
        for (const QString &limit : result.limitsHit) {
            if (!limit.startsWith(u"script."))
                continue;
            report.end = batch::Report::End::Limit;
            report.endReason = limit;
        }
    }
    if (!m_endReason.isEmpty()) {
        report.end = batch::Report::End::Limit;
        report.endReason = m_endReason;
    }
    if (m_signal != 0)
        report.end = batch::Report::End::Interrupted;
    report.duration = m_limits.age();
    return report;
}

/// What the script returns as {"failed": n} counts, else the items.
int ScriptJob::exitCode(const batch::Report &report) const
{
    if (m_signal == SIGINT)
        return 128 + SIGINT;
    if (!m_refusal.isEmpty())
        return refused;
    if (m_signal != 0 || report.end != batch::Report::End::Done)
        return exitCodeOf(report, m_plan.thresholds);
    if (!*m_outcome)
        return scriptFailed;
    if (m_claims)
        return 0; // what failed is told by whoever puts all together
    if (!m_plan.thresholds.empty())
        return exitCodeOf(report, m_plan.thresholds);
    const auto returned = JsonDocument::parse((*m_outcome)->text);
    const JsonView failed = returned ? returned->root()["failed"] : JsonView();
    return (failed.isNumber() ? failed.toInteger() : m_runs->failures()) > 0 ? 1 : 0;
}

void ScriptJob::finish()
{
    m_tick.stop();
    if (m_callbacks.draw)
        m_callbacks.draw({});
    const batch::Report whole = report();
    static constexpr const char *ends[]{"done", "limit", "interrupted"};
    int code = exitCode(whole);
    if (*m_outcome && m_refusal.isEmpty() && whole.end == batch::Report::End::Done && !m_claims)
        m_runner->putTreesAway(); // nobody holds their sessions any more, nor comes back for them
    for (const auto &done : {m_journal->close(QLatin1StringView(ends[int(whole.end)])),
                             writeOutputs(whole, m_plan.out, m_order, m_callbacks)}) {
        if (done)
            continue;
        m_callbacks.say(u"Error: "_s + done.error().message);
        code = code == 0 ? 1 : code;
    }
    for (const QString &line : missed(m_plan.thresholds, whole))
        m_callbacks.say(u"threshold missed: "_s + line);
    if (!m_refusal.isEmpty())
        m_callbacks.say(u"Error: "_s + m_refusal);
    else if (*m_outcome && (*m_outcome)->text != "null")
        m_callbacks.print((*m_outcome)->text + '\n');
    else if (!*m_outcome && m_signal == 0 && m_endReason.isEmpty())
        m_callbacks.say(u"Error: "_s + m_outcome->error().text());
    m_callbacks.ended(code);
}

} // namespace nightshift::host
