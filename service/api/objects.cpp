#include "objects.h"
#include "wire/times.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

namespace {

std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

std::optional<QByteArray> unlessEmpty(const QByteArray &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

RawJson usageObject(const Usage &usage, qint64 requests, const QString &costSource)
{
    return json::object({{"requests", requests},
                         {"input_tokens", usage.inputTokens},
                         {"cached_tokens", usage.cachedInputTokens},
                         {"output_tokens", usage.outputTokens},
                         {"reasoning_tokens", usage.reasoningOutputTokens},
                         {"cost_usd", usage.costUsd},
                         {"cost_source", usage.costUsd ? unlessEmpty(costSource) : std::nullopt}});
}

const char *statusName(const SessionView &session, const TurnView &turn)
{
    if (session.waits(turn))
        return "waiting";
    switch (turn.status) {
    case TurnView::Status::Queued:
        return "queued";
    case TurnView::Status::Running:
        return "running";
    case TurnView::Status::Done:
        return "done";
    }
    Q_UNREACHABLE_RETURN("");
}

std::optional<QString> retryAt(const SessionView &session)
{
    return session.retryAt ? std::optional(wire::timeText(*session.retryAt)) : std::nullopt;
}

/// The answer as text; and as JSON where a schema was asked for.
RawJson resultObject(const TurnView &turn)
{
    std::optional<RawJson> value;
    std::optional<bool> fits;
    if (turn.wanted && turn.wanted->schema && turn.lastMessage) {
        if (const auto parsed = JsonDocument::parse(turn.lastMessage->toUtf8()))
            value = parsed->root().raw();
        fits = value && !(turn.error && turn.error->code == FailureCode::SchemaMismatch);
    }
    return json::object({{"text", json::orNull(turn.lastMessage)}, {"json", value}, {"schema_ok", fits}});
}

std::vector<RawJson> limitsHit(const TurnView &turn)
{
    const QString reason = reasonOf(turn);
    if (turn.status == TurnView::Status::Done && reason.startsWith("limit_"_L1))
        return {json::string(QStringView(reason))};
    return {};
}

/// Relative to the session's folder where they lie in it.
QStringList relative(const QStringList &paths, const QString &folder)
{
    QStringList names;
    for (const QString &path : paths)
        names += path.startsWith(folder + u'/') ? path.sliced(folder.size() + 1) : path;
    return names;
}

} // namespace

const char *outcomeOf(const TurnView &turn)
{
    if (!turn.error)
        return "completed";
    switch (turn.error->code) {
    case FailureCode::CancelledByUser:
    case FailureCode::Superseded:
        return "cancelled";
    case FailureCode::Interrupted:
    case FailureCode::ProcessLost:
        return "interrupted";
    default:
        return "failed";
    }
}

QString reasonOf(const TurnView &turn)
{
    if (!turn.withdrawn.isEmpty())
        return turn.withdrawn;
    if (turn.error)
        return codeName(turn.error->code);
    return turn.refusal ? u"model_refusal"_s : u"final_message"_s;
}

RawJson turnReference(const SessionView &session, const TurnView &turn)
{
    return json::object({{"id", turn.id}, {"status", statusName(session, turn)}});
}

RawJson turnObject(const SessionView &session, const TurnView &turn)
{
    const bool done = turn.status == TurnView::Status::Done;
    const bool waits = session.waits(turn);
    const auto position = std::ranges::find(session.queue, turn.id);
    const Labels labels = turn.wanted ? turn.wanted->labels : Labels();
    std::optional<RawJson> duration, error;
    if (done)
        duration = json::number(turn.durationMs);
    if (turn.error)
        error = json::object({{"message", turn.error->message}, {"code", reasonOf(turn)}});
    return json::object(
        {{"id", turn.id},
         {"number", qint64(&turn - session.turns.data()) + 1},
         {"session", session.id},
         {"labels", labels.empty() ? std::nullopt : std::optional(toJson(labels))},
         {"status", statusName(session, turn)},
         {"waiting_for", waits ? std::optional(session.waitingFor) : std::nullopt},
         {"retry_at", waits ? retryAt(session) : std::nullopt},
         {"position",
          position == session.queue.end() ? std::optional<qint64>() : qint64(position - session.queue.begin()) + 1},
         {"outcome", done ? std::optional(outcomeOf(turn)) : std::nullopt},
         {"reason", done ? std::optional(reasonOf(turn)) : std::nullopt},
         {"error", error},
         {"result", done ? std::optional(resultObject(turn)) : std::nullopt},
         {"usage", usageObject(difference(turn.after, turn.before), turn.requests, session.options.costSource)},
         {"limits_hit", json::array(limitsHit(turn))},
         {"started_at", unlessEmpty(turn.startedAt)},
         {"ended_at", unlessEmpty(turn.endedAt)},
         {"duration_ms", duration},
         {"waited_ms",
          json::object({{"approval", turn.waitedForApprovalMs}, {"rate_limit", turn.waitedForRateLimitMs}})},
         {"seq", json::object({{"first", turn.firstSeq}, {"last", done ? std::optional(turn.lastSeq) : std::nullopt}})},
         {"tool_calls",
          json::object({{"ok", turn.toolsOk}, {"failed", turn.toolsFailed}, {"denied", turn.toolsDenied}})},
         {"files_changed", json::array(relative(turn.filesChanged, session.options.cwd))}});
}

RawJson sessionObject(const SessionView &session)
{
    const SessionOptions &options = session.options;
    const QString self = u"/v1/sessions/"_s + session.id;
    const TurnView *turn = session.running();
    if (!turn && !session.turns.empty())
        turn = &session.turns.back();
    return json::object({{"id", session.id},
                         {"status", session.status()},
                         {"waiting_for", unlessEmpty(session.waitingFor)},
                         {"retry_at", retryAt(session)},
                         {"title", options.title},
                         {"labels", toJson(options.labels)},
                         {"external_id", unlessEmpty(options.externalId)},
                         {"created_at", session.createdAt},
                         {"updated_at", session.updatedAt},
                         {"closed_at", unlessEmpty(session.closedAt)},
                         {"imported_from", session.importedFrom},
                         {"cwd", options.cwd},
                         {"model", options.model},
                         {"provider", options.provider},
                         {"sandbox", options.sandbox},
                         {"network_access", options.network},
                         {"isolation", options.isolation.isEmpty() ? u"none"_s : options.isolation},
                         {"approval", toJson(options.approval)},
                         {"on_restart", unlessEmpty(options.onRestart)},
                         {"limits", toJson(options.limits)},
                         {"usage", usageObject(session.usage, session.requests, options.costSource)},
                         {"turn", turn ? turnReference(session, *turn) : json::null()},
                         {"turns", qint64(session.turns.size())},
                         {"pending_approvals", session.pendingApprovals},
                         {"first_seq", 1},
                         {"last_seq", session.lastSeq},
                         {"links", json::object({{"self", self},
                                                 {"events", self + u"/events"_s},
                                                 {"turns", self + u"/turns"_s},
                                                 {"bundle", self + u"/bundle"_s}})}});
}

} // namespace nightshift::api
