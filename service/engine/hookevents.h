#pragma once
#include "commands/script.h"
#include "domain/event.h"
#include "domain/hooks.h"
#include "domain/settings.h"
#include "tools/proposal.h"

namespace nightshift::engine {

/// What every hook is told, whatever it is asked.
struct HookPlace
{
    QString sessionId;
    QString turnId; ///< Empty between turns.
    QString transcript;
    const Settings &settings;
};

/// The objects that hooks are given: our own members beside those of the reference's hooks, so that a hook written
/// for either understands them. Source: https://developers.openai.com/codex/hooks
///
/// Of onCommand: `command` as text; `launch`, the argv that is really run; `argv`, the same, or the words of the one
/// plain command that a shell is given; `parts`, the words of every command of the script, null where it cannot be
/// read.
RawJson callEvent(HookMoment moment, const HookPlace &place, const ToolCall &call, const tools::Proposal &proposal,
                  const commands::ParseScript &parse);
RawJson approvalEvent(const HookPlace &place, const ToolCall &call, const tools::Proposal &proposal,
                      const Approval &approval, const commands::ParseScript &parse);
RawJson toolEndEvent(const HookPlace &place, const ToolCall &call, const tools::Proposal &proposal,
                     const QString &output);
RawJson promptEvent(const HookPlace &place, const UserInput &input);
RawJson sessionEvent(HookMoment moment, const HookPlace &place, const QString &how);

/// How a turn is about to end.
struct TurnOutcome
{
    QString message;          ///< The last one; may be empty.
    QStringList filesChanged; ///< By patches.
    int again = 0;            ///< How often a hook has sent it back already.
};
RawJson turnEndEvent(const HookPlace &place, const TurnOutcome &outcome);
/// `line` is the event as `--json` prints it.
RawJson observedEvent(const HookPlace &place, const RawJson &line);

/// Which moment a call is, and what it is about in a few words; Tool for what is nothing else.
HookMoment momentOf(const tools::Proposal &proposal);
QString aboutOf(const ToolCall &call, const tools::Proposal &proposal);
/// As the model names it, with its name space.
QString toolName(const ToolCall &call);
/// The text of a command: the script that a shell is given, else its words.
QString commandText(const QStringList &argv);

} // namespace nightshift::engine
