#pragma once
#include "domain/event.h"

namespace nightshift::app {

/// Listens to a run for what the caller came for. The answer is the turn's last message; a failed turn
/// has none, but for one that reached a limit and was asked to conclude.
class FinalAnswer
{
public:
    void onEvent(const Event &event);

    const std::optional<QString> &text() const { return m_answer; }
    /// Of the turn that ended last: how it failed; absent while none did.
    const std::optional<TurnError> &failure() const { return m_failure; }
    bool isComplete() const { return m_isComplete; } ///< A turn ended well.

private:
    std::optional<QString> m_lastMessage;
    std::optional<QString> m_answer;
    std::optional<TurnError> m_failure;
    bool m_isComplete = false;
};

} // namespace nightshift::app
