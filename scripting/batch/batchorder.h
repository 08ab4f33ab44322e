#pragma once
#include "domain/settings.h"

namespace nightshift::batch {

/// What the command line of `batch` says, as texts: the module judges them. Empty means not given.
struct BatchOrder
{
    enum class Command { Run, Plan, Merge, Submit, Types };
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
    std::optional<std::chrono::milliseconds> claimTimeout;
    QString sarif;
    QString annotations;
    QString assume; ///< "20k/2k"
    bool twice = false;
    bool json = false;
    bool submitNow = false;
    QStringList argv;      ///< How the program was called, for job files.
    QString program;       ///< Its path.
    QString script;        ///< Absolute; empty for a table.
    QString argsJson;      ///< An object of arguments for it,
    QStringList args;      ///< and single ones, NAME=VALUE.
    QStringList allowRead; ///< Folders that it may read beside its own.
    QStringList env;       ///< Variables that it may see.
    bool allowExec = false;
    QString scriptMemory; ///< "2G": what the process of a script may hold.
    QString hookFailure;  ///< "abort": of the hooks that a script itself has, unless it says otherwise.
    std::optional<std::chrono::milliseconds> hookTimeout;
    bool operator==(const BatchOrder &) const = default;
};

} // namespace nightshift::batch
