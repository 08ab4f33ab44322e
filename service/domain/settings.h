#pragma once
#include "base/secret.h"
#include "domain/conversation.h"
#include "domain/hooks.h"
#include <QStringList>
#include <chrono>
#include <optional>

namespace nightshift {

/// What the model's commands may touch.
struct SandboxPolicy
{
    enum class Mode { ReadOnly, WorkspaceWrite, DangerFullAccess };
    Mode mode = Mode::ReadOnly;
    QStringList writableRoots; ///< Absolute, beside the working directory; only WorkspaceWrite uses them.
    bool networkAccess = false;
    bool excludeSlashTmp = false;
    bool excludeTmpdirEnvVar = false;
    bool git = false; ///< Whether `.git` at the top of a root may be written.
    bool operator==(const SandboxPolicy &) const = default;
};

/// Which tree a run changes: the real one, or one that stands in for it (isolation/isolatedtree.h).
enum class Isolation { None, Worktree, Overlay, Copy };

QLatin1StringView isolationName(Isolation isolation);
std::optional<Isolation> isolationFromName(QStringView name);

QLatin1StringView sandboxModeName(SandboxPolicy::Mode mode);
/// "workspace-write [workdir, /tmp, $TMPDIR, /extra] (network access enabled)"
QString sandboxSummary(const SandboxPolicy &policy);

/// Which variables of ours the model's commands see.
struct EnvironmentPolicy
{
    enum class Inherit { All, Core, None };
    Inherit inherit = Inherit::All;
    bool ignoreDefaultExcludes = false; ///< False: *KEY*, *SECRET* and *TOKEN* never reach a command.
    QStringList exclude;                ///< Wildcards, any case.
    std::vector<std::pair<QString, QString>> set;
    QStringList includeOnly; ///< Wildcards; empty keeps all.
    bool operator==(const EnvironmentPolicy &) const = default;
};

enum class WireApi { Responses, Chat, Messages };

/// Whether the model may ask to leave the sandbox. Never: what the sandbox permits runs, the rest fails.
enum class ApprovalPolicy { Never, OnRequest };

/// How long somebody is waited for who could approve, and what becomes of it when nobody has.
struct ApprovalTerms
{
    std::chrono::milliseconds wait{0};
    bool allowUnanswered = false;
    bool operator==(const ApprovalTerms &) const = default;
};

QLatin1StringView approvalName(ApprovalPolicy policy);

/// A program whose output is a bearer token.
struct TokenCommand
{
    QStringList argv;
    QString cwd; ///< Absolute.
    std::chrono::milliseconds timeout{5'000};
    std::chrono::milliseconds refreshInterval{300'000}; ///< 0: only after a 401.
    bool operator==(const TokenCommand &) const = default;
};

/// One server that models live on. Keys are resolved here once and nowhere else.
struct ProviderSettings
{
    QString id;   ///< The table's name: `model_providers.ID`.
    QString name; ///< For people.
    QString baseUrl;
    WireApi wireApi = WireApi::Responses;
    QString envKey;             ///< The variable that must hold the key; empty when none is needed.
    QString envKeyInstructions; ///< Shown when it does not.
    Secret key;                 ///< Empty when there is none.
    QString keyProblem;         ///< The sentence that ends the run before any request; usually empty.
    QString missingKey;         ///< The sentence every turn fails with: envKey names a variable that is not set.
    std::optional<TokenCommand> tokenCommand;         ///< Where the key comes from instead.
    std::vector<std::pair<QString, QString>> headers; ///< http_headers, and env_http_headers that were set.
    std::vector<std::pair<QString, QString>> queryParams;
    int requestMaxRetries = 4;                 ///< Silent repeats of one request.
    int streamMaxRetries = 5;                  ///< Announced repeats.
    std::chrono::milliseconds retryDelay{200}; ///< Before the first repeat; doubled for each that follows.
    std::chrono::milliseconds streamIdleTimeout{300'000};
    std::optional<std::chrono::milliseconds> idleLimit; ///< In its place, and not repeated: it ends the turn.
    std::chrono::milliseconds retryDeadline{600'000};   ///< Over all repeats of one request.
    bool isDemo() const { return id == QLatin1StringView("demo"); }
};

/// What a model's tokens cost, in US dollars a million.
struct ModelPrices
{
    double input = 0;
    double cachedInput = 0;
    double cacheWrite = 0;
    double output = 0;
    qint64 longAboveTokens = 0; ///< A request with more input is charged as a whole by the factors; 0 for none.
    double longInputFactor = 1; ///< Of cached input and cache writes, too.
    double longOutputFactor = 1;
    bool operator==(const ModelPrices &) const = default;
};

/// What one request cost, in US dollars.
double costOf(const Usage &usage, const ModelPrices &prices);

/// What we know of a model. Source: config/modelcatalogue.h, over it what `models` says in the settings.
struct ModelInfo
{
    QString slug;
    bool known = false;             ///< False: the catalogue lacks it, and all else is a guess.
    qint64 contextWindow = 272'000; ///< Tokens.
    bool freeformPatch = false;     ///< Takes apply_patch as free text rather than as a function.
    bool images = true;
    bool originalImageDetail = false;
    bool verbosity = false; ///< Takes text.verbosity.
    std::optional<QString> defaultReasoningEffort;
    std::optional<QString> defaultVerbosity;
    std::optional<qint64> autoCompactTokenLimit;
    qint64 outputTruncationTokens = 10'000; ///< What of a tool's output the model is shown.
    std::optional<ModelPrices> prices;      ///< Absent where they are not known.
    bool operator==(const ModelInfo &) const = default;
};

/// The usage with its cost, where the model's prices are known.
Usage priced(Usage usage, const ModelInfo &model);

/// Where settings and sessions live.
struct Home
{
    QString config;       ///< Folder of config.toml, auth.json, AGENTS.md.
    QString state;        ///< Folder of sessions/ and session_index.jsonl.
    QString user;         ///< $HOME; may be empty.
    bool adopted = false; ///< It is the reference's ~/.codex, taken because we have none of our own.
};

/// Bounds of one command; absent means unbounded.
struct CommandLimits
{
    std::optional<std::chrono::seconds> wallTime;
    std::optional<std::chrono::seconds> cpuTime;
    std::optional<qint64> memoryBytes;
    std::optional<qint64> processes;
    std::optional<qint64> fileSizeBytes;
    bool operator==(const CommandLimits &) const = default;
};

/// Where requests leave this machine through; empty means directly.
struct ProxySettings
{
    QString https;
    QString http;
    QStringList noProxy; ///< Host names, `.suffix`, addresses, or `*`.
    bool operator==(const ProxySettings &) const = default;
};

/// One `mcp_servers.NAME`: a child process, or a URL.
struct McpServerSettings
{
    enum class Approval { Auto, Prompt, Approve };
    enum class Containment { Off, ReadOnly, WorkspaceWrite };

    QString name;
    bool enabled = true;
    bool required = false; ///< The run ends when it does not start.
    bool optional = false; ///< The first request waits for it only for the grace time.
    QString command;       ///< Empty for a server behind a URL.
    QStringList args;
    std::vector<std::pair<QString, QString>> environment; ///< `env`, and of `env_vars` those that are set.
    QString cwd;                                          ///< Absolute; empty means the session's.
    QString url;
    QString bearerTokenEnvVar;
    Secret bearerToken; ///< What that variable holds.
    std::vector<std::pair<QString, QString>> headers;
    std::chrono::milliseconds startupTimeout{30'000};
    std::chrono::milliseconds toolTimeout{300'000};
    std::optional<QStringList> enabledTools; ///< Absent allows all.
    QStringList disabledTools;
    Approval approval = Approval::Auto;
    std::vector<std::pair<QString, Approval>> toolApproval; ///< By the server's own name of the tool.
    bool parallelToolCalls = false;
    Containment sandbox = Containment::Off;
};

/// One command of `hooks.EVENT`.
struct HookSettings
{
    QString event;   ///< "PreToolUse"
    QString matcher; ///< A regular expression on the tool's name; empty matches all.
    QString command;
    std::chrono::milliseconds timeout{600'000};
    QString source; ///< The file that names it.
    HookFailure onFailure = HookFailure::Deny;
    bool operator==(const HookSettings &) const = default;
};

/// One rule about commands: how they begin, and what becomes of them.
struct CommandRule
{
    enum class Decision { Allow, Prompt, Forbidden }; ///< From loose to strict.
    std::vector<QStringList> pattern;                 ///< For each word what it may be; never empty.
    Decision decision = Decision::Allow;
    QString justification; ///< For the model; may be empty.
    QString file;
    int line = 0; ///< From 1.
    bool operator==(const CommandRule &) const = default;

    /// "default.rules:3", with the file's whole path.
    QString place() const { return file + u':' + QString::number(line); }
};

QLatin1StringView decisionName(CommandRule::Decision decision);

/// One rule of `skills.config`.
struct SkillRule
{
    QString name; ///< Or empty, then path counts.
    QString path;
    bool enabled = true;
    bool operator==(const SkillRule &) const = default;
};

enum class WebSearch { Disabled, Cached, Live };

struct WebSearchOptions
{
    QString contextSize; ///< low | medium | high; empty leaves it to the provider.
    QStringList allowedDomains;
    QString country, city, region, timezone;
    bool operator==(const WebSearchOptions &) const = default;
};

/// What earlier turns have used of a limit that stands for all of them.
struct SessionUse
{
    qint64 requests = 0;
    qint64 tokens = 0;
    double costUsd = 0;
    bool operator==(const SessionUse &) const = default;
};

/// Bounds of one turn; absent means unbounded.
struct TurnLimits
{
    std::optional<qint64> requests; ///< To the model.
    std::optional<qint64> tokens;   ///< In and out.
    std::optional<double> costUsd;  ///< Only for a model whose prices are known.
    std::optional<std::chrono::milliseconds> time;
    SessionUse before = {}; ///< Told together with this turn's own use.
    bool operator==(const TurnLimits &) const = default;
};

enum class Durability { Turn, Event, None };

/// Everything configurable, resolved once; immutable for a session. Nothing reads a file or the
/// environment later.
struct Settings
{
    Home home;
    QString cwd; ///< Absolute, canonical.
    QString model;
    ModelInfo modelInfo;
    ProviderSettings provider;
    SandboxPolicy sandbox;
    Isolation isolation = Isolation::None;
    EnvironmentPolicy environment;
    CommandLimits commandLimits;
    ApprovalPolicy approval = ApprovalPolicy::Never;
    ApprovalTerms approvalTerms;
    ProxySettings proxy;

    std::optional<QString> reasoningEffort;
    std::optional<QString> reasoningSummary; ///< auto | concise | detailed; absent asks for none.
    std::optional<QString> verbosity;
    std::optional<QString> serviceTier;
    std::optional<qint64> contextWindow;         ///< Tokens; beats the catalogue's.
    std::optional<qint64> autoCompactTokenLimit; ///< Tokens; capped at 90 % of the context window.
    bool compactBodyAfterPrefix = false;         ///< The limit counts what came after the request's first, stable part.
    std::optional<qint64> postTurnCompactPercent; ///< Of the context window, after a turn's last answer; absent: never.
    QString compactPrompt;                        ///< What asks the model for the summary.

    QString baseInstructions; ///< From model_instructions_file, instructions, or our own text.
    QString developerInstructions;
    bool includePermissionsInstructions = true;
    bool includeEnvironmentContext = true;
    qint64 projectDocMaxBytes = 32768;
    QStringList projectDocFallbackFilenames;
    QStringList projectRootMarkers{QStringLiteral(".git")};
    QString projectRoot;         ///< Absolute; the nearest folder upwards that holds a marker, else cwd.
    bool trustedProject = false; ///< Settings, hooks and rules of the project count.

    bool updatePlanTool = true;
    bool viewImageTool = true;
    WebSearch webSearch = WebSearch::Disabled;
    WebSearchOptions webSearchOptions;
    bool allowLoginShell = true;
    bool hideAgentReasoning = false;
    bool showRawAgentReasoning = false;
    std::optional<qint64> toolOutputTokenLimit;
    std::chrono::milliseconds backgroundTerminalMaxTimeout{300'000};
    Durability durability = Durability::Turn;

    std::vector<McpServerSettings> mcpServers; ///< By name.
    std::chrono::milliseconds mcpOptionalStartupGrace{1'000};
    std::vector<HookSettings> hooks;       ///< In written order, layer by layer.
    QStringList notify;                    ///< argv of the program run after each turn; empty for none.
    std::vector<CommandRule> commandRules; ///< Of the user's and a trusted project's rules files.
    std::vector<SkillRule> skillRules;
    bool includeSkillInstructions = true;
    std::vector<std::pair<QString, bool>> features; ///< Those that were set, by name.

    QString originator = QStringLiteral("codex_exec");
    QString caFile; ///< PEM of certificate authorities to trust; empty means the system's.
    QString threadSource = QStringLiteral("user");
    QStringList notices;      ///< Warnings for every face: unknown keys, an unknown model.
    QStringList startupLines; ///< For a person on stderr, once: the home adopted, a deprecated flag.

    bool feature(QStringView name, bool otherwise) const;
};

} // namespace nightshift
