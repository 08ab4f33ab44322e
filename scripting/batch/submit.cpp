#include "submit.h"
#include "base/rawjson.h"
#include "base/shellwords.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// Where the workers of a script find each other.
QStringList claimWords(const ClusterJob &job)
{
    return {u"--claim"_s, job.out + u"/.nightshift"_s};
}

/// `shard` is a word of the shell.
QString shardWords(const ClusterJob &job, const QString &shard)
{
    const QString words = shellQuoted(QStringList{job.program} + job.words);
    return job.isScript ? words + u' ' + shellQuoted(claimWords(job)) : words + u" --shard "_s + shard;
}

/// What names of jobs may hold everywhere: lower case letters, digits and dashes.
QString plainName(const QString &name)
{
    QString plain;
    for (const QChar c : name.toLower())
        plain += (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') ? c : u'-';
    while (plain.startsWith(u'-'))
        plain.remove(0, 1);
    while (plain.endsWith(u'-'))
        plain.chop(1);
    return plain.isEmpty() ? u"batch"_s : plain.first(std::min<qsizetype>(plain.size(), 50));
}

} // namespace

QString mergeCommand(const ClusterJob &job)
{
    return shellQuoted(job.isScript ? QStringList{job.program} + job.words
                                    : QStringList{job.program, u"batch"_s, u"merge"_s, job.out});
}

/// Signalled two minutes before its time is up, a shard ends in good order with 75; the queue starts it again. A `wait`
/// that the signal ends tells of the signal, so it is repeated for the shard's own exit code.
QByteArray slurmScript(const ClusterJob &job)
{
    const QString folder = shellQuoted({job.folder}), name = plainName(job.name);
    const QString merge = shellQuoted({u"cd "_s + folder + u" && "_s + mergeCommand(job)});
    const QString array =
        u"#!/bin/bash\n"
        "#SBATCH --job-name=%1\n"
        "#SBATCH --array=0-%2\n"
        "#SBATCH --requeue\n"
        "#SBATCH --signal=B:TERM@120\n"
        "#SBATCH --open-mode=append\n"
        "cd %3 || exit 2\n"
        "trap 'signalled=yes; kill -TERM \"$shard\"' TERM\n"
        "%4 &\n"
        "shard=$! signalled=yes\n"
        "while [ $signalled ]; do\n"
        "    signalled=\n"
        "    wait \"$shard\"\n"
        "    code=$?\n"
        "    [ $code -gt 128 ] || break\n"
        "done\n"
        "[ $code = 75 ] && scontrol requeue \"$SLURM_JOB_ID\" # it goes on where it was\n"
        "exit $code\n"_s.arg(name, QString::number(job.shards - 1), folder, shardWords(job, u"auto"_s));
    return u"#!/bin/bash\n"
           "# Where sbatch is, this submits the shards, and the merge that waits for them.\n"
           "id=$(sbatch --parsable <<'SHARDS'\n%1SHARDS\n) || exit\n"
           "sbatch --dependency=afterany:\"$id\" --job-name=%2-merge --wrap %3\n"_s.arg(array, name, merge)
               .toUtf8();
}

QByteArray parallelScript(const ClusterJob &job)
{
    return u"#!/bin/bash\n"
           "# Run again, it goes on: parallel repeats the shards that failed, and each knows what is done.\n"
           "cd %1 || exit 2\n"
           "mkdir -p %2\n"
           "shard() { %3; }\n"
           "export -f shard\n"
           "PARALLEL_SHELL=/bin/bash parallel --joblog %4 --resume-failed shard ::: {1..%5}\n"
           "%6\n"_s
               .arg(shellQuoted({job.folder}), shellQuoted({job.out}), shardWords(job, u"\"$1/%1\""_s.arg(job.shards)),
                    shellQuoted({job.out + u"/parallel.log"_s}), QString::number(job.shards), mergeCommand(job))
               .toUtf8();
}

/// A limit that was reached (10) is no more to be tried again than items that failed (1).
/// Source: the Kubernetes API, batch/v1 Job, "Pod failure policy" and "Backoff limit per index".
QByteArray kubernetesManifest(const ClusterJob &job)
{
    using json::object;
    const auto rule = [](const char *action, const std::vector<qint64> &codes) {
        std::vector<RawJson> values;
        for (const qint64 code : codes)
            values.push_back(json::number(code));
        return object(
            {{"action", action}, {"onExitCodes", object({{"operator", "In"}, {"values", json::array(values)}})}});
    };
    const RawJson disruption =
        object({{"action", "Ignore"}, {"onPodConditions", json::array({object({{"type", "DisruptionTarget"}})})}});
    const QStringList command =
        QStringList{u"nightshift"_s} + job.words +
        (job.isScript ? claimWords(job) : QStringList{u"--shard"_s, u"auto/%1"_s.arg(job.shards)});
    const RawJson mount = object({{"name", "work"}, {"mountPath", job.folder}});
    const RawJson secret = object({{"secretRef", object({{"name", "nightshift-key"}})}});
    const RawJson container = object({{"name", "nightshift"},
                                      {"image", "nightshift:latest"},
                                      {"command", json::array(command)},
                                      {"workingDir", job.folder},
                                      {"envFrom", json::array({secret})},
                                      {"volumeMounts", json::array({mount})}});
    const RawJson volume =
        object({{"name", "work"}, {"persistentVolumeClaim", object({{"claimName", "nightshift-work"}})}});
    const RawJson pod = object({{"restartPolicy", "Never"},
                                {"terminationGracePeriodSeconds", 120},
                                {"containers", json::array({container})},
                                {"volumes", json::array({volume})}});
    const RawJson policy = object(
        {{"rules", json::array({rule("Ignore", {75}), disruption, rule("FailJob", {2}), rule("FailIndex", {1, 10})})}});
    const RawJson spec = object({{"completions", job.shards},
                                 {"parallelism", job.shards},
                                 {"completionMode", "Indexed"},
                                 {"backoffLimitPerIndex", 3},
                                 {"podFailurePolicy", policy},
                                 {"template", object({{"spec", pod}})}});
    return object({{"apiVersion", "batch/v1"},
                   {"kind", "Job"},
                   {"metadata", object({{"name", plainName(job.name)}})},
                   {"spec", spec}})
               .text +
           '\n';
}

} // namespace nightshift::batch
