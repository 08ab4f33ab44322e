#pragma once
#include "http/limits.h"
#include "http/problem.h"
#include "http/tokens.h"
#include <QHash>

namespace nightshift::http {

/// How many event streams are open, and whose they are.
class Streams
{
public:
    /// Processes of our own user have as many as there may be connections, and take none from the others.
    std::optional<Problem> refuse(const Token &caller, const Limits &limits) const;
    void begin(const Token &caller);
    void end(const Token &caller);
    int count() const { return m_count; }

private:
    int m_count = 0;
    QHash<QString, int> m_byToken;
};

} // namespace nightshift::http
