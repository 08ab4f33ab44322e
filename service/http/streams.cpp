#include "streams.h"
#include "http/allowance.h"

using namespace Qt::StringLiterals;

namespace nightshift::http {

std::optional<Problem> Streams::refuse(const Token &caller, const Limits &limits) const
{
    if (isLocalUser(caller))
        return {};
    const int others = m_count - m_byToken.value(localUser().id);
    if (others >= limits.streams)
        return Problem{ProblemCode::TooManyStreams, u"%1 streams are open"_s.arg(others)};
    if (m_byToken.value(caller.id) >= limits.streamsPerToken)
        return Problem{ProblemCode::TooManyStreams,
                       u"%1 streams are open with this token"_s.arg(limits.streamsPerToken)};
    return {};
}

void Streams::begin(const Token &caller)
{
    ++m_count;
    ++m_byToken[caller.id];
}

void Streams::end(const Token &caller)
{
    --m_count;
    if (--m_byToken[caller.id] == 0)
        m_byToken.remove(caller.id);
}

} // namespace nightshift::http
