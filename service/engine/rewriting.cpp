#include "rewriting.h"
#include "base/jsonreader.h"
#include "base/shellwords.h"
#include "engine/items.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using hooks::Decision;
using tools::Proposal;

namespace {

/// `cmd` is for a shell; `command` is that, or a list of words.
RawJson newCommand(const QString &name, JsonView old, const Decision::Rewrite &rewrite)
{
    const QString text = rewrite.command.value_or(shellQuoted(rewrite.argv));
    if (name == "cmd"_L1 || !old.isArray())
        return json::string(text);
    return json::array(rewrite.command ? QStringList{u"/bin/sh"_s, u"-c"_s, text} : rewrite.argv);
}

Result<ToolCall> rewrittenCommand(ToolCall call, const Decision::Rewrite &rewrite)
{
    const auto document = JsonDocument::parse(call.arguments);
    if (!document || (!rewrite.command && rewrite.argv.isEmpty()))
        return fail(Error::Kind::Invalid, u"it names no command"_s);
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : document->root().members()) {
        const bool isCommand = name == "cmd"_L1 || name == "command"_L1;
        members.emplace_back(name, isCommand ? newCommand(name, value, rewrite) : value.raw());
    }
    call.arguments = json::object(members).text;
    return call;
}

} // namespace

Result<ToolCall> rewritten(const ToolCall &call, const Proposal &proposal, const Decision::Rewrite &rewrite)
{
    ToolCall changed = call;
    switch (proposal.kind) {
    case Proposal::Kind::Command:
        return rewrittenCommand(std::move(changed), rewrite);
    case Proposal::Kind::Patch:
        if (!rewrite.patch || (call.name != "apply_patch"_L1 && call.name != "applypatch"_L1))
            return fail(Error::Kind::Invalid,
                        rewrite.patch ? u"a patch inside of a command cannot be rewritten"_s : u"it has no patch"_s);
        changed.arguments = rewrite.patch->toUtf8();
        return changed;
    case Proposal::Kind::Nothing:
    case Proposal::Kind::Tool:
        break;
    }
    if (!rewrite.arguments)
        return fail(Error::Kind::Invalid, u"it has no arguments"_s);
    changed.arguments = rewrite.arguments->text;
    return changed;
}

RawJson withLines(const RawJson &output, const QStringList &lines)
{
    if (lines.isEmpty())
        return output;
    const QString head = lines.join(u'\n') + u'\n';
    const auto document = JsonDocument::parse(output.text);
    const JsonView root = document ? document->root() : JsonView();
    if (root.isString())
        return json::string(head + root.toString());
    std::vector<RawJson> parts{textPart(head)};
    for (const JsonView part : root.items())
        parts.push_back(part.raw());
    return json::array(parts);
}

QString textOf(const RawJson &output)
{
    const auto document = JsonDocument::parse(output.text);
    const JsonView root = document ? document->root() : JsonView();
    if (root.isString())
        return root.toString();
    QStringList texts;
    for (const JsonView part : root.items())
        texts += part["text"].toString();
    return texts.join(u'\n');
}

} // namespace nightshift::engine
