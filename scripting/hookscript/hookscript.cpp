#include "hookscript/hookscript.h"
#include "base/jsonreader.h"
#include <QDeadlineTimer>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::hookscript {

namespace {

constexpr auto loadTime = 30s;      // TypeScript with many packages, on a loaded machine
constexpr auto withdrawalTime = 1s; // to interrupt a script that still has memory takes milliseconds

} // namespace

ScriptJob::~ScriptJob()
{
    m_script.withdraw(m_id);
}

Result<std::unique_ptr<HookScript>> HookScript::open(const HookFileSettings &settings, const QString &runner)
{
    std::unique_ptr<HookScript> script(new HookScript(settings, runner));
    if (const auto loaded = script->load(); !loaded)
        return std::unexpected(loaded.error());
    return script;
}

HookScript::HookScript(HookFileSettings settings, QString runner)
    : m_settings(std::move(settings))
    , m_runner(std::move(runner))
    , m_onFailure(m_settings.onFailure)
{}

HookScript::~HookScript()
{
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
        m_process->waitForFinished();
    }
}

Result<> HookScript::load()
{
    startRunner();
    const QDeadlineTimer until(loadTime);
    while (!m_loaded && m_process && !until.hasExpired())
        m_process->waitForReadyRead(int(until.remainingTime()));
    if (!m_loaded)
        return fail(Error::Kind::Timeout, m_settings.path + u": it was not loaded in 30 seconds"_s);
    return *m_loaded;
}

void HookScript::startRunner()
{
    m_loaded.reset();
    m_output.clear();
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    connect(m_process.get(), &QProcess::readyReadStandardOutput, this, &HookScript::onOutput);
    connect(m_process.get(), &QProcess::finished, this, &HookScript::onEnded);
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            onEnded();
    });
    m_process->start(m_runner, {m_settings.path, QString::number(m_settings.deadline.count())});
}

std::unique_ptr<HookJob> HookScript::ask(const HookQuestion &question, Answered answered)
{
    const qint64 id = ++m_lastId;
    const RawJson line =
        json::object({{"id", id}, {"hook", QString(hookName(question.moment))}, {"event", question.event}});
    m_questions[id] = {line, std::move(answered)};
    if (!m_process)
        startRunner();
    if (m_process)
        m_process->write(line.text + '\n'); // it waits there until the script is loaded
    return std::make_unique<ScriptJob>(*this, id);
}

void HookScript::onOutput()
{
    m_output += m_process->readAllStandardOutput();
    for (qsizetype end; (end = m_output.indexOf('\n')) >= 0;) {
        const QByteArray line = m_output.first(end);
        m_output.remove(0, end + 1);
        take(line);
    }
}

void HookScript::take(const QByteArray &line)
{
    const auto document = JsonDocument::parse(line);
    const JsonView said = document ? document->root() : JsonView();
    if (said["print"].isString() && m_settings.say)
        m_settings.say(said["print"].toString());
    if (const JsonView ready = said["ready"]; ready.exists()) {
        m_hooks.clear();
        for (const JsonView &name : ready["hooks"].items())
            m_hooks += name.toString();
        m_onFailure = hookFailureFromName(ready["on_failure"].toString()).value_or(m_settings.onFailure);
        m_loaded = Result<>();
    }
    if (said["failed"].isString())
        m_loaded = fail(Error::Kind::Invalid, said["failed"].toString());
    if (said["answer"].exists())
        answer(said["id"].toInteger(), said["answer"].raw().text);
    else if (said["id"].exists())
        answer(said["id"].toInteger(), fail(Error::Kind::Internal, said["error"].toString()));
}

void HookScript::onEnded()
{
    if (!m_loaded)
        m_loaded = fail(Error::Kind::Internal, m_settings.path + u": its process ended before it was loaded"_s);
    m_process.release()->deleteLater(); // we are in one of its signals
    if (std::exchange(m_wasStopped, false))
        return askAgain();
    const QString why = m_settings.path + u": its process ended: out of memory, or a crash"_s;
    for (const auto &[id, question] : m_questions) // later, for this may be within ask()
        QTimer::singleShot(0, this, [this, id, why] { answer(id, fail(Error::Kind::Internal, why)); });
}

/// What was withdrawn had to be stopped with the process; the others are asked of a new one.
void HookScript::askAgain()
{
    std::erase_if(m_questions, [](const auto &each) { return !each.second.answered; });
    if (m_questions.empty())
        return;
    startRunner();
    for (const auto &[id, question] : m_questions) {
        if (m_process)
            m_process->write(question.line.text + '\n');
    }
}

void HookScript::withdraw(qint64 id)
{
    const auto question = m_questions.find(id);
    if (question == m_questions.end())
        return;
    question->second.answered = nullptr;
    if (m_process)
        m_process->write(json::object({{"withdraw", id}}).text + '\n');
    QTimer::singleShot(withdrawalTime, this, [this, id] {
        if (!m_questions.contains(id) || !m_process)
            return;
        m_wasStopped = true;
        m_process->kill();
    });
}

void HookScript::answer(qint64 id, const HookReply &reply)
{
    const auto question = m_questions.find(id);
    if (question == m_questions.end())
        return;
    const Answered answered = std::move(question->second.answered);
    m_questions.erase(question);
    if (answered)
        answered(reply);
}

} // namespace nightshift::hookscript
