#pragma once
#include "base/secret.h"
#include "domain/conversation.h"
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

QLatin1StringView sandboxModeName(SandboxPolicy::Mode mode);

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
    std::vector<std::pair<QString, QString>> headers; ///< http_headers, and env_http_headers that were set.
    std::vector<std::pair<QString, QString>> queryParams;
    int requestMaxRetries = 4; ///< Silent repeats of one request.
    int streamMaxRetries = 5;  ///< Announced repeats.
    std::chrono::milliseconds streamIdleTimeout{300'000};
    std::chrono::milliseconds retryDeadline{600'000}; ///< Over all repeats of one request.
    bool isDemo() const { return id == QLatin1StringView("demo"); }
};

/// What we know of a model. Source: resources/models.toml.
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
    qint64 outputTruncationTokens = 10'000; ///< What of a tool's output the model is shown.
};

/// Where settings and sessions live.
struct Home
{
    QString config;       ///< Folder of config.toml, auth.json, AGENTS.md.
    QString state;        ///< Folder of sessions/ and session_index.jsonl.
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
    EnvironmentPolicy environment;
    CommandLimits commandLimits;

    std::optional<QString> reasoningEffort;
    std::optional<QString> reasoningSummary; ///< auto | concise | detailed; absent asks for none.
    std::optional<QString> verbosity;
    std::optional<QString> serviceTier;

    QString baseInstructions; ///< From model_instructions_file or our own text.
    QString developerInstructions;
    qint64 projectDocMaxBytes = 32768;
    QStringList projectDocFallbackFilenames;
    QStringList projectRootMarkers{QStringLiteral(".git")};

    bool updatePlanTool = true;
    bool allowLoginShell = true;
    bool hideAgentReasoning = false;
    bool showRawAgentReasoning = false;
    std::optional<qint64> toolOutputTokenLimit;
    std::chrono::milliseconds backgroundTerminalMaxTimeout{300'000};
    Durability durability = Durability::Turn;

    QString originator = QStringLiteral("codex_exec");
    QString caFile; ///< PEM of certificate authorities to trust; empty means the system's.
    QString threadSource = QStringLiteral("user");
    QStringList notices; ///< What loading had to say: unknown keys, an unknown model.
};

} // namespace nightshift
