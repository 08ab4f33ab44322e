#pragma once
#include <QString>
#include <optional>
#include <span>

namespace nightshift::app {

/// The commands, and with them the places where an option can stand: Outer is before the command's name.
enum class Command : quint8 {
    Outer,
    Exec,
    Resume,
    Fork,
    Review,
    Serve,
    Batch,
    BatchPlan,
    BatchTypes,
    BatchMerge,
    BatchSubmit,
    Drill,
    Hooks,
    Sessions,
    Sandbox,
    Mcp,
    Config,
    CheckCommand,
    Login,
    Logout,
    Doctor,
    Completion,
    Help,
};

/// One bit a command: the places where an option is accepted.
using Places = quint32;

struct CommandRow
{
    Command command = Command::Outer;
    const char *name = "";
    const char *alias = nullptr;
    Command parent = Command::Outer;
    int words = 0;          ///< How many positional words it takes; `anyWords` takes all that follow, as they are.
    const char *usage = ""; ///< What follows the command's name in the usage line; lines for alternatives.
    const char *help = "";
    static constexpr int anyWords = -1;
};

enum class Option : quint8 {
    AddDir,
    Apply,
    All,
    AllowHost,
    AllowOrigin,
    Approval,
    ApproveForMe,
    AtTurn,
    Base,
    Bypass,
    BypassHookTrust,
    Cd,
    Color,
    Commit,
    Config,
    CyberAccessProgram,
    Diff,
    Disable,
    Drain,
    Enable,
    Ephemeral,
    Fault,
    FullAuto,
    Help,
    HookFile,
    HookOnFailure,
    HookTimeout,
    IgnoreRules,
    IgnoreUserConfig,
    Image,
    Isolation,
    Json,
    JsonReport,
    Last,
    LastMessageFile,
    LegacyJson,
    Listen,
    LocalProvider,
    MaxCost,
    MaxRequests,
    MaxTokens,
    MetricsPublic,
    Audit,
    Model,
    Network,
    NoAuth,
    Open,
    Oss,
    OutputSchema,
    Profile,
    PromptFile,
    Provider,
    Query,
    Root,
    Sandbox,
    Search,
    SkipGitRepoCheck,
    SseHeartbeat,
    StrictConfig,
    ThreadSource,
    Timeout,
    Title,
    TlsCert,
    TlsKey,
    Trust,
    Uncommitted,
    Version,
    WebhookAllow,
    WithApiKey,
    Worktree,
    // Of models' answers that are kept
    Record,
    Replay,
    ReplayFault,
    ReplayMiss,
    ReplayTools,
    // Of batch alone
    BatchAnnotations,
    BatchArg,
    BatchArgs,
    BatchAllowRead,
    BatchAllowExec,
    BatchEnv,
    BatchAssume,
    BatchCheck,
    BatchClaim,
    BatchClaimTimeout,
    BatchScriptMemory,
    BatchDelimiter,
    BatchFresh,
    BatchInput,
    BatchInputFile,
    BatchInstructions,
    BatchItemLimit,
    BatchJobs,
    BatchKey,
    BatchMaxFailures,
    BatchName,
    BatchOut,
    BatchPromptText,
    BatchRateLimitWait,
    BatchRebase,
    BatchRecheck,
    BatchRetries,
    BatchRetry,
    BatchRetryOn,
    BatchSarif,
    BatchShard,
    BatchStale,
    BatchSubmitRun,
    BatchThreshold,
    BatchTwice,
};

struct OptionRow
{
    enum class Value {
        None,
        Text,
        File,
        Directory,
        Choice,         ///< One of `choices`.
        OptionalChoice, ///< The same, only after '='; the option alone has an empty value.
        Profile,        ///< A plain name.
        Count,          ///< A whole number above 0.
        Amount,         ///< A number above 0.
        Duration,       ///< 90, 30s, 5m, 1h30m.
    };
    enum class Repeat { No, Yes };
    enum class Group { Hidden, Prompt, Output, Model, Access, Session, Limits, Settings, Target, Other };

    Option option = Option::Help;
    char letter = 0;               ///< 0 when it has none.
    const char *name = "";         ///< Without the dashes.
    const char *aliases = nullptr; ///< Accepted, never shown; separated by commas.
    Value value = Value::None;
    const char *placeholder = nullptr; ///< The value's name in help and messages.
    const char *choices = nullptr;     ///< "always, never, auto"
    Repeat repeat = Repeat::No;        ///< Whether it may stand twice in one place.
    Places places = 0;
    Group group = Group::Other;
    const char *help = "";
};

/// The only tables of commands and options: parsing, help and completion are made from them.
std::span<const CommandRow> commandTable();
std::span<const OptionRow> optionTable();

const CommandRow &commandRow(Command command);
const OptionRow &optionRow(Option option);

/// The command called `name` (or its alias) beneath `parent`.
const CommandRow *findCommand(Command parent, QStringView name);
/// The option called `name`, without dashes: the one that `place` accepts, else one of any place.
const OptionRow *findOption(QStringView name, Command place);
const OptionRow *findOption(QChar letter);

bool isAccepted(const OptionRow &option, Command place);

/// As messages and help show it: `--color <COLOR>`.
QString shown(const OptionRow &option);
/// "exec resume"; empty for Outer.
QString commandPath(Command command);

} // namespace nightshift::app
