#include "app/exitcodes.h"
#include "app/sessionchoice.h"
#include "app/sessionstask.h"
#include "app/stdoutwriter.h"
#include "app/terminaltext.h"
#include "engine/replay.h"
#include <QFile>
#include <ctime>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

/// As many as a screen shows; who wants more says so.
constexpr size_t usualLimit = 20;

Result<size_t> limitOf(const SessionsTask &task)
{
    if (!task.has("limit"))
        return usualLimit;
    bool isNumber = false;
    const int limit = task.value("limit").toInt(&isNumber);
    if (!isNumber || limit < 0)
        return fail(Error::Kind::Usage, u"--limit takes a whole number, not '%1'"_s.arg(task.value("limit")));
    return size_t(limit);
}

/// "2026-11-21 05:12", in this machine's time zone.
QString timeText(qint64 milliseconds)
{
    const std::time_t seconds = milliseconds / 1000;
    tm local{};
    ::localtime_r(&seconds, &local);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    return QString::fromLatin1(text);
}

QString folderText(const QString &cwd, const QString &home)
{
    return !home.isEmpty() && (cwd == home || cwd.startsWith(home + u'/')) ? u'~' + cwd.sliced(home.size()) : cwd;
}

class RowPrinter
{
public:
    RowPrinter(const SessionsTask &task, const QHash<QString, QString> &names)
        : m_json(task.has("json"))
        , m_names(names)
        , m_color(wantsColor(ColorMode::Auto, colorHints(STDOUT_FILENO)))
    {}

    QByteArray text(const store::SessionRow &row) const
    {
        const QString name = m_names.value(row.id);
        if (m_json) {
            return json::object({{"id", row.id},
                                 {"name", name.isEmpty() ? std::nullopt : std::optional(name)},
                                 {"updated", row.updated},
                                 {"provider", row.provider},
                                 {"model", row.model},
                                 {"cwd", row.cwd},
                                 {"title", row.title},
                                 {"archived", row.isArchived()},
                                 {"path", row.path}})
                       .text +
                   '\n';
        }
        const QString time = timeText(row.updated);
        const QString place = u"  "_s + printable(row.model).leftJustified(14) + u"  "_s +
                              folderText(revealed(row.cwd), m_home) + u"  "_s;
        const QString title = printable(name.isEmpty() ? row.title : name + u": "_s + row.title);
        const QString shown = elided(title, roomBehind(row.id.size() + 2 + time.size() + place.size()));
        const QString bold = shown.first(std::min(name.size(), shown.size()));
        return (row.id + u"  "_s + styled(time, Style::Dim, m_color) + place +
                (bold.isEmpty() ? bold : styled(bold, Style::Bold, m_color)) + shown.sliced(bold.size()) + u'\n')
            .toUtf8();
    }

private:
    /// Where a terminal's line ends; 0, for all, where there is no end or hardly anything would be shown.
    qsizetype roomBehind(qsizetype begin) const
    {
        constexpr qsizetype least = 20;
        return m_columns - begin < least ? 0 : m_columns - begin;
    }

    bool m_json;
    const QHash<QString, QString> &m_names;
    bool m_color;
    int m_columns = columnsOf(STDOUT_FILENO);
    QString m_home = qEnvironmentVariable("HOME");
};

bool isThere(const SessionsTask &task, const store::SessionRow &row)
{
    const QString path = task.state() + u'/' + row.path;
    return QFile::exists(path) || QFile::exists(store::compressedPath(path));
}

store::SessionIndex::Filter filterOf(const SessionsTask &task, size_t limit)
{
    store::SessionIndex::Filter filter{.archived = task.has("archived"), .limit = limit};
    if (task.has("here"))
        filter.cwd = task.settings.cwd;
    return filter;
}

int print(const QByteArray &text)
{
    return (text.startsWith('{') ? printJson(text) : writeFully(STDOUT_FILENO, text)) == 0 ? int(ExitCode::Success)
                                                                                           : int(ExitCode::OutputGone);
}

} // namespace

Result<int> listSessions(const SessionsTask &task)
{
    const Result<size_t> limit = limitOf(task);
    if (!limit)
        return std::unexpected(limit.error());
    const store::SessionIndex index(task.state());
    const Result<> ready = task.has("all") ? index.rebuild(decompressor()) : index.refresh(decompressor());
    if (!ready)
        return std::unexpected(ready.error());
    const QHash<QString, QString> names = task.finder().names();
    const RowPrinter printer(task, names);
    QByteArray text;
    for (const store::SessionRow &row : index.rows(filterOf(task, *limit))) {
        if (isThere(task, row)) // else it was deleted by hand
            text += printer.text(row);
    }
    if (text.isEmpty() && !task.has("json"))
        sayLine(u"There are no sessions in %1."_s.arg(task.state()));
    return print(text);
}

/// What was said in the session that holds `text`, on one line, around it; empty when nothing does.
static QString passage(const SessionsTask &task, const store::SessionRow &row, const QString &text)
{
    constexpr qsizetype around = 60; // characters on each side: about a line of a terminal
    auto replay = engine::Replay::open(task.state(), task.state() + u'/' + row.path, decompressor());
    while (const std::optional<Event> event = replay ? replay->next() : std::nullopt) {
        const auto *asked = std::get_if<UserSaid>(&*event);
        const auto *answered = std::get_if<MessageCompleted>(&*event);
        const QString said = asked ? asked->input.text : answered ? answered->text : QString();
        const qsizetype at = said.indexOf(text, 0, Qt::CaseInsensitive);
        if (at >= 0)
            return said.mid(qMax<qsizetype>(at - around, 0), text.size() + 2 * around).simplified();
    }
    return {};
}

Result<int> searchSessions(const SessionsTask &task)
{
    const Result<size_t> limit = limitOf(task);
    if (!limit)
        return std::unexpected(limit.error());
    const store::SessionIndex index(task.state());
    if (const Result<> ready = index.refresh(decompressor()); !ready)
        return std::unexpected(ready.error());
    const QHash<QString, QString> names = task.finder().names();
    const RowPrinter printer(task, names);
    size_t found = 0;
    for (const store::SessionRow &row : index.rows(filterOf(task, 0))) {
        const QString line = passage(task, row, task.words[0]);
        if (line.isEmpty())
            continue;
        const QByteArray shown = task.has("json") ? QByteArray() : "    " + printable(line).toUtf8() + '\n';
        if (print(printer.text(row) + shown) != int(ExitCode::Success))
            return int(ExitCode::OutputGone);
        if (++found == *limit)
            break;
    }
    return int(found ? ExitCode::Success : ExitCode::Failure); // as grep says it
}

} // namespace nightshift::app
