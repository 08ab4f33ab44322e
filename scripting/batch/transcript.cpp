#include "transcript.h"

namespace nightshift::batch {

Usage difference(const Usage &after, const Usage &before)
{
    Usage more{.inputTokens = after.inputTokens - before.inputTokens,
               .cachedInputTokens = after.cachedInputTokens - before.cachedInputTokens,
               .cacheWriteInputTokens = after.cacheWriteInputTokens - before.cacheWriteInputTokens,
               .outputTokens = after.outputTokens - before.outputTokens,
               .reasoningOutputTokens = after.reasoningOutputTokens - before.reasoningOutputTokens,
               .costUsd = {}};
    if (after.costUsd)
        more.costUsd = wholeNanos(*after.costUsd - before.costUsd.value_or(0));
    return more;
}

Transcript Transcript::next() const
{
    Transcript next;
    next.m_total = m_total;
    return next;
}

void Transcript::take(const Event &event)
{
    std::visit(Overloaded{
                   [this](const TurnStarted &) {
                       completed = false;
                       error.reset();
                       isWhole = false;
                   },
                   [this](const UserSaid &) { asked = true; },
                   [this](const MessageDelta &) { sawToken = true; },
                   [this](const ReasoningDelta &) { sawToken = true; },
                   [this](const MessageCompleted &e) {
                       sawToken = true;
                       text = e.text;
                       refusal = e.refusal;
                       isWhole = false;
                   },
                   [this](const CommandStarted &) { isWhole = false; },
                   [this](const PatchStarted &) { isWhole = false; },
                   [this](const McpCallStarted &) { isWhole = false; },
                   [this](const PatchFinished &e) {
                       isWhole = false;
                       for (const FileChange &change : e.changes) {
                           const QString path = change.movedTo.value_or(change.path);
                           if (e.success && !files.contains(path))
                               files += path;
                       }
                   },
                   [this](const UsageReported &e) {
                       const Usage more = difference(e.total, m_total);
                       m_total = e.total;
                       if (more.totalTokens() == 0)
                           return; // the conversation became shorter, nothing was asked
                       sawToken = true;
                       usage += more;
                       ++requests;
                       isWhole = text.has_value();
                   },
                   [this](const TurnCompleted &e) {
                       completed = true;
                       refusal = e.refusal;
                       if (e.lastMessage)
                           text = e.lastMessage;
                   },
                   [this](const TurnFailed &e) { error = e.error; },
                   [](const auto &) {},
               },
               event);
}

} // namespace nightshift::batch
