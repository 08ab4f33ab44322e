#pragma once
#include "api/loggedevent.h"
#include "api/sessionoptions.h"
#include "domain/ending.h"

namespace nightshift::api {

/// A turn as its session's log tells it.
struct TurnView
{
    enum class Status { Queued, Running, Done };
    QString id;
    Status status = Status::Queued;
    std::optional<TurnOptions> wanted; ///< Until it begins; and then its schema and limits only.
    std::optional<TurnError> error;    ///< Why it failed, once it is done.
    QString withdrawn;                 ///< The reason of one that the service did not begin: see Withdrawn.
    bool refusal = false;
    std::optional<QString> lastMessage;
    QByteArray startedAt;
    QByteArray endedAt;
    qint64 durationMs = 0;
    qint64 firstSeq = 0;
    qint64 lastSeq = 0;
    Usage before; ///< Of the session, when it began.
    Usage after;
    qint64 requests = 0;
    qint64 toolsOk = 0;
    qint64 toolsFailed = 0;
    qint64 toolsDenied = 0;
    QStringList filesChanged; ///< By patches; absolute.
    qint64 waitedForApprovalMs = 0;
    qint64 waitedForRateLimitMs = 0;
    std::vector<std::vector<InputPart>> steers; ///< Said while it ran; the last `untold` the model was not told.
    qint64 userSaid = 0;
    bool operator==(const TurnView &) const = default;

    qint64 untold() const;
};

/// A session as its log tells it: everything the service shows of one is made from this. It is given the log's lines
/// in their order, and so is the same whether they were read again or followed as they came.
struct SessionView
{
    QString id;
    SessionOptions options;                   ///< As they are now; of a run on the command line what is known.
    bool isHosted = false;                    ///< The service made it.
    std::optional<RawJson> importedFrom = {}; ///< Where it was made, if not here. The only member that no line tells.
    QString importedBy;                       ///< The token that brought it, where that is bound to folders.
    QByteArray createdAt;
    QByteArray updatedAt;
    QByteArray closedAt; ///< Empty while it is open.
    Usage usage;         ///< Its own: without what a fork's history took.
    Usage inherited;     ///< That.
    qint64 requests = 0;
    std::vector<TurnView> turns; ///< In the order they were asked for: the N-th is `t_N`.
    std::vector<QString> queue;  ///< Ids of those that wait, the next one first.
    QString waitingFor;          ///< approval | rate_limit | budget; empty while nothing is waited for.
    QByteArray waitsSince;
    std::optional<qint64> retryAt; ///< When a rate limit lets go, in milliseconds since 1970.
    qint64 pendingApprovals = 0;
    qint64 lastSeq = 0;

    void follow(const LoggedEvent &logged);
    /// What was followed so far came in a bundle: it tells what was said and done, and nothing of what may be done
    /// here. The session has no folder, no sandbox and no work until later lines, which are ours, say so.
    void beginHere();

    const TurnView *turn(const QString &id) const;
    /// By id, `last` or `t_N`.
    const TurnView *find(const QString &name) const;
    const TurnView *running() const;
    /// Whether that turn, running or next, stands still because of waitingFor.
    bool waits(const TurnView &turn) const;
    bool isClosed() const { return !closedAt.isEmpty(); }
    /// queued | running | waiting | idle | closed
    const char *status() const;

private:
    TurnView *current();
    TurnView &turnFor(const QString &id);
    void followFact(QByteArrayView type, const LoggedEvent &logged);
    void followEvent(const LoggedEvent &logged);
    void end(TurnView &turn, const LoggedEvent &logged);
    void beginWait(const QString &reason, const LoggedEvent &logged, std::optional<qint64> until = {});
    void stopWaiting();
    void endWait(const QString &reason, const LoggedEvent &logged);
    void begin(const QString &turnId, const LoggedEvent &logged);
};

/// What was used in between.
Usage difference(const Usage &after, const Usage &before);

} // namespace nightshift::api
