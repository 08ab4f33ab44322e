#include "batchchild.h"
#include "base/boundedfile.h"
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::api {

constexpr auto startTime = 60s;             // for modules, settings and a first look at the items, on a loaded machine
constexpr auto dyingTime = 30s;             // for sessions to end in good order
constexpr qint64 lastWordsBytes = 4 * 1024; // of a log that may be long

BatchChild::BatchChild(Plan plan, QObject *parent)
    : QObject(parent)
    , m_plan(std::move(plan))
    , m_process(new QProcess)
{
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        m_ending.wasStuck = true;
        m_process->kill();
    });
}

BatchChild::~BatchChild()
{
    m_process->disconnect(this);
    if (m_process->state() == QProcess::NotRunning) {
        m_process->deleteLater();
        return;
    }
    m_process->closeWriteChannel(); // which it takes as the end of us
    m_process->terminate();
    m_process->waitForFinished(0);
    connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
}

void BatchChild::start()
{
    m_logFrom = QFileInfo(m_plan.logPath).size();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"NIGHTSHIFT_BATCH_WATCHED"_s, u"1"_s);
    m_process->setProcessEnvironment(environment);
    m_process->setUnixProcessParameters(QProcess::UnixProcessFlag::CreateNewSession); // Ctrl+C is for us
    m_process->setWorkingDirectory(m_plan.cwd);
    m_process->setStandardErrorFile(m_plan.logPath, QIODevice::Append);
    connect(m_process, &QProcess::readyReadStandardOutput, this, &BatchChild::onOutput);
    connect(m_process, &QProcess::finished, this, &BatchChild::onEnded);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            QMetaObject::invokeMethod(this, &BatchChild::onEnded, Qt::QueuedConnection);
    });
    m_process->start(m_plan.command.first(), m_plan.command.sliced(1));
    m_process->write(m_plan.firstLine + '\n');
    m_patience.start(std::max<std::chrono::milliseconds>(startTime, m_plan.patience));
}

void BatchChild::tell(const RawJson &change)
{
    m_process->write(change.text + '\n');
}

void BatchChild::stop()
{
    m_process->terminate();
    QTimer::singleShot(dyingTime, m_process, &QProcess::kill);
}

void BatchChild::onOutput()
{
    m_output += m_process->readAllStandardOutput();
    for (qsizetype end; (end = m_output.indexOf('\n')) >= 0; m_output.remove(0, end + 1)) {
        const auto line = JsonDocument::parse(QByteArrayView(m_output).first(end));
        if (!line)
            continue;
        m_patience.start(m_plan.patience);
        if (const JsonView told = line->root()["progress"]; told.exists())
            emit progress(told.raw());
        if (const JsonView result = line->root()["result"]; result.exists())
            m_ending.result = result.raw();
    }
}

QString BatchChild::lastWords() const
{
    const auto opened = openBounded(m_plan.logPath, fileuse::journal);
    QFile log;
    if (!opened || !log.open(opened->get(), QIODevice::ReadOnly) ||
        !log.seek(std::max(m_logFrom, log.size() - lastWordsBytes)))
        return {};
    QString last;
    for (const QString &line : QString::fromUtf8(log.read(lastWordsBytes)).split(u'\n', Qt::SkipEmptyParts)) {
        if (line.startsWith("Error: "_L1))
            return line.sliced(7);
        last = line;
    }
    return last;
}

void BatchChild::onEnded()
{
    if (std::exchange(m_hasEnded, true))
        return;
    onOutput();
    m_patience.stop();
    const bool hasExited =
        m_process->error() != QProcess::FailedToStart && m_process->exitStatus() == QProcess::NormalExit;
    m_ending.exitCode = hasExited ? m_process->exitCode() : -1;
    m_ending.message = m_process->error() == QProcess::FailedToStart ? m_process->errorString() : lastWords();
    emit ended(m_ending);
}

} // namespace nightshift::api
