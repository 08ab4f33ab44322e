#pragma once
#include "commands/script.h"
#include "config/loadsettings.h"
#include "domain/hooks.h"
#include "llm/httpclient.h"
#include "store/bundle.h"
#include "store/compression.h"

namespace nightshift::engine {

/// What sessions need of the process they run in. The program puts it together once; modules are given it.
struct Surroundings
{
    config::LoadOptions settings; ///< As the command line says; `cwd` is where the program was started.
    QStringList environment;      ///< Ours, NAME=value.
    store::Decompress decompress;
    store::Archiver archiver;
    commands::ParseScript parseScript;
    HookSources hooks; ///< Asked in every session, before those of its settings.
    /// A way to providers, made by what the settings say of the network.
    std::function<Result<std::unique_ptr<llm::HttpClient>>(const Settings &)> http;
    /// Fetches the provider's key where a program gives it; an error when the provider has none and needs one.
    std::function<Result<>(ProviderSettings &)> provideKey;
};

} // namespace nightshift::engine
