#include "itemsessions.h"

namespace nightshift::api {

void ItemSessions::follow(const QString &id)
{
    if (m_followed.contains(id))
        return;
    if (const auto log = m_sessions.log(id, http::localUser())) {
        ++(*log)->users;
        m_followed.insert(id);
    }
}

void ItemSessions::leave(const QString &id)
{
    if (m_followed.erase(id) == 0)
        return;
    if (const auto log = m_sessions.log(id, http::localUser()))
        --(*log)->users;
}

} // namespace nightshift::api
