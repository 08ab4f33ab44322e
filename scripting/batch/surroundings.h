#pragma once
#include "batch/options.h"
#include "commands/script.h"
#include "config/loadsettings.h"
#include "llm/httpclient.h"
#include "store/compression.h"
#include <functional>

namespace nightshift::batch {

/// What the program lends to those who run sessions. Plain values and interfaces: it crosses the border of a module.
struct Surroundings
{
    Settings defaults;           ///< As the program was started with, its key resolved.
    config::LoadOptions loading; ///< What they were loaded with; for items that name another model or folder.
    QStringList environment;     ///< Ours, NAME=value.
    store::Decompress decompress;
    commands::ParseScript parseScript;
    /// The way to a provider, or why there is none. Lives as long as the program.
    std::function<Result<llm::HttpClient *>(const Settings &settings)> http;
    QString runtimeFolder; ///< For what processes share until the next start of the machine.
};

/// The settings of one item: the defaults with what its options say. Loads files only for another model, provider
/// or folder.
class ItemSettings
{
public:
    explicit ItemSettings(const Surroundings &surroundings)
        : m_surroundings(surroundings)
    {}
    Result<Settings> of(const Options &options);

private:
    Result<Settings> load(const Options &options) const;

    const Surroundings &m_surroundings;
    std::vector<std::pair<QString, Settings>> m_loaded; ///< By what was asked for.
};

} // namespace nightshift::batch
