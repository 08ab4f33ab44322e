#include "answersize.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

std::optional<ModelFailure> AnswerSize::take(qint64 bytes)
{
    m_bytes += bytes;
    m_unreadBytes += bytes;
    return m_bytes > m_limits.answerBytes ? std::optional(failureOfSize(m_limits, &AnswerLimits::answerBytes))
                                          : std::nullopt;
}

std::optional<ModelFailure> AnswerSize::read(bool hasMessages)
{
    m_unreadBytes = hasMessages ? 0 : m_unreadBytes;
    return m_unreadBytes > m_limits.eventBytes ? std::optional(failureOfSize(m_limits, &AnswerLimits::eventBytes))
                                               : std::nullopt;
}

std::optional<ModelFailure> AnswerSize::addItem()
{
    return ++m_items > m_limits.items ? std::optional(failureOfSize(m_limits, &AnswerLimits::items)) : std::nullopt;
}

ModelFailure failureOfSize(const AnswerLimits &limits, qint64 AnswerLimits::*limit)
{
    return {FailureCode::ModelUnavailable, u"the model server "_s + exceeded(limits, limit)};
}

} // namespace nightshift::llm
