#include "batchjob.h"
#include "base/boundedfile.h"
#include "batch/keptbatch.h"
#include "batch/merge.h"
#include "batch/outputs.h"
#include "batch/progressview.h"
#include "batch/rehearsal.h"
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::batch {

namespace {

constexpr auto drawnEvery = 250ms; // on a terminal
constexpr auto toldEvery = 10s;    // in a log
constexpr auto watchedEvery = 1s;  // by the service

Result<std::optional<qint64>> number(const QString &text, const QString &option)
{
    if (text.isEmpty())
        return std::nullopt;
    bool ok = false;
    const qint64 value = text.toLongLong(&ok);
    if (!ok || value < 1)
        return fail(Error::Kind::Usage, u"%1 %2: expected a whole number above 0"_s.arg(option, text));
    return value;
}

Result<ResumePolicy> resumePolicy(const BatchOrder &order)
{
    const auto retry = retryReasons(order.retry);
    if (!retry)
        return std::unexpected(retry.error());
    if (!order.stale.isEmpty() && order.stale != "rerun"_L1 && order.stale != "keep"_L1)
        return fail(Error::Kind::Usage, u"--stale %1: expected rerun or keep"_s.arg(order.stale));
    using Stale = ResumePolicy::Stale;
    return ResumePolicy{.fresh = order.fresh,
                        .stale = order.stale == "rerun"_L1  ? Stale::Rerun
                                 : order.stale == "keep"_L1 ? Stale::Keep
                                                            : Stale::Ask,
                        .retry = *retry,
                        .recheck = order.recheck};
}

} // namespace

Result<JobPlan> planJob(const BatchOrder &order, const Surroundings &surroundings)
{
    JobPlan plan;
    plan.out = QDir(order.folder).absoluteFilePath(order.out.isEmpty() ? u"out"_s : order.out);
    plan.out = QDir::cleanPath(plan.out);
    plan.name = !order.name.isEmpty()   ? order.name
                : order.input.isEmpty() ? u"batch"_s
                                        : QFileInfo(order.input).completeBaseName();
    if (order.concurrency != "auto"_L1) {
        const auto jobs = number(order.concurrency, u"-j"_s);
        if (!jobs)
            return std::unexpected(jobs.error());
        plan.concurrency = int(jobs->value_or(0));
    }
    const auto failures = number(order.maxFailures, u"--max-failures"_s);
    const auto wait = number(order.rateLimitWait, u"--rate-limit-wait"_s);
    const auto policy = resumePolicy(order);
    if (!failures || !wait || !policy)
        return std::unexpected(!failures ? failures.error() : !wait ? wait.error() : policy.error());
    plan.maxFailures = *failures;
    plan.runner.resume = *policy;
    if (*wait)
        plan.runner.rateLimitWait = std::chrono::seconds(**wait);
    else if (surroundings.rehearses)
        plan.runner.rateLimitWait = rehearsedWait;
    plan.runner.limits = {.requests = order.limits.requests,
                          .tokens = order.limits.tokens,
                          .costUsd = order.limits.costUsd,
                          .wall = order.limits.time};
    for (const QString &text : order.thresholds) {
        auto threshold = parseThreshold(text);
        if (!threshold)
            return std::unexpected(threshold.error());
        plan.thresholds.push_back(std::move(*threshold));
    }
    if (!order.shard.isEmpty()) {
        const auto shard = parseShard(order.shard, surroundings.environment);
        if (!shard)
            return std::unexpected(shard.error());
        plan.shard = *shard;
    }
    return plan;
}

Result<std::unique_ptr<Journal>> openJournal(const BatchOrder &order, const Surroundings &surroundings,
                                             const QString &out)
{
    auto journal = Journal::open(out);
    if (!journal)
        return std::unexpected(journal.error());
    journal->setBaseCommit(headCommit(surroundings.defaults.cwd),
                           order.rebase ? Journal::Rebase::Yes : Journal::Rebase::No);
    return std::make_unique<Journal>(std::move(*journal));
}

std::unique_ptr<Claims> claimsOf(const BatchOrder &order)
{
    return std::make_unique<Claims>(QDir(order.folder).absoluteFilePath(order.claim) + u"/claims"_s,
                                    Claims::times(order.claimTimeout));
}

Result<PreparedItems> prepareItems(const BatchOrder &order, Runner &runner, const std::optional<Shard> &shard)
{
    const auto listed = listItems(order);
    if (!listed)
        return std::unexpected(listed.error());
    PreparedItems items;
    for (const ListedItem &each : *listed) {
        auto item = runner.prepare(each.options, qint64(items.ours.size() + items.others.size()));
        if (!item)
            return failAt(u"%1:%2"_s.arg(order.input).arg(each.line), item.error());
        (!shard || shard->takes(item->index) ? items.ours : items.others).push_back(std::move(*item));
    }
    return items;
}

BatchJob::BatchJob(BatchOrder order, const Surroundings &surroundings, BatchCallbacks callbacks)
    : m_order(std::move(order))
    , m_surroundings(surroundings)
    , m_callbacks(std::move(callbacks))
{}

BatchJob::~BatchJob()
{
    m_batch.reset(); // before the runner that its items use
}

void BatchJob::sayWhatIsStale(const std::vector<PreparedItem> &items) const
{
    for (const PreparedItem &item : items) {
        if (item.decision.state == Decision::State::Stale)
            m_callbacks.say(u"%1: stale, %2%3"_s.arg(
                item.options.key, item.decision.why,
                item.decision.step == Decision::Step::Take ? u"; its old result stands"_s : u"; it runs again"_s));
    }
}

Result<> BatchJob::start()
{
    auto plan = planJob(m_order, m_surroundings);
    if (!plan)
        return std::unexpected(plan.error());
    m_plan = std::move(*plan);
    m_plan->runner.resume.only = m_callbacks.watch.again;
    auto journal = openJournal(m_order, m_surroundings, m_plan->out);
    if (!journal)
        return std::unexpected(journal.error());
    m_journal = std::move(*journal);
    m_runner = std::make_unique<Runner>(m_surroundings, m_journal.get(), m_plan->runner);
    m_runner->setHooks(m_callbacks.watch.hooks);
    auto items = prepareItems(m_order, *m_runner, m_plan->shard);
    if (!items)
        return std::unexpected(items.error());
    std::vector<Decision> decisions;
    for (const PreparedItem &item : items->ours)
        decisions.push_back(item.decision);
    if (const auto sentence = brake(decisions, m_plan->runner.resume))
        return fail(Error::Kind::Usage, *sentence);
    sayWhatIsStale(items->ours);
    const QSet<QString> leftOut = leaveOut(items->ours);
    if (const auto begun = beginJournal(*items); !begun)
        return begun;
    if (!m_order.claim.isEmpty())
        m_claims = claimsOf(m_order);
    m_batch = std::make_unique<Batch>(*m_runner, std::move(items->ours),
                                      Batch::Config{.name = m_plan->name,
                                                    .concurrency = m_plan->concurrency,
                                                    .maxFailures = m_plan->maxFailures,
                                                    .wall = m_plan->runner.limits.wall,
                                                    .leftOut = leftOut},
                                      m_claims.get());
    connect(m_batch.get(), &Batch::itemDone, this, &BatchJob::onItemDone);
    connect(m_batch.get(), &Batch::warned, this,
            [this](const QString &sentence) { m_callbacks.say(u"warning: "_s + sentence); });
    connect(m_batch.get(), &Batch::finished, this, &BatchJob::onFinished);
    if (m_callbacks.watch.tell) // others spend from the same budget
        connect(m_runner.get(), &Runner::charged, this, &BatchJob::showProgress);
    connect(&m_tick, &QTimer::timeout, this, &BatchJob::onTick);
    m_tick.start(m_callbacks.watch.tell ? std::chrono::milliseconds(watchedEvery)
                 : m_callbacks.draw     ? std::chrono::milliseconds(drawnEvery)
                                        : std::chrono::milliseconds(toldEvery));
    m_batch->start();
    return {};
}

Result<> BatchJob::beginJournal(const PreparedItems &items)
{
    std::vector<PreparedItem> all = items.ours;
    all.insert(all.end(), items.others.begin(), items.others.end());
    const auto begun =
        m_journal->begin({.batch = m_callbacks.watch.id, .name = m_plan->name, .items = qint64(all.size())},
                         m_surroundings.defaults.home.state);
    if (!begun || isKept(m_order))
        return begun;
    std::ranges::sort(all, {}, &PreparedItem::index);
    BatchSpec spec = specOf(m_order, all, m_plan->concurrency);
    spec.name = m_plan->name;
    return keepSpec(m_plan->out, spec);
}

void BatchJob::stop(int signal)
{
    m_signal = signal;
    m_batch->stop();
}

void BatchJob::change(const BatchChange &change)
{
    if (change.concurrency)
        m_batch->setConcurrency(int(*change.concurrency));
    if (change.costUsd) {
        Limits limits = m_runner->budget().limits();
        limits.costUsd = change.costUsd;
        m_runner->budget().setLimits(limits);
    }
    if (change.paused)
        m_batch->setPaused(*change.paused);
    if (change.finish)
        m_batch->finish();
}

/// Of a batch of which only some items are to run again, those that stay as they are.
QSet<QString> BatchJob::leaveOut(const std::vector<PreparedItem> &items) const
{
    const QStringList &again = m_callbacks.watch.again;
    QSet<QString> leftOut;
    for (const PreparedItem &item : items) {
        const bool isDone =
            item.decision.state == Decision::State::Failed || item.decision.step == Decision::Step::Take;
        if (!again.isEmpty() && !isDone && !again.contains(u"cancelled"_s))
            leftOut.insert(item.options.key);
    }
    return leftOut;
}

void BatchJob::showProgress()
{
    if (m_callbacks.watch.tell)
        return m_callbacks.watch.tell(toJson(m_batch->progress(), m_plan->name));
    m_callbacks.say(QString::fromUtf8(toJson(m_batch->progress(), m_plan->name).text));
}

void BatchJob::onTick()
{
    if (m_callbacks.draw)
        m_callbacks.draw(progressLines(m_batch->progress(), QDateTime::currentMSecsSinceEpoch()));
    else
        showProgress();
}

void BatchJob::onItemDone(const ItemResult &result)
{
    if (result.from == ItemResult::From::Journal)
        return;
    if (m_callbacks.watch.tell)
        showProgress();
    m_callbacks.say(endingLine(result));
}

void BatchJob::onFinished(Report report)
{
    m_tick.stop();
    if (m_callbacks.draw)
        m_callbacks.draw({});
    report.id = m_journal->batchId();
    static constexpr const char *ends[]{"done", "limit", "interrupted"};
    const auto closed = m_journal->close(QLatin1StringView(ends[int(report.end)]));
    // Of a divided batch the files tell of all parts, as far as they are done.
    const bool isPart = m_plan->shard || m_claims;
    const auto whole = isPart ? mergedReport(m_plan->out) : Result<Report>(report);
    const auto written =
        whole ? writeOutputs(*whole, m_plan->out, m_order, m_callbacks) : Result<>(std::unexpected(whole.error()));
    int exitCode = exitCodeOf(report, m_plan->thresholds);
    if (m_signal == SIGINT && report.end == Report::End::Interrupted)
        exitCode = 128 + SIGINT;
    for (const auto &outcome : {closed, written}) {
        if (outcome)
            continue;
        m_callbacks.say(u"Error: "_s + outcome.error().message);
        exitCode = exitCode == 0 ? 1 : exitCode;
    }
    for (const QString &line : missed(m_plan->thresholds, report))
        m_callbacks.say(u"threshold missed: "_s + line);
    m_callbacks.say(summaryLine(report, QDir(m_order.folder).relativeFilePath(m_plan->out)));
    m_callbacks.ended(exitCode);
}

QString summaryLine(const Report &report, const QString &out)
{
    const Counts counts = countsOf(report);
    return u"%1 of %2 succeeded, %3 failed, %4 did not run%5; %6/results.jsonl"_s.arg(counts.succeeded)
        .arg(counts.total)
        .arg(counts.failed)
        .arg(counts.cancelled)
        .arg(report.endReason.isEmpty() ? u""_s : u", ended by %1"_s.arg(report.endReason), out);
}

Result<> writeOutputs(const Report &report, const QString &out, const BatchOrder &order,
                      const BatchCallbacks &callbacks)
{
    std::vector<std::pair<QString, QByteArray>> files{{out + u"/results.jsonl"_s, toJsonLines(report)},
                                                      {out + u"/results.csv"_s, toCsv(report)},
                                                      {out + u"/junit.xml"_s, toJUnit(report)},
                                                      {out + u"/summary.md"_s, toMarkdown(report)}};
    if (!order.sarif.isEmpty())
        files.emplace_back(QDir(order.folder).absoluteFilePath(order.sarif), toSarif(report));
    if (order.annotations == "gitlab"_L1)
        files.emplace_back(out + u"/gl-code-quality-report.json"_s, toGitLabReport(report));
    for (const auto &[path, bytes] : files) {
        const bool isOurs = path.startsWith(out + u'/');
        if (const auto written = writeWhole(path, bytes, isOurs ? Links::Replace : Links::Follow); !written)
            return written;
    }
    if (order.annotations == "github"_L1)
        callbacks.print(toGitHubAnnotations(report));
    const QString path = qEnvironmentVariable("GITHUB_STEP_SUMMARY");
    const auto opened = path.isEmpty() ? Result<FileDescriptor>() : openToAppend(path);
    QFile summary;
    if (opened && *opened && summary.open(opened->get(), QIODevice::Append))
        summary.write(toStepSummary(report, summary.size()));
    return {};
}

} // namespace nightshift::batch
