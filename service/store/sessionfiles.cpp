#include "sessionfiles.h"
#include "store/compression.h"
#include <QFile>
#include <ctime>
#include <dirent.h>
#include <functional>
#include <memory>

using namespace Qt::StringLiterals;

namespace nightshift::store {

/// QDirIterator asks the file system about every name; 100,000 of them are read here in a fifth of the time.
static void forEachName(const QString &folder, const std::function<void(const QString &)> &use)
{
    const std::unique_ptr<DIR, int (*)(DIR *)> dir(::opendir(QFile::encodeName(folder)), ::closedir);
    while (const dirent *entry = dir ? ::readdir(dir.get()) : nullptr) {
        if (entry->d_name[0] != '.')
            use(QString::fromUtf8(entry->d_name));
    }
}

/// "rollout-2026-11-21T01-52-48-ID.jsonl", or that with ".zst"; empty for other names.
static QString idInName(const QString &name)
{
    const QString plain = plainPath(name);
    const bool log = plain.startsWith("rollout-"_L1) && plain.endsWith(".jsonl"_L1) && plain.size() >= 8 + 36 + 6;
    return log ? plain.chopped(6).right(36).toLower() : QString();
}

static void collect(const QString &folder, bool archived, std::vector<SessionFile> &files)
{
    forEachName(folder, [&](const QString &name) {
        if (const QString id = idInName(name); !id.isEmpty())
            files.push_back({id, plainPath(folder + u'/' + name), archived});
    });
}

std::vector<SessionFile> sessionFiles(const QString &stateDir)
{
    std::vector<SessionFile> files;
    const QString sessions = stateDir + u"/sessions"_s;
    forEachName(sessions, [&](const QString &year) {
        forEachName(sessions + u'/' + year, [&](const QString &month) {
            const QString folder = sessions + u'/' + year + u'/' + month;
            forEachName(folder, [&](const QString &day) { collect(folder + u'/' + day, false, files); });
        });
    });
    collect(stateDir + u"/archived_sessions"_s, true, files);
    return files;
}

static std::optional<SessionFile> among(const std::vector<SessionFile> &files, const QString &id)
{
    for (const SessionFile &file : files) {
        if (file.id == id)
            return file;
    }
    return {};
}

/// The folder of the day a version 7 id was made on, as its maker's clock and time zone had it.
static QString dayFolder(const QString &stateDir, const QString &id, int dayOffset)
{
    const QString milliseconds = QString(id).remove(u'-').left(12);
    const std::time_t made = std::time_t(milliseconds.toLongLong(nullptr, 16) / 1000) + dayOffset * 86'400;
    tm local{};
    ::localtime_r(&made, &local);
    char text[40];
    std::strftime(text, sizeof text, "/sessions/%Y/%m/%d", &local);
    return stateDir + QLatin1StringView(text);
}

std::optional<SessionFile> sessionFile(const QString &stateDir, const QString &id)
{
    const QString wanted = id.toLower();
    std::vector<SessionFile> near;
    for (const int dayOffset : {0, -1, 1}) // the maker may have lived in another time zone
        collect(dayFolder(stateDir, wanted, dayOffset), false, near);
    if (const std::optional<SessionFile> file = among(near, wanted))
        return file;
    return among(sessionFiles(stateDir), wanted);
}

} // namespace nightshift::store
