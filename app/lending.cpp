#include "lending.h"
#include "app/capture.h"
#include "app/modules.h"
#include "app/ownenvironment.h"
#include "app/sessionchoice.h"
#include "app/tokencommand.h"
#include "llm/demomodel.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

std::expected<std::unique_ptr<Lending>, StartError> Lending::make(const SettingFlags &flags)
{
    auto loaded = loadSettings(flags);
    if (!loaded)
        return std::unexpected(loaded.error());
    std::unique_ptr<Lending> lending(new Lending);
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    lending->m_surroundings = {
        .defaults = std::move(loaded->settings),
        .loading = loadOptions(flags),
        .environment = ownEnvironment(),
        .decompress = decompressor(),
        .parseScript = commands::fromModule(modulePath(u"nightshift-bash"_s)),
        .http = [self = lending.get()](const Settings &settings) { return self->http(settings); }};
    lending->m_surroundings.runtimeFolder =
        runtime.isEmpty() ? lending->m_surroundings.defaults.home.state : runtime + u"/nightshift"_s;
    return lending;
}

Result<> Lending::resolveKey()
{
    return app::resolveKey(m_surroundings.defaults.provider);
}

Result<llm::HttpClient *> Lending::http(const Settings &settings)
{
    auto &client = settings.provider.isDemo() ? m_demo : m_net;
    if (!client && settings.provider.isDemo())
        client = std::make_unique<llm::DemoModel>();
    if (client)
        return client.get();
    if (!m_network)
        m_network.emplace();
    auto made = m_network->client(networkOptions(settings));
    if (made)
        made = captured(std::move(*made), settings);
    if (!made)
        return std::unexpected(made.error());
    client = std::move(*made);
    return client.get();
}

} // namespace nightshift::app
