#include "shortjobs.h"
#include "base/showntext.h"
#include "batch/batchjob.h"
#include "batch/merge.h"
#include "batch/outputs.h"
#include "batch/planview.h"
#include "batch/submit.h"
#include <QDir>
#include <QProcess>
#include <QTemporaryFile>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

constexpr int usualShards = 8;

/// As the program was called, without what only `batch submit` knows.
QStringList runWords(const BatchOrder &order)
{
    QStringList words = order.argv;
    words.removeOne(u"submit"_s);
    words.removeOne(order.word);
    words.removeOne(u"--run"_s);
    for (qsizetype i = words.size(); i-- > 0;) {
        if (words[i] == "--shard"_L1)
            words.remove(i, 2);
        else if (words[i].startsWith("--shard="_L1))
            words.remove(i);
    }
    return words;
}

Result<int> submitNow(const QByteArray &text, const QString &engine, const BatchCallbacks &callbacks)
{
    QTemporaryFile file;
    if (!file.open() || file.write(text) != text.size() || !file.flush())
        return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(file.fileName(), file.errorString()));
    const QStringList argv = engine == "k8s"_L1 ? QStringList{u"kubectl"_s, u"create"_s, u"-f"_s, file.fileName()}
                                                : QStringList{u"bash"_s, file.fileName()};
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(argv.first(), argv.sliced(1));
    if (!process.waitForStarted() || !process.waitForFinished(-1))
        return fail(Error::Kind::NotFound, u"`%1` cannot be started: %2"_s.arg(argv.first(), process.errorString()));
    callbacks.print(printable(QString::fromUtf8(process.readAllStandardOutput())).toUtf8());
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 1;
}

} // namespace

Result<int> planBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks)
{
    const auto plan = planJob(order, surroundings);
    if (!plan)
        return std::unexpected(plan.error());
    const auto journal = openJournal(order, surroundings, plan->out);
    if (!journal)
        return std::unexpected(journal.error());
    std::vector<std::vector<PreparedItem>> plans;
    for (int i = 0; i < (order.twice ? 2 : 1); ++i) {
        Runner runner(surroundings, journal->get(), plan->runner);
        auto items = prepareItems(order, runner, plan->shard);
        if (!items)
            return std::unexpected(items.error());
        plans.push_back(std::move(items->ours));
    }
    return printPlans(plans, (*journal)->known(), order, callbacks);
}

Result<int> printPlans(const std::vector<std::vector<PreparedItem>> &plans, const JournalUnion &known,
                       const BatchOrder &order, const BatchCallbacks &callbacks)
{
    std::optional<Consumption> assumed;
    if (!order.assume.isEmpty()) {
        const auto parsed = parseConsumption(order.assume);
        if (!parsed)
            return std::unexpected(parsed.error());
        assumed = *parsed;
    }
    const Estimate estimate = estimateOf(plans.front(), known, assumed);
    const QByteArray text = order.json ? planJson(plans.front(), estimate).text + '\n'
                                       : printable(QString::fromUtf8(planText(plans.front(), estimate))).toUtf8();
    callbacks.print(text);
    const QStringList differ = differences(plans.front(), plans.back());
    for (const QString &line : differ)
        callbacks.say(u"not the same twice: "_s + line);
    return differ.isEmpty() ? 0 : 1;
}

Result<int> mergeBatch(const BatchOrder &order, const BatchCallbacks &callbacks)
{
    const QString out = QDir::cleanPath(QDir(order.folder).absoluteFilePath(order.word));
    const auto report = mergedReport(out);
    if (!report)
        return std::unexpected(report.error());
    std::vector<Threshold> thresholds;
    for (const QString &text : order.thresholds) {
        const auto threshold = parseThreshold(text);
        if (!threshold)
            return std::unexpected(threshold.error());
        thresholds.push_back(*threshold);
    }
    if (const auto written = writeOutputs(*report, out, order, callbacks); !written)
        return std::unexpected(written.error());
    for (const QString &line : missed(thresholds, *report))
        callbacks.say(u"threshold missed: "_s + line);
    callbacks.say(summaryLine(*report, QDir(order.folder).relativeFilePath(out)));
    return exitCodeOf(*report, thresholds);
}

Result<int> submitBatch(const BatchOrder &order, const Surroundings &surroundings, const BatchCallbacks &callbacks)
{
    BatchOrder whole = order;
    whole.shard.clear();
    const auto plan = planJob(whole, surroundings);
    const auto shards = order.shard.isEmpty() ? Result<int>(usualShards) : shardCount(order.shard);
    if (!plan || !shards)
        return std::unexpected(plan ? shards.error() : plan.error());
    const ClusterJob job{.name = plan->name,
                         .program = order.program,
                         .words = runWords(order),
                         .folder = order.folder,
                         .out = plan->out,
                         .shards = *shards,
                         .isScript = !order.script.isEmpty()};
    const QByteArray text = order.word == "slurm"_L1 ? slurmScript(job)
                            : order.word == "k8s"_L1 ? kubernetesManifest(job)
                                                     : parallelScript(job);
    if (order.submitNow)
        return submitNow(text, order.word, callbacks);
    callbacks.print(text);
    if (order.word == "k8s"_L1)
        callbacks.say(u"The image, the volume claim and the secret with the key are yours to name. When the job has "
                      "ended: "_s +
                      mergeCommand(job));
    return 0;
}

} // namespace nightshift::batch
