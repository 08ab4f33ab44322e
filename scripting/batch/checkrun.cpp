#include "checkrun.h"
#include "base/shellwords.h"
#include "tools/commandenvironment.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::batch {

namespace {

constexpr qsizetype maxOutputBytes = 16 * 1024; // of a build's messages both ends say the most
constexpr std::chrono::seconds longest = 30min; // for a check without a limit: one that hangs must not hold the batch

QStringList inPlace(QStringList argv, const QString &cwd)
{
    for (QString &word : argv)
        word.replace("{{cwd}}"_L1, cwd);
    return argv;
}

QString tmpdirOf(const QStringList &environment)
{
    for (const QString &variable : environment) {
        if (variable.startsWith("TMPDIR="_L1))
            return variable.sliced(7);
    }
    return {};
}

} // namespace

CheckRun::CheckRun(const QStringList &argv, const Settings &settings, const QStringList &environment,
                   const QString &session, QObject *parent)
    : QObject(parent)
    , m_words(shellQuoted(argv))
    , m_output(maxOutputBytes)
{
    const auto sandbox =
        tools::Sandbox::prepare(settings.sandbox, settings.cwd, tmpdirOf(environment), settings.commandLimits);
    if (!sandbox) {
        QMetaObject::invokeMethod(
            this, [this, why = sandbox.error().message] { emit finished(why); }, Qt::QueuedConnection);
        return;
    }
    const bool offline =
        settings.sandbox.mode != SandboxPolicy::Mode::DangerFullAccess && !settings.sandbox.networkAccess;
    tools::CommandRun::Options options{
        .argv = inPlace(argv, settings.cwd),
        .cwd = settings.cwd,
        .environment = tools::commandEnvironment(environment, settings.environment,
                                                 {.sessionId = session, .callId = {}, .networkDisabled = offline}),
        .input = {},
        .actions = {}};
    m_run = std::make_unique<tools::CommandRun>(*sandbox, std::move(options), nullptr);
    connect(m_run.get(), &tools::CommandRun::output, this, [this](const QByteArray &bytes) { m_output.feed(bytes); });
    connect(m_run.get(), &tools::CommandRun::finished, this, &CheckRun::onEnded);
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, [this] {
        m_timedOut = true;
        m_run->kill();
    });
    m_timeout.start(settings.commandLimits.wallTime.value_or(longest));
}

void CheckRun::onEnded(const tools::CommandEnd &end)
{
    m_timeout.stop();
    if (end.exitCode == 0)
        return emit finished({});
    const QString how = end.error      ? end.error->message
                        : m_timedOut   ? u"it took too long"_s
                        : end.exitCode ? u"it ended with code %1"_s.arg(*end.exitCode)
                                       : u"it was killed"_s;
    const QString output = QString::fromUtf8(m_output.text()).trimmed();
    emit finished(u"the check `%1` failed: %2"_s.arg(m_words, how) + (output.isEmpty() ? u""_s : u"\n"_s + output));
}

} // namespace nightshift::batch
