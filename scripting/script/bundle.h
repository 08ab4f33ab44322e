#pragma once
#include "base/result.h"
#include "script/sourcemap.h"
#include <functional>

namespace nightshift::script {

/// A script with all it imports as one text that the engine understands.
struct Bundle
{
    QString code; ///< Leaves the exports in the global variable `nightshiftScript`.
    SourceMap map;
};

/// Whether only a bundle of it can be run: TypeScript, JSX.
bool mustBundle(const QString &path);

/// Runs esbuild, and waits for it. The error names the place that it complains of; `shown` makes paths out of those
/// relative to the script. With `readable`, of folders, nothing is read but what lies below them, after all links.
Result<Bundle> bundle(const QString &path, const std::function<QString(const QString &)> &shown,
                      const std::optional<QStringList> &readable);

/// Where esbuild is; empty when it is not installed.
QString findEsbuild();

/// What a person must know when it is missing, and the script cannot be run for what `complaint` says of `place`.
QString needsEsbuild(const QString &place, const QString &complaint);

} // namespace nightshift::script
