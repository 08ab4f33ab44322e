#pragma once
#include "api/sessions.h"
#include <set>

namespace nightshift::api {

/// The sessions of items that run, in processes of their batches: the service tells of them as of its own.
class ItemSessions
{
public:
    /// `sessions` outlives it.
    explicit ItemSessions(Sessions &sessions)
        : m_sessions(sessions)
    {}

    void follow(const QString &id);
    void leave(const QString &id);

private:
    Sessions &m_sessions;
    std::set<QString> m_followed;
};

} // namespace nightshift::api
