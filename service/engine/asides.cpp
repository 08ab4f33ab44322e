#include "asides.h"

namespace nightshift::engine {

std::optional<Event> Asides::before(const Event &event, const std::optional<QString> &lastMessage)
{
    const auto *patch = std::get_if<PatchStarted>(&event); // told before it writes
    if (patch && m_diffs == Diffs::Yes)
        m_diff.begin(patch->changes);
    if (!m_review)
        return {};
    if (std::holds_alternative<TurnFailed>(event))
        return ReviewFinished{};
    if (std::holds_alternative<TurnCompleted>(event))
        return ReviewFinished{lastMessage ? std::optional(m_review->read(*lastMessage)) : std::nullopt};
    return {};
}

std::optional<Event> Asides::after(const Event &event)
{
    const auto *said = std::get_if<UserSaid>(&event);
    if (said && m_review)
        return ReviewStarted{said->input.text, m_review->hint};
    const auto *patch = std::get_if<PatchFinished>(&event);
    if (!patch || m_diffs == Diffs::No)
        return {};
    if (auto diff = m_diff.end(patch->changes))
        return DiffChanged{std::move(*diff)};
    return {};
}

} // namespace nightshift::engine
