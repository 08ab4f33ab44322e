#pragma once
#include "base/jsonreader.h"
#include "domain/conversation.h"
#include "domain/ending.h"
#include <chrono>

namespace nightshift::batch {

/// One session's share in an item.
struct Attempt
{
    QString session;
    QString outcome; ///< completed | failed | cancelled | interrupted
    QString reason;  ///< final_message, or why it failed: domain/ending.h, check_failed, model_refusal, script_error.
    QString message; ///< One sentence about a failure.
    Usage usage;
    qint64 requests = 0;
    std::chrono::milliseconds duration{};
    bool operator==(const Attempt &) const = default;
};

/// How an item ended. It is never absent and never thrown: with forty items, thirty-nine results matter.
struct ItemResult
{
    enum class From { Run, Journal, Replay };
    QString key;
    qint64 index = 0; ///< In the input, from 0.
    bool ok = false;
    QString outcome;
    QString reason;
    QString message;
    QString text;                ///< The last message.
    std::optional<RawJson> json; ///< The same, where a schema was asked for and kept.
    QString session;             ///< Of the last attempt.
    QByteArray diff;             ///< Of an isolated item.
    QStringList files;           ///< Changed, relative to the item's tree where they lie in it.
    Usage usage;                 ///< Of all attempts.
    std::vector<Attempt> attempts;
    std::chrono::milliseconds duration{};
    From from = From::Run;
    QStringList limitsHit; ///< "batch.cost_usd"
    std::vector<std::pair<QString, QString>> labels;
    bool operator==(const ItemResult &) const = default;
};

/// Those of its attempts.
QStringList sessionsOf(const ItemResult &result);

/// "cancelled", "interrupted" or "failed": the outcome of a turn that ended so.
QString outcomeOf(FailureCode code);

/// The row of results.jsonl and of HTTP; the diff only where asked for.
enum class WithDiff { No, Yes };
RawJson toJson(const ItemResult &result, WithDiff withDiff = WithDiff::Yes);
ItemResult resultFromJson(JsonView object);

RawJson toJson(const Usage &usage);
Usage usageFromJson(JsonView object);

} // namespace nightshift::batch
