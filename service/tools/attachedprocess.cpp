#include "tools/attachedprocess.h"
#include "tools/openfiles.h"
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

AttachedProcess::AttachedProcess(QObject *parent)
    : QObject(parent)
    , m_process(new QProcess(this))
{}

AttachedProcess::~AttachedProcess()
{
    kill();
    // The helper outlives us for the moment it takes to kill the tree; QProcess would kill the helper itself.
    m_process->disconnect();
    if (m_process->state() == QProcess::NotRunning)
        return;
    m_process->setParent(nullptr);
    connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
}

void AttachedProcess::start(const Sandbox &sandbox, const Options &options)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) == 0)
        m_lifeline = ends[1];
    const auto launch = sandbox.launchAttached(options.argv, options.cwd, ends[0]);
    m_process->setProgram(launch.program);
    m_process->setArguments(launch.arguments);
    m_process->setWorkingDirectory(u"/"_s); // the program's own folder is the helper's to enter
    m_process->setEnvironment(options.environment);
    m_process->setUnixProcessParameters(QProcess::UnixProcessFlag::UseVFork |
                                        QProcess::UnixProcessFlag::CreateNewSession |
                                        QProcess::UnixProcessFlag::ResetSignalHandlers);
    m_process->setChildProcessModifier([lifeline = ends[0]] {
        fcntl(lifeline, F_SETFD, 0);
        restoreOpenFiles();
    });
    m_process->start();
    if (ends[0] >= 0)
        ::close(ends[0]);
}

void AttachedProcess::kill()
{
    if (m_lifeline >= 0)
        ::close(std::exchange(m_lifeline, -1));
}

std::optional<QString> AttachedProcess::whyNeverRan(const QString &words) const
{
    const int code = m_process->exitCode();
    // So begins what the helper says about a program that could not be executed, or about a sandbox that failed.
    if ((code == 127 || code == 126) && words.startsWith("nightshift: "_L1))
        return words.sliced(12);
    if (code == 125 && words.contains("nightshift-sandbox: "_L1))
        return Sandbox::failure(words).message;
    return {};
}

} // namespace nightshift::tools
