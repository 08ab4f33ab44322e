#include "git.h"
#include <QProcess>

using namespace Qt::StringLiterals;

namespace nightshift::isolation {

Result<QByteArray> git(const QString &folder, const QStringList &words, const QString &index)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"})
        environment.remove(QLatin1StringView(name)); // of a hook that runs us
    if (!index.isEmpty())
        environment.insert(u"GIT_INDEX_FILE"_s, index);
    process.setProcessEnvironment(environment);
    process.start(u"git"_s, QStringList{u"-C"_s, folder} + words);
    process.closeWriteChannel();
    if (!process.waitForFinished(-1))
        return fail(Error::Kind::NotFound, u"git cannot be run: %1"_s.arg(process.errorString()));
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return fail(
            Error::Kind::Denied,
            u"git %1: %2"_s.arg(words.first(), QString::fromLocal8Bit(process.readAllStandardError().trimmed())));
    return process.readAllStandardOutput();
}

} // namespace nightshift::isolation
