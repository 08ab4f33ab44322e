#include "commandline.h"
#include "app/commandlines.h"
#include "app/values.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// Pairs of which only one may be given, wherever they stand.
constexpr std::pair<Option, Option> conflicts[] = {
    {Option::Bypass, Option::ApproveForMe}, {Option::Sandbox, Option::ApproveForMe},
    {Option::Bypass, Option::FullAuto},     {Option::FullAuto, Option::ApproveForMe},
    {Option::Isolation, Option::Worktree},  {Option::Json, Option::LegacyJson},
    {Option::Uncommitted, Option::Base},    {Option::Uncommitted, Option::Commit},
    {Option::Base, Option::Commit},         {Option::Record, Option::Replay},
};

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
                         .audit = answers.has(Option::Audit),
                         .open = answers.has(Option::Open),
                         .webhookTargets = answers.values(Option::WebhookAllow),
                         .words = answers.words(Command::Serve)};
    if (const auto text = answers.value(Option::SseHeartbeat))
        options.sseHeartbeat = durationFromText(*text);
    if (const auto text = answers.value(Option::Drain))
        options.drain = durationFromText(*text);
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
    case Command::BatchTypes:
    case Command::BatchMerge:
    case Command::BatchSubmit:
        return batchOptions(answers);
    case Command::Drill:
        return drillOptions(answers);
    case Command::Hooks:
        return HooksOptions{answers.settings(), answers.words(Command::Hooks)};
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

std::expected<CommandLine, UsageError> parseCommandLine(const QStringList &words)
{
    const auto read = readArguments(words);
    if (!read)
        return std::unexpected(read.error());
    const Answers answers(*read);
    if (answers.has(Option::Version))
        return Version{};
    if (answers.has(Option::Help))
        return Help{read->command};
    for (const auto &[one, other] : conflicts) {
        if (answers.has(one) && answers.has(other))
            return answers.refuse(
                "the argument '%1' cannot be used with '%2'"_L1.arg(shown(optionRow(one)), shown(optionRow(other))));
    }
    for (const Option option : {Option::ReplayMiss, Option::ReplayTools}) {
        if (answers.has(option) && !answers.has(Option::Replay))
            return answers.refuse("--%1 is for --replay"_L1.arg(QLatin1StringView(optionRow(option).name)));
    }
    return options(answers);
}

} // namespace nightshift::app
