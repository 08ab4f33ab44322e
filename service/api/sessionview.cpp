#include "sessionview.h"
#include <QDateTime>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::api {

qint64 TurnView::untold() const
{
    const qint64 told = userSaid - (wanted && wanted->goesOn ? 0 : 1);
    return std::max<qint64>(0, qint64(steers.size()) - std::max<qint64>(0, told));
}

static qint64 millisecondsBetween(const QByteArray &from, const QByteArray &to)
{
    const auto at = [](const QByteArray &time) {
        return QDateTime::fromString(QString::fromLatin1(time), Qt::ISODateWithMs).toMSecsSinceEpoch();
    };
    return from.isEmpty() ? 0 : std::max<qint64>(0, at(to) - at(from));
}

Usage difference(const Usage &after, const Usage &before)
{
    Usage usage{.inputTokens = after.inputTokens - before.inputTokens,
                .cachedInputTokens = after.cachedInputTokens - before.cachedInputTokens,
                .cacheWriteInputTokens = after.cacheWriteInputTokens - before.cacheWriteInputTokens,
                .outputTokens = after.outputTokens - before.outputTokens,
                .reasoningOutputTokens = after.reasoningOutputTokens - before.reasoningOutputTokens};
    if (after.costUsd)
        usage.costUsd = wholeNanos(*after.costUsd - before.costUsd.value_or(0));
    return usage;
}

const TurnView *SessionView::turn(const QString &id) const
{
    const auto found = std::ranges::find(turns, id, &TurnView::id);
    return found == turns.end() ? nullptr : &*found;
}

const TurnView *SessionView::find(const QString &name) const
{
    if (name == u"last"_s)
        return turns.empty() ? nullptr : &turns.back();
    if (!name.startsWith("t_"_L1))
        return turn(name.toLower());
    bool isNumber = false;
    const uint number = QStringView(name).sliced(2).toUInt(&isNumber);
    return isNumber && number >= 1 && number <= turns.size() ? &turns[number - 1] : nullptr;
}

const TurnView *SessionView::running() const
{
    const auto found = std::ranges::find(turns.rbegin(), turns.rend(), TurnView::Status::Running, &TurnView::status);
    return found == turns.rend() ? nullptr : &*found;
}

TurnView *SessionView::current()
{
    return const_cast<TurnView *>(running());
}

const char *SessionView::status() const
{
    if (isClosed())
        return "closed";
    if (!waitingFor.isEmpty())
        return "waiting";
    return running() ? "running" : queue.empty() ? "idle" : "queued";
}

TurnView &SessionView::turnFor(const QString &id)
{
    if (const TurnView *known = turn(id))
        return const_cast<TurnView &>(*known);
    turns.push_back({.id = id});
    return turns.back();
}

void SessionView::follow(const LoggedEvent &logged)
{
    lastSeq = logged.seq;
    updatedAt = logged.time;
    if (createdAt.isEmpty())
        createdAt = logged.time;
    if (logged.isFact())
        followFact(logged.type(), logged);
    else if (logged.event)
        followEvent(logged);
}

void SessionView::beginHere()
{
    options.cwd.clear();
    options.sandbox.clear();
    options.network.reset();
    options.isolation.clear();
    options.approval = {};
    options.onRestart.clear();
    isHosted = false;
    importedBy.clear();
    queue.clear();
    stopWaiting();
    pendingApprovals = 0;
    for (TurnView &turn : turns) {
        if (turn.status == TurnView::Status::Done)
            continue;
        turn.status = TurnView::Status::Done;
        turn.error = TurnError{FailureCode::ProcessLost, QStringLiteral("its bundle ended before it did")};
        turn.lastSeq = lastSeq;
    }
}

/// Of what the service itself records; readers of requests are used for it, which nothing fails any more.
void SessionView::followFact(QByteArrayView type, const LoggedEvent &logged)
{
    std::vector<http::FieldProblem> known;
    FieldReader fields(logged.members(), known);
    const QString turnId = logged.members()["turn_id"].toString();
    if (type == "session.created") {
        options = readSessionOptions(fields);
        options.costSource = fields.string("cost_source").value_or(QString());
        isHosted = true;
    } else if (type == "session.updated") {
        options.title = fields.string("title").value_or(options.title);
        options.cwd = fields.string("cwd").value_or(options.cwd);
        options.sandbox = fields.string("sandbox").value_or(options.sandbox);
        if (const auto network = fields.boolean("network_access"))
            options.network = network;
        importedBy = fields.string("imported_by").value_or(importedBy);
        options.costSource = fields.string("cost_source").value_or(options.costSource);
        options.labels = fields.strings("labels").value_or(options.labels);
        options.limits = merged(options.limits, readLimits(fields.object("limits")));
        if (const FieldReader approval = fields.object("approval"); !approval.isEmpty())
            options.approval = readApproval(approval);
    } else if (type == "session.closed") {
        closedAt = logged.time;
    } else if (type == "input.accepted") {
        TurnOptions wanted = readTurnOptions(fields);
        wanted.limits = readLimits(fields.object("limits"));
        wanted.labels = fields.strings("labels").value_or(Labels());
        wanted.tokenId = fields.string("token_id").value_or(QString());
        wanted.traceParent = logged.members()["traceparent"].utf8().toByteArray();
        if (logged.members()["as"].utf8() == "steer") {
            turnFor(turnId).steers.push_back(std::move(wanted.input));
        } else {
            TurnView &turn = turnFor(turnId);
            turn.firstSeq = logged.seq;
            turn.wanted = std::move(wanted);
        }
    } else if (type == "turn.queued") {
        turnFor(turnId);
        const qint64 before = std::clamp<qint64>(logged.members()["position"].toInteger() - 1, 0, qint64(queue.size()));
        queue.insert(queue.begin() + before, turnId);
    } else if (type == "turn.failed") { // it never began
        TurnView &turn = turnFor(turnId);
        const JsonView error = logged.members()["error"];
        turn.error = TurnError{codeFromName(error["code"].toString()), error["message"].toString()};
        if (const QString code = error["code"].toString(); code.startsWith("token_"_L1))
            turn.withdrawn = code;
        end(turn, logged);
    } else if (type == "wait.started") {
        beginWait(logged.members()["for"].toString(), logged);
    } else if (type == "wait.ended") {
        endWait(logged.members()["for"].toString(), logged);
    }
}

/// One wait is shown at a time: the first.
void SessionView::beginWait(const QString &reason, const LoggedEvent &logged, std::optional<qint64> until)
{
    if (!waitingFor.isEmpty())
        return;
    waitingFor = reason;
    waitsSince = logged.time;
    retryAt = until;
}

void SessionView::endWait(const QString &reason, const LoggedEvent &logged)
{
    if (waitingFor != reason)
        return;
    const qint64 waited = millisecondsBetween(waitsSince, logged.time);
    if (TurnView *turn = current(); turn && reason == u"approval"_s)
        turn->waitedForApprovalMs += waited;
    else if (turn && reason == u"rate_limit"_s)
        turn->waitedForRateLimitMs += waited;
    stopWaiting();
}

void SessionView::stopWaiting()
{
    waitingFor.clear();
    retryAt.reset();
}

bool SessionView::waits(const TurnView &turn) const
{
    if (waitingFor == u"budget"_s)
        return !queue.empty() && queue.front() == turn.id;
    return !waitingFor.isEmpty() && turn.status == TurnView::Status::Running;
}

void SessionView::begin(const QString &turnId, const LoggedEvent &logged)
{
    std::erase(queue, turnId);
    TurnView &turn = turnFor(turnId);
    turn.status = TurnView::Status::Running;
    turn.startedAt = logged.time;
    turn.firstSeq = turn.firstSeq ? turn.firstSeq : logged.seq;
    turn.before = turn.after = usage;
    if (turn.wanted)
        turn.wanted->input.clear(); // the conversation has it now
}

void SessionView::end(TurnView &turn, const LoggedEvent &logged)
{
    std::erase(queue, turn.id);
    turn.status = TurnView::Status::Done;
    turn.endedAt = logged.time;
    turn.lastSeq = logged.seq;
    stopWaiting();
    pendingApprovals = 0;
}

void SessionView::followEvent(const LoggedEvent &logged)
{
    TurnView *turn = current();
    const auto count = [turn](bool ok) {
        if (turn)
            ++(ok ? turn->toolsOk : turn->toolsFailed);
    };
    std::visit(Overloaded{
                   [&](const SessionStarted &e) {
                       options.cwd = isHosted ? options.cwd : e.cwd;
                       options.model = isHosted ? options.model : e.model;
                       options.provider = isHosted ? options.provider : e.provider;
                       options.sandbox = isHosted ? options.sandbox : e.sandbox.section(u' ', 0, 0);
                   },
                   [&](const TurnStarted &e) { begin(e.turnId, logged); },
                   [&](const UserSaid &) { turn ? void(++turn->userSaid) : void(); },
                   [&](const MessageCompleted &e) { turn ? void(turn->lastMessage = e.text) : void(); },
                   [&](const CommandFinished &e) { count(e.exitCode == 0); },
                   [&](const McpCallFinished &e) { count(!e.failed); },
                   [&](const SearchFinished &) { count(true); },
                   [&](const ApprovalRequested &e) {
                       ++pendingApprovals;
                       if (e.approval.expiresAt)
                           beginWait(u"approval"_s, logged);
                   },
                   [&](const ApprovalResolved &e) {
                       pendingApprovals = std::max<qint64>(0, pendingApprovals - 1);
                       if (turn && e.decision != ApprovalResolved::Decision::Allow)
                           ++turn->toolsDenied;
                       if (pendingApprovals == 0)
                           endWait(u"approval"_s, logged);
                   },
                   [&](const WaitStarted &e) { beginWait(e.reason, logged, e.until); },
                   [&](const WaitEnded &e) { endWait(e.reason, logged); },
                   [&](const PatchFinished &e) {
                       count(e.success);
                       for (const FileChange &change : e.changes) {
                           if (turn && e.success && !turn->filesChanged.contains(change.path))
                               turn->filesChanged += change.path;
                       }
                   },
                   [&](const UsageReported &e) {
                       if (turns.empty())
                           inherited = e.total; // this is how a fork begins
                       usage = difference(e.total, inherited);
                       if (!turn)
                           return;
                       turn->after = usage;
                       ++turn->requests;
                       ++requests;
                   },
                   [&](const TurnCompleted &e) {
                       if (!turn)
                           return;
                       turn->durationMs = e.duration.count();
                       turn->refusal = e.refusal;
                       turn->lastMessage = e.lastMessage ? e.lastMessage : turn->lastMessage;
                       end(*turn, logged);
                   },
                   [&](const TurnFailed &e) {
                       if (!turn)
                           return;
                       turn->durationMs = e.duration.count();
                       turn->error = e.error;
                       end(*turn, logged);
                   },
                   [](const auto &) {},
               },
               *logged.event);
}

} // namespace nightshift::api
