#include "servecommand.h"
#include "app/exitcodes.h"
#include "app/hookfiles.h"
#include "app/modules.h"
#include "app/settingflags.h"
#include "app/stdoutwriter.h"
#include "app/surroundings.h"
#include "app/unixsignals.h"
#include "domain/serving.h"
#include "store/folders.h"
#include "tools/ownplaces.h"
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <csignal>
#include <dlfcn.h>
#include <memory>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::app {

namespace {

void say(const QString &line)
{
    sayLine(line);
}

int refuse(const QString &message, int exitCode = int(ExitCode::Failure))
{
    say(u"Error: "_s + message);
    return exitCode;
}

/// What clients of this user look for; gone with the login, where there is such a folder.
QString runtimeFolder(const Home &home)
{
    const QString folder = qEnvironmentVariable("XDG_RUNTIME_DIR");
    return folder.isEmpty() ? home.state + u"/serve"_s : folder + u"/nightshift"_s;
}

/// Where batches know of each other, whoever runs them: see Lending.
QString sharedFolder(const Home &home)
{
    return qEnvironmentVariableIsEmpty("XDG_RUNTIME_DIR") ? home.state : runtimeFolder(home);
}

/// With their links resolved: what is beneath is judged by its real path, too.
Result<QStringList> rootFolders(const QStringList &given)
{
    QStringList roots;
    for (const QString &folder : given.isEmpty() ? QStringList{QDir::currentPath()} : given) {
        const QFileInfo info(folder);
        if (!info.isDir())
            return fail(Error::Kind::NotFound, u"--root: %1 is no folder"_s.arg(folder));
        roots += info.canonicalFilePath();
    }
    return roots;
}

/// How batches are run: by this program, with the settings that it was given itself.
QStringList batchCommand(const SettingFlags &flags)
{
    QStringList words{QCoreApplication::applicationFilePath(), u"batch"_s};
    for (const QString &value : flags.overrides)
        words += {u"-c"_s, value};
    for (const FeatureToggle &toggle : flags.features)
        words += {toggle.on ? u"--enable"_s : u"--disable"_s, toggle.name};
    if (flags.profile)
        words += {u"-p"_s, *flags.profile};
    if (flags.strictConfig)
        words += u"--strict-config"_s;
    if (flags.ignoreUserConfig)
        words += u"--ignore-user-config"_s;
    return words;
}

QByteArray batchHooks(const SettingFlags &flags)
{
    QStringList files;
    for (const QString &file : flags.hookFiles)
        files += QFileInfo(file).absoluteFilePath();
    const auto &timeout = flags.hookTimeout;
    const RawJson hooks =
        json::object({{"hooks", json::array(files)},
                      {"hook_timeout_ms", timeout ? std::optional(qint64(timeout->count())) : std::nullopt},
                      {"hook_failure", flags.hookFailure}});
    return ',' + hooks.text.sliced(1).chopped(1);
}

Result<ServiceSettings> serviceSettings(const ServeOptions &options, const Home &home)
{
    const QString runtime = runtimeFolder(home), state = home.state + u"/serve"_s;
    for (const QString &folder :
         {runtime, state + u"/answers"_s, state + u"/uploads"_s, state + u"/webhooks"_s, state + u"/batches"_s}) {
        if (const auto made = store::makePrivateFolder(folder); !made)
            return std::unexpected(made.error());
    }
    const auto roots = rootFolders(options.roots);
    if (!roots)
        return std::unexpected(roots.error());
    return ServiceSettings{.listen = options.listen,
                           .socketPath = runtime + u"/http.sock"_s,
                           .allowedHosts = options.allowedHosts,
                           .allowedOrigins = options.allowedOrigins,
                           .roots = *roots,
                           .tlsCertPath = options.tlsCert.value_or(QString()),
                           .tlsKeyPath = options.tlsKey.value_or(QString()),
                           .withoutTokens = options.noAuth,
                           .heartbeat = options.sseHeartbeat.value_or(15s),
                           .drain = options.drain.value_or(60s),
                           .publicMetrics = options.metricsPublic,
                           .audit = options.audit,
                           .tellsPage = options.open,
                           .webhookTargets = options.webhookTargets,
                           .tokensPath = home.config + u"/tokens.json"_s,
                           .madeTokenPath = runtime + u"/token"_s,
                           .stateFolder = state,
                           .sharedFolder = sharedFolder(home),
                           .batchCommand = batchCommand(options.settings),
                           .batchHooks = batchHooks(options.settings)};
}

template <typename Function>
Result<Function *> fromModule(const char *symbol)
{
    // First, since it takes the place of a library that QtNetwork would load (net/noproxy); it may be missing.
    ::dlopen(QFile::encodeName(modulePath(u"nightshift-noproxy"_s)).constData(), RTLD_LAZY | RTLD_LOCAL);
    void *module = ::dlopen(QFile::encodeName(modulePath(u"nightshift-http"_s)).constData(), RTLD_LAZY | RTLD_LOCAL);
    auto *function = module ? reinterpret_cast<Function *>(::dlsym(module, symbol)) : nullptr;
    if (!function)
        return fail(Error::Kind::Internal,
                    u"the HTTP module cannot be loaded: "_s + QString::fromLocal8Bit(::dlerror()));
    return function;
}

int changeTokens(const QStringList &words, const Home &home)
{
    if (words.first() != u"token"_s)
        return refuse(u"unexpected argument '%1' found"_s.arg(words.first()), int(ExitCode::Usage));
    const auto change = fromModule<ChangeTokens>(changeTokensSymbol);
    if (!change)
        return refuse(change.error().message);
    if (const auto made = store::makePrivateFolder(home.config); !made)
        return refuse(made.error().message);
    const auto text = (*change)(words.mid(1), home.config + u"/tokens.json"_s);
    if (!text)
        return refuse(text.error().message,
                      int(text.error().kind == Error::Kind::Usage ? ExitCode::Usage : ExitCode::Failure));
    if (!text->err.isEmpty())
        say(text->err.trimmed());
    return printText(text->out) == 0 ? int(ExitCode::Success) : int(ExitCode::OutputGone);
}

} // namespace

int runServe(const ServeOptions &options)
{
    const auto loaded = loadSettings(options.settings);
    if (!loaded)
        return refuse(loaded.error().message, loaded.error().exitCode);
    if (!options.words.isEmpty())
        return changeTokens(options.words, loaded->settings.home);
    const auto settings = serviceSettings(options, loaded->settings.home);
    if (!settings)
        return refuse(settings.error().message);
    engine::Surroundings given = surroundings(options.settings);
    auto hooks = openHookFiles(options.settings, loaded->settings.cwd, loaded->settings.home.state);
    if (!hooks)
        return refuse(hooks.error().message);
    given.hooks = *std::move(hooks);
    // Of no command, wherever it lies; the folders of the home are hidden by themselves.
    tools::alsoHide({settings->socketPath, settings->madeTokenPath, settings->tokensPath, settings->stateFolder,
                     settings->tlsKeyPath.isEmpty() ? QString() : QFileInfo(settings->tlsKeyPath).absoluteFilePath()});
    const auto startService = fromModule<StartService>(startServiceSymbol);
    if (!startService)
        return refuse(startService.error().message);
    UnixSignals unixSignals(nullptr, UnixSignals::Hangup::IsNews);
    Error error;
    const std::unique_ptr<RunningService> service(
        (*startService)(*settings, given, {say, [] { QCoreApplication::exit(int(ExitCode::Success)); }}, &error));
    if (!service)
        return refuse(error.message);
    QObject::connect(&unixSignals, &UnixSignals::received, &unixSignals, [&service](int signal) {
        if (signal == SIGHUP)
            service->reload();
        else
            service->stop();
    });
    return QCoreApplication::exec();
}

} // namespace nightshift::app
