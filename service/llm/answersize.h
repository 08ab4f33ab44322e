#pragma once
#include "domain/answerlimits.h"
#include "llm/modelfailure.h"

namespace nightshift::llm {

/// Counts what comes of one answer, and tells when it is more than the limits allow. What is kept of an answer is never
/// more than what was counted.
class AnswerSize
{
public:
    explicit AnswerSize(const AnswerLimits &limits)
        : m_limits(limits)
    {}

    /// Some bytes, before they are read.
    std::optional<ModelFailure> take(qint64 bytes);
    /// What was read of them: messages, and the items in them.
    std::optional<ModelFailure> read(bool hasMessages);
    std::optional<ModelFailure> addItem();

private:
    const AnswerLimits m_limits;
    qint64 m_bytes = 0;
    qint64 m_unreadBytes = 0; ///< Since the last complete message.
    qint64 m_items = 0;
};

/// The answer passed a limit; asking again would get another one like it.
ModelFailure failureOfSize(const AnswerLimits &limits, qint64 AnswerLimits::*limit);

} // namespace nightshift::llm
