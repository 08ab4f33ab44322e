#pragma once
#include "base/rawjson.h"
#include "base/result.h"
#include <chrono>
#include <functional>
#include <memory>

namespace nightshift {

/// When somebody else's code is asked, or told.
enum class HookMoment {
    SessionStart,
    SessionEnd,
    Prompt,   ///< Before the model sees what the user said.
    Command,  ///< Before a command runs.
    Patch,    ///< Before files are changed.
    Tool,     ///< Before any other tool runs.
    ToolEnd,  ///< After any of the three, before the model sees the answer.
    Approval, ///< Somebody has to agree; the first hook that says allow, deny or rewrite has decided.
    TurnEnd,  ///< The model has given its last answer.
    Event,    ///< Told, not asked: every event as `--json` prints it. The reply counts for nothing.
    Result,   ///< A batch has a result.
};

/// "onCommand": the hook's name in scripts, and the member `hook` of what is asked.
QLatin1StringView hookName(HookMoment moment);
std::optional<HookMoment> hookFromName(QStringView name);

/// What becomes of a question to which no answer came: a crash, the deadline, nonsense.
enum class HookFailure {
    Deny,  ///< What was asked about does not happen, and the model is told.
    Abort, ///< That, and the turn fails.
    Allow, ///< As if the hook had no opinion.
};
QLatin1StringView hookFailureName(HookFailure failure);
std::optional<HookFailure> hookFailureFromName(QStringView name);

/// One question to one hook.
struct HookQuestion
{
    HookMoment moment = HookMoment::Command;
    RawJson event; ///< An object on one line; its first member is `hook`, the moment's name.
};

/// A decision as JSON text, or why there is none. Empty text, `null` and `{}` mean no opinion. Else an object:
///
///     {"decision": "allow"}
///     {"decision": "deny", "reason": "pushing is for CI"}                  "abort": true ends the turn, too
///     {"decision": "rewrite", "command": "…"}     or "argv": […], "patch": "…", "arguments": {…};
///                                                 of ToolEnd "output": "…", which the model is shown instead
///     {"decision": "ask", "wait_s": 600}          somebody has to agree; "default": "allow" once nobody did
///     {"decision": "again", "message": "…"}       of TurnEnd: the model goes on, with this message
///     {"context": "…"}                            beside any of them, or alone: what the model is told
using HookReply = Result<QByteArray>;

/// A question under way. Deleting it withdraws the question: nobody answers it any more, and whatever worked on it is
/// stopped.
class HookJob
{
public:
    virtual ~HookJob() = default;
};

/// Somebody who is asked before things happen: a program, a script, the settings' hooks. The engine keeps the
/// deadline: it deletes a job that takes too long. A source outlives its jobs.
class HookSource
{
public:
    virtual ~HookSource() = default;

    /// Who decided, for the log and for people: the file's path.
    virtual QString name() const = 0;
    /// Whether it has a hook for that moment; asked often, so it must be cheap.
    virtual bool wants(HookMoment moment) const = 0;
    /// `answered` is called once, on the asking thread and from its event loop, never from in here. The job belongs to
    /// the caller, who may delete it while it is called.
    virtual std::unique_ptr<HookJob> ask(const HookQuestion &question,
                                         std::function<void(const HookReply &)> answered) = 0;
    virtual std::chrono::milliseconds deadline(HookMoment moment) const = 0;
    virtual HookFailure onFailure() const { return HookFailure::Deny; }
};

/// Asked in this order.
using HookSources = std::vector<std::shared_ptr<HookSource>>;

constexpr std::chrono::milliseconds usualHookDeadline{5'000};

/// How a file of hooks is opened.
struct HookFileSettings
{
    QString path; ///< Absolute.
    std::chrono::milliseconds deadline = usualHookDeadline;
    HookFailure onFailure = HookFailure::Deny;    ///< Unless the file says otherwise itself.
    QString stateFolder;                          ///< Where compiled scripts may be kept.
    std::function<void(const QString &line)> say; ///< What the script prints; on the asking thread.
};

/// What the module `nightshift-script` exports: the hooks of a JavaScript or TypeScript file, loaded and run once.
/// Null when that fails; `error` says where.
using OpenHookScript = HookSource *(const HookFileSettings &settings, Error *error);
constexpr const char *openHookScriptSymbol = "nightshiftOpenHookScript";

} // namespace nightshift
