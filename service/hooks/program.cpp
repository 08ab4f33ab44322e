#include "hooks/program.h"
#include "hooks/decision.h"
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::hooks {

namespace {

constexpr qsizetype maxOutputBytes = 1 << 20; // a decision has a few lines; a rewritten patch may have more
constexpr qsizetype keptErrorBytes = 4096;

} // namespace

ProgramJob::ProgramJob(const tools::Sandbox &sandbox, const tools::AttachedProcess::Options &options,
                       const HookQuestion &question, Answered answered)
    : m_moment(question.moment)
    , m_answered(std::move(answered))
    , m_program(nullptr)
{
    QProcess &process = m_program.process();
    connect(&process, &QProcess::readyReadStandardOutput, this, &ProgramJob::onOutput, Qt::QueuedConnection);
    connect(&process, &QProcess::readyReadStandardError, this, &ProgramJob::onOutput, Qt::QueuedConnection);
    // Queued: a failed start is told from inside start().
    connect(&process, &QProcess::finished, this, &ProgramJob::onFinished, Qt::QueuedConnection);
    connect(&process, &QProcess::errorOccurred, this, &ProgramJob::onFailedStart, Qt::QueuedConnection);
    m_program.start(sandbox, options);
    process.write(json::onOneLine(question.event).text + '\n');
    process.closeWriteChannel();
}

void ProgramJob::onOutput()
{
    m_output += m_program.process().readAllStandardOutput();
    m_errors = (m_errors + m_program.process().readAllStandardError()).left(keptErrorBytes);
    if (m_output.size() <= maxOutputBytes)
        return;
    m_program.kill();
    end(fail(Error::Kind::Invalid, u"it printed more than 1 MiB"_s));
}

void ProgramJob::onFinished()
{
    onOutput();
    const QProcess &process = m_program.process();
    const QString words = QString::fromUtf8(m_errors);
    const int code = process.exitCode();
    if (process.exitStatus() == QProcess::CrashExit)
        return end(fail(Error::Kind::Internal, u"it was killed by signal %1"_s.arg(code)));
    if (const auto why = m_program.whyNeverRan(words))
        return end(fail(Error::Kind::NotFound, u"it could not be started: "_s + why->trimmed()));
    if (code > 128)
        return end(fail(Error::Kind::Internal, u"it was killed by signal %1"_s.arg(code - 128)));
    end(replyOfProgram(code, m_output, words, m_moment));
}

void ProgramJob::onFailedStart()
{
    if (m_program.process().error() == QProcess::FailedToStart)
        end(fail(Error::Kind::Internal, u"it could not be started: "_s + m_program.process().errorString()));
}

void ProgramJob::end(const HookReply &reply)
{
    if (const Answered answered = std::exchange(m_answered, {}))
        answered(reply); // which may delete us
}

ProgramHooks::ProgramHooks(HookFileSettings settings, tools::Sandbox noSandbox, tools::AttachedProcess::Options options)
    : m_settings(std::move(settings))
    , m_noSandbox(std::move(noSandbox))
    , m_options(std::move(options))
{}

Result<std::shared_ptr<ProgramHooks>> ProgramHooks::open(const HookFileSettings &settings, const QString &cwd,
                                                         const QStringList &environment)
{
    const QFileInfo file(settings.path);
    if (!file.isFile() || !file.isExecutable())
        return fail(Error::Kind::NotFound,
                    u"the hooks %1: %2"_s.arg(settings.path,
                                              file.isFile() ? u"expected a script, .js, .mjs or .ts, or a program that "
                                                              "may be executed"_s
                                                            : u"there is no such file"_s));
    auto sandbox = noSandbox();
    if (!sandbox)
        return std::unexpected(sandbox.error());
    return std::shared_ptr<ProgramHooks>(new ProgramHooks(
        settings, *std::move(sandbox), {.argv = {settings.path}, .cwd = cwd, .environment = environment}));
}

bool ProgramHooks::wants(HookMoment moment) const
{
    switch (moment) {
    case HookMoment::Prompt:
    case HookMoment::Command:
    case HookMoment::Patch:
    case HookMoment::Tool:
    case HookMoment::Approval:
    case HookMoment::TurnEnd:
        return true;
    case HookMoment::SessionStart:
    case HookMoment::SessionEnd:
    case HookMoment::ToolEnd:
    case HookMoment::Event:
    case HookMoment::Result:
        break;
    }
    return false; // a process each would be dear
}

std::unique_ptr<HookJob> ProgramHooks::ask(const HookQuestion &question, ProgramJob::Answered answered)
{
    return std::make_unique<ProgramJob>(m_noSandbox, m_options, question, std::move(answered));
}

Result<tools::Sandbox> noSandbox()
{
    return tools::Sandbox::prepare({.mode = SandboxPolicy::Mode::DangerFullAccess}, u"/"_s, {});
}

} // namespace nightshift::hooks
