#include "programoutput.h"
#include <QProcess>

using namespace Qt::StringLiterals;

namespace nightshift::app {

Result<QByteArray> programOutput(const QStringList &argv, const QString &cwd, std::chrono::milliseconds timeout)
{
    const QString name = argv.join(u' ');
    QProcess process;
    process.setWorkingDirectory(cwd);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(argv.value(0), argv.sliced(1), QIODevice::ReadOnly);
    if (!process.waitForFinished(int(timeout.count()))) {
        if (process.error() == QProcess::FailedToStart)
            return fail(Error::Kind::NotFound, u"`%1` cannot be started: %2"_s.arg(name, process.errorString()));
        process.kill();
        process.waitForFinished();
        return fail(Error::Kind::Timeout, u"`%1` took longer than %2 ms"_s.arg(name).arg(timeout.count()));
    }
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return fail(Error::Kind::Denied, u"`%1` ended with code %2"_s.arg(name).arg(process.exitCode()));
    return process.readAllStandardOutput();
}

} // namespace nightshift::app
