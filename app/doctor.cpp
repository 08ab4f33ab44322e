#include "doctor.h"
#include "app/capture.h"
#include "app/exitcodes.h"
#include "app/findings.h"
#include "app/networkloader.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include "app/terminaltext.h"
#include "app/tokencommand.h"
#include "base/credentials.h"
#include "engine/gitstate.h"
#include "llm/httpfetch.h"
#include "llm/modelprotocol.h"
#include "tools/sandbox.h"
#include <QEventLoop>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::app {

namespace {

using Level = Finding::Level;
using Findings = std::vector<Finding>;

constexpr auto networkPatience = 10s;
constexpr auto sandboxPatience = 20s; // a loaded machine takes a while to start three programs

void lookAtSettings(const Settings &settings, Findings &findings)
{
    const QString file = settings.home.config + u"/config.toml"_s;
    const QString message = QFileInfo::exists(file) ? file : u"%1 does not exist: defaults are used"_s.arg(file);
    findings.push_back({u"settings"_s, Level::Fine, message, {}});
    for (const QString &notice : settings.notices)
        findings.push_back({u"settings"_s, Level::Warning, notice, {}});
}

/// The nearest folder that exists must be writable, or ours cannot be made in it.
Finding lookAtFolder(const QString &state)
{
    QString nearest = state;
    while (!QFileInfo::exists(nearest) && nearest.size() > 1)
        nearest = QFileInfo(nearest).path();
    if (QFileInfo(nearest).isDir() && QFileInfo(nearest).isWritable())
        return {u"sessions"_s, Level::Fine, u"recorded in %1/sessions"_s.arg(state), {}};
    return {u"sessions"_s, Level::Problem, u"%1 cannot be written"_s.arg(nearest),
            u"make it yours with `chown`, or name another folder in NIGHTSHIFT_HOME"_s};
}

Finding lookAtGit(const Settings &settings)
{
    if (QStandardPaths::findExecutable(u"git"_s).isEmpty())
        return {u"git"_s, Level::Warning, u"git is not on PATH: reviews and worktrees do not work"_s,
                u"install the package git"_s};
    const QString root = engine::repositoryRoot(settings.cwd);
    if (root.isEmpty())
        return {u"git"_s, Level::Warning, u"%1 is in no Git repository"_s.arg(settings.cwd),
                u"runs here need --skip-git-repo-check"_s};
    return {u"git"_s, Level::Fine, u"the repository %1"_s.arg(root), {}};
}

/// Also takes the key that a program prints.
Finding lookAtKey(ProviderSettings &provider)
{
    const QString check = u"key"_s;
    for (const QString &problem : {provider.keyProblem, provider.missingKey}) {
        if (!problem.isEmpty())
            return {check, Level::Problem, problem, {}};
    }
    if (provider.tokenCommand) {
        auto token = runTokenCommand(*provider.tokenCommand);
        if (!token)
            return {check, Level::Problem, u"the token command failed: "_s + token.error().message,
                    u"see model_providers.%1.auth"_s.arg(provider.id)};
        provider.key = std::move(*token);
        return {check, Level::Fine, u"`%1` prints one"_s.arg(provider.tokenCommand->argv.join(u' ')), {}};
    }
    return {check,
            Level::Fine,
            provider.key.isEmpty() ? u"the provider %1 needs none"_s.arg(provider.id)
                                   : u"there is one for the provider %1"_s.arg(provider.id),
            {}};
}

Finding lookAtSandbox(const Settings &settings)
{
    const QString check = u"sandbox"_s;
    const QString mode = sandboxModeName(settings.sandbox.mode);
    const auto sandbox = tools::Sandbox::prepare(settings.sandbox, settings.cwd, qEnvironmentVariable("TMPDIR"));
    if (!sandbox)
        return {check, Level::Problem, sandbox.error().message, {}};
    const tools::Sandbox::Launch launch = sandbox->launch({u"/bin/sh"_s, u"-c"_s, u"exit 0"_s}, settings.cwd);
    QProcess process;
    process.start(launch.program, launch.arguments);
    const bool ended = process.waitForFinished(int(std::chrono::milliseconds(sandboxPatience).count()));
    if (!ended || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0) {
        const QString words = QString::fromLocal8Bit(process.readAllStandardError());
        return {check,
                Level::Problem,
                tools::Sandbox::failure(words.isEmpty() ? process.errorString() : words).message,
                {}};
    }
    if (settings.sandbox.mode == SandboxPolicy::Mode::DangerFullAccess)
        return {check, Level::Warning, u"commands run without one: sandbox_mode is %1"_s.arg(mode),
                u"use workspace-write, unless the machine itself is the sandbox"_s};
    return {check, Level::Fine, u"a command ran in it, in mode %1"_s.arg(mode), {}};
}

llm::HttpRequest listModels(const ProviderSettings &provider)
{
    QString url = provider.baseUrl;
    while (url.endsWith(u'/'))
        url.chop(1);
    llm::HttpRequest request{.method = "GET", .url = url + u"/models"_s, .headers = llm::wireHeaders(provider)};
    for (const auto &[name, value] : provider.headers)
        request.headers.emplace_back(name.toUtf8(), value.toUtf8());
    return request;
}

Finding judge(const ProviderSettings &provider, const Result<llm::HttpAnswer> &answer)
{
    const QString check = u"provider"_s;
    if (!answer)
        return {check, Level::Problem, u"%1 cannot be reached: %2"_s.arg(provider.id, answer.error().message),
                u"check the network, base_url, HTTPS_PROXY and NO_PROXY, and for certificates NIGHTSHIFT_CA_FILE"_s};
    if (answer->status == 401 || answer->status == 403)
        return {check, Level::Problem,
                u"%1 at %2 refuses the key (status %3)"_s.arg(provider.id, provider.baseUrl).arg(answer->status),
                u"check that the key belongs to this provider and is still valid"_s};
    if (answer->status >= 500)
        return {check, Level::Warning,
                u"%1 at %2 has trouble (status %3)"_s.arg(provider.id, provider.baseUrl).arg(answer->status),
                u"try again later"_s};
    return {check, Level::Fine, u"%1 answers at %2"_s.arg(provider.id, provider.baseUrl), {}};
}

Finding lookAtProvider(const Settings &settings)
{
    if (settings.provider.isDemo())
        return {u"provider"_s, Level::Fine, u"demo is part of the program"_s, {}};
    auto client = NetworkLoader(networkOptions(settings)).client();
    if (client)
        client = captured(std::move(*client), settings);
    if (!client)
        return {u"provider"_s, Level::Problem, client.error().message, {}};
    QEventLoop loop;
    Finding finding;
    llm::HttpFetch fetch(**client, listModels(settings.provider), networkPatience, nullptr);
    QObject::connect(&fetch, &llm::HttpFetch::finished, &loop, [&](const Result<llm::HttpAnswer> &answer) {
        finding = judge(settings.provider, answer);
        loop.quit();
    });
    loop.exec();
    return finding;
}

Findings examine(const SettingFlags &flags)
{
    Findings findings;
    auto loaded = loadSettings(flags);
    if (!loaded)
        return {{u"settings"_s, Level::Problem, loaded.error().message, {}}}; // the rest depends on them
    Settings &settings = loaded->settings;
    lookAtSettings(settings, findings);
    findings.push_back(lookAtFolder(settings.home.state));
    findings.push_back(lookAtGit(settings));
    findings.push_back(lookAtSandbox(settings));
    findings.push_back(lookAtKey(settings.provider));
    findings.push_back(lookAtProvider(settings));
    return findings;
}

} // namespace

int runDoctor(const DoctorOptions &options)
{
    const Findings findings = examine(options.settings);
    const QByteArray report =
        options.json ? findingsJson(findings).text + '\n'
                     : findingsText(findings, wantsColor(ColorMode::Auto, colorHints(STDOUT_FILENO))).toUtf8();
    const QByteArray masked = withoutUrlSecrets(report);
    if (writeFully(STDOUT_FILENO, options.json ? jsonFor(STDOUT_FILENO, masked) : masked) != 0)
        return int(ExitCode::OutputGone);
    return int(hasProblem(findings) ? ExitCode::Failure : ExitCode::Success);
}

} // namespace nightshift::app
