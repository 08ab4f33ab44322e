#pragma once
#include "base/result.h"
#include <QStringList>

namespace nightshift::host {

/// Where a script may read and write of itself; what its agents may is the sandbox's concern.
struct PathRules
{
    QString folder;       ///< The script's: inputs are relative to it.
    QString out;          ///< --out: outputs are relative to it, and stay below.
    QStringList readable; ///< --allow-read

    /// The path of an input, or why it may not be read. Symbolic links lead to where they lead.
    Result<QString> input(const QString &path) const;
    /// The path of an output, its folders made.
    Result<QString> output(const QString &path) const;
};

} // namespace nightshift::host
