#pragma once
#include "batch/batchorder.h"
#include "batch/surroundings.h"
#include "domain/hooks.h"

namespace nightshift::batch {

/// The service when it runs a batch in a process of its own; `tell` is set then.
struct BatchWatch
{
    /// How far the batch is: when something changed, and every second that it is alive, its script too.
    std::function<void(const RawJson &progress)> tell;
    QString id;           ///< What a new batch is called.
    QStringList again;    ///< failed, cancelled, or reasons: what alone is run; empty: all that is not done.
    QString scriptFolder; ///< Where paths of its script begin, which lies elsewhere.
    HookSources hooks;    ///< Asked in its sessions.
};

struct BatchCallbacks
{
    std::function<void(const QByteArray &bytes)> print; ///< To stdout.
    std::function<void(const QString &line)> say;       ///< To stderr.
    std::function<void(const QStringList &lines)> draw; ///< In place of what was drawn before; empty off a terminal.
    std::function<void(int exitCode)> ended;            ///< Once, from the event loop.
    BatchWatch watch;
};

/// What may be changed while a batch runs; absent stays as it is.
struct BatchChange
{
    std::optional<qint64> concurrency;
    std::optional<double> costUsd;
    std::optional<bool> paused; ///< Begins no more items until this is false again.
    bool finish = false;        ///< Begins no more items, and ends with those under way.
};

/// A batch while it runs; deleting it ends it at once.
class RunningBatch
{
public:
    virtual ~RunningBatch() = default;
    /// Takes no more items and ends those under way in good order, so that they can go on; then `ended`.
    virtual void stop(int signal) = 0;
    virtual void showProgress() = 0;
    /// Nothing where there is nothing to change.
    virtual void change(const BatchChange &) {}
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
