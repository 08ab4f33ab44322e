#pragma once
#include "app/options.h"

namespace nightshift::app {

/// The places that stand for these commands.
constexpr Places in(auto... commands)
{
    return ((Places(1) << int(commands)) | ...);
}

/// What runs items with a journal, or says what would run.
constexpr Places lastingBatches = in(Command::Batch, Command::BatchPlan, Command::BatchSubmit);
/// What takes items at all.
constexpr Places batches = lastingBatches | in(Command::Drill);

constexpr Places subs = in(Command::Resume, Command::Fork, Command::Review);
constexpr Places runs = in(Command::Exec) | subs;
constexpr Places runsAndOuter = runs | in(Command::Outer);
constexpr Places loaders = batches | in(Command::BatchMerge, Command::Serve, Command::Sandbox, Command::Mcp,
                                        Command::Config, Command::CheckCommand, Command::Sessions, Command::Login,
                                        Command::Logout, Command::Doctor); // what reads settings, beside runs
constexpr Places everywhere = ~Places(0);

/// The rows of all commands and options, in the words they are written in.
namespace rows {

using enum Command;
using Value = OptionRow::Value;
using Repeat = OptionRow::Repeat;
using Group = OptionRow::Group;

} // namespace rows

} // namespace nightshift::app
