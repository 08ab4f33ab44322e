#include "help.h"
#include "app/sessionscommand.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using Group = OptionRow::Group;

constexpr int helpColumn = 34; // wide enough for most options; longer ones push their help to the next line

QString twoColumns(const QString &left, QLatin1StringView right)
{
    const QString start = "  "_L1 + left;
    if (start.size() + 2 > helpColumn)
        return start + '\n'_L1 + QString(helpColumn, ' '_L1) + right + '\n'_L1;
    return start.leftJustified(helpColumn) + right + '\n'_L1;
}

QString optionLines(const OptionRow &option)
{
    const QString letter = option.letter ? "-%1, "_L1.arg(QLatin1Char(option.letter)) : u"    "_s;
    QString text = twoColumns(letter + shown(option), QLatin1StringView(option.help));
    if (option.choices)
        text += QString(helpColumn, ' '_L1) + '[' + QLatin1StringView(option.choices) + "]\n"_L1;
    return text;
}

QString commandList(Command parent)
{
    QString text;
    for (const CommandRow &row : commandTable()) {
        if (row.command != Command::Outer && row.parent == parent)
            text += twoColumns(QLatin1StringView(row.name), QLatin1StringView(row.help));
    }
    return text.isEmpty() ? text : "\nCommands:\n"_L1 + text;
}

QString sessionsCommandList()
{
    QString text = u"\nCommands:\n"_s;
    for (const SessionsWord &word : sessionsWords())
        text += QString(u"  "_s + word.name + u' ' + word.usage).trimmed().prepend("  "_L1) + u"\n          "_s +
                word.help + u'\n';
    return text;
}

QString optionGroups(Command command)
{
    if (command == Command::Outer) // its own are few; the others are explained where they belong
        return "\nOptions:\n"_L1 + optionLines(optionRow(Option::Help)) + optionLines(optionRow(Option::Version)) +
               "\nThe options of exec for model, sandbox and settings may also stand before the command.\n"_L1;
    QString text;
    for (const Group group : shownGroups()) {
        QString lines;
        for (const OptionRow &option : optionTable()) {
            if (option.group == group && isAccepted(option, command))
                lines += optionLines(option);
        }
        if (!lines.isEmpty())
            text += '\n'_L1 + groupTitle(group) + ":\n"_L1 + lines;
    }
    return text;
}

} // namespace

QLatin1StringView groupTitle(Group group)
{
    switch (group) {
    case Group::Prompt:
        return "Prompt"_L1;
    case Group::Target:
        return "What it is about"_L1;
    case Group::Output:
        return "Output"_L1;
    case Group::Model:
        return "Model"_L1;
    case Group::Access:
        return "What the run may do"_L1;
    case Group::Session:
        return "Session"_L1;
    case Group::Limits:
        return "Limits"_L1;
    case Group::Settings:
        return "Settings"_L1;
    case Group::Other:
    case Group::Hidden:
        return "Other"_L1;
    }
    Q_UNREACHABLE_RETURN({});
}

std::span<const OptionRow::Group> shownGroups()
{
    static constexpr Group groups[]{Group::Prompt,  Group::Target, Group::Output,   Group::Model, Group::Access,
                                    Group::Session, Group::Limits, Group::Settings, Group::Other};
    return groups;
}

QLatin1StringView helpIntroduction(Command command)
{
    switch (command) {
    case Command::Outer:
        return "Runs coding agents unattended.\n"_L1;
    case Command::Exec:
        return "Runs an agent on a prompt until it is done. Progress goes to stderr, the final answer to stdout.\n"
               "Without PROMPT, or with -, the prompt is read from stdin; beside a PROMPT, piped stdin is added to it\n"
               "as a <stdin> block.\n"_L1;
    case Command::Resume:
        return "Goes on with an earlier session, named by its id (8 characters of it are enough) or its name.\n"
               "Without PROMPT, or with -, the prompt is read from stdin.\n"_L1;
    case Command::Fork:
        return "Starts a new session from the history of an earlier one, which stays as it is.\n"
               "Without PROMPT the new session is only created.\n"_L1;
    case Command::Review:
        return "Reviews changes of the current repository, or does what the review instructions in PROMPT say.\n"_L1;
    case Command::Serve:
        return "Offers sessions over HTTP: on a Unix socket to this user, over TCP to whoever has a token.\n"
               "Scopes of a token are read, run, approve and admin; its limits --root DIR and --model MODEL "
               "(repeatable),\n"
               "--budget-usd AMOUNT, --concurrency COUNT, and --expires 30d or 2027-01-31.\n"
               "Commands of its sessions may at most write in the workspace and have no network, unless it was added "
               "with\n"
               "--sandbox MODE, --network or the scope admin.\n"_L1;
    case Command::Mcp:
        return "Lists the MCP servers of the settings, or starts one of them and shows its tools, whether models are\n"
               "offered them, and whether a call would run. --json prints one JSON text.\n"_L1;
    default:
        return {};
    }
}

QLatin1StringView helpExamples(Command command)
{
    switch (command) {
    case Command::Outer:
        return "  nightshift exec \"explain this repository\"\n"
               "  nightshift exec --provider demo \"show me what you do\"\n"_L1;
    case Command::Exec:
        return "  nightshift exec -s workspace-write \"fix the failing test\"\n"
               "  make 2>&1 | nightshift exec \"why does this not build?\"\n"
               "  nightshift exec --json --output-schema answer.json -o answer.txt \"count the endpoints\"\n"
               "  nightshift exec --timeout 10m --max-requests 40 --prompt-file task.md\n"
               "  nightshift exec resume --last \"now write the tests\"\n"_L1;
    case Command::Resume:
        return "  nightshift exec resume --last \"go on\"\n"
               "  nightshift exec --json resume 01a1fbdf \"and the second file?\"\n"_L1;
    case Command::Fork:
        return "  nightshift exec fork 01a1fbdf \"try it the other way\"\n"_L1;
    case Command::Review:
        return "  nightshift exec review --uncommitted\n"
               "  nightshift exec review --base main -o review.txt\n"_L1;
    case Command::Sandbox:
        return "  nightshift sandbox -s workspace-write -- make test\n"_L1;
    case Command::Sessions:
        return "  nightshift sessions list --here\n"
               "  nightshift sessions show 01a1fbdf --format json | jq .\n"
               "  nightshift sessions export 01a1fbdf | ssh build nightshift sessions import -\n"
               "  nightshift sessions rename 01a1fbdf \"nightly build\"\n"_L1;
    case Command::Serve:
        return "  nightshift serve --listen 127.0.0.1:8080 --root ~/src\n"
               "  nightshift serve token add ci run read --root ~/src/app --budget-usd 20 --expires 90d\n"_L1;
    case Command::Mcp:
        return "  nightshift mcp list\n"
               "  nightshift -s workspace-write mcp test files\n"_L1;
    case Command::Doctor:
        return "  nightshift doctor\n"
               "  nightshift doctor --json --provider anthropic\n"_L1;
    case Command::Completion:
        return "  nightshift completion bash > ~/.local/share/bash-completion/completions/nightshift\n"_L1;
    default:
        return {};
    }
}

QString usageLines(Command command)
{
    const CommandRow &row = commandRow(command);
    QString start = u"Usage: nightshift"_s;
    const QString path = commandPath(command);
    QString text;
    for (const QString &form : QString::fromUtf8(row.usage).split('\n'_L1)) {
        QString line = start;
        for (const QString &part : {path, form}) {
            if (!part.isEmpty())
                line += ' '_L1 + part;
        }
        text += text.isEmpty() ? line : '\n'_L1 + line;
        start = u"       nightshift"_s;
    }
    return text;
}

QString helpText(Command command)
{
    QString intro = helpIntroduction(command);
    if (intro.isEmpty())
        intro = QLatin1StringView(commandRow(command).help) + ".\n"_L1;
    const QString commands = command == Command::Sessions ? sessionsCommandList() : commandList(command);
    QString text = intro + '\n'_L1 + usageLines(command) + '\n'_L1 + commands + optionGroups(command);
    if (const QLatin1StringView lines = helpExamples(command); !lines.isEmpty())
        text += "\nExamples:\n"_L1 + lines;
    return text;
}

QString versionText()
{
    return u"nightshift " NIGHTSHIFT_VERSION "\n"_s;
}

} // namespace nightshift::app
