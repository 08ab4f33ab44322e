#include "options.h"
#include "app/batchoptions.h"
#include <array>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using enum Command;
using State = CommandRow::State;
using Value = OptionRow::Value;
using Repeat = OptionRow::Repeat;
using Group = OptionRow::Group;

constexpr Places subs = in(Resume, Fork, Review);
constexpr Places runs = in(Exec) | subs;
constexpr Places runsAndOuter = runs | in(Outer);
constexpr Places loaders = batches | in(BatchMerge, Serve, Sandbox, Mcp, Config, CheckCommand, Sessions, Login, Logout,
                                        Doctor); // what reads settings, beside runs
constexpr Places everywhere = ~Places(0);

constexpr CommandRow commands[] = {
    {.command = Outer, .name = "nightshift", .usage = "[OPTIONS] <COMMAND> [ARGS]"},
    {.command = Exec,
     .name = "exec",
     .alias = "e",
     .words = 1,
     .usage = "[OPTIONS] [PROMPT]\n[OPTIONS] <COMMAND> [ARGS]",
     .help = "Run an agent on a prompt until it is done"},
    {.command = Resume,
     .name = "resume",
     .parent = Exec,
     .words = 2,
     .usage = "[OPTIONS] [SESSION_ID] [PROMPT]",
     .help = "Go on with an earlier session"},
    {.command = Fork,
     .name = "fork",
     .parent = Exec,
     .words = 2,
     .usage = "[OPTIONS] <SESSION_ID> [PROMPT]",
     .help = "Start a new session from an earlier one's history"},
    {.command = Review,
     .name = "review",
     .parent = Exec,
     .words = 1,
     .usage = "[OPTIONS] [PROMPT]",
     .help = "Review changes of the current repository"},
    {.command = Help,
     .name = "help",
     .parent = Exec,
     .words = CommandRow::anyWords,
     .usage = "[COMMAND]",
     .help = "Explain a command"},
    {.command = Serve,
     .name = "serve",
     .words = CommandRow::anyWords,
     .usage = "[OPTIONS]\ntoken add <LABEL> <SCOPE>... [LIMITS]\ntoken list\ntoken revoke <ID>",
     .help = "Offer sessions over HTTP on this machine"},
    {.command = Batch,
     .name = "batch",
     .words = 1,
     .usage = "[OPTIONS] --input <FILE> --prompt-file <FILE>\n[OPTIONS] <SCRIPT>\n<COMMAND> [ARGS]",
     .help = "Run many items: the rows of a table, or what a script makes of it"},
    {.command = BatchPlan,
     .name = "plan",
     .parent = Batch,
     .words = 1,
     .usage = "[OPTIONS] [SCRIPT]",
     .help = "Say what would run, and what it may cost"},
    {.command = BatchMerge,
     .name = "merge",
     .parent = Batch,
     .words = 1,
     .usage = "[OPTIONS] <DIR>",
     .help = "Make one result of what several processes did"},
    {.command = BatchSubmit,
     .name = "submit",
     .parent = Batch,
     .words = 1,
     .usage = "[OPTIONS] <slurm|k8s|parallel>",
     .help = "Print the job file that spreads a batch over a cluster"},
    {.command = Drill,
     .name = "drill",
     .state = State::Planned,
     .words = CommandRow::anyWords,
     .usage = "[OPTIONS]",
     .help = "Rehearse failures"},
    {.command = Hooks,
     .name = "hooks",
     .state = State::Planned,
     .words = CommandRow::anyWords,
     .usage = "[COMMAND]",
     .help = "List and trust hooks"},
    {.command = Sessions,
     .name = "sessions",
     .words = CommandRow::anyWords,
     .usage = "[OPTIONS] <COMMAND> [ARGS]",
     .help = "Find, show and tidy recorded sessions"},
    {.command = Sandbox,
     .name = "sandbox",
     .words = CommandRow::anyWords,
     .usage = "[OPTIONS] [--] <COMMAND> [ARGS]",
     .help = "Run a command as the model's commands are run"},
    {.command = Mcp,
     .name = "mcp",
     .words = CommandRow::anyWords,
     .usage = "[OPTIONS] list [--json]\n[OPTIONS] test <NAME> [--json]",
     .help = "Look at the MCP servers of the settings"},
    {.command = Config,
     .name = "config",
     .words = 1,
     .usage = "[OPTIONS] show\n[OPTIONS] <COMMAND> [ARGS]",
     .help = "Show every setting and where it comes from"},
    {.command = CheckCommand,
     .name = "check-command",
     .parent = Config,
     .words = CommandRow::anyWords,
     .usage = "[OPTIONS] [--] <COMMAND> [ARGS]",
     .help = "Say which rule decides about a command; exit 11 if it would be refused"},
    {.command = Login, .name = "login", .words = 1, .usage = "[--with-api-key | status]", .help = "Store an API key"},
    {.command = Logout, .name = "logout", .usage = "", .help = "Forget the stored API key"},
    {.command = Doctor,
     .name = "doctor",
     .usage = "[OPTIONS]",
     .help = "Check settings, keys and the sandbox of this machine"},
    {.command = Completion,
     .name = "completion",
     .words = 1,
     .usage = "<bash|zsh|fish>",
     .help = "Print a completion script for a shell"},
    {.command = Help, .name = "help", .words = CommandRow::anyWords, .usage = "[COMMAND]", .help = "Explain a command"},
};

constexpr OptionRow ownOptions[] = {
    {.option = Option::PromptFile,
     .name = "prompt-file",
     .value = Value::File,
     .placeholder = "FILE",
     .places = runs | batches,
     .group = Group::Prompt,
     .help = "Read the prompt from FILE"},
    {.option = Option::Image,
     .letter = 'i',
     .name = "image",
     .value = Value::File,
     .placeholder = "FILE",
     .repeat = Repeat::Yes,
     .places = in(Outer, Exec, Resume, Fork),
     .group = Group::Prompt,
     .help = "Show an image to the model; repeat, or separate files by commas"},

    {.option = Option::Last,
     .name = "last",
     .places = in(Resume),
     .group = Group::Target,
     .help = "Take the newest session of this folder"},
    {.option = Option::All,
     .name = "all",
     .places = in(Resume),
     .group = Group::Target,
     .help = "Look at sessions of all folders"},
    {.option = Option::AtTurn,
     .name = "at-turn",
     .value = Value::Count,
     .placeholder = "N",
     .places = in(Fork),
     .group = Group::Target,
     .help = "Go on from the end of the N-th turn, not of the last"},
    {.option = Option::Uncommitted,
     .name = "uncommitted",
     .places = in(Review),
     .group = Group::Target,
     .help = "Review what is staged, changed or untracked"},
    {.option = Option::Base,
     .name = "base",
     .value = Value::Text,
     .placeholder = "BRANCH",
     .places = in(Review),
     .group = Group::Target,
     .help = "Review what came since BRANCH"},
    {.option = Option::Commit,
     .name = "commit",
     .value = Value::Text,
     .placeholder = "SHA",
     .places = in(Review),
     .group = Group::Target,
     .help = "Review one commit"},
    {.option = Option::Title,
     .name = "title",
     .value = Value::Text,
     .placeholder = "TITLE",
     .places = in(Review),
     .group = Group::Target,
     .help = "The commit's title, for the model to read"},

    {.option = Option::Json,
     .name = "json",
     .aliases = "experimental-json",
     .value = Value::OptionalChoice,
     .placeholder = "FORM",
     .choices = "protocol, deltas",
     .places = runs,
     .group = Group::Output,
     .help = "Print events to stdout, a JSON object a line"},
    {.option = Option::JsonReport,
     .name = "json",
     .places = in(Doctor) | in(BatchPlan),
     .group = Group::Output,
     .help = "Print the result as one JSON object"},
    {.option = Option::LegacyJson,
     .name = "legacy-json",
     .places = runs,
     .group = Group::Hidden,
     .help = "As --json=protocol"},
    {.option = Option::LastMessageFile,
     .letter = 'o',
     .name = "output-last-message",
     .value = Value::File,
     .placeholder = "FILE",
     .places = runs,
     .group = Group::Output,
     .help = "Write the final answer to FILE"},
    {.option = Option::OutputSchema,
     .name = "output-schema",
     .value = Value::File,
     .placeholder = "FILE",
     .places = runs | batches,
     .group = Group::Output,
     .help = "Demand an answer that fits the JSON Schema in FILE"},
    {.option = Option::Color,
     .name = "color",
     .value = Value::Choice,
     .placeholder = "COLOR",
     .choices = "always, never, auto",
     .places = runs,
     .group = Group::Output,
     .help = "Colour the progress on stderr"},
    {.option = Option::Query,
     .name = "query",
     .value = Value::Text,
     .placeholder = "WHAT",
     .repeat = Repeat::Yes,
     .places = runs,
     .group = Group::Hidden,
     .help = "With --json=protocol: history:N, tools, prompts or path, before the run starts"},

    {.option = Option::Model,
     .letter = 'm',
     .name = "model",
     .value = Value::Text,
     .placeholder = "MODEL",
     .places = runsAndOuter | in(Doctor) | batches,
     .group = Group::Model,
     .help = "The model to ask"},
    {.option = Option::Provider,
     .name = "provider",
     .value = Value::Text,
     .placeholder = "NAME",
     .places = runsAndOuter | in(Doctor) | batches,
     .group = Group::Model,
     .help = "The provider to ask; `demo` needs neither key nor network"},
    {.option = Option::Oss,
     .name = "oss",
     .places = runsAndOuter | in(Doctor) | batches,
     .group = Group::Model,
     .help = "Ask a server on this machine, see --local-provider"},
    {.option = Option::LocalProvider,
     .name = "local-provider",
     .value = Value::Text,
     .placeholder = "NAME",
     .places = runsAndOuter | in(Doctor) | batches,
     .group = Group::Model,
     .help = "Which one: lmstudio or ollama"},
    {.option = Option::Search,
     .name = "search",
     .places = runsAndOuter,
     .group = Group::Hidden,
     .help = "Let the provider search the web"},

    {.option = Option::Sandbox,
     .letter = 's',
     .name = "sandbox",
     .aliases = "mode",
     .value = Value::Choice,
     .placeholder = "MODE",
     .choices = "read-only, workspace-write, danger-full-access",
     .places = runsAndOuter | in(Sandbox) | in(Doctor) | batches,
     .group = Group::Access,
     .help = "What commands may touch"},
    {.option = Option::Cd,
     .letter = 'C',
     .name = "cd",
     .value = Value::Directory,
     .placeholder = "DIR",
     .places = runsAndOuter | loaders,
     .group = Group::Access,
     .help = "The folder to work in"},
    {.option = Option::AddDir,
     .name = "add-dir",
     .value = Value::Directory,
     .placeholder = "DIR",
     .repeat = Repeat::Yes,
     .places = runsAndOuter | in(Sandbox) | batches,
     .group = Group::Access,
     .help = "One more folder that may be written"},
    {.option = Option::Network,
     .name = "network",
     .places = in(Sandbox),
     .group = Group::Access,
     .help = "Let the command use the network"},
    {.option = Option::Approval,
     .letter = 'a',
     .name = "ask-for-approval",
     .value = Value::Choice,
     .placeholder = "POLICY",
     .choices = "never, on-request, on-failure, untrusted",
     .places = runsAndOuter,
     .group = Group::Access,
     .help = "When to ask before leaving the sandbox; nobody is asked in an unattended run"},
    {.option = Option::ApproveForMe,
     .name = "approve-for-me",
     .places = runsAndOuter,
     .group = Group::Access,
     .help = "Write in the workspace; requests to leave it are refused: nobody reviews them"},
    {.option = Option::Bypass,
     .name = "dangerously-bypass-approvals-and-sandbox",
     .aliases = "yolo",
     .places = runsAndOuter | batches,
     .group = Group::Access,
     .help = "Run commands without a sandbox and without asking; only for machines that are one"},
    {.option = Option::BypassHookTrust,
     .name = "dangerously-bypass-hook-trust",
     .places = runsAndOuter,
     .group = Group::Access,
     .help = "Run hooks that nobody marked as trusted"},
    {.option = Option::Listen,
     .name = "listen",
     .value = Value::Text,
     .placeholder = "HOST:PORT",
     .repeat = Repeat::Yes,
     .places = in(Serve),
     .group = Group::Access,
     .help = "Listen there instead of on the Unix socket; clients need a token"},
    {.option = Option::AllowHost,
     .name = "allow-host",
     .value = Value::Text,
     .placeholder = "HOST",
     .repeat = Repeat::Yes,
     .places = in(Serve),
     .group = Group::Access,
     .help = "Answer to this name, too, as behind a proxy"},
    {.option = Option::AllowOrigin,
     .name = "allow-origin",
     .value = Value::Text,
     .placeholder = "ORIGIN",
     .repeat = Repeat::Yes,
     .places = in(Serve),
     .group = Group::Access,
     .help = "Let pages of this origin ask: https://board.example"},
    {.option = Option::Root,
     .name = "root",
     .value = Value::Directory,
     .placeholder = "DIR",
     .repeat = Repeat::Yes,
     .places = in(Serve),
     .group = Group::Access,
     .help = "Let sessions work in this folder and those in it; default: where the service starts"},
    {.option = Option::TlsCert,
     .name = "tls-cert",
     .value = Value::File,
     .placeholder = "FILE",
     .places = in(Serve),
     .group = Group::Access,
     .help = "Speak TLS over TCP with this certificate, PEM; read again when it changes"},
    {.option = Option::TlsKey,
     .name = "tls-key",
     .value = Value::File,
     .placeholder = "FILE",
     .places = in(Serve),
     .group = Group::Access,
     .help = "The certificate's private key, PEM"},
    {.option = Option::NoAuth,
     .name = "no-auth",
     .places = in(Serve),
     .group = Group::Access,
     .help = "Ask for no token; only on the Unix socket, where none is asked anyway"},
    {.option = Option::SseHeartbeat,
     .name = "sse-heartbeat",
     .value = Value::Duration,
     .placeholder = "TIME",
     .places = in(Serve),
     .group = Group::Access,
     .help = "How long event streams stay silent before they show that they live (15s)"},
    {.option = Option::MetricsPublic,
     .name = "metrics-public",
     .places = in(Serve),
     .group = Group::Access,
     .help = "Show /metrics without a token"},
    {.option = Option::WebhookAllow,
     .name = "webhook-allow",
     .value = Value::Text,
     .placeholder = "NETWORK",
     .repeat = Repeat::Yes,
     .places = in(Serve),
     .group = Group::Access,
     .help = "Let webhooks reach this private network, too: 10.1.0.0/16"},
    {.option = Option::SkipGitRepoCheck,
     .name = "skip-git-repo-check",
     .places = runs,
     .group = Group::Access,
     .help = "Run outside a Git repository, too"},
    {.option = Option::Trust,
     .name = "trust",
     .places = runs,
     .group = Group::Access,
     .help = "Trust this project's own settings, now and later"},
    {.option = Option::FullAuto,
     .name = "full-auto",
     .places = runsAndOuter,
     .group = Group::Hidden,
     .help = "Old name of --sandbox workspace-write"},

    {.option = Option::Ephemeral,
     .name = "ephemeral",
     .places = runs,
     .group = Group::Session,
     .help = "Record nothing"},
    {.option = Option::Isolation,
     .name = "isolation",
     .value = Value::Choice,
     .placeholder = "KIND",
     .choices = "none, worktree, overlay, copy",
     .places = runsAndOuter | batches,
     .group = Group::Access,
     .help = "Work in a tree that stands in for the real one, and print what changed as a patch"},
    {.option = Option::Worktree,
     .name = "worktree",
     .places = runsAndOuter | batches,
     .group = Group::Access,
     .help = "As --isolation worktree: a new Git worktree, which stays"},
    {.option = Option::Apply,
     .name = "apply",
     .places = runs,
     .group = Group::Access,
     .help = "With --isolation: put the result of a turn that ended well into the real tree"},
    {.option = Option::Diff,
     .name = "diff",
     .value = Value::File,
     .placeholder = "FILE",
     .places = runs,
     .group = Group::Output,
     .help = "With --isolation: write the patch to FILE, - for stdout"},
    {.option = Option::ThreadSource,
     .name = "thread-source",
     .value = Value::Text,
     .placeholder = "SOURCE",
     .places = runs,
     .group = Group::Session,
     .help = "A label for a new session"},
    {.option = Option::CyberAccessProgram,
     .name = "cyber-access-program",
     .value = Value::Text,
     .placeholder = "PROGRAM",
     .places = runs,
     .group = Group::Hidden,
     .help = "Passed on to the openai provider"},

    {.option = Option::MaxRequests,
     .name = "max-requests",
     .value = Value::Count,
     .placeholder = "N",
     .places = runs | batches,
     .group = Group::Limits,
     .help = "End after N requests to the model"},
    {.option = Option::MaxTokens,
     .name = "max-tokens",
     .value = Value::Count,
     .placeholder = "N",
     .places = runs | batches,
     .group = Group::Limits,
     .help = "End after N tokens"},
    {.option = Option::MaxCost,
     .name = "max-cost",
     .value = Value::Amount,
     .placeholder = "USD",
     .places = runs | batches,
     .group = Group::Limits,
     .help = "End when the model's work has cost this much"},
    {.option = Option::Timeout,
     .name = "timeout",
     .value = Value::Duration,
     .placeholder = "DURATION",
     .places = runs | batches,
     .group = Group::Limits,
     .help = "End after this time: 90s, 10m, 1h30m"},

    {.option = Option::Config,
     .letter = 'c',
     .name = "config",
     .value = Value::Text,
     .placeholder = "key=value",
     .repeat = Repeat::Yes,
     .places = runsAndOuter | loaders,
     .group = Group::Settings,
     .help = "Set one key of config.toml for this run; the value is TOML, or else plain text"},
    {.option = Option::Profile,
     .letter = 'p',
     .name = "profile",
     .value = Value::Profile,
     .placeholder = "NAME",
     .places = runsAndOuter | loaders,
     .group = Group::Settings,
     .help = "Lay NAME.config.toml over config.toml"},
    {.option = Option::Enable,
     .name = "enable",
     .value = Value::Text,
     .placeholder = "FEATURE",
     .repeat = Repeat::Yes,
     .places = runsAndOuter | loaders,
     .group = Group::Settings,
     .help = "As -c features.FEATURE=true"},
    {.option = Option::Disable,
     .name = "disable",
     .value = Value::Text,
     .placeholder = "FEATURE",
     .repeat = Repeat::Yes,
     .places = runsAndOuter | loaders,
     .group = Group::Settings,
     .help = "As -c features.FEATURE=false"},
    {.option = Option::StrictConfig,
     .name = "strict-config",
     .places = runsAndOuter | loaders,
     .group = Group::Settings,
     .help = "Refuse settings with keys that are not known"},
    {.option = Option::IgnoreUserConfig,
     .name = "ignore-user-config",
     .places = runs | loaders,
     .group = Group::Settings,
     .help = "Leave config.toml unread"},
    {.option = Option::IgnoreRules,
     .name = "ignore-rules",
     .places = runs,
     .group = Group::Settings,
     .help = "Leave command rules unread"},

    {.option = Option::WithApiKey,
     .name = "with-api-key",
     .places = in(Login),
     .group = Group::Other,
     .help = "Read the key from stdin"},
    {.option = Option::Help,
     .letter = 'h',
     .name = "help",
     .places = everywhere,
     .group = Group::Other,
     .help = "Print this help"},
    {.option = Option::Version,
     .letter = 'V',
     .name = "version",
     .places = everywhere,
     .group = Group::Other,
     .help = "Print the version"},
};

constexpr auto options = [] {
    std::array<OptionRow, std::size(ownOptions) + std::size(batchOptions)> all{};
    std::ranges::copy(ownOptions, all.begin());
    std::ranges::copy(batchOptions, all.begin() + std::size(ownOptions));
    return all;
}();

bool isNamed(const OptionRow &option, QStringView name)
{
    if (name == QLatin1StringView(option.name))
        return true;
    for (QLatin1StringView alias : QLatin1StringView(option.aliases).tokenize(','_L1)) {
        if (name == alias)
            return true;
    }
    return false;
}

} // namespace

std::span<const CommandRow> commandTable()
{
    return commands;
}

std::span<const OptionRow> optionTable()
{
    return options;
}

const CommandRow &commandRow(Command command)
{
    for (const CommandRow &row : commands) {
        if (row.command == command)
            return row;
    }
    Q_UNREACHABLE();
}

const OptionRow &optionRow(Option option)
{
    for (const OptionRow &row : options) {
        if (row.option == option)
            return row;
    }
    Q_UNREACHABLE();
}

const CommandRow *findCommand(Command parent, QStringView name)
{
    for (const CommandRow &row : commands) {
        if (row.command != Outer && row.parent == parent &&
            (name == QLatin1StringView(row.name) || (row.alias && name == QLatin1StringView(row.alias))))
            return &row;
    }
    return nullptr;
}

const OptionRow *findOption(QStringView name, Command place)
{
    const OptionRow *elsewhere = nullptr;
    for (const OptionRow &row : options) {
        if (!isNamed(row, name))
            continue;
        if (isAccepted(row, place))
            return &row;
        elsewhere = elsewhere ? elsewhere : &row;
    }
    return elsewhere;
}

const OptionRow *findOption(QChar letter)
{
    for (const OptionRow &row : options) {
        if (row.letter && letter == QLatin1Char(row.letter))
            return &row;
    }
    return nullptr;
}

bool isAccepted(const OptionRow &option, Command place)
{
    return option.places & in(place);
}

QString shown(const OptionRow &option)
{
    QString text = "--"_L1 + QLatin1StringView(option.name);
    if (option.value == Value::OptionalChoice)
        text += "[=<"_L1 + QLatin1StringView(option.placeholder) + ">]"_L1;
    else if (option.placeholder)
        text += " <"_L1 + QLatin1StringView(option.placeholder) + '>'_L1;
    return text;
}

QString commandPath(Command command)
{
    if (command == Outer)
        return {};
    const CommandRow &row = commandRow(command);
    const QString above = command == Help ? QString() : commandPath(row.parent);
    return above.isEmpty() ? QString(QLatin1StringView(row.name)) : above + ' '_L1 + QLatin1StringView(row.name);
}

} // namespace nightshift::app
