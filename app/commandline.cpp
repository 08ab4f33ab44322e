#include "commandline.h"
#include "app/values.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

template <typename T>
using Parsed = std::expected<T, UsageError>;

/// Pairs of which only one may be given, wherever they stand.
constexpr std::pair<Option, Option> conflicts[] = {
    {Option::Bypass, Option::ApproveForMe}, {Option::Sandbox, Option::ApproveForMe},
    {Option::Bypass, Option::FullAuto},     {Option::FullAuto, Option::ApproveForMe},
    {Option::Isolation, Option::Worktree},  {Option::Json, Option::LegacyJson},
    {Option::Uncommitted, Option::Base},    {Option::Uncommitted, Option::Commit},
    {Option::Base, Option::Commit},
};

/// Questions to the sorted arguments.
class Answers
{
public:
    explicit Answers(const Arguments &arguments)
        : m_arguments(arguments)
    {}

    Command command() const { return m_arguments.command; }
    bool has(Option option) const { return value(option).has_value(); }

    /// The innermost value: places are left to right, so it is the last.
    std::optional<QString> value(Option option) const
    {
        for (auto given = m_arguments.given.rbegin(); given != m_arguments.given.rend(); ++given) {
            if (given->option == option)
                return given->value;
        }
        return {};
    }

    QStringList values(Option option) const
    {
        QStringList all;
        for (const Arguments::Given &given : m_arguments.given) {
            if (given.option == option)
                all += given.value;
        }
        return all;
    }

    QStringList words(Command place) const
    {
        QStringList all;
        for (const Arguments::Word &word : m_arguments.words) {
            if (word.place == place)
                all += word.text;
        }
        return all;
    }

    std::unexpected<UsageError> refuse(const QString &sentence) const
    {
        return std::unexpected(usageError(sentence, command()));
    }

    SettingFlags settings() const;

private:
    const Arguments &m_arguments;
};

SettingFlags Answers::settings() const
{
    SettingFlags flags{
        .overrides = values(Option::Config),
        .features = {},
        .profile = value(Option::Profile),
        .model = value(Option::Model),
        .provider = value(Option::Provider),
        .localProvider = value(Option::LocalProvider),
        .sandbox = value(Option::Sandbox),
        .approval = value(Option::Approval),
        .isolation = value(Option::Isolation),
        .cd = value(Option::Cd),
        .addDirs = values(Option::AddDir),
        .oss = has(Option::Oss),
        .webSearch = has(Option::Search),
        .bypassSandbox = has(Option::Bypass),
        .approveForMe = has(Option::ApproveForMe),
        .bypassHookTrust = has(Option::BypassHookTrust),
        .trust = has(Option::Trust),
        .strictConfig = has(Option::StrictConfig),
        .ignoreUserConfig = has(Option::IgnoreUserConfig),
        .ignoreRules = has(Option::IgnoreRules),
    };
    for (const Arguments::Given &given : m_arguments.given) {
        if (given.option == Option::Enable || given.option == Option::Disable)
            flags.features.push_back({given.value, given.option == Option::Enable});
    }
    if (has(Option::Worktree))
        flags.isolation = u"worktree"_s;
    if (!flags.sandbox && (flags.approveForMe || has(Option::FullAuto)))
        flags.sandbox = u"workspace-write"_s;
    return flags;
}

OutputForm outputForm(const Answers &answers)
{
    const auto form = answers.value(Option::Json);
    if (answers.has(Option::LegacyJson) || form == "protocol"_L1)
        return OutputForm::Protocol;
    if (form == "deltas"_L1)
        return OutputForm::Deltas;
    return form ? OutputForm::Json : OutputForm::Human;
}

ColorMode colorMode(const Answers &answers)
{
    const auto mode = answers.value(Option::Color);
    return mode == "always"_L1 ? ColorMode::Always : mode == "never"_L1 ? ColorMode::Never : ColorMode::Auto;
}

QStringList imageFiles(const Answers &answers)
{
    QStringList files;
    for (const QString &list : answers.values(Option::Image))
        files += list.split(','_L1, Qt::SkipEmptyParts);
    return files;
}

RunLimits runLimits(const Answers &answers)
{
    RunLimits limits;
    if (const auto text = answers.value(Option::MaxRequests))
        limits.requests = text->toLongLong();
    if (const auto text = answers.value(Option::MaxTokens))
        limits.tokens = text->toLongLong();
    if (const auto text = answers.value(Option::MaxCost))
        limits.costUsd = text->toDouble();
    if (const auto text = answers.value(Option::Timeout))
        limits.time = durationFromText(*text);
    return limits;
}

/// `resume ID PROMPT`, `resume --last PROMPT`, and `resume --last ID PROMPT` whose id is ignored.
void takeResume(const Answers &answers, ExecOptions &options)
{
    const QStringList words = answers.words(Command::Resume);
    ResumeTarget target{.session = {}, .last = answers.has(Option::Last), .all = answers.has(Option::All)};
    if (target.last && !words.isEmpty())
        options.prompt = words.last();
    if (!target.last && !words.isEmpty())
        target.session = words.first();
    if (!target.last && words.size() > 1)
        options.prompt = words[1];
    options.target = target;
}

Parsed<void> takeFork(const Answers &answers, ExecOptions &options)
{
    const QStringList words = answers.words(Command::Fork);
    if (words.isEmpty())
        return answers.refuse(u"the following required arguments were not provided:\n  <SESSION_ID>"_s);
    ForkTarget target{words[0]};
    if (const auto turn = answers.value(Option::AtTurn))
        target.atTurn = turn->toLongLong();
    options.target = target;
    if (words.size() > 1)
        options.prompt = words[1];
    if (!options.prompt && !options.promptFile && (options.lastMessageFile || options.outputSchema))
        return std::unexpected(UsageError{u"Forking with output options requires a prompt"_s, 1});
    return {};
}

Parsed<void> takeReview(const Answers &answers, ExecOptions &options)
{
    const QStringList words = answers.words(Command::Review);
    if (!words.isEmpty())
        options.prompt = words[0];
    const ReviewTarget target{.uncommitted = answers.has(Option::Uncommitted),
                              .base = answers.value(Option::Base),
                              .commit = answers.value(Option::Commit),
                              .title = answers.value(Option::Title)};
    if (target.title && !target.commit)
        return answers.refuse(u"the following required arguments were not provided:\n  --commit <SHA>"_s);
    const bool named = target.uncommitted || target.base || target.commit;
    const bool custom = options.prompt || options.promptFile;
    if (named && custom) {
        const Option first = target.uncommitted ? Option::Uncommitted : target.base ? Option::Base : Option::Commit;
        return answers.refuse("the argument '%1' cannot be used with '[PROMPT]'"_L1.arg(shown(optionRow(first))));
    }
    const bool blank = options.prompt && options.prompt->trimmed().isEmpty();
    if (!named && (!custom || blank))
        return std::unexpected(
            UsageError{u"Specify --uncommitted, --base, --commit, or provide custom review instructions"_s, 1});
    if (options.cyberAccessProgram)
        return std::unexpected(UsageError{u"--cyber-access-program is not supported with review"_s, 1});
    options.target = target;
    return {};
}

Parsed<void> takeTarget(const Answers &answers, ExecOptions &options)
{
    switch (answers.command()) {
    case Command::Resume:
        takeResume(answers, options);
        return {};
    case Command::Fork:
        return takeFork(answers, options);
    case Command::Review:
        return takeReview(answers, options);
    default:
        return {};
    }
}

Parsed<CommandLine> execOptions(const Answers &answers)
{
    const QStringList words = answers.words(Command::Exec);
    ExecOptions options{
        .settings = answers.settings(),
        .target = {},
        .prompt = words.isEmpty() ? std::optional<QString>() : words[0],
        .promptFile = answers.value(Option::PromptFile),
        .images = imageFiles(answers),
        .form = outputForm(answers),
        .queries = answers.values(Option::Query),
        .color = colorMode(answers),
        .lastMessageFile = answers.value(Option::LastMessageFile),
        .outputSchema = answers.value(Option::OutputSchema),
        .skipGitRepoCheck = answers.has(Option::SkipGitRepoCheck),
        .ephemeral = answers.has(Option::Ephemeral),
        .diffFile = answers.value(Option::Diff),
        .apply = answers.has(Option::Apply),
        .threadSource = answers.value(Option::ThreadSource),
        .cyberAccessProgram = answers.value(Option::CyberAccessProgram),
        .limits = runLimits(answers),
        .notices = {},
    };
    if (const auto taken = takeTarget(answers, options); !taken)
        return std::unexpected(taken.error());
    if (options.promptFile && options.prompt)
        return answers.refuse(u"the argument '--prompt-file <FILE>' cannot be used with '[PROMPT]'"_s);
    if (!options.queries.isEmpty() && options.form != OutputForm::Protocol)
        return answers.refuse(u"the argument '--query <WHAT>' needs '--json=protocol'"_s);
    if (answers.has(Option::FullAuto))
        options.notices += u"warning: `--full-auto` is the old name of `--sandbox workspace-write`"_s;
    return options;
}

Parsed<CommandLine> sandboxOptions(const Answers &answers)
{
    const SandboxOptions options{answers.settings(), answers.has(Option::Network), answers.words(Command::Sandbox)};
    if (options.argv.isEmpty())
        return answers.refuse(u"the following required arguments were not provided:\n  <COMMAND>"_s);
    return options;
}

Parsed<CommandLine> checkCommandOptions(const Answers &answers)
{
    const CheckCommandOptions options{answers.settings(), answers.words(Command::CheckCommand)};
    if (options.command.isEmpty())
        return answers.refuse(u"the following required arguments were not provided:\n  <COMMAND>"_s);
    return options;
}

Parsed<CommandLine> loginOptions(const Answers &answers)
{
    const QStringList words = answers.words(Command::Login);
    const bool withKey = answers.has(Option::WithApiKey);
    if (!words.isEmpty() && (words[0] != "status"_L1 || withKey))
        return answers.refuse("unexpected argument '%1' found"_L1.arg(words[0]));
    if (words.isEmpty() && !withKey)
        return answers.refuse(u"give the key on stdin with --with-api-key, or ask for `login status`"_s);
    return LoginOptions{answers.settings(), withKey ? LoginOptions::Action::WithApiKey : LoginOptions::Action::Status};
}

batch::BatchOrder batchOrder(const Answers &answers)
{
    using Kind = batch::BatchOrder::Command;
    const auto text = [&](Option option) { return answers.value(option).value_or(QString()); };
    const RunLimits limits = runLimits(answers);
    const Command command = answers.command();
    batch::BatchOrder order{.command = command == Command::BatchPlan     ? Kind::Plan
                                       : command == Command::BatchMerge  ? Kind::Merge
                                       : command == Command::BatchSubmit ? Kind::Submit
                                                                         : Kind::Run,
                            .input = text(Option::BatchInput),
                            .promptFile = text(Option::PromptFile),
                            .prompt = text(Option::BatchPromptText),
                            .delimiter = text(Option::BatchDelimiter),
                            .key = text(Option::BatchKey),
                            .schema = text(Option::OutputSchema),
                            .check = text(Option::BatchCheck),
                            .inputs = answers.values(Option::BatchInputFile),
                            .instructions = text(Option::BatchInstructions),
                            .name = text(Option::BatchName),
                            .out = text(Option::BatchOut),
                            .concurrency = text(Option::BatchJobs),
                            .limits = {limits.requests, limits.tokens, limits.costUsd, limits.time},
                            .maxFailures = text(Option::BatchMaxFailures),
                            .itemLimits = answers.values(Option::BatchItemLimit),
                            .retries = text(Option::BatchRetries),
                            .retryOn = answers.values(Option::BatchRetryOn),
                            .thresholds = answers.values(Option::BatchThreshold),
                            .retry = answers.values(Option::BatchRetry),
                            .stale = text(Option::BatchStale),
                            .fresh = answers.has(Option::BatchFresh),
                            .recheck = answers.has(Option::BatchRecheck),
                            .rebase = answers.has(Option::BatchRebase),
                            .shard = text(Option::BatchShard),
                            .claim = text(Option::BatchClaim),
                            .sarif = text(Option::BatchSarif),
                            .annotations = text(Option::BatchAnnotations),
                            .assume = text(Option::BatchAssume),
                            .twice = answers.has(Option::BatchTwice),
                            .json = answers.has(Option::JsonReport),
                            .submitNow = answers.has(Option::BatchSubmitRun),
                            .argv = {}};
    if (const auto wait = answers.value(Option::BatchRateLimitWait))
        order.rateLimitWait = QString::number(durationFromText(*wait)->count() / 1000);
    return order;
}

Parsed<CommandLine> batchOptions(const Answers &answers)
{
    BatchOptions options{answers.settings(), batchOrder(answers), {}, answers.values(Option::BatchArg)};
    const QString word = answers.words(answers.command()).value(0);
    switch (options.order.command) {
    case batch::BatchOrder::Command::Merge:
        if (word.isEmpty())
            return answers.refuse(u"the following required arguments were not provided:\n  <DIR>"_s);
        options.order.word = word;
        return options;
    case batch::BatchOrder::Command::Submit:
        if (!QStringList{u"slurm"_s, u"k8s"_s, u"parallel"_s}.contains(word))
            return answers.refuse(u"expected one of: slurm, k8s, parallel"_s);
        options.order.word = word;
        return options;
    default:
        options.script = word;
        if (word.isEmpty() && options.order.input.isEmpty())
            return answers.refuse(u"the following required arguments were not provided:\n  --input <FILE>"_s);
        return options;
    }
}

Parsed<CommandLine> oneWord(const Answers &answers, const QStringList &allowed, auto make)
{
    const QString word = answers.words(answers.command()).value(0);
    QStringList known = allowed;
    for (const CommandRow &row : commandTable()) {
        if (row.parent == answers.command())
            known += QLatin1StringView(row.name);
    }
    const QString expected = "expected one of: "_L1 + known.join(", "_L1);
    if (!allowed.contains(word))
        return answers.refuse(word.isEmpty() ? expected : "unrecognized subcommand '%1'; %2"_L1.arg(word, expected));
    return make(word);
}

Parsed<ServeOptions> serveOptions(const Answers &answers)
{
    ServeOptions options{.settings = answers.settings(),
                         .listen = answers.values(Option::Listen),
                         .allowedHosts = answers.values(Option::AllowHost),
                         .allowedOrigins = answers.values(Option::AllowOrigin),
                         .roots = answers.values(Option::Root),
                         .tlsCert = answers.value(Option::TlsCert),
                         .tlsKey = answers.value(Option::TlsKey),
                         .noAuth = answers.has(Option::NoAuth),
                         .metricsPublic = answers.has(Option::MetricsPublic),
                         .webhookTargets = answers.values(Option::WebhookAllow),
                         .words = answers.words(Command::Serve)};
    if (const auto text = answers.value(Option::SseHeartbeat))
        options.sseHeartbeat = durationFromText(*text);
    if (options.tlsCert.has_value() != options.tlsKey.has_value())
        return answers.refuse(u"--tls-cert and --tls-key are given together"_s);
    return options;
}

Parsed<CommandLine> options(const Answers &answers)
{
    switch (answers.command()) {
    case Command::Exec:
    case Command::Resume:
    case Command::Fork:
    case Command::Review:
        return execOptions(answers);
    case Command::Sandbox:
        return sandboxOptions(answers);
    case Command::Config:
        return oneWord(answers, {u"show"_s}, [&](const QString &) { return ConfigOptions{answers.settings()}; });
    case Command::CheckCommand:
        return checkCommandOptions(answers);
    case Command::Completion:
        return oneWord(answers, {u"bash"_s, u"zsh"_s, u"fish"_s},
                       [](const QString &shell) { return CompletionOptions{shell}; });
    case Command::Sessions: {
        const QStringList words = answers.words(Command::Sessions);
        return SessionsOptions{answers.settings(), words.value(0), words.mid(1)};
    }
    case Command::Mcp: {
        const QStringList words = answers.words(Command::Mcp);
        return McpOptions{answers.settings(), words.value(0), words.mid(1)};
    }
    case Command::Serve:
        return serveOptions(answers);
    case Command::Batch:
    case Command::BatchPlan:
    case Command::BatchMerge:
    case Command::BatchSubmit:
        return batchOptions(answers);
    case Command::Login:
        return loginOptions(answers);
    case Command::Logout:
        return LoginOptions{answers.settings(), LoginOptions::Action::Logout};
    case Command::Doctor:
        return DoctorOptions{answers.settings(), answers.has(Option::JsonReport)};
    default:
        return Help{Command::Outer}; // no command was named
    }
}

} // namespace

std::expected<CommandLine, UsageError> parseCommandLine(const QStringList &words, Planned planned)
{
    const auto read = readArguments(words);
    if (!read)
        return std::unexpected(read.error());
    const Answers answers(*read);
    if (commandRow(read->command).state == CommandRow::State::Planned && planned == Planned::Refuse)
        return std::unexpected(
            UsageError{"error: `nightshift %1` is not in this version yet"_L1.arg(commandPath(read->command))});
    if (answers.has(Option::Version))
        return Version{};
    if (answers.has(Option::Help))
        return Help{read->command};
    for (const auto &[one, other] : conflicts) {
        if (answers.has(one) && answers.has(other))
            return answers.refuse(
                "the argument '%1' cannot be used with '%2'"_L1.arg(shown(optionRow(one)), shown(optionRow(other))));
    }
    return options(answers);
}

} // namespace nightshift::app
