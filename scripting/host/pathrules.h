#pragma once
#include "batch/options.h"
#include "host/outfolder.h"
#include <QStringList>
#include <memory>

namespace nightshift::host {

/// Where a script may read and write of itself; what its agents may is the sandbox's concern.
struct PathRules
{
    QString folder;                       ///< The script's: inputs are relative to it.
    QString out;                          ///< --out: outputs are relative to it, and stay below.
    QStringList readable;                 ///< --allow-read
    std::shared_ptr<OutFolder> held = {}; ///< Of --out; null where nothing is written.

    /// The path of an input without symbolic links, or why it may not be read.
    Result<QString> input(const QString &path) const;
    /// Its content; what was opened is judged, whatever stands there later. Regular files only.
    Result<QByteArray> read(const QString &path) const;
    /// The path of an output, its folders made, for a program that makes it.
    Result<QString> output(const QString &path) const;
    /// Writes an output, and gives its path.
    Result<QString> write(const QString &path, const QByteArray &bytes) const;
    /// Makes an item's folder absolute; Denied where one of its files may not be read.
    Result<> settle(batch::Options &options) const;

private:
    QStringList folders() const;
    Result<QString> outputPath(const QString &path) const;
};

} // namespace nightshift::host
