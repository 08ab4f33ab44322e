#pragma once
#include "base/jsonreader.h"
#include "domain/settings.h"

namespace nightshift::batch {

/// Bounds of a subtree: of a script, a batch, an item or a turn. Absent means unbounded.
struct Limits
{
    std::optional<qint64> turns; ///< Sessions' turns: attempts.
    std::optional<qint64> requests;
    std::optional<qint64> tokens;
    std::optional<double> costUsd;
    std::optional<std::chrono::milliseconds> wall; ///< Waiting for a rate limit does not count.
    std::optional<std::chrono::milliseconds> idle; ///< Of a model that says nothing.
    std::optional<std::chrono::milliseconds> command;
    bool operator==(const Limits &) const = default;
};

/// When a failed item gets another attempt in the same run.
struct Retries
{
    int max = 0;
    QStringList on; ///< Reasons; empty stands for all that isRetryable() names, and check_failed.
    std::chrono::milliseconds backOff{1'000}; ///< Before the first; doubled for each that follows.
    bool fresh = true; ///< False: the attempt goes on from the failed one's conversation and is told why it failed.
    bool operator==(const Retries &) const = default;
};

/// What one item is asked to do. Empty texts leave it to the settings.
struct Options
{
    QString key; ///< Empty: made from the fingerprint.
    QString prompt;
    QString cwd; ///< Absolute.
    QString model;
    QString provider;
    QString effort;
    QString sandbox; ///< A mode's name.
    std::optional<Isolation> isolation;
    std::optional<RawJson> schema; ///< Of the answer.
    QString instructions;          ///< Beside those of the settings.
    QStringList attachments;       ///< Images, relative to cwd.
    QStringList inputs;            ///< Files that count for freshness, relative to cwd.
    Limits limits;
    Retries retries;
    QStringList check; ///< argv; {{cwd}} is the item's tree. An end other than 0 fails the item.
    std::vector<std::pair<QString, QString>> labels;
    QString salt;
    QString approval;    ///< A policy's name.
    QStringList outputs; ///< Files that the item makes, for whoever bundles it.
    bool operator==(const Options &) const = default;
};

/// Reads the words that HTTP, scripts and the command line share: {"prompt": …, "limits": {"cost_usd": …}, …}. Invalid
/// names the member as a JSON pointer below `pointer`.
Result<Options> optionsFromJson(JsonView object, const QString &pointer = {});
Result<Limits> limitsFromJson(JsonView object, const QString &pointer);
Result<Retries> retriesFromJson(JsonView value, const QString &pointer);
/// With what a batch bounds beside.
RawJson toJson(const Limits &limits, std::optional<qint64> concurrency = {}, std::optional<qint64> maxFailures = {});

/// Whether another attempt can help of itself, by the reason's name.
bool isRetryable(QStringView reason);
/// Whether an item can end for it; a word that is none is a slip of whoever waits for it.
bool isReason(QStringView word);

} // namespace nightshift::batch
