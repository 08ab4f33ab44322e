#pragma once
#include "app/commandline.h"
#include "domain/settings.h"
#include "engine/tooltape.h"
#include "llm/httpclient.h"

namespace nightshift::app {

/// Makes the way to a model; called once at most, maybe later.
using MakeClient = std::function<Result<std::unique_ptr<llm::HttpClient>>(const Settings &settings)>;

/// That way, or what the tape says: recorded, replayed instead, with faults.
Result<std::unique_ptr<llm::HttpClient>> onTape(const Tape &tape, const Settings &settings, const MakeClient &live);

/// Where the tape has the commands' answers; nothing where they neither are recorded nor come from it.
std::optional<engine::ToolTape::Place> toolTape(const Tape &tape, const Settings &settings);

/// Who answers from a tape needs no key.
void forgetKey(const Tape &tape, ProviderSettings &provider);

} // namespace nightshift::app
