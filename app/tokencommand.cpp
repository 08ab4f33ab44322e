#include "tokencommand.h"
#include <QProcess>

using namespace Qt::StringLiterals;

namespace nightshift::app {

Result<Secret> runTokenCommand(const TokenCommand &command)
{
    const QString name = command.argv.join(u' ');
    QProcess process;
    process.setWorkingDirectory(command.cwd);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(command.argv.value(0), command.argv.sliced(1), QIODevice::ReadOnly);
    if (!process.waitForFinished(int(command.timeout.count()))) {
        if (process.error() == QProcess::FailedToStart)
            return fail(Error::Kind::Invalid, u"`%1` cannot be started: %2"_s.arg(name, process.errorString()));
        process.kill();
        process.waitForFinished();
        return fail(Error::Kind::Timeout, u"`%1` took longer than %2 ms"_s.arg(name).arg(command.timeout.count()));
    }
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return fail(Error::Kind::Denied, u"`%1` ended with code %2"_s.arg(name).arg(process.exitCode()));
    Secret token(process.readAllStandardOutput().trimmed());
    if (token.isEmpty())
        return fail(Error::Kind::Invalid, u"`%1` printed nothing"_s.arg(name));
    return token;
}

} // namespace nightshift::app
