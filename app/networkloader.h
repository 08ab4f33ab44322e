#pragma once
#include "llm/networkmodule.h"
#include <thread>

namespace nightshift::app {

/// What of the settings matters to the network.
llm::NetworkOptions networkOptions(const Settings &settings);

/// Loads the network module that is cheapest for these options, on a thread of its own while a run is prepared: its
/// libraries take longer to load than all of the rest of a run's start.
class NetworkLoader
{
public:
    explicit NetworkLoader(llm::NetworkOptions options);
    ~NetworkLoader();

    /// Waits for the module. Invalid when this installation lacks it.
    Result<std::unique_ptr<llm::HttpClient>> client();

private:
    void load();

    const llm::NetworkOptions m_options;
    llm::MakeHttpClient *m_make = nullptr;
    QString m_problem;
    std::jthread m_thread; ///< Last: it writes the others.
};

} // namespace nightshift::app
