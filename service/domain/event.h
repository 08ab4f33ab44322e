#pragma once
#include "domain/conversation.h"
#include "domain/ending.h"
#include <QStringList>
#include <chrono>
#include <optional>
#include <variant>

namespace nightshift {

/// What happens in a session, at the grain of facts; encoders fold them into their wire's grain.
///
/// Durable events are recorded before anybody is told, numbered, never dropped; each becomes at most one
/// line of every wire format. Fleeting ones (said so below) are never recorded and may be skipped by a
/// listener that is behind: the completed fact repeats what they carried.
/// An event carries all that a listener needs, so that no listener has to ask the session anything.

/// The first event of every run: new, resumed (same id) or forked (new id).
struct SessionStarted
{
    QString sessionId;
    QString model;
    QString provider;
    QString cwd;
    QString rolloutPath; ///< Empty when nothing is recorded.
    std::optional<QString> reasoningEffort;
    std::optional<QString> reasoningSummary = {};
    QString approval = QStringLiteral("never"); ///< The policy in force.
    QString sandbox = {};                       ///< As sandboxSummary() words it.
    bool operator==(const SessionStarted &) const = default;
};

/// Something the user should know that ends nothing: an unknown model, an ignored setting.
struct Notice
{
    QString message;
    bool operator==(const Notice &) const = default;
};

/// What a client of the older protocol asked beside the conversation. Nobody else is told.
struct QuestionAnswered
{
    RawJson message; ///< {type, …} in that protocol's words.
    bool operator==(const QuestionAnswered &) const = default;
};

struct TurnStarted
{
    QString turnId;
    qint64 contextWindow = 0; ///< Tokens; 0 when unknown.
    bool operator==(const TurnStarted &) const = default;
};

struct UserSaid
{
    UserInput input;
    bool operator==(const UserSaid &) const = default;
};

/// Fleeting.
struct MessageDelta
{
    QString text;
    bool operator==(const MessageDelta &) const = default;
};

struct MessageCompleted
{
    QString text;
    bool refusal = false;
    bool operator==(const MessageCompleted &) const = default;
};

/// Fleeting.
struct ReasoningDelta
{
    QString text;
    bool operator==(const ReasoningDelta &) const = default;
};

/// Of what the model thinks itself, where a server shows it. Fleeting, unless the run prints it.
struct RawReasoningDelta
{
    QString text;
    bool operator==(const RawReasoningDelta &) const = default;
};

/// Another part of the summary begins. Fleeting, unless the run prints it.
struct ReasoningPartBegan
{
    bool operator==(const ReasoningPartBegan &) const = default;
};

struct ReasoningCompleted
{
    QString summary; ///< Parts joined by a line end; empty when the model gave none.
    QString raw;     ///< Where a server shows it; shown to a person only when asked for.
    bool operator==(const ReasoningCompleted &) const = default;
};

/// What a command does to files, in the words that clients show instead of it.
struct CommandAction
{
    enum class Kind { Unknown, Read, ListFiles, Search };
    Kind kind = Kind::Unknown;
    QString command;              ///< The part of the script that does it.
    QString name;                 ///< Of Read: the file's name.
    std::optional<QString> path;  ///< Of Read as written, of the others shortened for people.
    std::optional<QString> query; ///< Of Search.
    bool operator==(const CommandAction &) const = default;
};

/// A command as its three events repeat it.
struct CommandLine
{
    QStringList argv;
    QString cwd;
    std::optional<std::vector<CommandAction>> actions; ///< Absent where nobody looked.
    bool operator==(const CommandLine &) const = default;
};

struct CommandStarted
{
    CallId call;
    CommandLine command;
    bool operator==(const CommandStarted &) const = default;
};

/// Fleeting, unless the run prints it. Both streams arrive as one, as a terminal would show them.
struct CommandOutput
{
    CallId call;
    QByteArray chunk; ///< Raw bytes; may cut a character in two.
    bool operator==(const CommandOutput &) const = default;
};

struct CommandFinished
{
    CallId call;
    CommandLine command;
    QString output;              ///< Whole, but for the middle of what exceeds 1 MiB.
    std::optional<int> exitCode; ///< Absent when it was stopped, -1 when it never ran.
    std::chrono::milliseconds duration{};
    bool operator==(const CommandFinished &) const = default;
};

struct FileChange
{
    enum class Kind { Add, Delete, Update };
    QString path; ///< Absolute; of a move the old place.
    Kind kind = Kind::Update;
    QString content;                ///< Of Add the new, of Delete the old text.
    QString unifiedDiff;            ///< Of Update: hunks without file headers.
    std::optional<QString> movedTo; ///< Absolute.
    bool operator==(const FileChange &) const = default;
};

struct PatchStarted
{
    CallId call;
    std::vector<FileChange> changes; ///< Sorted by path.
    bool operator==(const PatchStarted &) const = default;
};

struct PatchFinished
{
    CallId call;
    std::vector<FileChange> changes;
    bool success = false;
    QString output; ///< What the model was told: the files updated, or why not.
    bool operator==(const PatchFinished &) const = default;
};

/// What the turn's patches have changed so far, all of them together. Fleeting, unless the run prints it.
struct DiffChanged
{
    QString unifiedDiff; ///< As `git diff --find-renames` shows it.
    bool operator==(const DiffChanged &) const = default;
};

/// The turn is a review.
struct ReviewStarted
{
    QString prompt; ///< What the model is told to look at.
    QString hint;   ///< The same in a few words, for people.
    bool operator==(const ReviewStarted &) const = default;
};

/// Before the last event of a turn that is a review.
struct ReviewFinished
{
    std::optional<RawJson> output; ///< {findings, overall_correctness, …}; absent when the turn failed.
    bool operator==(const ReviewFinished &) const = default;
};

struct PlanStep
{
    enum class Status { Pending, InProgress, Completed };
    QString text;
    Status status = Status::Pending;
    bool operator==(const PlanStep &) const = default;
};

/// What somebody has to agree to before it happens.
struct Approval
{
    enum class Kind {
        Command, ///< A rule or a hook wants to be asked.
        Sandbox, ///< A command that is to run outside of the sandbox.
        Patch,   ///< Files that the sandbox protects.
        Tool,    ///< A server's tool.
    };
    QString id; ///< Unique for ever.
    CallId call;
    Kind kind = Kind::Command;
    QString reason;                          ///< Why it needs one, or what the model says for it.
    std::optional<CommandLine> command = {}; ///< Of Command and Sandbox.
    std::vector<FileChange> changes = {};    ///< Of Patch.
    QString tool = {};                       ///< Of Tool, as the model names it.
    RawJson arguments = {};                  ///< Of Tool.
    qint64 requestedAt = 0;                  ///< Milliseconds since 1970.
    std::optional<qint64> expiresAt = {};    ///< The same; absent when nobody is waited for.
    bool operator==(const Approval &) const = default;
};

/// Exactly one ApprovalResolved follows.
struct ApprovalRequested
{
    Approval approval;
    bool operator==(const ApprovalRequested &) const = default;
};

struct ApprovalResolved
{
    enum class Decision { Allow, Deny, Rewrite, Expired, Cancelled };
    enum class Scope { Once, Session };
    QString approvalId;
    CallId call;
    Decision decision = Decision::Deny;
    QString by; ///< Who, in words: "hook ./h.mjs", "token ci", "policy", "timeout".
    Scope scope = Scope::Once;
    QString message; ///< For the model; may be empty.
    QString command; ///< Of Rewrite: what runs instead.
    bool operator==(const ApprovalResolved &) const = default;
};

/// A hook had an opinion, or failed to have one.
struct HookDecided
{
    QString source;      ///< The file that decided.
    QString hook;        ///< "onCommand"
    QString decision;    ///< allow, deny, rewrite, ask, again, context.
    bool failed = false; ///< The hook itself decided nothing: it crashed, was too late, made no sense.
    QString reason;      ///< Its own, or how it failed.
    CallId call;         ///< Empty when it was about no call.
    QString what;        ///< The command, the files, the tool.
    std::chrono::milliseconds duration{};
    bool operator==(const HookDecided &) const = default;
};

/// The model wrote its plan down, or changed it.
struct PlanChanged
{
    QString explanation;
    std::vector<PlanStep> steps;
    bool operator==(const PlanChanged &) const = default;
};

/// The turn is ending, and the plan stands as it is.
struct PlanClosed
{
    std::vector<PlanStep> steps;
    bool operator==(const PlanClosed &) const = default;
};

struct McpCall
{
    QString server;
    QString tool;      ///< By the server's own name for it.
    RawJson arguments; ///< As the model wrote them.
    bool operator==(const McpCall &) const = default;
};

struct McpCallStarted
{
    CallId call;
    McpCall invocation;
    bool operator==(const McpCallStarted &) const = default;
};

struct McpCallFinished
{
    CallId call;
    McpCall invocation;
    std::optional<RawJson> result; ///< The server's own result object; absent when the call itself failed.
    std::optional<QString> error;  ///< Why the call itself failed.
    bool failed = false;           ///< Also when the result says isError.
    std::chrono::milliseconds duration{};
    bool operator==(const McpCallFinished &) const = default;
};

/// A search that the provider ran.
struct SearchStarted
{
    CallId call;
    bool operator==(const SearchStarted &) const = default;
};

struct SearchFinished
{
    CallId call;
    QString query;
    RawJson action; ///< {type: search | open_page | find_in_page | other, …} as the provider wrote it.
    bool operator==(const SearchFinished &) const = default;
};

/// What the model is shown of the conversation was replaced by a summary.
struct ContextCompacted
{
    qint64 tokensBefore = 0;
    qint64 tokensAfter = 0; ///< An estimate, until the model answers again.
    bool operator==(const ContextCompacted &) const = default;
};

/// One answer of the model was paid for, or the conversation is shorter now.
struct UsageReported
{
    Usage last;  ///< Of that answer; of a shorter conversation what the next request is estimated to hold.
    Usage total; ///< Of the session, all turns and resumes.
    qint64 contextWindow = 0;
    bool operator==(const UsageReported &) const = default;
};

/// A request failed and will be repeated.
struct RetryScheduled
{
    QString message; ///< "Reconnecting... 1/5 (…)"
    bool operator==(const RetryScheduled &) const = default;
};

/// The failure that is about to end the turn.
struct ErrorReported
{
    QString message;
    bool operator==(const ErrorReported &) const = default;
};

/// How far a turn is with one of its limits.
struct LimitUse
{
    FailureCode limit = FailureCode::LimitTokens;
    double used = 0; ///< Requests, tokens, US dollars or seconds.
    double max = 0;
    bool operator==(const LimitUse &) const = default;
};

/// Four fifths of it are used: told once of each limit in a turn.
struct LimitWarning
{
    LimitUse use;
    bool operator==(const LimitWarning &) const = default;
};

/// No further request is made but the one for a last answer.
struct LimitReached
{
    LimitUse use;
    QString message;
    bool operator==(const LimitReached &) const = default;
};

/// The turn waits for what is not its own, and nobody need do anything. What people are waited for is an Approval.
struct WaitStarted
{
    QString reason;                ///< "rate_limit"
    QString message;               ///< What the server said.
    std::optional<qint64> until{}; ///< Milliseconds since 1970.
    bool operator==(const WaitStarted &) const = default;
};

/// Follows every WaitStarted before the turn's last event, unless its process was lost.
struct WaitEnded
{
    QString reason;
    std::chrono::milliseconds duration{};
    bool operator==(const WaitEnded &) const = default;
};

/// Exactly one of TurnCompleted and TurnFailed follows every TurnStarted.
struct TurnCompleted
{
    Usage usage; ///< Of the session, as the last UsageReported.
    std::optional<QString> lastMessage;
    bool refusal = false;
    std::chrono::milliseconds duration{};
    bool operator==(const TurnCompleted &) const = default;
};

struct TurnFailed
{
    TurnError error;
    std::chrono::milliseconds duration{};
    bool operator==(const TurnFailed &) const = default;
};

using Event = std::variant<SessionStarted, Notice, QuestionAnswered, TurnStarted, UserSaid, MessageDelta,
                           MessageCompleted, ReasoningDelta, RawReasoningDelta, ReasoningPartBegan, ReasoningCompleted,
                           CommandStarted, CommandOutput, CommandFinished, PatchStarted, PatchFinished, DiffChanged,
                           ReviewStarted, ReviewFinished, PlanChanged, PlanClosed, McpCallStarted, McpCallFinished,
                           SearchStarted, SearchFinished, ContextCompacted, ApprovalRequested, ApprovalResolved,
                           HookDecided, UsageReported, RetryScheduled, LimitWarning, LimitReached, WaitStarted,
                           WaitEnded, ErrorReported, TurnCompleted, TurnFailed>;

/// Fleeting, but printed by the older protocol: a run that prints it records them, too, to be shown again.
inline bool isFleetingUnlessPrinted(const Event &event)
{
    return std::holds_alternative<CommandOutput>(event) || std::holds_alternative<DiffChanged>(event) ||
           std::holds_alternative<RawReasoningDelta>(event) || std::holds_alternative<ReasoningPartBegan>(event);
}

inline bool isFleeting(const Event &event)
{
    return std::holds_alternative<MessageDelta>(event) || std::holds_alternative<ReasoningDelta>(event) ||
           isFleetingUnlessPrinted(event);
}

} // namespace nightshift
