#include "shard.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// How the engines name what we need. First is what the index counts from, unless a variable says.
struct Engine
{
    QLatin1StringView index;
    QLatin1StringView count;
    QLatin1StringView first;
    qint64 base;
};
constexpr Engine engines[]{
    {"SLURM_ARRAY_TASK_ID"_L1, "SLURM_ARRAY_TASK_COUNT"_L1, "SLURM_ARRAY_TASK_MIN"_L1, 0},
    {"JOB_COMPLETION_INDEX"_L1, ""_L1, ""_L1, 0},
    {"PBS_ARRAY_INDEX"_L1, ""_L1, ""_L1, 0},
    {"LSB_JOBINDEX"_L1, ""_L1, ""_L1, 1},
    {"SGE_TASK_ID"_L1, ""_L1, "SGE_TASK_FIRST"_L1, 1},
    {"AWS_BATCH_JOB_ARRAY_INDEX"_L1, "AWS_BATCH_JOB_ARRAY_SIZE"_L1, ""_L1, 0},
    {"CI_NODE_INDEX"_L1, "CI_NODE_TOTAL"_L1, ""_L1, 1},
};

std::optional<qint64> numberIn(const QStringList &environment, QLatin1StringView name)
{
    for (const QString &variable : environment) {
        bool ok = false;
        if (name.isEmpty() || !variable.startsWith(name + u'='))
            continue;
        if (const qint64 number = variable.sliced(name.size() + 1).toLongLong(&ok); ok)
            return number;
    }
    return {};
}

Result<Shard> checked(qint64 index, qint64 count, const QString &text)
{
    if (count >= 1 && index >= 0 && index < count)
        return Shard{index, count};
    return fail(Error::Kind::Usage, u"--shard %1: there is no part %2 of %3"_s.arg(text).arg(index + 1).arg(count));
}

} // namespace

Result<Shard> parseShard(const QString &text, const QStringList &environment)
{
    const QString left = text.section(u'/', 0, 0), right = text.section(u'/', 1);
    bool hasIndex = false, hasCount = false;
    const qint64 index = left.toLongLong(&hasIndex), count = right.toLongLong(&hasCount);
    if (hasIndex && hasCount)
        return checked(index - 1, count, text);
    if (left != "auto"_L1 || (!right.isEmpty() && !hasCount))
        return fail(Error::Kind::Usage, u"--shard %1: expected I/N, auto or auto/N"_s.arg(text));
    for (const Engine &engine : engines) {
        const auto number = numberIn(environment, engine.index);
        if (!number)
            continue;
        const auto all = hasCount ? std::optional(count) : numberIn(environment, engine.count);
        if (!all)
            return fail(Error::Kind::Usage,
                        u"--shard auto: %1 is set, but not how many there are; say auto/N"_s.arg(engine.index));
        return checked(*number - numberIn(environment, engine.first).value_or(engine.base), *all, text);
    }
    return fail(Error::Kind::Usage, u"--shard auto: no array job is recognised; set for example SLURM_ARRAY_TASK_ID "
                                    "and SLURM_ARRAY_TASK_COUNT, or say I/N"_s);
}

Result<int> shardCount(const QString &text)
{
    bool isNumber = false;
    const int count = text.section(u'/', -1).toInt(&isNumber);
    if (isNumber && count >= 1)
        return count;
    return fail(Error::Kind::Usage, u"--shard %1: expected how many there are to be, as in auto/8"_s.arg(text));
}

} // namespace nightshift::batch
