#include "settingflags.h"
#include "app/exitcodes.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::app {

std::expected<config::LoadedSettings, StartError> loadSettings(const SettingFlags &flags)
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
        .trust = flags.trust,
    };
    for (const FeatureToggle &toggle : flags.features)
        (toggle.on ? options.enable : options.disable) += toggle.name;
    if (flags.sandbox) {
        for (const auto mode : {SandboxPolicy::Mode::ReadOnly, SandboxPolicy::Mode::WorkspaceWrite,
                                SandboxPolicy::Mode::DangerFullAccess}) {
            if (*flags.sandbox == sandboxModeName(mode))
                options.sandbox = mode;
        }
    }
    auto loaded = config::loadSettings(options);
    if (!loaded) {
        const bool usage = loaded.error().kind == Error::Kind::Usage;
        return std::unexpected(StartError{loaded.error().message, int(usage ? ExitCode::Usage : ExitCode::Failure)});
    }
    return std::move(*loaded);
}

} // namespace nightshift::app
