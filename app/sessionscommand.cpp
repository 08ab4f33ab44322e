#include "sessionscommand.h"
#include "app/exitcodes.h"
#include "app/help.h"
#include "app/sessionchoice.h"
#include "app/sessionstask.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

struct Row
{
    static constexpr int any = 1 << 20;
    const char *name;
    const char *usage;   ///< What follows the name.
    const char *options; ///< "limit=, json": those with '=' take a value, those with '?' may.
    int leastWords;
    int mostWords;
    SessionsFunction *run;
    const char *help;
};

constexpr Row rows[] = {
    {"list", "[--here] [--archived] [--limit N] [--all] [--json]", "here, archived, limit=, all, json", 0, 0,
     listSessions, "Newest first; 20 unless --limit says otherwise (0: all)"},
    {"show", "SESSION [--format human|json|protocol|markdown]", "format=, json?", 1, 1, showSession,
     "Print a session again as its runs printed it, in any form"},
    {"search", "TEXT [--here] [--limit N]", "here, limit=, json", 1, 1, searchSessions,
     "Find sessions by what was asked and answered in them"},
    {"rename", "SESSION NAME", "", 2, 2, renameSession, "Name a session; resume takes names, too"},
    {"archive", "SESSION...", "", 1, Row::any, archiveSessions, "Put sessions aside: neither listed nor resumed"},
    {"unarchive", "SESSION...", "", 1, Row::any, unarchiveSessions, "Bring archived sessions back"},
    {"apply", "SESSION", "", 1, 1, applySession,
     "Put the result of an isolated run into the real tree, all or nothing"},
    {"export", "SESSION [-o FILE] [--format tar.gz|zip] [--redact] [--include files,cassette]",
     "output=, format=, redact, include=", 1, 1, exportSession,
     "Write a session as one file, to go on with it elsewhere; to stdout without -o"},
    {"import", "FILE", "", 1, 1, importSession, "Take a session that was exported, whole or not at all"},
    {"verify", "SESSION... | --all", "all", 0, Row::any, verifySessions,
     "Check logs line by line; exit code 1 when something is wrong"},
    {"delete", "SESSION...", "", 1, Row::any, deleteSessions, "Delete sessions, for ever"},
    {"prune", "--older-than AGE", "older-than=", 0, 0, pruneSessions, "Delete what nobody touched for AGE (90d)"},
    {"compress", "[SESSION...] [--older-than AGE]", "older-than=", 0, Row::any, compressSessions,
     "Pack logs; they are read and resumed as before"},
    {"reindex", "", "", 0, 0, reindexSessions, "Make the index of sessions anew from their logs"},
};

int refuse(const QString &message, int exitCode)
{
    sayLine(message);
    return exitCode;
}

std::unexpected<Error> wrong(const QString &sentence, const Row &row)
{
    return fail(Error::Kind::Usage, u"error: %1\n\nUsage: nightshift sessions %2 %3"_s.arg(
                                        sentence, QLatin1StringView(row.name), QLatin1StringView(row.usage)));
}

/// '=', '?' or ' ' for an option that takes a value, may, or does not; 0 for one that there is not.
char kindOf(const Row &row, QStringView name)
{
    for (QLatin1StringView option : QLatin1StringView(row.options).tokenize(", "_L1)) {
        const char last = option.isEmpty() ? ' ' : option.back().toLatin1();
        const bool marked = last == '=' || last == '?';
        if (name == (marked ? option.chopped(1) : option))
            return marked ? last : ' ';
    }
    return 0;
}

Result<> readOption(SessionsTask &task, const Row &row, QStringList &rest)
{
    const QString word = rest.takeFirst();
    const QString name = word.section(u'=', 0, 0).sliced(2);
    const char kind = kindOf(row, name);
    if (!kind)
        return wrong(u"unexpected argument '%1' found"_s.arg(word), row);
    if (word.contains(u'=') && kind == ' ')
        return wrong(u"'--%1' takes no value"_s.arg(name), row);
    if (!word.contains(u'=') && kind == '=' && rest.isEmpty())
        return wrong(u"a value is required for '--%1' but none was supplied"_s.arg(name), row);
    const bool next = kind == '=' && !word.contains(u'=');
    task.options[name] = next ? rest.takeFirst() : word.section(u'=', 1);
    return {};
}

Result<SessionsTask> read(const Row &row, QStringList rest)
{
    SessionsTask task;
    bool onlyWords = false;
    while (!rest.isEmpty()) {
        if (!onlyWords && rest.first() == "--"_L1) {
            onlyWords = true;
            rest.removeFirst();
        } else if (!onlyWords && rest.first() == "-o"_L1 && kindOf(row, u"output")) {
            rest.first() = u"--output"_s;
        } else if (!onlyWords && rest.first().startsWith("--"_L1)) {
            if (const Result<> taken = readOption(task, row, rest); !taken)
                return std::unexpected(taken.error());
        } else {
            task.words += rest.takeFirst();
        }
    }
    if (task.words.size() < row.leastWords)
        return wrong(u"something is missing"_s, row);
    if (task.words.size() > row.mostWords)
        return wrong(u"unexpected argument '%1' found"_s.arg(task.words[row.mostWords]), row);
    return task;
}

int run(const Row &row, const SessionsOptions &options)
{
    Result<SessionsTask> task = read(row, options.arguments);
    if (!task)
        return refuse(task.error().message, int(ExitCode::Usage));
    auto loaded = loadSettings(options.settings);
    if (!loaded)
        return refuse(u"Error: "_s + loaded.error().message, loaded.error().exitCode);
    task->settings = std::move(loaded->settings);
    const Result<int> done = row.run(*task);
    if (done)
        return *done;
    const bool usage = done.error().kind == Error::Kind::Usage;
    return refuse(u"Error: "_s + done.error().message, int(usage ? ExitCode::Usage : ExitCode::Failure));
}

} // namespace

store::SessionFinder SessionsTask::finder() const
{
    return store::SessionFinder(state(), decompressor());
}

Result<store::SessionFile> SessionsTask::session(const QString &word) const
{
    return finder().locate(word, {settings.provider.id, settings.cwd, true});
}

int runSessions(const SessionsOptions &options)
{
    const bool help = options.command.isEmpty() || options.command == "help"_L1 ||
                      options.arguments.contains(u"--help"_s) || options.arguments.contains(u"-h"_s);
    if (help)
        return writeFully(STDOUT_FILENO, helpText(Command::Sessions).toUtf8()) == 0 ? int(ExitCode::Success)
                                                                                    : int(ExitCode::OutputGone);
    for (const Row &row : rows) {
        if (options.command == QLatin1StringView(row.name))
            return run(row, options);
    }
    return refuse(usageError(u"unrecognized subcommand '%1'"_s.arg(options.command), Command::Sessions).message,
                  int(ExitCode::Usage));
}

std::vector<SessionsWord> sessionsWords()
{
    std::vector<SessionsWord> words;
    for (const Row &row : rows)
        words.push_back({QString::fromLatin1(row.name), QString::fromLatin1(row.usage), QString::fromLatin1(row.help)});
    return words;
}

} // namespace nightshift::app
