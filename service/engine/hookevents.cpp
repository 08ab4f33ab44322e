#include "hookevents.h"
#include "base/jsonreader.h"
#include "base/shellwords.h"
#include "commands/wrappers.h"
#include "wire/approvalobjects.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using tools::Proposal;

namespace {

using Members = std::vector<std::pair<QString, RawJson>>;

void add(Members &members, const QString &name, const QString &text)
{
    members.emplace_back(name, json::string(text));
}

/// The reference's name for what a hook is asked.
QString eventName(HookMoment moment)
{
    switch (moment) {
    case HookMoment::SessionStart:
        return u"SessionStart"_s;
    case HookMoment::SessionEnd:
        return u"SessionEnd"_s;
    case HookMoment::Prompt:
        return u"UserPromptSubmit"_s;
    case HookMoment::ToolEnd:
        return u"PostToolUse"_s;
    case HookMoment::Approval:
        return u"PermissionRequest"_s;
    case HookMoment::TurnEnd:
        return u"Stop"_s;
    default:
        return u"PreToolUse"_s;
    }
}

Members common(HookMoment moment, const HookPlace &place)
{
    const bool asks = place.settings.approval == ApprovalPolicy::OnRequest;
    Members members;
    add(members, u"hook"_s, hookName(moment));
    add(members, u"session_id"_s, place.sessionId);
    if (!place.turnId.isEmpty())
        add(members, u"turn_id"_s, place.turnId);
    members.emplace_back(u"transcript_path"_s,
                         place.transcript.isEmpty() ? json::null() : json::string(place.transcript));
    add(members, u"cwd"_s, place.settings.cwd);
    add(members, u"hook_event_name"_s, eventName(moment));
    add(members, u"model"_s, place.settings.model);
    add(members, u"permission_mode"_s, asks ? u"default"_s : u"bypassPermissions"_s);
    return members;
}

QStringList wordsOf(const commands::SimpleCommand &command)
{
    QStringList words;
    for (const commands::Word &word : command)
        words += word.text;
    return words;
}

void addCommand(Members &members, const CommandLine &command, const commands::ParseScript &parse)
{
    const QString *script = commands::scriptOf(command.argv);
    const commands::Script read = script && parse ? parse(*script) : commands::Script();
    std::vector<RawJson> parts;
    for (const commands::SimpleCommand &part : read.commands)
        parts.push_back(json::array(wordsOf(part)));
    const bool isOne = read.plain && read.commands.size() == 1;
    add(members, u"command"_s, commandText(command.argv));
    members.emplace_back(u"argv"_s, json::array(isOne ? wordsOf(read.commands.front()) : command.argv));
    if (!script)
        parts = {json::array(command.argv)};
    members.emplace_back(u"parts"_s, script && !read.understood ? json::null() : json::array(parts));
    members.emplace_back(u"launch"_s, json::array(command.argv));
    add(members, u"workdir"_s, command.cwd);
}

const char *kindName(FileChange::Kind kind)
{
    return kind == FileChange::Kind::Add ? "add" : kind == FileChange::Kind::Delete ? "delete" : "update";
}

/// Paths inside the working folder as they are written in patches.
void addFiles(Members &members, const Proposal &proposal, const QString &cwd)
{
    const auto shortened = [&](const QString &path) {
        return path.startsWith(cwd + u'/') ? path.sliced(cwd.size() + 1) : path;
    };
    std::vector<RawJson> files;
    for (const FileChange &change : proposal.changes)
        files.push_back(
            json::object({{"path", shortened(change.path)},
                          {"kind", kindName(change.kind)},
                          {"moved_to", change.movedTo ? std::optional(shortened(*change.movedTo)) : std::nullopt}}));
    members.emplace_back(u"files"_s, json::array(files));
    add(members, u"patch"_s, proposal.patch);
}

RawJson argumentsOf(const ToolCall &call)
{
    const auto document = JsonDocument::parse(call.arguments);
    return document ? document->root().raw() : json::string(QByteArrayView(call.arguments));
}

/// The call in the words of the reference, then in ours.
void addCall(Members &members, const ToolCall &call, const Proposal &proposal)
{
    const auto input = [](const QString &command) { return json::object({{"command", command}}); };
    switch (proposal.kind) {
    case Proposal::Kind::Command:
        add(members, u"tool_name"_s, u"Bash"_s);
        members.emplace_back(u"tool_input"_s, input(commandText(proposal.command.argv)));
        break;
    case Proposal::Kind::Patch:
        add(members, u"tool_name"_s, u"apply_patch"_s);
        members.emplace_back(u"tool_input"_s, input(proposal.patch));
        break;
    case Proposal::Kind::Nothing:
    case Proposal::Kind::Tool:
        add(members, u"tool_name"_s, toolName(call));
        members.emplace_back(u"tool_input"_s, argumentsOf(call));
        break;
    }
    add(members, u"tool_use_id"_s, call.id);
    add(members, u"call_id"_s, call.id);
}

void addDetails(Members &members, const HookPlace &place, const ToolCall &call, const Proposal &proposal,
                const commands::ParseScript &parse)
{
    addCall(members, call, proposal);
    if (proposal.kind == Proposal::Kind::Command) {
        addCommand(members, proposal.command, parse);
        members.emplace_back(u"escalated"_s, json::boolean(proposal.escalated));
        if (!proposal.justification.isEmpty())
            add(members, u"justification"_s, proposal.justification);
    } else if (proposal.kind == Proposal::Kind::Patch) {
        addFiles(members, proposal, place.settings.cwd);
    } else {
        add(members, u"tool"_s, toolName(call));
        members.emplace_back(u"arguments"_s, argumentsOf(call));
    }
}

} // namespace

RawJson callEvent(HookMoment moment, const HookPlace &place, const ToolCall &call, const Proposal &proposal,
                  const commands::ParseScript &parse)
{
    Members members = common(moment, place);
    addDetails(members, place, call, proposal, parse);
    return json::object(members);
}

RawJson approvalEvent(const HookPlace &place, const ToolCall &call, const Proposal &proposal, const Approval &approval,
                      const commands::ParseScript &parse)
{
    Members members = common(HookMoment::Approval, place);
    add(members, u"approval_id"_s, approval.id);
    add(members, u"kind"_s, wire::kindName(approval.kind));
    add(members, u"reason"_s, approval.reason);
    addDetails(members, place, call, proposal, parse);
    return json::object(members);
}

RawJson toolEndEvent(const HookPlace &place, const ToolCall &call, const Proposal &proposal, const QString &output)
{
    Members members = common(HookMoment::ToolEnd, place);
    addCall(members, call, proposal);
    // What a command printed stands behind a head of ours.
    const qsizetype body = proposal.kind == Proposal::Kind::Command ? output.indexOf("\nOutput:\n"_L1) : -1;
    add(members, u"tool_response"_s, body < 0 ? output : output.sliced(body + 9));
    return json::object(members);
}

RawJson promptEvent(const HookPlace &place, const UserInput &input)
{
    Members members = common(HookMoment::Prompt, place);
    add(members, u"prompt"_s, input.text);
    members.emplace_back(u"images"_s, json::array(input.images));
    return json::object(members);
}

RawJson sessionEvent(HookMoment moment, const HookPlace &place, const QString &how)
{
    Members members = common(moment, place);
    add(members, moment == HookMoment::SessionEnd ? u"reason"_s : u"source"_s, how);
    return json::object(members);
}

RawJson turnEndEvent(const HookPlace &place, const TurnOutcome &outcome)
{
    Members members = common(HookMoment::TurnEnd, place);
    members.emplace_back(u"ok"_s, json::boolean(true));
    add(members, u"text"_s, outcome.message);
    members.emplace_back(u"files_changed"_s, json::array(outcome.filesChanged));
    members.emplace_back(u"again"_s, json::number(qint64(outcome.again)));
    members.emplace_back(u"stop_hook_active"_s, json::boolean(outcome.again > 0));
    add(members, u"last_assistant_message"_s, outcome.message);
    return json::object(members);
}

RawJson observedEvent(const HookPlace &place, const RawJson &line)
{
    Members members;
    add(members, u"hook"_s, hookName(HookMoment::Event));
    const auto document = JsonDocument::parse(line.text);
    for (const auto &[name, value] : document->root().members())
        members.emplace_back(name, value.raw());
    add(members, u"session_id"_s, place.sessionId);
    return json::object(members);
}

HookMoment momentOf(const Proposal &proposal)
{
    switch (proposal.kind) {
    case Proposal::Kind::Command:
        return HookMoment::Command;
    case Proposal::Kind::Patch:
        return HookMoment::Patch;
    case Proposal::Kind::Nothing:
    case Proposal::Kind::Tool:
        break;
    }
    return HookMoment::Tool;
}

QString aboutOf(const ToolCall &call, const Proposal &proposal)
{
    if (proposal.kind == Proposal::Kind::Command)
        return commandText(proposal.command.argv);
    if (proposal.kind != Proposal::Kind::Patch)
        return toolName(call);
    QStringList paths;
    for (const FileChange &change : proposal.changes)
        paths += change.path;
    return paths.join(", "_L1);
}

QString toolName(const ToolCall &call)
{
    const bool isWhole = call.nameSpace.isEmpty() || call.name.startsWith(call.nameSpace + "__"_L1);
    return isWhole ? call.name : call.nameSpace + "__"_L1 + call.name;
}

QString commandText(const QStringList &argv)
{
    const QString *script = commands::scriptOf(argv);
    return script ? *script : shellQuoted(argv);
}

} // namespace nightshift::engine
