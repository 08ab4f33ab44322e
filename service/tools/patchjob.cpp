#include "tools/patchjob.h"
#include "tools/commandreply.h"
#include <QTimer>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::tools {

namespace {

constexpr auto cancelGrace = 1s; // writing takes milliseconds; longer means a file system that hangs

/// As the reference lays it out. Seconds have at most one decimal place: 0, 0.1, 12.
QByteArray reply(int exitCode, qint64 wallMs, const QByteArray &output)
{
    return "Exit code: " + QByteArray::number(exitCode) +
           "\nWall time: " + QByteArray::number(std::round(double(wallMs) / 100) / 10) + " seconds\nOutput:\n" + output;
}

} // namespace

WritePolicy writePolicy(const Sandbox &sandbox)
{
    return {sandbox.policy().mode, [&sandbox](const QString &path) { return sandbox.mayWrite(path); }};
}

PatchJob::PatchJob(Sandbox sandbox, Tell tell, Request request, QObject *parent)
    : ToolJob(parent)
    , m_sandbox(std::move(sandbox))
    , m_tell(std::move(tell))
    , m_request(std::move(request))
{}

void PatchJob::begin()
{
    if (m_state != State::Waiting)
        return;
    m_clock.start();
    if (m_isCanceled)
        finish(false, u"aborted by user"_s, abortedText(0ms));
    else
        check();
}

void PatchJob::check()
{
    if (m_request.problem)
        return finish(false, *m_request.problem, m_request.problem->toUtf8());
    CheckedPatch checked = checkPatch(m_request.text, m_request.cwd, writePolicy(m_sandbox));
    m_plan = std::move(checked.plan);
    if (checked.problem)
        return finish(false, *checked.problem, checked.problem->toUtf8());
    m_tell(PatchStarted{m_request.call, m_plan.changes});
    write();
}

void PatchJob::write()
{
    m_state = State::Writing;
    m_run = new CommandRun(m_sandbox,
                           {.argv = m_sandbox.writeArgv(),
                            .cwd = u"/"_s, // all paths are absolute
                            .environment = {u"LC_ALL=C"_s},
                            .input = encodeEdits(std::exchange(m_plan.edits, {}))},
                           this);
    connect(m_run, &CommandRun::output, this, [this](const QByteArray &bytes) { m_said += bytes; });
    connect(m_run, &CommandRun::finished, this, &PatchJob::onWritten);
}

void PatchJob::onWritten(const CommandEnd &end)
{
    const qint64 wallMs = m_clock.elapsed();
    const QByteArray prefix = m_request.successPrefix;
    if (end.exitCode == 0)
        return finish(true, m_plan.summary, prefix + reply(0, wallMs, m_plan.summary.toUtf8()));
    if (end.error)
        m_said = end.error->message.toUtf8() + '\n';
    else if (!end.exitCode)
        m_said = "aborted by user while writing; some of the files may have been changed\n";
    finish(false, QString::fromUtf8(m_said), reply(end.exitCode.value_or(1), wallMs, m_said));
}

void PatchJob::cancel()
{
    m_isCanceled = true;
    if (m_state == State::Writing)
        QTimer::singleShot(cancelGrace, m_run, &CommandRun::kill);
}

void PatchJob::finish(bool success, const QString &output, const QByteArray &answer)
{
    m_state = State::Over;
    m_tell(PatchFinished{m_request.call, std::move(m_plan.changes), success, output});
    emit finished({m_request.call, json::string(QByteArrayView(answer))});
}

} // namespace nightshift::tools
