#pragma once
#include "script/stacktrace.h"
#include <QJSValue>

class QJSEngine;

namespace nightshift::script {

/// Evaluates a script in the engine and gives its exports; `host` is the module "nightshift". With esbuild it is run as
/// a bundle, whose map goes into `origins`; without, as it stands, when the engine understands that: no sooner, because
/// modules are strict, and strict code is where the engine errs (enginefaults.h). With `readable`, of folders, it
/// imports nothing but what lies below them.
std::expected<QJSValue, Failure> loadScript(QJSEngine &engine, const QString &path, const QJSValue &host,
                                            Origins &origins, const std::optional<QStringList> &readable);

} // namespace nightshift::script
