#include "app/sandboxcommand.h"
#include "tools/sandbox.h"
#include <QFile>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <vector>

using namespace Qt::StringLiterals;

namespace nightshift::app {

/// Replaces this process: the helper passes streams and exit code through, and signals find it.
static Error become(const tools::Sandbox::Launch &launch)
{
    std::vector<QByteArray> words{QFile::encodeName(launch.program)};
    for (const QString &argument : launch.arguments)
        words.push_back(argument.toLocal8Bit());
    std::vector<char *> argv;
    for (QByteArray &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(argv.front(), argv.data());
    return {Error::Kind::Internal,
            u"%1 could not be started: %2"_s.arg(launch.program, QString::fromLocal8Bit(strerror(errno)))};
}

Error runSandboxCommand(const SandboxPolicy &policy, const CommandLimits &limits, const QString &cwd,
                        const QStringList &argv)
{
    const auto sandbox = tools::Sandbox::prepare(policy, cwd, qEnvironmentVariable("TMPDIR"), limits);
    if (!sandbox)
        return sandbox.error();
    qunsetenv("QT_NO_GLIB"); // our own setting, not the caller's
    if (policy.mode != SandboxPolicy::Mode::DangerFullAccess && !policy.networkAccess)
        qputenv("CODEX_SANDBOX_NETWORK_DISABLED", "1");
    return become(sandbox->launchAttached(argv, cwd));
}

} // namespace nightshift::app
