#include "lending.h"
#include "app/capture.h"
#include "app/exitcodes.h"
#include "app/hookfiles.h"
#include "app/modules.h"
#include "app/networkloader.h"
#include "app/ownenvironment.h"
#include "app/sessionchoice.h"
#include "app/tape.h"
#include "app/tokencommand.h"
#include "llm/demomodel.h"
#include "llm/faults.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

std::expected<std::unique_ptr<Lending>, StartError> Lending::make(const SettingFlags &flags, const Tape &tape)
{
    if (!tape.faults.isEmpty()) {
        if (const auto faults = llm::parseFaults(tape.faults); !faults)
            return std::unexpected(StartError{faults.error().message, int(ExitCode::Usage)});
    }
    auto loaded = loadSettings(flags);
    if (!loaded)
        return std::unexpected(loaded.error());
    std::unique_ptr<Lending> lending(new Lending);
    lending->m_tape = tape;
    forgetKey(tape, loaded->settings.provider);
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    lending->m_surroundings = {
        .defaults = std::move(loaded->settings),
        .loading = loadOptions(flags),
        .environment = ownEnvironment(),
        .decompress = decompressor(),
        .parseScript = commands::fromModule(modulePath(u"nightshift-bash"_s)),
        .http = [self = lending.get()](const Settings &settings) { return self->http(settings); }};
    const Settings &settings = lending->m_surroundings.defaults;
    lending->m_surroundings.toolTape = toolTape(tape, settings);
    auto hooks = openHookFiles(flags, settings.cwd, settings.home.state);
    if (!hooks)
        return std::unexpected(StartError{hooks.error().message});
    lending->m_surroundings.hooks = *std::move(hooks);
    lending->m_surroundings.runtimeFolder =
        runtime.isEmpty() ? lending->m_surroundings.defaults.home.state : runtime + u"/nightshift"_s;
    return lending;
}

void Lending::rehearse(const QString &folder, Wrap wrap)
{
    m_wrap = std::move(wrap);
    m_surroundings.rehearses = true;
    m_surroundings.defaults.home.state = folder;
    m_surroundings.runtimeFolder = folder;
}

Result<> Lending::resolveKey()
{
    return app::resolveKey(m_surroundings.defaults.provider);
}

Result<llm::HttpClient *> Lending::http(const Settings &settings)
{
    auto &client = settings.provider.isDemo() ? m_demo : m_net;
    if (client)
        return client.get();
    auto made = onTape(m_tape, settings, [this](const Settings &of) -> Result<std::unique_ptr<llm::HttpClient>> {
        if (of.provider.isDemo())
            return std::make_unique<llm::DemoModel>();
        llm::NetworkOptions options = networkOptions(of);
        options.connections = llm::NetworkOptions::mostConnections;
        auto net = NetworkLoader(options).client();
        return net ? captured(std::move(*net), of) : std::move(net);
    });
    if (!made)
        return std::unexpected(made.error());
    client = m_wrap ? m_wrap(std::move(*made)) : std::move(*made);
    return client.get();
}

} // namespace nightshift::app
