#include "facts.h"

namespace nightshift::api {

RawJson createdFact(const SessionOptions &options, const std::optional<QString> &forkedFrom)
{
    return json::object(
        {{"type", "session.created"},
         {"title", options.title},
         {"labels", toJson(options.labels)},
         {"external_id", options.externalId},
         {"cwd", options.cwd},
         {"model", options.model},
         {"provider", options.provider},
         {"cost_source", options.costSource.isEmpty() ? std::nullopt : std::optional(options.costSource)},
         {"sandbox", options.sandbox},
         {"network_access", options.network},
         {"isolation", options.isolation},
         {"approval", toJson(options.approval)},
         {"on_restart", options.onRestart.isEmpty() ? std::nullopt : std::optional(options.onRestart)},
         {"limits", toJson(options.limits)},
         {"forked_from", forkedFrom}});
}

RawJson placedFact(const SessionOptions &options)
{
    return json::object({{"type", "session.updated"},
                         {"cwd", options.cwd},
                         {"sandbox", options.sandbox},
                         {"network_access", options.network}});
}

RawJson importedFact(const QString &tokenId)
{
    return json::object({{"type", "session.updated"}, {"imported_by", tokenId}});
}

RawJson pricedFact(const QString &costSource)
{
    return json::object({{"type", "session.updated"}, {"cost_source", costSource}});
}

RawJson closedFact(const QString &reason)
{
    return json::object({{"type", "session.closed"}, {"reason", reason}});
}

RawJson acceptedFact(const QByteArray &as, const TurnOptions &turn, const QString &turnId)
{
    const RawJson limits = toJson(turn.limits);
    return json::object({{"type", "input.accepted"},
                         {"as", as},
                         {"input", toJson(turn.input)},
                         {"continue", turn.goesOn ? std::optional(true) : std::nullopt},
                         {"schema", turn.schema},
                         {"limits", limits.text == "{}" ? std::nullopt : std::optional(limits)},
                         {"labels", turn.labels.empty() ? std::nullopt : std::optional(toJson(turn.labels))},
                         {"token_id", turn.tokenId.isEmpty() ? std::nullopt : std::optional(turn.tokenId)},
                         {"traceparent", turn.traceParent.isEmpty() ? std::nullopt : std::optional(turn.traceParent)},
                         {"turn_id", turnId}});
}

RawJson queuedFact(qint64 position, const QString &turnId)
{
    return json::object({{"type", "turn.queued"}, {"position", position}, {"turn_id", turnId}});
}

RawJson failedFact(const QString &turnId, const TurnError &why)
{
    return failedFact(turnId, Withdrawn{codeName(why.code), why.message});
}

RawJson failedFact(const QString &turnId, const Withdrawn &why)
{
    const RawJson error = json::object({{"message", why.message}, {"code", why.reason}});
    return json::object({{"type", "turn.failed"}, {"error", error}, {"turn_id", turnId}});
}

RawJson budgetFact(const std::optional<QString> &message, const QString &turnId)
{
    return json::object({{"type", message ? "wait.started" : "wait.ended"},
                         {"for", "budget"},
                         {"message", message},
                         {"turn_id", turnId}});
}

} // namespace nightshift::api
