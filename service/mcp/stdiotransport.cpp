#include "mcp/stdiotransport.h"
#include <QPointer>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

namespace {

constexpr std::chrono::milliseconds closeGrace{1'000}; // a server that reads the end of its input needs less
constexpr qsizetype keptErrorBytes = 4096;
constexpr qsizetype shownErrorLines = 5;

} // namespace

StdioTransport::StdioTransport(const tools::Sandbox &sandbox, const Options &options, QObject *parent)
    : Transport(parent)
    , m_server(this)
    , m_process(&m_server.process())
{
    connect(m_process, &QProcess::readyReadStandardOutput, this, &StdioTransport::onOutput, Qt::QueuedConnection);
    connect(m_process, &QProcess::readyReadStandardError, this, &StdioTransport::onErrorOutput);
    // Queued: a failed start is told from inside start(), when nobody can have connected to us yet.
    connect(m_process, &QProcess::finished, this, &StdioTransport::onFinished, Qt::QueuedConnection);
    connect(m_process, &QProcess::errorOccurred, this, &StdioTransport::onFailedStart, Qt::QueuedConnection);
    // One that has closed its stdout can answer nothing any more.
    connect(m_process, &QProcess::readChannelFinished, this, &StdioTransport::close, Qt::QueuedConnection);
    m_grace.setSingleShot(true);
    connect(&m_grace, &QTimer::timeout, &m_server, &tools::AttachedProcess::kill);
    m_server.start(sandbox, options);
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
    const QByteArray bytes = m_process->readAllStandardOutput();
    if (!m_excess.isEmpty())
        return;
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
    if (m_line.size() <= m_limits.mcpMessageBytes || !m_excess.isEmpty())
        return;
    m_excess = exceeded(m_limits, &AnswerLimits::mcpMessageBytes);
    m_line.clear();
    m_server.kill();
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
    if (!m_excess.isEmpty())
        return end(m_excess);
    const int code = m_process->exitCode();
    if (m_process->exitStatus() == QProcess::CrashExit)
        return end(u"was killed by signal %1"_s.arg(code));
    const QString words = lastWords();
    if (const auto why = m_server.whyNeverRan(words)) {
        m_errors.clear();
        return end(u"could not be started: "_s + *why);
    }
    end(code > 128 ? u"was killed by signal %1"_s.arg(code - 128) : u"ended with exit code %1"_s.arg(code));
}

void StdioTransport::onFailedStart()
{
    if (m_process->error() == QProcess::FailedToStart)
        end(u"could not be started: %1: %2"_s.arg(m_process->program(), m_process->errorString()));
}

void StdioTransport::end(const QString &why)
{
    if (std::exchange(m_isOver, true))
        return;
    m_grace.stop();
    emit closed(why);
}

} // namespace nightshift::mcp
