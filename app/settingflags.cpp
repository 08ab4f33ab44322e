#include "settingflags.h"
#include "app/exitcodes.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::app {

config::LoadOptions loadOptions(const SettingFlags &flags)
{
    const QString cwd = QDir::current().absoluteFilePath(flags.cd.value_or(QString()));
    config::LoadOptions options{
        .cwd = cwd,
        .environment = config::processEnvironment(),
        .overrides = flags.overrides,
        .model = flags.model,
        .profile = flags.profile,
        .provider = flags.provider,
        .localProvider = flags.localProvider,
        .oss = flags.oss,
        .yolo = flags.bypassSandbox,
        .addDirs = flags.addDirs,
        .strict = flags.strictConfig,
        .ignoreUserConfig = flags.ignoreUserConfig,
        .ignoreRules = flags.ignoreRules,
        .trust = flags.trust,
        .bypassHookTrust = flags.bypassHookTrust,
        .answerable = !flags.hookFiles.isEmpty(),
    };
    if (flags.webSearch)
        options.overrides += u"web_search=\"live\""_s;
    for (const FeatureToggle &toggle : flags.features)
        (toggle.on ? options.enable : options.disable) += toggle.name;
    if (flags.sandbox) {
        for (const auto mode : {SandboxPolicy::Mode::ReadOnly, SandboxPolicy::Mode::WorkspaceWrite,
                                SandboxPolicy::Mode::DangerFullAccess}) {
            if (*flags.sandbox == sandboxModeName(mode))
                options.sandbox = mode;
        }
    }
    if (flags.approval == u"never"_s || flags.approval == u"on-request"_s || flags.approval == u"on-failure"_s)
        options.overrides += u"approval_policy=\"%1\""_s.arg(*flags.approval);
    if (flags.isolation)
        options.overrides += u"isolation=\"%1\""_s.arg(*flags.isolation);
    return options;
}

std::expected<config::LoadedSettings, StartError> loadSettings(const SettingFlags &flags)
{
    auto loaded = config::loadSettings(loadOptions(flags));
    if (!loaded) {
        const bool usage = loaded.error().kind == Error::Kind::Usage;
        return std::unexpected(StartError{loaded.error().message, int(usage ? ExitCode::Usage : ExitCode::Failure)});
    }
    if (flags.trust) {
        const Settings &settings = loaded->settings;
        if (const auto stored = config::trustProject(settings.home.config, settings.projectRoot); !stored)
            return std::unexpected(StartError{stored.error().message});
    }
    return std::move(*loaded);
}

} // namespace nightshift::app
