#pragma once
#include "api/sessions.h"
#include "engine/approvals.h"
#include <deque>

namespace nightshift::api {

/// The approvals of all sessions: those that are waited for, and the latest that were decided.
class ApprovalBook : public QObject
{
    Q_OBJECT

public:
    explicit ApprovalBook(Sessions &sessions);

    /// One approval, as lists show it.
    struct Entry
    {
        QString sessionId;
        RawJson approval;                  ///< {id, kind, …}
        std::optional<RawJson> resolution; ///< {decision, by, …}; absent while it is pending.
        RawJson object() const;
        /// pending, or how it was decided.
        QByteArray status() const;
    };
    /// Of a session that the caller may see.
    std::optional<Entry> find(const QString &id, const http::Token &caller) const;
    /// In the order they were asked for; `sessionId` may be empty.
    std::vector<Entry> pending(const QString &sessionId, const http::Token &caller) const;
    /// Those that are decided, too: all of one session, or of all sessions those that this process has heard of.
    std::vector<Entry> all(const QString &sessionId, const http::Token &caller);

    /// The first answer wins.
    http::Judged<Entry> answer(const QString &id, const engine::ApprovalAnswer &answer, const http::Token &caller);

private:
    void onRecorded(const QString &sessionId, const http::FeedEvent &event);
    void readSession(const QString &sessionId, const http::Token &caller);
    bool isVisible(const QString &sessionId, const http::Token &caller) const;

    Sessions &m_sessions;
    QHash<QString, Entry> m_entries;
    std::deque<QString> m_order; ///< Ids, oldest first.
};

} // namespace nightshift::api
