#pragma once
#include "domain/event.h"
#include "domain/hooks.h"

namespace nightshift::hooks {

/// What a hook answered, read.
struct Decision
{
    enum class Kind { None, Allow, Deny, Rewrite, Ask, Again };

    /// What takes the place of what was asked about; of each moment one.
    struct Rewrite
    {
        std::optional<QString> command;
        QStringList argv;
        std::optional<QString> patch;
        std::optional<RawJson> arguments; ///< An object.
        std::optional<QString> output;
        bool operator==(const Rewrite &) const = default;
    };

    Kind kind = Kind::None;
    QString reason; ///< Of Deny, Ask; of Again the message.
    Rewrite rewrite;
    std::optional<std::chrono::seconds> wait; ///< Of Ask; absent leaves it to the settings.
    bool allowUnanswered = false;             ///< Of Ask: what becomes of it when nobody answers.
    QString context;                          ///< What the model is told beside.
    bool abort = false;                       ///< The turn fails.
    bool failed = false;                      ///< The hook itself decided nothing: `reason` says why.
    bool operator==(const Decision &) const = default;
};

/// The word of events and of `hooks test`; "context" for an answer that is nothing else, "none" for no opinion.
QString decisionName(const Decision &decision);

/// Reads a reply in our words (domain/hooks.h) or in those of the reference's hooks: `decision: block`,
/// `hookSpecificOutput` with permissionDecision or additionalContext, `continue: false`. Text that is no JSON is
/// context where the reference takes it so, before the model is asked. The error says what makes no sense.
/// Source: https://developers.openai.com/codex/hooks
Result<Decision> readDecision(QByteArrayView text, HookMoment moment);

/// What a failure comes to.
Decision failedDecision(const QString &why, HookMoment moment, HookFailure becomes);

/// The exit of a hook that is a program, as readDecision() takes it: exit code 2 denies with what it said on stderr.
HookReply replyOfProgram(int exitCode, const QByteArray &output, const QString &errors, HookMoment moment);

} // namespace nightshift::hooks
