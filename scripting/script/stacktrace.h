#pragma once
#include "script/failure.h"
#include "script/sourcemap.h"

namespace nightshift::script {

/// What the engine calls the texts that nobody wrote: no frame of theirs is shown.
constexpr const char *internalName = "nightshift-internal";
constexpr const char *bundleName = "nightshift-bundle";

/// Knows where lines come from.
struct Origins
{
    QString folder;  ///< Of the script: absolute. What the source map names is relative to it.
    QString current; ///< Files below it are shown relative to it.
    SourceMap map;   ///< Of the bundle; empty when there is none.
    QString stage;   ///< The folder below which copies of the files were loaded; empty when there are none.

    /// A path as people are shown it.
    QString shown(const QString &path) const;
};

/// The engine's stack, "name@file:///a.js:7" a line, in the places of who wrote it: "name (a.js:7)".
QStringList readStack(const QString &stack, const Origins &origins);

/// What was thrown, with the place of its innermost frame before it.
Failure describeThrown(const QString &what, const QString &stack, const Origins &origins);

} // namespace nightshift::script
