#include "script/command.h"
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <csignal>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

constexpr double usualTimeoutSeconds = 600;

Result<QStringList> argvOf(JsonView call)
{
    QStringList argv;
    for (const JsonView &word : call["argv"].items()) {
        if (!word.isString())
            return fail(Error::Kind::Invalid, u"exec() takes a list of words, one for each argument"_s);
        argv += word.toString();
    }
    if (argv.isEmpty())
        return fail(Error::Kind::Invalid, u"exec() takes a list of words: the program and its arguments"_s);
    return argv;
}

} // namespace

void Command::run(const RawJson &call, const QString &folder, const Answer &answer, QObject *parent)
{
    const auto document = JsonDocument::parse(call.text);
    const JsonView root = document ? document->root() : JsonView();
    const auto argv = argvOf(root);
    if (!argv)
        return answer(std::unexpected(argv.error()));
    const QDir cwd(QDir(folder).absoluteFilePath(root["cwd"].toString(u"."_s)));
    // Looked for here, because who closes all files cannot tell of a failed start.
    const QString name = argv->first();
    const QString program = name.contains(u'/') ? cwd.absoluteFilePath(name) : QStandardPaths::findExecutable(name);
    if (!cwd.exists() || !QFileInfo(program).isExecutable())
        return answer(
            fail(Error::Kind::NotFound,
                 u"exec(): there is no %1"_s.arg(cwd.exists() ? u"program "_s + name : u"folder "_s + cwd.path())));
    auto *command = new Command(answer, parent);
    const double seconds = root["timeout_s"].toDouble(usualTimeoutSeconds);
    command->m_timeout.start(std::chrono::milliseconds(qint64(seconds * 1000)));
    command->start(program, argv->mid(1), cwd.path(), root["stdin"].utf8().toByteArray());
}

Command::Command(Answer answer, QObject *parent)
    : QObject(parent)
    , m_answer(std::move(answer))
{
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, [this] {
        m_timedOut = true;
        kill();
    });
    connect(&m_process, &QProcess::finished, this, &Command::onFinished);
    connect(&m_process, &QProcess::errorOccurred, this, &Command::onError);
}

Command::~Command()
{
    m_process.disconnect(this);
    kill();
}

void Command::start(const QString &program, const QStringList &arguments, const QString &cwd, const QByteArray &input)
{
    m_process.setUnixProcessParameters(QProcess::UnixProcessFlag::CreateNewSession |
                                       QProcess::UnixProcessFlag::ResetSignalHandlers |
                                       QProcess::UnixProcessFlag::CloseFileDescriptors);
    m_process.setWorkingDirectory(cwd);
    m_process.start(program, arguments);
    m_process.write(input);
    m_process.closeWriteChannel();
}

void Command::onFinished()
{
    const bool ended = m_process.exitStatus() == QProcess::NormalExit;
    m_answer(json::object({{"exit_code", ended ? json::number(qint64(m_process.exitCode())) : json::null()},
                           {"stdout", json::string(QByteArrayView(m_process.readAllStandardOutput()))},
                           {"stderr", json::string(QByteArrayView(m_process.readAllStandardError()))},
                           {"timed_out", m_timedOut}}));
    deleteLater();
}

void Command::onError(QProcess::ProcessError error)
{
    if (error != QProcess::FailedToStart)
        return;
    m_answer(fail(Error::Kind::NotFound, u"exec(): %1: %2"_s.arg(m_process.program(), m_process.errorString())));
    deleteLater();
}

void Command::kill()
{
    if (m_process.processId() > 0)
        ::kill(-pid_t(m_process.processId()), SIGKILL);
    m_process.kill();
    m_process.waitForFinished();
}

} // namespace nightshift::script
