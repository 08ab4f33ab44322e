#include "finalanswer.h"
#include "app/exitcodes.h"

namespace nightshift::app {

void FinalAnswer::onEvent(const Event &event)
{
    if (std::holds_alternative<TurnStarted>(event)) {
        *this = {};
    } else if (const auto *message = std::get_if<MessageCompleted>(&event)) {
        m_lastMessage = message->text;
    } else if (const auto *completed = std::get_if<TurnCompleted>(&event)) {
        m_answer = completed->lastMessage;
        m_isComplete = true;
    } else if (const auto *failed = std::get_if<TurnFailed>(&event)) {
        m_failure = failed->error;
        if (exitCodeOf(failed->error.code) == ExitCode::Limit)
            m_answer = m_lastMessage;
    }
}

} // namespace nightshift::app
