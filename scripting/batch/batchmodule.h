#pragma once
#include "batch/batchorder.h"
#include "batch/surroundings.h"

namespace nightshift::batch {

struct BatchCallbacks
{
    std::function<void(const QByteArray &bytes)> print; ///< To stdout.
    std::function<void(const QString &line)> say;       ///< To stderr.
    std::function<void(const QStringList &lines)> draw; ///< In place of what was drawn before; empty off a terminal.
    std::function<void(int exitCode)> ended;            ///< Once, from the event loop.
};

/// A batch while it runs; deleting it ends it at once.
class RunningBatch
{
public:
    virtual ~RunningBatch() = default;
    /// Takes no more items and ends those under way in good order, so that they can go on; then `ended`.
    virtual void stop(int signal) = 0;
    virtual void showProgress() = 0;
};

/// What the module `nightshift-batch` exports. Null when it cannot start; `error` says why, Usage means exit code 2.
/// What it is lent must outlive it.
using StartBatch = RunningBatch *(const BatchOrder &order, const Surroundings &surroundings,
                                  const BatchCallbacks &callbacks, Error *error);
constexpr const char *startBatchSymbol = "nightshiftStartBatch";

/// The TypeScript declarations of what scripts import; of the module `nightshift-batchscript`, which starts orders that
/// name a script.
using ScriptTypes = const char *();
constexpr const char *scriptTypesSymbol = "nightshiftScriptTypes";

} // namespace nightshift::batch
