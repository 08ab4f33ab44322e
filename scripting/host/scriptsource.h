#pragma once
#include "batch/batchorder.h"
#include "batch/options.h"

namespace nightshift::host {

/// What a script says of itself before it runs: `export const config = { … }`.
struct ScriptConfig
{
    QString name;
    RawJson args{"{}"};
    batch::Limits limits;
    int concurrency = 0; ///< 0: not said.
    std::optional<qint64> maxFailures;
    qint64 memoryBytes = 0; ///< That its process may hold, as the order has it.
};
/// Of the order's script, which is not run. Usage where it is wrong.
Result<ScriptConfig> readScriptConfig(const batch::BatchOrder &order);

/// Bounds of a script, which has two more than other things.
Result<batch::Limits> scriptLimits(JsonView object, const QString &pointer, int &concurrency,
                                   std::optional<qint64> &maxFailures);

/// The arguments of the configuration, then --args as a JSON object, then each --arg.
RawJson scriptArgs(const batch::BatchOrder &order, const RawJson &configArgs);

/// Of a script's random(): made of its name, so that a script that is continued meets the same numbers.
qint64 scriptSeed(const QString &name);

/// The JavaScript of the module `nightshift`.
QByteArray hostSource();

/// A variable of the environment that --env names, as a JSON text.
Result<RawJson> shownVariable(const batch::BatchOrder &order, const QString &name);

} // namespace nightshift::host
