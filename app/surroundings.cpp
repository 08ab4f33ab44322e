#include "surroundings.h"
#include "app/capture.h"
#include "app/modules.h"
#include "app/networkloader.h"
#include "app/ownenvironment.h"
#include "app/sessionchoice.h"
#include "app/tokencommand.h"
#include "llm/demomodel.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

engine::Surroundings surroundings(const SettingFlags &flags)
{
    return {.settings = loadOptions(flags),
            .environment = ownEnvironment(),
            .decompress = decompressor(),
            .archiver = archiver(),
            .parseScript = commands::fromModule(modulePath(u"nightshift-bash"_s)),
            .http = [](const Settings &settings) -> Result<std::unique_ptr<llm::HttpClient>> {
                if (settings.provider.isDemo())
                    return std::make_unique<llm::DemoModel>();
                llm::NetworkOptions options = networkOptions(settings);
                options.connections = llm::NetworkOptions::mostConnections;
                return NetworkLoader(options).client().and_then(
                    [&](std::unique_ptr<llm::HttpClient> client) { return captured(std::move(client), settings); });
            },
            .provideKey = resolveKey};
}

} // namespace nightshift::app
