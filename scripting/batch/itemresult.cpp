#include "itemresult.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

constexpr QLatin1StringView fromNames[]{"run"_L1, "journal"_L1, "replay"_L1};

RawJson toJson(const Attempt &attempt)
{
    return json::object({{"session", attempt.session},
                         {"outcome", attempt.outcome},
                         {"reason", attempt.reason},
                         {"message", attempt.message},
                         {"usage", batch::toJson(attempt.usage)},
                         {"requests", attempt.requests},
                         {"duration_ms", qint64(attempt.duration.count())}});
}

Attempt attemptFromJson(JsonView object)
{
    return {.session = object["session"].toString(),
            .outcome = object["outcome"].toString(),
            .reason = object["reason"].toString(),
            .message = object["message"].toString(),
            .usage = usageFromJson(object["usage"]),
            .requests = object["requests"].toInteger(),
            .duration = std::chrono::milliseconds(object["duration_ms"].toInteger())};
}

QStringList texts(JsonView array)
{
    QStringList all;
    for (const JsonView item : array.items())
        all += item.toString();
    return all;
}

std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

RawJson objectOf(const std::vector<std::pair<QString, QString>> &pairs)
{
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : pairs)
        members.emplace_back(name, json::string(value));
    return json::object(members);
}

} // namespace

QStringList sessionsOf(const ItemResult &result)
{
    QStringList sessions;
    for (const Attempt &attempt : result.attempts)
        sessions += attempt.session;
    return sessions;
}

QString outcomeOf(FailureCode code)
{
    const bool isCancelled = code == FailureCode::CancelledByUser || code == FailureCode::Superseded;
    const bool isInterrupted = code == FailureCode::Interrupted || code == FailureCode::ProcessLost;
    return isCancelled ? u"cancelled"_s : isInterrupted ? u"interrupted"_s : u"failed"_s;
}

RawJson toJson(const Usage &usage)
{
    return json::object({{"input_tokens", usage.inputTokens},
                         {"cached_tokens", usage.cachedInputTokens},
                         {"cache_write_tokens", usage.cacheWriteInputTokens},
                         {"output_tokens", usage.outputTokens},
                         {"reasoning_tokens", usage.reasoningOutputTokens},
                         {"cost_usd", usage.costUsd}});
}

Usage usageFromJson(JsonView object)
{
    const JsonView cost = object["cost_usd"];
    return {.inputTokens = object["input_tokens"].toInteger(),
            .cachedInputTokens = object["cached_tokens"].toInteger(),
            .cacheWriteInputTokens = object["cache_write_tokens"].toInteger(),
            .outputTokens = object["output_tokens"].toInteger(),
            .reasoningOutputTokens = object["reasoning_tokens"].toInteger(),
            .costUsd = cost.isNumber() ? std::optional(cost.toDouble()) : std::nullopt};
}

RawJson toJson(const ItemResult &result, WithDiff withDiff)
{
    std::vector<RawJson> attempts;
    for (const Attempt &attempt : result.attempts)
        attempts.push_back(toJson(attempt));
    const auto diff = withDiff == WithDiff::Yes && !result.diff.isEmpty() ? std::optional(result.diff) : std::nullopt;
    return json::object(
        {{"key", result.key},
         {"index", result.index},
         {"ok", result.ok},
         {"outcome", result.outcome},
         {"reason", result.reason},
         {"message", unlessEmpty(result.message)},
         {"text", result.text},
         {"json", result.json},
         {"session", result.session},
         {"files", json::array(result.files)},
         {"usage", toJson(result.usage)},
         {"attempts", json::array(attempts)},
         {"duration_ms", qint64(result.duration.count())},
         {"from", fromNames[int(result.from)].toString()},
         {"limits_hit", result.limitsHit.isEmpty() ? std::nullopt : std::optional(json::array(result.limitsHit))},
         {"labels", result.labels.empty() ? std::nullopt : std::optional(objectOf(result.labels))},
         {"diff", diff}});
}

ItemResult resultFromJson(JsonView object)
{
    ItemResult result{.key = object["key"].toString(),
                      .index = object["index"].toInteger(),
                      .ok = object["ok"].toBool(),
                      .outcome = object["outcome"].toString(),
                      .reason = object["reason"].toString(),
                      .message = object["message"].toString(),
                      .text = object["text"].toString(),
                      .json = {},
                      .session = object["session"].toString(),
                      .diff = object["diff"].utf8().toByteArray(),
                      .files = texts(object["files"]),
                      .usage = usageFromJson(object["usage"]),
                      .attempts = {},
                      .duration = std::chrono::milliseconds(object["duration_ms"].toInteger()),
                      .limitsHit = texts(object["limits_hit"]),
                      .labels = {}};
    if (object["json"].exists())
        result.json = object["json"].raw();
    for (const JsonView attempt : object["attempts"].items())
        result.attempts.push_back(attemptFromJson(attempt));
    const auto from = std::ranges::find(fromNames, object["from"].toString());
    result.from = from == std::end(fromNames) ? ItemResult::From::Run : ItemResult::From(from - fromNames);
    for (const auto &[name, value] : object["labels"].members())
        result.labels.emplace_back(name, value.toString());
    return result;
}

} // namespace nightshift::batch
