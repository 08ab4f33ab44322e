#pragma once
#include "api/accesscontrol.h"
#include "api/catalogue.h"
#include "api/hostedsession.h"
#include "api/payers.h"
#include "api/runninglist.h"
#include "api/sessiondraft.h"
#include "api/syncer.h"
#include "api/tombstones.h"
#include <QTimer>
#include <unordered_map>

namespace nightshift::api {

/// All sessions: finds their logs, hosts those that have work, and lets go of what nobody needs.
class Sessions : public QObject
{
    Q_OBJECT

public:
    /// What is given outlives it. `stateFolder` is the service's own.
    Sessions(const engine::Surroundings &surroundings, http::Allowance &allowance, http::TokenStore &tokens,
             const QString &stateFolder);
    ~Sessions() override;

    /// The new session, its first lines written, in the tree made for the draft's settings.
    struct Made
    {
        HostedSession *session = nullptr;
        std::optional<HostedSession::Accepted> accepted;
    };
    http::Judged<Made> make(const SessionDraft &draft, const SessionOpener::Tree &tree);
    http::Judged<HostedSession::Accepted> submit(HostedSession &session, TurnOptions turn, const http::Token &caller);
    /// Where the session works from now on: what `wanted` says of it, and else what it is, if the caller may have that.
    /// Busy when that is something else than before, and something is done there.
    http::Judged<void> place(HostedSession &session, const TurnOptions &wanted, const http::Token &caller) const;
    /// Tokens may be others than they were: ends what waits and may not begin any more.
    void recheckTokens();

    /// The session's log, up to date; NotFound when there is none that the caller may see, SessionDeleted when there
    /// was.
    http::Judged<SessionLog *> log(const QString &id, const http::Token &caller);
    /// The session, hosted from now on.
    http::Judged<HostedSession *> host(const QString &id, const http::Token &caller);
    /// Only when it is hosted.
    HostedSession *hosted(const QString &id) const;
    std::vector<HostedSession *> hosted() const;
    /// Removes a session that is not busy, its log included.
    http::Judged<void> remove(const QString &id);

    /// Ids, newest first; of those that fit, as far as it can be told without their logs.
    std::vector<QString> ids(const SessionFilter &filter) const;

    /// Calls `done` when what was written to the session's log is on the disk.
    void sync(const SessionLog &log, QObject *context, std::function<void(const Result<> &)> done);
    /// Writes the endings that a lost server could not write, and hosts what has work waiting.
    void recover();
    /// Takes no new work; what runs has `patience` to end, then is interrupted so that it can be continued.
    void drain(std::chrono::milliseconds patience);
    bool isDraining() const { return m_draining; }

    SessionOpener &opener() { return m_opener; }
    const SessionOpener &opener() const { return m_opener; }
    const AccessControl &access() const { return m_access; }
    Catalogue &catalogue() { return m_catalogue; }

signals:
    /// Every durable event of every session that is hosted or looked at, once.
    void recorded(const QString &sessionId, const nightshift::http::FeedEvent &event);
    void hostingBegan(nightshift::api::HostedSession *session);
    void turnEnded(const QString &sessionId, const QString &turnId);
    void removed(const QString &sessionId);
    /// A line was written.
    void appended(double seconds);
    /// After drain(): nothing is hosted any more.
    void drained();

private:
    http::Judged<SessionLog *> openLog(const QString &id, const QString &path);
    HostedSession *host(SessionLog &log, engine::Session *opened);
    void meter(HostedSession &session);
    http::Judged<HostedSession *> hostNew(const Result<engine::Session *> &opened, const SessionOptions &options,
                                          const std::optional<QString> &forkedFrom);
    void onTurnEnded(const QString &sessionId, const QString &turnId);
    void onSettled(HostedSession *session);
    void sweep();
    void interruptAll();

    SessionOpener m_opener;
    http::Allowance &m_allowance;
    const AccessControl m_access;
    Payers m_payers;
    Catalogue m_catalogue;
    RunningList m_running;
    Tombstones m_deleted;
    Syncer m_syncer;
    std::unordered_map<QString, std::unique_ptr<SessionLog>> m_logs;
    std::unordered_map<QString, std::unique_ptr<HostedSession>> m_hosted;
    QTimer m_sweep;
    bool m_draining = false;
};

} // namespace nightshift::api
