#include "lastmessage.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

MessageCompleted LastMessage::take(const MessageCompleted &message)
{
    m_message = message;
    return {*text(), message.refusal};
}

std::optional<QString> LastMessage::objection()
{
    if (m_objected)
        return {};
    const auto missed = mismatch();
    if (!missed)
        return {};
    m_objected = true;
    return u"<schema_mismatch>\nYour answer does not match the required JSON schema: %1. Answer again with nothing but "
           "JSON of that schema.\n</schema_mismatch>"_s.arg(*missed);
}

std::optional<TurnError> LastMessage::failure() const
{
    const auto missed = mismatch();
    if (!missed)
        return {};
    return TurnError{FailureCode::SchemaMismatch, u"the answer does not match the output schema: "_s + *missed};
}

std::optional<QString> LastMessage::text() const
{
    if (!m_message)
        return {};
    return m_render ? m_render(m_message->text) : m_message->text;
}

std::optional<QString> LastMessage::written() const
{
    return m_message ? std::optional(m_message->text) : std::nullopt;
}

/// A refusal has no shape to miss.
std::optional<QString> LastMessage::mismatch() const
{
    return m_mismatch && m_message && !m_message->refusal ? m_mismatch(m_message->text) : std::nullopt;
}

} // namespace nightshift::engine
