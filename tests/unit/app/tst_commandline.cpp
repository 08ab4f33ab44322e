#include "app/commandline.h"
#include "app/completion.h"
#include "app/help.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift::app;

/// Whatever differs from the plain run.
static CommandLine exec(auto change)
{
    ExecOptions options;
    change(options);
    return options;
}

static QStringList words(const char *line)
{
    return QString::fromUtf8(line).split(u'|', Qt::KeepEmptyParts);
}

struct Row
{
    const char *line; ///< Words separated by bars.
    CommandLine expected;
};

struct WrongRow
{
    const char *line;
    const char *message; ///< Part of it.
    int exitCode = 2;
};

class tst_CommandLine : public QObject
{
    Q_OBJECT

private slots:
    void understands();
    void takesEveryOptionInItsPlacesOnly();
    void refuses();
    void refusesRepeatsOfSingleOptions();
    void keepsOverridesInOrder();
    void endsAtHelpAndVersion();
    void refusesArgumentsThatAreNotUtf8();
    void listsWhatClientsLookForInHelp();
    void completesInBash_data();
    void completesInBash();
    void makesScriptsForOtherShells();
};

void tst_CommandLine::understands()
{
    const QString last = u"last one"_s;
    const Row rows[] = {
        {"exec|look", exec([](auto &o) { o.prompt = u"look"_s; })},
        {"e|look", exec([](auto &o) { o.prompt = u"look"_s; })},
        {"exec|", exec([](auto &o) { o.prompt = u""_s; })},
        {"exec|-", exec([](auto &o) { o.prompt = u"-"_s; })},
        {"exec", exec([](auto &) {})},
        {"exec|--|--json", exec([](auto &o) { o.prompt = u"--json"_s; })},
        {"exec|--|resume", exec([](auto &o) { o.prompt = u"resume"_s; })},
        {"exec|x|--model|m", exec([](auto &o) { o.prompt = u"x"_s, o.settings.model = u"m"_s; })},
        {"exec|-mm", exec([](auto &o) { o.settings.model = u"m"_s; })},
        {"exec|-m=m", exec([](auto &o) { o.settings.model = u"m"_s; })},
        {"exec|--model=-m", exec([](auto &o) { o.settings.model = u"-m"_s; })},
        {"-m|a|exec|-m|b", exec([](auto &o) { o.settings.model = u"b"_s; })},
        {"-m|a|exec|resume|-m|b|--last",
         exec([](auto &o) { o.settings.model = u"b"_s, o.target = ResumeTarget{.session = {}, .last = true}; })},
        {"-a|never|exec|x", exec([](auto &o) { o.settings.approval = u"never"_s, o.prompt = u"x"_s; })},
        {"exec|-a|on-request", exec([](auto &o) { o.settings.approval = u"on-request"_s; })},
        {"exec|--json", exec([](auto &o) { o.form = OutputForm::Json; })},
        {"exec|--experimental-json", exec([](auto &o) { o.form = OutputForm::Json; })},
        {"exec|--json=protocol", exec([](auto &o) { o.form = OutputForm::Protocol; })},
        {"exec|--json=deltas", exec([](auto &o) { o.form = OutputForm::Deltas; })},
        {"exec|--legacy-json", exec([](auto &o) { o.form = OutputForm::Protocol; })},
        {"exec|--json|protocol", exec([](auto &o) { o.form = OutputForm::Json, o.prompt = u"protocol"_s; })},
        {"exec|resume|--json|--last",
         exec([](auto &o) { o.form = OutputForm::Json, o.target = ResumeTarget{.session = {}, .last = true}; })},
        {"exec|--color|never", exec([](auto &o) { o.color = ColorMode::Never; })},
        {"exec|--color=always", exec([](auto &o) { o.color = ColorMode::Always; })},
        {"exec|--color|auto", exec([](auto &) {})},
        {"exec|-i|a.png|look", exec([](auto &o) { o.images = {u"a.png"_s}, o.prompt = u"look"_s; })},
        {"exec|-i|a,b|--image|c|look",
         exec([](auto &o) { o.images = {u"a"_s, u"b"_s, u"c"_s}, o.prompt = u"look"_s; })},
        {"exec|--image|f|resume|ID",
         exec([](auto &o) { o.images = {u"f"_s}, o.target = ResumeTarget{.session = u"ID"_s}; })},
        {"exec|resume|ID|--image|f",
         exec([](auto &o) { o.images = {u"f"_s}, o.target = ResumeTarget{.session = u"ID"_s}; })},
        {"exec|--yolo|x", exec([](auto &o) { o.settings.bypassSandbox = true, o.prompt = u"x"_s; })},
        {"exec|--dangerously-bypass-approvals-and-sandbox|-s|read-only",
         exec([](auto &o) { o.settings.bypassSandbox = true, o.settings.sandbox = u"read-only"_s; })},
        {"exec|--approve-for-me",
         exec([](auto &o) { o.settings.approveForMe = true, o.settings.sandbox = u"workspace-write"_s; })},
        {"exec|--full-auto", exec([](auto &o) {
             o.settings.sandbox = u"workspace-write"_s;
             o.notices = {u"warning: `--full-auto` is the old name of `--sandbox workspace-write`"_s};
         })},
        {"exec|--add-dir|a|--add-dir|b", exec([](auto &o) { o.settings.addDirs = {u"a"_s, u"b"_s}; })},
        {"--add-dir|a|exec|--add-dir|b", exec([](auto &o) { o.settings.addDirs = {u"a"_s, u"b"_s}; })},
        {"exec|--enable|a|--disable|b", exec([](auto &o) { o.settings.features = {{u"a"_s, true}, {u"b"_s, false}}; })},
        {"--search|exec", exec([](auto &o) { o.settings.webSearch = true; })},
        {"exec|--oss|--local-provider|ollama",
         exec([](auto &o) { o.settings.oss = true, o.settings.localProvider = u"ollama"_s; })},
        {"exec|--provider|demo", exec([](auto &o) { o.settings.provider = u"demo"_s; })},
        {"exec|-p|work|-C|dir", exec([](auto &o) { o.settings.profile = u"work"_s, o.settings.cd = u"dir"_s; })},
        {"exec|--strict-config|--ignore-user-config|--ignore-rules|--trust|--dangerously-bypass-hook-trust",
         exec([](auto &o) {
             SettingFlags &s = o.settings;
             s.strictConfig = s.ignoreUserConfig = s.ignoreRules = s.trust = s.bypassHookTrust = true;
         })},
        {"exec|--skip-git-repo-check|--ephemeral|--worktree", exec([](auto &o) {
             o.skipGitRepoCheck = o.ephemeral = true;
             o.settings.isolation = u"worktree"_s;
         })},
        {"exec|-o|out|--output-schema|s.json",
         exec([](auto &o) { o.lastMessageFile = u"out"_s, o.outputSchema = u"s.json"_s; })},
        {"exec|-o|-", exec([](auto &o) { o.lastMessageFile = u"-"_s; })},
        {"exec|--thread-source|s|--cyber-access-program|standard",
         exec([](auto &o) { o.threadSource = u"s"_s, o.cyberAccessProgram = u"standard"_s; })},
        {"exec|--prompt-file|p.md", exec([](auto &o) { o.promptFile = u"p.md"_s; })},
        {"exec|--max-requests|3|--max-tokens|1000|--max-cost|2.5|--timeout|1h30m",
         exec([](auto &o) { o.limits = {3, 1000, 2.5, 90min}; })},
        {"exec|--timeout|90", exec([](auto &o) { o.limits.time = 90s; })},
        {"exec|--timeout|250ms", exec([](auto &o) { o.limits.time = 250ms; })},
        {"exec|--json=protocol|--query|history:3|--query|tools",
         exec([](auto &o) { o.form = OutputForm::Protocol, o.queries = {u"history:3"_s, u"tools"_s}; })},

        {"exec|resume", exec([](auto &o) { o.target = ResumeTarget{}; })},
        {"exec|resume|ID", exec([](auto &o) { o.target = ResumeTarget{.session = u"ID"_s}; })},
        {"exec|resume|ID|p", exec([](auto &o) { o.target = ResumeTarget{.session = u"ID"_s}, o.prompt = u"p"_s; })},
        {"exec|resume|ID|-", exec([](auto &o) { o.target = ResumeTarget{.session = u"ID"_s}, o.prompt = u"-"_s; })},
        {"exec|resume|--last|p",
         exec([](auto &o) { o.target = ResumeTarget{.session = {}, .last = true}, o.prompt = u"p"_s; })},
        {"exec|resume|--last|--all|ID|p",
         exec([](auto &o) { o.target = ResumeTarget{.session = {}, .last = true, .all = true}, o.prompt = u"p"_s; })},
        {"exec|p|resume|--last",
         exec([](auto &o) { o.target = ResumeTarget{.session = {}, .last = true}, o.prompt = u"p"_s; })},
        {"exec|p|resume|ID|q", exec([](auto &o) { o.target = ResumeTarget{.session = u"ID"_s}, o.prompt = u"q"_s; })},
        {"exec|resume|-s|read-only|-C|d|--add-dir|e|-p|w|--color|never|--oss|ID", exec([](auto &o) {
             o.settings = {
                 .profile = u"w"_s, .sandbox = u"read-only"_s, .cd = u"d"_s, .addDirs = {u"e"_s}, .oss = true};
             o.color = ColorMode::Never;
             o.target = ResumeTarget{.session = u"ID"_s};
         })},
        {"exec|fork|ID", exec([](auto &o) { o.target = ForkTarget{u"ID"_s}; })},
        {"exec|fork|ID|--at-turn|2", exec([](auto &o) { o.target = ForkTarget{u"ID"_s, 2}; })},
        {"exec|fork|ID|p", exec([](auto &o) { o.target = ForkTarget{u"ID"_s}, o.prompt = u"p"_s; })},
        {"exec|fork|-o|f|ID|p",
         exec([](auto &o) { o.target = ForkTarget{u"ID"_s}, o.prompt = u"p"_s, o.lastMessageFile = u"f"_s; })},
        {"exec|review|--uncommitted", exec([](auto &o) { o.target = ReviewTarget{.uncommitted = true}; })},
        {"exec|review|--base|main", exec([](auto &o) { o.target = ReviewTarget{.base = u"main"_s}; })},
        {"exec|review|--commit|abc|--title|t",
         exec([](auto &o) { o.target = ReviewTarget{.commit = u"abc"_s, .title = u"t"_s}; })},
        {"exec|review|only the docs", exec([](auto &o) { o.target = ReviewTarget{}, o.prompt = u"only the docs"_s; })},

        // what the TypeScript SDK sends, and an older Python one
        {"exec|--experimental-json|--config|a=\"b\"|--model|m|--thread-source|t|--sandbox|workspace-write|--cd|/w"
         "|--add-dir|/v|--skip-git-repo-check|--output-schema|/s.json|--config|approval_policy=\"never\"|resume|ID"
         "|--image|/p.png",
         exec([](auto &o) {
             o.settings = {.overrides = {u"a=\"b\""_s, u"approval_policy=\"never\""_s},
                           .model = u"m"_s,
                           .sandbox = u"workspace-write"_s,
                           .cd = u"/w"_s,
                           .addDirs = {u"/v"_s}};
             o.target = ResumeTarget{.session = u"ID"_s};
             o.images = {u"/p.png"_s};
             o.form = OutputForm::Json;
             o.outputSchema = u"/s.json"_s;
             o.skipGitRepoCheck = true;
             o.threadSource = u"t"_s;
         })},

        {"sandbox|ls|-l", SandboxOptions{.argv = {u"ls"_s, u"-l"_s}}},
        {"sandbox|--mode|read-only|-C|d|--network|-c|k=v|--|ls|--|-s",
         SandboxOptions{.settings = {.overrides = {u"k=v"_s}, .sandbox = u"read-only"_s, .cd = u"d"_s},
                        .network = true,
                        .argv = {u"ls"_s, u"--"_s, u"-s"_s}}},
        {"-c|k=v|config|show|--strict-config", ConfigOptions{{.overrides = {u"k=v"_s}, .strictConfig = true}}},
        {"sessions|list|--all", SessionsOptions{.command = u"list"_s, .arguments = {u"--all"_s}}},
        {"sessions", SessionsOptions{}},
        {"mcp|-c|a=1|test|s|--json",
         McpOptions{.settings = {.overrides = {u"a=1"_s}}, .command = u"test"_s, .arguments = {u"s"_s, u"--json"_s}}},
        {"login|--with-api-key", LoginOptions{.action = LoginOptions::Action::WithApiKey}},
        {"login|status", LoginOptions{.action = LoginOptions::Action::Status}},
        {"logout", LoginOptions{.action = LoginOptions::Action::Logout}},
        {"doctor", DoctorOptions{}},
        {"doctor|--json", DoctorOptions{{}, true}},
        {"completion|zsh", CompletionOptions{u"zsh"_s}},
    };
    for (const Row &row : rows) {
        const auto parsed = parseCommandLine(words(row.line));
        QVERIFY2(parsed,
                 qPrintable(QLatin1StringView(row.line) + u": "_s + (parsed ? QString() : parsed.error().message)));
        QVERIFY2(*parsed == row.expected, row.line);
    }
}

static QString sampleValue(const OptionRow &option)
{
    switch (option.value) {
    case OptionRow::Value::Choice:
        return QString::fromLatin1(option.choices).section(u',', 0, 0);
    case OptionRow::Value::Count:
    case OptionRow::Value::Amount:
    case OptionRow::Value::Duration:
        return u"7"_s;
    default:
        return u"value"_s;
    }
}

void tst_CommandLine::takesEveryOptionInItsPlacesOnly()
{
    const std::pair<Command, QStringList> places[] = {
        {Command::Outer, {}},
        {Command::Exec, {u"exec"_s}},
        {Command::Resume, {u"exec"_s, u"resume"_s}},
        {Command::Fork, {u"exec"_s, u"fork"_s}},
        {Command::Review, {u"exec"_s, u"review"_s}},
    };
    for (const auto &[place, path] : places) {
        for (const OptionRow &option : optionTable()) {
            QStringList line = path;
            line += "--"_L1 + QLatin1StringView(option.name);
            if (option.value != OptionRow::Value::None && option.value != OptionRow::Value::OptionalChoice)
                line += sampleValue(option);
            const auto read = readArguments(line);
            // Of two options with one name the place decides which is meant.
            const bool accepted = isAccepted(*findOption(QString(QLatin1StringView(option.name)), place), place);
            QVERIFY2(read.has_value() == accepted, qPrintable(line.join(u' ')));
            if (!read)
                QVERIFY(read.error().message.contains(
                    "unexpected argument '--%1' found"_L1.arg(QLatin1StringView(option.name))));
        }
    }
}

void tst_CommandLine::refuses()
{
    const WrongRow rows[] = {
        {"exec|--bogus|x", "error: unexpected argument '--bogus' found\n\n  tip: to pass '--bogus' as a value, use '-- "
                           "--bogus'\n\nUsage: nightshift exec [OPTIONS] [PROMPT]\n       nightshift exec [OPTIONS] "
                           "<COMMAND> [ARGS]\n\nFor more information, try '--help'."},
        {"exec|--colr|x", "tip: a similar argument exists: '--color'"},
        {"exec|-z", "unexpected argument '-z' found"},
        {"exec|a|b", "unexpected argument 'b' found"},
        {"exec|--|a|b", "unexpected argument 'b' found"},
        {"exec|--|resume|b", "unexpected argument 'b' found"},
        {"exec|resume|a|b|c", "unexpected argument 'c' found"},
        {"exec|fork", "required arguments were not provided:\n  <SESSION_ID>"},
        {"exec|fork|ID|-o|f", "Forking with output options requires a prompt", 1},
        {"exec|fork|--last|ID", "unexpected argument '--last' found"},
        {"exec|--color|bogus|x",
         "invalid value 'bogus' for '--color <COLOR>'\n  [possible values: always, never, auto]"},
        {"exec|-s|bogus", "[possible values: read-only, workspace-write, danger-full-access]"},
        {"exec|--json=bogus", "invalid value 'bogus' for '--json[=<FORM>]'"},
        {"exec|--oss=yes", "unexpected value 'yes' for '--oss' found; no more were expected"},
        {"exec|-m", "a value is required for '--model <MODEL>' but none was supplied"},
        {"exec|-m|--json", "a value is required for '--model <MODEL>' but none was supplied"},
        {"exec|--cd=", "a value is required for '--cd <DIR>' but none was supplied"},
        {"exec|-p|a/b", "invalid value 'a/b' for '--profile <NAME>'"},
        {"exec|-p|..", "invalid value '..' for '--profile <NAME>'"},
        {"exec|--max-requests|0", "expected a whole number above 0"},
        {"exec|--max-tokens|many", "expected a whole number above 0"},
        {"exec|--max-cost|nan", "expected a number above 0"},
        {"exec|--timeout|soon", "expected a time above 0"},
        {"exec|--timeout|0s", "expected a time above 0"},
        {"exec|--timeout|99999999999999999999s", "expected a time above 0"},
        {"exec|--timeout|5m5", "expected a time above 0"},
        {"exec|--yolo|--approve-for-me", "'--dangerously-bypass-approvals-and-sandbox' cannot be used with"},
        {"exec|-s|read-only|--approve-for-me", "'--sandbox <MODE>' cannot be used with '--approve-for-me'"},
        {"exec|--yolo|--full-auto", "cannot be used with '--full-auto'"},
        {"exec|--json|--legacy-json", "cannot be used with '--legacy-json'"},
        {"exec|--prompt-file|f|x", "'--prompt-file <FILE>' cannot be used with '[PROMPT]'"},
        {"exec|--query|tools", "needs '--json=protocol'"},
        {"exec|review", "Specify --uncommitted, --base, --commit, or provide custom review instructions", 1},
        {"exec|review|  ", "Specify --uncommitted, --base, --commit, or provide custom review instructions", 1},
        {"exec|review|--uncommitted|--base|x", "'--uncommitted' cannot be used with '--base <BRANCH>'"},
        {"exec|review|--base|x|--commit|y", "'--base <BRANCH>' cannot be used with '--commit <SHA>'"},
        {"exec|review|--uncommitted|look", "'--uncommitted' cannot be used with '[PROMPT]'"},
        {"exec|review|--title|t|look", "not provided:\n  --commit <SHA>"},
        {"exec|review|-i|a.png|--uncommitted", "unexpected argument '-i' found"},
        {"--json|exec|x", "tip: 'exec --json' exists"},
        {"bogus", "unrecognized subcommand 'bogus'"},
        {"fix the build", "tip: a prompt comes after exec"},
        {"help|bogus", "unrecognized subcommand 'bogus'"},
        {"completion|tcsh", "expected one of: bash, zsh, fish"},
        {"config|edit", "unrecognized subcommand 'edit'; expected one of: show, check-command"},
        {"config", "error: expected one of: show, check-command"},
        {"sandbox|-s|read-only", "not provided:\n  <COMMAND>"},
        {"login", "--with-api-key"},
        {"logout|now", "unexpected argument 'now' found"},
    };
    for (const WrongRow &row : rows) {
        const auto parsed = parseCommandLine(words(row.line));
        QVERIFY2(!parsed, row.line);
        QVERIFY2(parsed.error().message.contains(QString::fromUtf8(row.message)), qPrintable(parsed.error().message));
        QCOMPARE(parsed.error().exitCode, row.exitCode);
    }
}

void tst_CommandLine::refusesRepeatsOfSingleOptions()
{
    for (const OptionRow &option : optionTable()) {
        if (!isAccepted(option, Command::Exec) || option.option == Option::Help || option.option == Option::Version)
            continue;
        const QString word = "--"_L1 + QLatin1StringView(option.name);
        const bool hasValue =
            option.value != OptionRow::Value::None && option.value != OptionRow::Value::OptionalChoice;
        QStringList once{word};
        if (hasValue)
            once += sampleValue(option);
        const auto read = readArguments(QStringList{u"exec"_s} + once + once);
        QCOMPARE(read.has_value(), option.repeat == OptionRow::Repeat::Yes);
        if (!read)
            QVERIFY(
                read.error().message.contains("the argument '%1' cannot be used multiple times"_L1.arg(shown(option))));
    }
}

void tst_CommandLine::keepsOverridesInOrder()
{
    const auto parsed = parseCommandLine(words("-c|a=1|exec|-c|b=2|-cc=3|resume|--config=d=4|ID"));
    QVERIFY(parsed);
    QCOMPARE(std::get<ExecOptions>(*parsed).settings.overrides, QStringList({u"a=1"_s, u"b=2"_s, u"c=3"_s, u"d=4"_s}));
}

void tst_CommandLine::endsAtHelpAndVersion()
{
    const std::pair<const char *, CommandLine> rows[] = {
        {"--help", Help{Command::Outer}},
        {"help", Help{Command::Outer}},
        {"exec|--help|--bogus", Help{Command::Exec}},
        {"exec|-h", Help{Command::Exec}},
        {"exec|help", Help{Command::Exec}},
        {"exec|help|resume", Help{Command::Resume}},
        {"help|exec|fork", Help{Command::Fork}},
        {"help|sessions|list", Help{Command::Sessions}},
        {"exec|resume|--help", Help{Command::Resume}},
        {"exec|--version", Version{}},
        {"-V", Version{}},
        {"sandbox|--help", Help{Command::Sandbox}},
    };
    for (const auto &[line, expected] : rows)
        QVERIFY2(parseCommandLine(words(line)) == expected, line);
    QVERIFY(parseCommandLine({}) == CommandLine(Help{Command::Outer}));
}

void tst_CommandLine::refusesArgumentsThatAreNotUtf8()
{
    const char *const argv[] = {"nightshift", "exec", "caf\xe9"};
    QVERIFY(argumentWords(3, argv).error().message.startsWith(u"error: argument 2 is not valid UTF-8"_s));
    const char *const good[] = {"nightshift", "exec", "café"};
    QCOMPARE(argumentWords(3, good).value(), QStringList({u"exec"_s, u"café"_s}));
}

void tst_CommandLine::listsWhatClientsLookForInHelp()
{
    const QString help = helpText(Command::Exec);
    for (const char *word :
         {"--json", "--output-schema", "--output-last-message", "--skip-git-repo-check", "--ephemeral", "--image",
          "--sandbox", "--color", "--cd", "--add-dir", "--config", "resume", "fork", "review"})
        QVERIFY2(help.contains(QLatin1StringView(word)), word);
    for (const QString &line : help.split(u'\n'))
        QVERIFY2(line.size() <= 120, qPrintable(line));
    QVERIFY(!help.contains(u"--yolo"_s));
    QCOMPARE(versionText(), u"nightshift " NIGHTSHIFT_VERSION "\n"_s);
}

void tst_CommandLine::completesInBash_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QStringList>("offers");
    QTest::newRow("a command") << u"nightshift ex"_s << QStringList{u"exec"_s};
    QTest::newRow("a sub-command") << u"nightshift exec --json res"_s << QStringList{u"resume"_s};
    QTest::newRow("an option") << u"nightshift e --output-s"_s << QStringList{u"--output-schema"_s};
    QTest::newRow("an option of a sub-command") << u"nightshift exec resume --la"_s << QStringList{u"--last"_s};
    QTest::newRow("a choice") << u"nightshift exec --color n"_s << QStringList{u"never"_s};
    QTest::newRow("no free text") << u"nightshift exec --model n"_s << QStringList{};
    QTest::newRow("a shell") << u"nightshift completion f"_s << QStringList{u"fish"_s};
}

void tst_CommandLine::completesInBash()
{
    QFETCH(QString, line);
    QFETCH(QStringList, offers);
    const QString script = completionScript(u"bash") + "COMP_WORDS=(%1); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); "
                                                       "_nightshift; printf '%s\\n' \"${COMPREPLY[@]}\""_L1.arg(line);
    const QTemporaryDir empty; // file names are offered, too
    QProcess bash;
    bash.setWorkingDirectory(empty.path());
    bash.start(u"bash"_s, {u"--norc"_s, u"-c"_s, script});
    QVERIFY(bash.waitForFinished());
    QCOMPARE(bash.readAllStandardError(), QByteArray());
    QCOMPARE(QString::fromUtf8(bash.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts), offers);
}

void tst_CommandLine::makesScriptsForOtherShells()
{
    QVERIFY(completionScript(u"zsh").startsWith(u"#compdef nightshift\n"_s));
    QVERIFY(completionScript(u"fish").contains(
        u"-n '__fish_seen_subcommand_from resume' -l last -d 'Take the newest session of this folder'\n"_s));
}

QTEST_APPLESS_MAIN(tst_CommandLine)
#include "tst_commandline.moc"
