#pragma once
#include "domain/event.h"
#include "tools/turndiff.h"
#include <functional>

namespace nightshift::engine {

/// A turn that is a review.
struct ReviewWish
{
    QString hint;                                        ///< What is reviewed, in a few words for people.
    std::function<RawJson(const QString &message)> read; ///< The last message, as the model wrote it, as findings.
};

/// What is told of a turn beside its own steps, because it follows from them: that it is a review and what that found,
/// and what its patches have changed so far.
class Asides
{
public:
    enum class Diffs { No, Yes };

    Asides() = default;
    /// Paths in diffs are relative to `root`.
    Asides(std::optional<ReviewWish> review, Diffs diffs, const QString &root)
        : m_review(std::move(review))
        , m_diffs(diffs)
        , m_diff(root)
    {}

    /// What is to be told before this event; `lastMessage` as the model wrote it, absent without any.
    std::optional<Event> before(const Event &event, const std::optional<QString> &lastMessage);
    /// What is to be told after it.
    std::optional<Event> after(const Event &event);

private:
    std::optional<ReviewWish> m_review;
    Diffs m_diffs = Diffs::No;
    tools::TurnDiff m_diff;
};

} // namespace nightshift::engine
