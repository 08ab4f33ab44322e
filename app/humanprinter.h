#pragma once
#include "app/terminaltext.h"
#include "domain/event.h"

namespace nightshift::app {

/// A run as a person follows it on stderr: blocks that start with who acts. Pure; somebody else writes.
class HumanPrinter
{
public:
    struct Look
    {
        bool color = false;
        bool hideReasoning = false;
        bool rawReasoning = false; ///< In place of the summary, where there is any.
    };

    explicit HumanPrinter(Look look)
        : m_look(look)
    {}

    /// UTF-8 for stderr; empty for what a person need not see.
    QByteArray onEvent(const Event &event);

private:
    QString text(const SessionStarted &started);
    QString text(const Notice &notice) const;
    QString text(const UserSaid &said) const;
    QString text(const MessageCompleted &message) const;
    QString text(const ReasoningCompleted &reasoning) const;
    QString text(const CommandStarted &started);
    QString text(const CommandFinished &finished) const;
    QString text(const PatchFinished &finished) const;
    QString text(const PlanChanged &plan) const;
    QString text(const McpCallStarted &started) const;
    QString text(const McpCallFinished &finished) const;
    QString text(const SearchFinished &search) const;
    QString text(const ContextCompacted &compacted) const;
    QString text(const ApprovalRequested &requested) const;
    QString text(const ApprovalResolved &resolved) const;
    QString text(const HookDecided &decided) const;
    QString text(const LimitWarning &warning) const;
    QString text(const UsageReported &usage);
    QString text(const RetryScheduled &retry) const;
    QString text(const ErrorReported &error);
    QString text(const TurnCompleted &completed);
    QString text(const TurnFailed &failed);
    QString text(const auto &) const { return {}; } ///< Deltas, and what only other readers need.

    QString commandHead(const nightshift::CommandLine &command) const;
    QString errorLine(const QString &message) const;
    QString tokensUsed() const;
    QString in(Style style, QStringView text) const;

    Look m_look;
    QString m_cwd;
    std::optional<CallId> m_openCommand; ///< Its head is the last thing printed, so that its ending can follow below.
    QString m_lastError;
    Usage m_usage;
};

} // namespace nightshift::app
