#pragma once
#include "base/result.h"
#include <QStringList>

namespace nightshift::batch {

/// What a job file is made of.
struct ClusterJob
{
    QString name;
    QString program;   ///< Path of ours.
    QStringList words; ///< Of the batch, without `submit` and what only it understands.
    QString folder;    ///< Where it runs.
    QString out;       ///< Absolute.
    int shards = 1;
    bool isScript = false; ///< Its workers share its runs; a table is divided by number.
    bool operator==(const ClusterJob &) const = default;
};

/// What makes one result of all shards': of a script, the same once more, which takes all that they did.
QString mergeCommand(const ClusterJob &job);
/// A script that submits an array, and a merge that depends on it.
QByteArray slurmScript(const ClusterJob &job);
/// A manifest for kubectl: an Indexed Job. The image and the volume are the reader's to name.
QByteArray kubernetesManifest(const ClusterJob &job);
/// A script that runs the shards with GNU parallel on this machine.
QByteArray parallelScript(const ClusterJob &job);

} // namespace nightshift::batch
