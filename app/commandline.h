#pragma once
#include "app/arguments.h"
#include "batch/batchorder.h"
#include <chrono>
#include <optional>
#include <variant>

namespace nightshift::app {

struct FeatureToggle
{
    QString name;
    bool on = true;
    bool operator==(const FeatureToggle &) const = default;
};

/// What the flags say about settings, as it was given; loading the settings decides what it means.
/// Of an option given in several places the innermost counts; lists are joined, outer places first.
struct SettingFlags
{
    QStringList overrides; ///< -c, each `key=value` unchecked.
    std::vector<FeatureToggle> features;
    std::optional<QString> profile;
    std::optional<QString> model;
    std::optional<QString> provider;
    std::optional<QString> localProvider;
    std::optional<QString> sandbox; ///< A mode's name; also from --full-auto and --approve-for-me.
    std::optional<QString> approval;
    std::optional<QString> isolation; ///< A kind's name; also from --worktree.
    std::optional<QString> cd;
    QStringList addDirs;
    bool oss = false;
    bool webSearch = false;
    bool bypassSandbox = false; ///< Beats `sandbox`.
    bool approveForMe = false;
    bool bypassHookTrust = false;
    QStringList hookFiles;
    std::optional<std::chrono::milliseconds> hookTimeout;
    std::optional<QString> hookFailure; ///< deny | abort | allow
    bool trust = false;
    bool strictConfig = false;
    bool ignoreUserConfig = false;
    bool ignoreRules = false;
    bool operator==(const SettingFlags &) const = default;
};

struct ResumeTarget
{
    std::optional<QString> session; ///< Id, prefix or name; absent with `last`, or when the user gave none.
    bool last = false;
    bool all = false;
    bool operator==(const ResumeTarget &) const = default;
};

struct ForkTarget
{
    QString session;
    std::optional<qint64> atTurn = {}; ///< Counted from 1; absent means the end.
    bool operator==(const ForkTarget &) const = default;
};

/// At most one of the first three; none of them means the prompt says what to review.
struct ReviewTarget
{
    bool uncommitted = false;
    std::optional<QString> base;
    std::optional<QString> commit;
    std::optional<QString> title;
    bool operator==(const ReviewTarget &) const = default;
};

struct RunLimits
{
    std::optional<qint64> requests;
    std::optional<qint64> tokens;
    std::optional<double> costUsd;
    std::optional<std::chrono::milliseconds> time;
    bool operator==(const RunLimits &) const = default;
};

/// What stands between a run and its model.
struct Tape
{
    QString record; ///< A folder; empty for none.
    QString replay;
    QString faults;
    enum class Miss { Error, Live, Append };
    Miss miss = Miss::Error; ///< What becomes of a request that was not recorded.
    bool tools = false;      ///< Commands are answered from it, too.
    bool operator==(const Tape &) const = default;
};

enum class OutputForm { Human, Json, Protocol, Deltas };
enum class ColorMode { Auto, Always, Never };

struct ExecOptions
{
    SettingFlags settings;
    std::variant<std::monostate, ResumeTarget, ForkTarget, ReviewTarget> target; ///< monostate: a new session.
    std::optional<QString> prompt;                                               ///< "-" means stdin.
    std::optional<QString> promptFile;
    QStringList images; ///< As written, in order.
    OutputForm form = OutputForm::Human;
    QStringList queries;
    ColorMode color = ColorMode::Auto;
    std::optional<QString> lastMessageFile;
    std::optional<QString> outputSchema;
    bool skipGitRepoCheck = false;
    bool ephemeral = false;
    std::optional<QString> diffFile; ///< Where the patch of an isolated run goes; "-" is stdout.
    bool apply = false;
    std::optional<QString> threadSource;
    std::optional<QString> cyberAccessProgram;
    RunLimits limits;
    Tape tape = {};
    QStringList notices; ///< Lines for stderr, such as the new name of an old option.
    bool operator==(const ExecOptions &) const = default;
};

struct SandboxOptions
{
    SettingFlags settings;
    bool network = false;
    QStringList argv; ///< Never empty.
    bool operator==(const SandboxOptions &) const = default;
};

/// `config show`
struct ConfigOptions
{
    SettingFlags settings;
    bool operator==(const ConfigOptions &) const = default;
};

/// `config check-command`
struct CheckCommandOptions
{
    SettingFlags settings;
    QStringList command; ///< Never empty; one word is a script.
    bool operator==(const CheckCommandOptions &) const = default;
};

struct SessionsOptions
{
    SettingFlags settings;
    QString command;       ///< "list" …; empty when none was named.
    QStringList arguments; ///< What follows, options included, unread.
    bool operator==(const SessionsOptions &) const = default;
};

struct McpOptions
{
    SettingFlags settings;
    QString command;       ///< "list" or "test"; empty when none was named.
    QStringList arguments; ///< What follows, unread.
    bool operator==(const McpOptions &) const = default;
};

struct HooksOptions
{
    SettingFlags settings;
    QStringList words; ///< "test" and what follows it, options included, unread.
    bool operator==(const HooksOptions &) const = default;
};

struct LoginOptions
{
    enum class Action { WithApiKey, Status, Logout };
    SettingFlags settings;
    Action action = Action::WithApiKey;
    bool operator==(const LoginOptions &) const = default;
};

struct DoctorOptions
{
    SettingFlags settings;
    bool json = false;
    bool operator==(const DoctorOptions &) const = default;
};

struct ServeOptions
{
    SettingFlags settings;
    QStringList listen;
    QStringList allowedHosts;
    QStringList allowedOrigins;
    QStringList roots;
    std::optional<QString> tlsCert;
    std::optional<QString> tlsKey;
    bool noAuth = false;
    std::optional<std::chrono::milliseconds> sseHeartbeat;
    std::optional<std::chrono::milliseconds> drain;
    bool metricsPublic = false;
    bool audit = false;
    bool open = false;
    QStringList webhookTargets;
    QStringList words; ///< "token" and what follows it; empty to serve.
    bool operator==(const ServeOptions &) const = default;
};

struct BatchOptions
{
    SettingFlags settings;
    batch::BatchOrder order;
    Tape tape = {};
    bool operator==(const BatchOptions &) const = default;
};

/// `drill`: a batch that is only rehearsed.
struct DrillOptions
{
    SettingFlags settings;
    batch::BatchOrder order;
    QString faults;
    bool operator==(const DrillOptions &) const = default;
};

struct CompletionOptions
{
    QString shell; ///< bash, zsh or fish.
    bool operator==(const CompletionOptions &) const = default;
};

struct Help
{
    Command command = Command::Outer;
    bool operator==(const Help &) const = default;
};

struct Version
{
    bool operator==(const Version &) const = default;
};

using CommandLine = std::variant<ExecOptions, SandboxOptions, ConfigOptions, CheckCommandOptions, SessionsOptions,
                                 McpOptions, LoginOptions, DoctorOptions, CompletionOptions, ServeOptions, BatchOptions,
                                 HooksOptions, DrillOptions, Help, Version>;

/// What the words ask for.
std::expected<CommandLine, UsageError> parseCommandLine(const QStringList &words);

} // namespace nightshift::app
