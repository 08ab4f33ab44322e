#pragma once
#include "app/settingflags.h"
#include "batch/surroundings.h"

namespace nightshift::app {

/// What the program lends to modules that run sessions: settings, its environment, the ways to providers.
class Lending
{
public:
    /// Loads the settings; the network follows when it is asked for.
    static std::expected<std::unique_ptr<Lending>, StartError> make(const SettingFlags &flags, const Tape &tape = {});
    using Wrap = std::function<std::unique_ptr<llm::HttpClient>(std::unique_ptr<llm::HttpClient> client)>;
    /// From now on the built-in model answers, whatever items name, through what `wrap` makes of the way to it; and
    /// what is kept is kept in `folder`.
    void rehearse(const QString &folder, Wrap wrap);
    /// The key is there from now on, or why it cannot be. Before anything is run.
    Result<> resolveKey();

    const batch::Surroundings &surroundings() const { return m_surroundings; }

private:
    Lending() = default;
    Result<llm::HttpClient *> http(const Settings &settings);

    batch::Surroundings m_surroundings;
    Tape m_tape;
    Wrap m_wrap;
    std::unique_ptr<llm::HttpClient> m_net;
    std::unique_ptr<llm::HttpClient> m_demo;
};

} // namespace nightshift::app
