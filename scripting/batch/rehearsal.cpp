#include "rehearsal.h"

namespace nightshift::batch {

using namespace std::chrono_literals;

void rehearse(Settings &settings, const Settings &defaults)
{
    settings.provider = defaults.provider;
    settings.provider.retryDelay = 1ms;
    settings.provider.streamIdleTimeout = 500ms; // the model is in this process, and this machine may be busy
    settings.home.state = defaults.home.state;
    settings.mcpServers.clear();
    settings.notify.clear();
    if (!settings.modelInfo.prices)
        settings.modelInfo.prices.emplace(); // a limit of money is none of a rehearsal's troubles
    if (settings.sandbox.mode == SandboxPolicy::Mode::ReadOnly)
        return;
    settings.sandbox.mode = SandboxPolicy::Mode::WorkspaceWrite;
    if (settings.isolation == Isolation::None)
        settings.isolation = Isolation::Copy;
}

} // namespace nightshift::batch
