#pragma once
#include "commands/script.h"
#include "config/loadsettings.h"
#include "domain/hooks.h"
#include "engine/tooltape.h"
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
    HookSources hooks;                               ///< Asked in every session, before those of scripts and settings.
    std::optional<engine::ToolTape::Place> toolTape; ///< Where commands are kept, or answered from.
    QString runtimeFolder;                           ///< For what processes share until the next start of the machine.
    bool rehearses = false;                          ///< See rehearsal.h.
};

} // namespace nightshift::batch
