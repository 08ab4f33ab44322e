#include "hookfiles.h"
#include "app/modules.h"
#include "app/stdoutwriter.h"
#include "hooks/program.h"
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <algorithm>
#include <dlfcn.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

bool isScript(const QString &path)
{
    static constexpr QLatin1StringView suffixes[]{".js"_L1, ".mjs"_L1, ".cjs"_L1, ".ts"_L1, ".mts"_L1};
    return std::ranges::any_of(suffixes, [&](QLatin1StringView suffix) { return path.endsWith(suffix); });
}

Result<std::shared_ptr<HookSource>> openScript(const HookFileSettings &settings)
{
    const QByteArray path = QFile::encodeName(modulePath(u"nightshift-script"_s));
    void *module = ::dlopen(path.constData(), RTLD_LAZY | RTLD_LOCAL);
    auto *open = module ? reinterpret_cast<OpenHookScript *>(::dlsym(module, openHookScriptSymbol)) : nullptr;
    if (!open)
        return fail(Error::Kind::Internal,
                    u"the module for scripts cannot be loaded: "_s + QString::fromLocal8Bit(::dlerror()));
    Error error;
    HookSource *source = open(settings, &error);
    if (!source)
        return std::unexpected(error);
    return std::shared_ptr<HookSource>(source);
}

Result<std::shared_ptr<HookSource>> open(const HookFileSettings &settings, const QString &cwd)
{
    if (!QFileInfo(settings.path).isFile())
        return fail(Error::Kind::NotFound, u"--hooks: there is no file %1"_s.arg(settings.path));
    if (isScript(settings.path))
        return openScript(settings);
    return hooks::ProgramHooks::open(settings, cwd, QProcess::systemEnvironment());
}

} // namespace

Result<HookSources> openHookFiles(const SettingFlags &flags, const QString &cwd, const QString &stateFolder)
{
    HookSources sources;
    for (const QString &file : flags.hookFiles) {
        const HookFileSettings settings{
            .path = QFileInfo(file).absoluteFilePath(),
            .deadline = flags.hookTimeout.value_or(usualHookDeadline),
            .onFailure = hookFailureFromName(flags.hookFailure.value_or(QString())).value_or(HookFailure::Deny),
            .stateFolder = stateFolder,
            .say = &sayLine};
        auto source = open(settings, cwd);
        if (!source)
            return std::unexpected(source.error());
        sources.push_back(*std::move(source));
    }
    return sources;
}

} // namespace nightshift::app
