#include "runninglist.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "store/appending.h"
#include "store/linewalk.h"
#include <QFile>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr qsizetype maxLines = 10'000; // about a megabyte

RunningList::RunningList(QString path)
    : m_path(std::move(path))
{}

static QByteArray line(const QString &id, const QString &log)
{
    return json::object({{"session", id}, {"log", log.isEmpty() ? json::null() : json::string(log)}}).text + '\n';
}

QHash<QString, QString> RunningList::read() const
{
    QHash<QString, QString> running;
    const auto text = readBounded(m_path, fileuse::journal);
    if (!text)
        return running;
    store::ForwardLines lines(*text);
    while (const auto each = lines.next()) {
        const auto entry = JsonDocument::parse(*each);
        if (!entry)
            continue;
        const QString id = entry->root()["session"].toString();
        if (const JsonView log = entry->root()["log"]; log.isString())
            running.insert(id, log.toString());
        else
            running.remove(id);
    }
    return running;
}

Result<> RunningList::write(const QHash<QString, QString> &sessions)
{
    m_running = sessions;
    m_lines = sessions.size();
    QSaveFile file(m_path);
    bool written = file.open(QIODevice::WriteOnly) && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    for (auto session = sessions.begin(); written && session != sessions.end(); ++session)
        written = file.write(line(session.key(), session.value())) > 0;
    if (!written || !file.commit())
        return fail(Error::Kind::Internal, u"cannot write %1: %2"_s.arg(m_path, file.errorString()));
    return {};
}

Result<> RunningList::append(const QByteArray &text)
{
    if (++m_lines > maxLines)
        return write(m_running);
    return store::appendTo(m_path, text);
}

Result<> RunningList::add(const QString &id, const QString &log)
{
    if (m_running.contains(id))
        return {};
    m_running.insert(id, log);
    return append(line(id, log));
}

void RunningList::remove(const QString &id)
{
    // One that stays is looked at once more than needed.
    if (m_running.remove(id) > 0)
        std::ignore = append(line(id, {}));
}

} // namespace nightshift::api
