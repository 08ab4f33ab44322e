#include "tools/runninghomes.h"
#include "tools/ownplaces.h"
#include <QFileInfo>
#include <QMutex>
#include <chrono>
#include <dirent.h>
#include <memory>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::tools {

namespace {

QByteArray linkOf(const QString &path)
{
    char target[4096];
    const ssize_t size = readlink(path.toLatin1().constData(), target, sizeof target);
    return size > 0 ? QByteArray(target, size) : QByteArray();
}

bool isOurs(const QByteArray &program)
{
    const QByteArray name = program.sliced(program.lastIndexOf('/') + 1);
    return name == "nightshift" || name == "nightshift (deleted)" || name == "codex" || name == "codex (deleted)";
}

bool looksLikeHome(const QString &folder)
{
    for (const auto name : {"/config.toml"_L1, "/auth.json"_L1, "/tokens.json"_L1, "/sessions"_L1, "/serve"_L1,
                            "/http.sock"_L1, "/token"_L1}) {
        if (QFileInfo::exists(folder + name))
            return true;
    }
    return false;
}

QStringList look()
{
    QStringList folders;
    const QByteArray users = linkOf(u"/proc/self/ns/user"_s);
    const std::unique_ptr<DIR, int (*)(DIR *)> processes(opendir("/proc"), closedir); // QDir would look at each
    while (const dirent *entry = processes ? readdir(processes.get()) : nullptr) {
        const QString process = QString::fromLatin1(entry->d_name);
        const QString folder = u"/proc/"_s + process;
        // In another name space of users it is a command, and says what it likes.
        if (!process[0].isDigit() || process.toLongLong() == getpid() || !isOurs(linkOf(folder + u"/exe"_s)) ||
            linkOf(folder + u"/ns/user"_s) != users)
            continue;
        QFile file(folder + u"/environ"_s);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArrayList environment = file.read(1 << 20).split('\0');
        const auto variable = [&environment](const char *name) {
            const QByteArray start = QByteArray(name) + '=';
            for (const QByteArray &line : environment) {
                if (line.startsWith(start))
                    return QFile::decodeName(line.sliced(start.size()));
            }
            return QString();
        };
        for (const QString &own : ownFolders(variable, QFile::decodeName(linkOf(folder + u"/cwd"_s)))) {
            if (looksLikeHome(own) && !folders.contains(own))
                folders += own;
        }
    }
    return folders;
}

} // namespace

QStringList runningHomes()
{
    using Clock = std::chrono::steady_clock;
    static QMutex mutex;
    static QStringList known;
    static std::optional<Clock::time_point> looked;
    const QMutexLocker lock(&mutex);
    if (!looked || Clock::now() - *looked > 1s) { // sessions of a batch start by the dozen
        known = look();
        looked = Clock::now();
    }
    return known;
}

} // namespace nightshift::tools
