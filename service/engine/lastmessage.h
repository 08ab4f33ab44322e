#pragma once
#include "domain/event.h"
#include <functional>

namespace nightshift::engine {

/// The last message of a turn: as it is shown, and whether it has the shape that was asked for.
class LastMessage
{
public:
    /// Says how a message misses its shape; nothing when it fits.
    using Mismatch = std::function<std::optional<QString>(const QString &message)>;
    /// Puts a message into the form that is shown.
    using Render = std::function<QString(const QString &message)>;

    explicit LastMessage(Mismatch mismatch = {}, Render render = {})
        : m_mismatch(std::move(mismatch))
        , m_render(std::move(render))
    {}

    /// Takes a message that may be the last; returns it as it is shown.
    MessageCompleted take(const MessageCompleted &message);
    /// What the model is told of how its message misses the shape. It is told once.
    std::optional<QString> objection();
    /// Why the turn fails because of its last message, if it does.
    std::optional<TurnError> failure() const;

    std::optional<QString> text() const;    ///< As shown; absent without any message.
    std::optional<QString> written() const; ///< As the model wrote it; absent without any message.
    bool isRefusal() const { return m_message && m_message->refusal; }

private:
    std::optional<QString> mismatch() const;

    Mismatch m_mismatch;
    Render m_render;
    std::optional<MessageCompleted> m_message; ///< As the model wrote it.
    bool m_objected = false;
};

} // namespace nightshift::engine
