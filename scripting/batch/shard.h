#pragma once
#include "base/result.h"
#include <QStringList>

namespace nightshift::batch {

/// One of several processes that divide the items: those whose index modulo `count` is `index`.
struct Shard
{
    qint64 index = 0; ///< From 0.
    qint64 count = 1;
    bool takes(qint64 item) const { return item % count == index; }
    bool operator==(const Shard &) const = default;
};

/// "2/8", the second of eight; or "auto", "auto/8" (where only the index is known): what Slurm, Kubernetes, PBS, LSF,
/// Grid Engine, AWS Batch or a CI system say in the environment, NAME=value.
Result<Shard> parseShard(const QString &text, const QStringList &environment);

/// Of how many parts "2/8", "auto/8" or only "8" speaks.
Result<int> shardCount(const QString &text);

} // namespace nightshift::batch
