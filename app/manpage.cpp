#include "manpage.h"
#include "app/help.h"
#include "app/sessionscommand.h"
#include <QStringList>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// Text as it is: a backslash, a hyphen that is typed, a dot or quote at the start of a line mean something to roff.
QString plain(QStringView text)
{
    QString safe;
    for (const QChar c : text) {
        if (c == u'\\')
            safe += u"\\e"_s;
        else if (c == u'-')
            safe += u"\\-"_s;
        else if (c == u'…')
            safe += u"..."_s;
        else
            safe += c;
    }
    safe.replace(u"\n."_s, u"\n\\&."_s).replace(u"\n'"_s, u"\n\\&'"_s);
    return safe.startsWith(u'.') || safe.startsWith(u'\'') ? u"\\&"_s + safe : safe;
}

QString section(const QString &title, const QString &body)
{
    return body.isEmpty() ? body : u".SH "_s + title + u'\n' + body + (body.endsWith(u'\n') ? u""_s : u"\n"_s);
}

QString asTyped(const QString &text)
{
    return text.isEmpty() ? text : u".nf\n"_s + plain(text) + (text.endsWith(u'\n') ? u""_s : u"\n"_s) + u".fi\n"_s;
}

QString entry(const QString &term, const QString &text)
{
    return u".TP\n"_s + term + u'\n' + plain(text) + u'\n';
}

QString optionEntry(const OptionRow &option)
{
    QString term;
    if (option.letter)
        term = u"\\fB\\-%1\\fR, "_s.arg(QLatin1Char(option.letter));
    term += u"\\fB\\-\\-%1\\fR"_s.arg(plain(QString(QLatin1StringView(option.name))));
    if (option.placeholder) {
        const bool optional = option.value == OptionRow::Value::OptionalChoice;
        const QString value = u"\\fI%1\\fR"_s.arg(plain(QString(QLatin1StringView(option.placeholder))));
        term += optional ? u"[=%1]"_s.arg(value) : u' ' + value;
    }
    QString text = QLatin1StringView(option.help);
    if (option.choices)
        text += u": "_s + QLatin1StringView(option.choices);
    return entry(term, text);
}

QString commandEntries(Command parent)
{
    QString entries;
    for (const SessionsWord &word : parent == Command::Sessions ? sessionsWords() : std::vector<SessionsWord>())
        entries += entry(u"\\fB%1\\fR %2"_s.arg(plain(word.name), plain(word.usage)).trimmed(), word.help);
    for (const CommandRow &row : commandTable()) {
        if (row.command != Command::Outer && row.parent == parent)
            entries += entry(u"\\fB%1\\fR"_s.arg(plain(QString(QLatin1StringView(row.name)))),
                             QString(QLatin1StringView(row.help)));
    }
    return entries;
}

QString optionSections(Command command)
{
    QString sections;
    for (const OptionRow::Group group : shownGroups()) {
        QString entries;
        for (const OptionRow &option : optionTable()) {
            const bool own =
                command != Command::Outer || option.option == Option::Help || option.option == Option::Version;
            if (option.group == group && isAccepted(option, command) && own)
                entries += optionEntry(option);
        }
        const QString title = command == Command::Outer ? u"OPTIONS"_s : groupTitle(group).toString().toUpper();
        sections += section(title, entries);
    }
    return sections;
}

struct Explained
{
    QLatin1StringView name;
    QLatin1StringView text;
};

constexpr Explained variables[]{
    {"NIGHTSHIFT_HOME, CODEX_HOME"_L1, "The folder of settings and sessions; it must exist"_L1},
    {"NIGHTSHIFT_API_KEY, CODEX_API_KEY, OPENAI_API_KEY"_L1, "The key of the provider openai; the first counts"_L1},
    {"HTTPS_PROXY, NO_PROXY"_L1, "How requests leave this machine"_L1},
    {"NIGHTSHIFT_CA_FILE, SSL_CERT_FILE"_L1, "Certificate authorities to trust instead of the system's"_L1},
    {"NO_COLOR, FORCE_COLOR"_L1, "Switch colours off or on where --color says nothing"_L1},
    {"NIGHTSHIFT_LOG"_L1, "What to log on stderr: debug, or llm=debug,tools=info"_L1},
    {"NIGHTSHIFT_CAPTURE"_L1, "A folder to write every request and its answer to, without keys"_L1},
};

constexpr Explained files[]{
    {"config.toml, NAME.config.toml"_L1, "The settings, and those that --profile NAME lays over them"_L1},
    {"auth.json"_L1, "The key that `nightshift login` stored"_L1},
    {"rules/*.rules"_L1, "Which commands may run at all"_L1},
    {"AGENTS.md, skills/"_L1, "What every model is told, and what it may look up"_L1},
    {"sessions/YYYY/MM/DD/rollout-*.jsonl"_L1, "The log of each session; archived_sessions/ holds those put aside"_L1},
};

constexpr Explained exitCodes[]{
    {"0"_L1, "The turn completed, whatever its commands did"_L1},
    {"1"_L1, "The turn failed, or could not start"_L1},
    {"2"_L1, "The command line is wrong"_L1},
    {"3"_L1, "The answer missed the output schema twice"_L1},
    {"10"_L1, "A limit was reached; the answer so far is printed"_L1},
    {"11"_L1, "A hook or an approver denied the prompt"_L1},
    {"130, 143"_L1, "Stopped by SIGINT, SIGTERM; the session can be resumed"_L1},
    {"141"_L1, "Nobody reads the output any more"_L1},
};

QString explanations(std::span<const Explained> explained)
{
    QString entries;
    for (const auto &[name, text] : explained)
        entries += entry(u"\\fB%1\\fR"_s.arg(plain(QString(name))), QString(text));
    return entries;
}

QString seeAlso(Command command)
{
    QStringList pages;
    for (const CommandRow &row : commandTable()) {
        const bool near = row.command != Command::Outer && row.command != Command::Help && row.parent == command;
        if (near)
            pages += u"\\fB%1\\fR(1)"_s.arg(plain(manPageName(row.command)));
    }
    if (command != Command::Outer)
        pages += u"\\fB%1\\fR(1)"_s.arg(plain(manPageName(commandRow(command).parent)));
    return pages.join(u", "_s);
}

} // namespace

QString manPageName(Command command)
{
    const QString path = commandPath(command);
    return path.isEmpty() ? u"nightshift"_s : u"nightshift-"_s + QString(path).replace(u' ', u'-');
}

QByteArray manPage(Command command)
{
    const QString name = manPageName(command);
    const bool runs =
        command == Command::Exec || (command != Command::Outer && commandRow(command).parent == Command::Exec);
    QString intro = helpIntroduction(command);
    QString brief = QLatin1StringView(commandRow(command).help);
    if (brief.isEmpty())
        brief = intro.trimmed().chopped(1);
    if (intro.isEmpty())
        intro = brief + u'.';
    const QString page =
        u".TH %1 1 \"\" \"nightshift " NIGHTSHIFT_VERSION "\" \"User Commands\"\n"_s.arg(plain(name.toUpper())) +
        section(u"NAME"_s, plain(name) + u" \\- "_s + plain(brief)) +
        section(u"SYNOPSIS"_s, asTyped(usageLines(command).remove(u"Usage: "_s).replace(u"\n       "_s, u"\n"_s))) +
        section(u"DESCRIPTION"_s, plain(intro)) + section(u"COMMANDS"_s, commandEntries(command)) +
        optionSections(command) + section(u"EXIT STATUS"_s, runs ? explanations(exitCodes) : QString()) +
        section(u"ENVIRONMENT"_s, command == Command::Outer ? explanations(variables) : QString()) +
        section(u"FILES"_s, command == Command::Outer ? explanations(files) : QString()) +
        section(u"EXAMPLES"_s, asTyped(helpExamples(command).toString())) + section(u"SEE ALSO"_s, seeAlso(command));
    return page.toUtf8();
}

} // namespace nightshift::app
