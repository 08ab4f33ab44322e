#include "finalanswer.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

MessageCompleted FinalAnswer::take(const MessageCompleted &message)
{
    m_message = message;
    return {*text(), message.refusal};
}

std::optional<QString> FinalAnswer::objection()
{
    if (m_objected)
        return {};
    const auto missed = mismatch();
    if (!missed)
        return {};
    m_objected = true;
    return u"Your answer does not match the required JSON schema: %1. Answer again with nothing but JSON of that "
           "schema."_s.arg(*missed);
}

std::optional<TurnError> FinalAnswer::failure() const
{
    const auto missed = mismatch();
    if (!missed)
        return {};
    return TurnError{FailureCode::SchemaMismatch, u"the answer does not match the output schema: "_s + *missed};
}

std::optional<QString> FinalAnswer::text() const
{
    if (!m_message)
        return {};
    return m_render ? m_render(m_message->text) : m_message->text;
}

/// A refusal has no shape to miss.
std::optional<QString> FinalAnswer::mismatch() const
{
    return m_mismatch && m_message && !m_message->refusal ? m_mismatch(m_message->text) : std::nullopt;
}

} // namespace nightshift::engine
