#include "mcp/stdiotransport.h"
#include <QPointer>
#include <QProcess>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

namespace {

constexpr std::chrono::milliseconds closeGrace{1'000}; // a server that reads the end of its input needs less
constexpr qsizetype maxMessageBytes = 256 << 20;       // no message is that long: the server has gone mad
constexpr qsizetype keptErrorBytes = 4096;
constexpr qsizetype shownErrorLines = 5;

} // namespace

StdioTransport::StdioTransport(const tools::Sandbox &sandbox, const Options &options, QObject *parent)
    : Transport(parent)
    , m_process(new QProcess(this))
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) == 0)
        m_lifeline = ends[1];
    const auto launch = sandbox.launchAttached(options.argv, options.cwd, ends[0]);
    m_process->setProgram(launch.program);
    m_process->setArguments(launch.arguments);
    m_process->setWorkingDirectory(u"/"_s); // the server's own folder is the helper's to enter
    m_process->setEnvironment(options.environment);
    m_process->setUnixProcessParameters(QProcess::UnixProcessFlag::UseVFork |
                                        QProcess::UnixProcessFlag::CreateNewSession |
                                        QProcess::UnixProcessFlag::ResetSignalHandlers);
    m_process->setChildProcessModifier([lifeline = ends[0]] { fcntl(lifeline, F_SETFD, 0); });
    connect(m_process, &QProcess::readyReadStandardOutput, this, &StdioTransport::onOutput, Qt::QueuedConnection);
    connect(m_process, &QProcess::readyReadStandardError, this, &StdioTransport::onErrorOutput);
    // Queued: a failed start is told from inside start(), when nobody can have connected to us yet.
    connect(m_process, &QProcess::finished, this, &StdioTransport::onFinished, Qt::QueuedConnection);
    connect(m_process, &QProcess::errorOccurred, this, &StdioTransport::onFailedStart, Qt::QueuedConnection);
    // One that has closed its stdout can answer nothing any more.
    connect(m_process, &QProcess::readChannelFinished, this, &StdioTransport::close, Qt::QueuedConnection);
    m_grace.setSingleShot(true);
    connect(&m_grace, &QTimer::timeout, this, &StdioTransport::cutLifeline);
    m_process->start();
    if (ends[0] >= 0)
        ::close(ends[0]);
}

StdioTransport::~StdioTransport()
{
    cutLifeline();
    // The helper outlives us for the moment it takes to kill the tree; QProcess would kill the helper itself.
    m_process->disconnect(this);
    if (m_process->state() == QProcess::NotRunning)
        return;
    m_process->setParent(nullptr);
    connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
}

void StdioTransport::send(const RawJson &message, std::optional<qint64>)
{
    if (!m_isOver)
        m_process->write(json::onOneLine(message).text + '\n');
}

void StdioTransport::close()
{
    m_process->closeWriteChannel();
    if (!m_isOver && !m_grace.isActive())
        m_grace.start(closeGrace);
}

QString StdioTransport::lastWords() const
{
    const auto lines = m_errors.trimmed().split('\n');
    QStringList last;
    for (const QByteArray &line : lines.sliced(qMax(0, lines.size() - shownErrorLines))) {
        if (const QString text = QString::fromUtf8(line).trimmed(); !text.isEmpty())
            last += text;
    }
    return last.join("; "_L1);
}

void StdioTransport::onOutput()
{
    const QPointer<StdioTransport> alive(this);
    QByteArray bytes = m_process->readAllStandardOutput();
    qsizetype start = 0;
    for (qsizetype end; alive && (end = bytes.indexOf('\n', start)) >= 0; start = end + 1) {
        m_line += QByteArrayView(bytes).sliced(start, end - start);
        const QByteArray line = std::exchange(m_line, {}).trimmed();
        if (!line.isEmpty())
            emit received(line);
    }
    if (!alive)
        return;
    m_line += QByteArrayView(bytes).sliced(start);
    if (m_line.size() > maxMessageBytes)
        cutLifeline();
}

void StdioTransport::onErrorOutput()
{
    m_errors = (m_errors + m_process->readAllStandardError()).right(keptErrorBytes);
}

void StdioTransport::onFinished()
{
    const QPointer<StdioTransport> alive(this);
    onErrorOutput();
    onOutput();
    if (!alive)
        return;
    const int code = m_process->exitCode();
    if (m_process->exitStatus() == QProcess::CrashExit)
        return end(u"was killed by signal %1"_s.arg(code));
    const QString words = lastWords();
    // So begins what the helper says about a program that could not be executed, or about a sandbox that failed.
    if ((code == 127 || code == 126) && words.startsWith("nightshift: "_L1)) {
        m_errors.clear();
        return end(u"could not be started: "_s + words.sliced(12));
    }
    if (code == 125 && words.contains("nightshift-sandbox: "_L1)) {
        m_errors.clear();
        return end(u"could not be started: "_s + tools::Sandbox::failure(words).message);
    }
    end(code > 128 ? u"was killed by signal %1"_s.arg(code - 128) : u"ended with exit code %1"_s.arg(code));
}

void StdioTransport::onFailedStart()
{
    if (m_process->error() == QProcess::FailedToStart)
        end(u"could not be started: %1: %2"_s.arg(m_process->program(), m_process->errorString()));
}

/// KILL for the whole tree; the process's end follows.
void StdioTransport::cutLifeline()
{
    if (m_lifeline >= 0)
        ::close(std::exchange(m_lifeline, -1));
}

void StdioTransport::end(const QString &why)
{
    if (std::exchange(m_isOver, true))
        return;
    m_grace.stop();
    emit closed(why);
}

} // namespace nightshift::mcp
