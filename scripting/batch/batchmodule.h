#pragma once
#include "batch/surroundings.h"

namespace nightshift::batch {

/// What the command line of `batch` says, as texts: the module judges them. Empty means not given.
struct BatchOrder
{
    enum class Command { Run, Plan, Merge, Submit };
    Command command = Command::Run;
    QString word;   ///< Of merge the folder, of submit the engine.
    QString folder; ///< Where relative paths begin.
    QString input;
    QString promptFile;
    QString prompt;
    QString delimiter;
    QString key;        ///< A column, or a template with {{…}}.
    QString schema;     ///< A file.
    QString check;      ///< A command, as a shell would split it; its words are templates.
    QStringList inputs; ///< Files that count for freshness; templates.
    QString instructions;
    QString name;
    QString out;
    QString concurrency; ///< A number or auto.
    TurnLimits limits;   ///< Of the whole batch.
    QString maxFailures;
    QStringList itemLimits; ///< "cost_usd=0.5"
    QString retries;
    QStringList retryOn;
    QString rateLimitWait; ///< Seconds.
    QStringList thresholds;
    QStringList retry; ///< "failed", "reason=network,limit_cost"
    QString stale;
    bool fresh = false;
    bool recheck = false;
    bool rebase = false;
    QString shard;
    QString claim;
    QString sarif;
    QString annotations;
    QString assume; ///< "20k/2k"
    bool twice = false;
    bool json = false;
    bool submitNow = false;
    QStringList argv; ///< How the program was called, for job files.
    QString program;  ///< Its path.
    bool operator==(const BatchOrder &) const = default;
};

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

} // namespace nightshift::batch
