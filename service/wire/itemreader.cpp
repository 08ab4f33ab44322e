#include "itemreader.h"
#include "wire/eventmessage.h"

using namespace Qt::StringLiterals;

namespace nightshift::wire {

namespace {

QString joined(JsonView texts)
{
    QStringList lines;
    for (const JsonView text : texts.items())
        lines += text.isString() ? text.toString() : text["text"].toString();
    return lines.join(u'\n');
}

Event userSaid(JsonView item)
{
    UserInput input;
    for (const JsonView part : item["content"].items()) {
        if (part["type"].utf8() == "text")
            input.text += part["text"].toString();
        else if (part["path"].isString())
            input.images += part["path"].toString();
    }
    return UserSaid{input};
}

/// An item's members bear the names of the older messages, but for a few: the message it would have been.
Event asMessage(JsonView item, const char *type, const std::vector<std::pair<QString, RawJson>> &others)
{
    std::vector<std::pair<QString, RawJson>> members{{u"type"_s, json::string(QByteArrayView(type))},
                                                     {u"call_id"_s, item["id"].raw()}};
    members.insert(members.end(), others.begin(), others.end());
    for (const auto &[name, value] : item.members()) {
        if (name != "type"_L1 && name != "cwd"_L1 && name != "result"_L1)
            members.emplace_back(name, value.raw());
    }
    const auto message = JsonDocument::parse(json::object(members).text);
    return *fromMessage(message->root());
}

Event commandFinished(JsonView item)
{
    QString cwd = item["cwd"].toString();
    if (cwd.startsWith("file://"_L1))
        cwd = cwd.sliced(7);
    return asMessage(item, "exec_command_end", {{u"cwd"_s, json::string(QStringView(cwd))}});
}

Event patchFinished(JsonView item)
{
    return asMessage(item, "patch_apply_end", {{u"success"_s, json::boolean(item["status"].utf8() == "completed")}});
}

/// `result` is the outcome in Rust's words, or bare with an `error` beside it.
Event mcpFinished(JsonView item)
{
    const JsonView result = item["result"], error = item["error"];
    const bool wrapped = result["Ok"].exists() || result["Err"].exists();
    McpCallFinished call{.call = item["id"].toString(),
                         .invocation = {item["server"].toString(), item["tool"].toString(), item["arguments"].raw()},
                         .failed = item["status"].utf8() != "completed",
                         .duration = std::chrono::milliseconds(item["duration"]["secs"].toInteger() * 1000 +
                                                               item["duration"]["nanos"].toInteger() / 1'000'000)};
    const JsonView told = wrapped ? result["Ok"] : result;
    if (told.isObject())
        call.result = told.raw();
    if (result["Err"].isString() || error["message"].isString())
        call.error = result["Err"].toString(error["message"].toString());
    return call;
}

} // namespace

std::optional<Event> fromItem(JsonView item)
{
    const QByteArrayView type = item["type"].utf8();
    if (type == "UserMessage")
        return userSaid(item);
    if (type == "AgentMessage")
        return MessageCompleted{joined(item["content"])};
    if (type == "Reasoning")
        return ReasoningCompleted{joined(item["summary_text"]), joined(item["raw_content"])};
    if (type == "CommandExecution")
        return commandFinished(item);
    if (type == "FileChange")
        return patchFinished(item);
    if (type == "McpToolCall")
        return mcpFinished(item);
    if (type == "WebSearch")
        return SearchFinished{item["id"].toString(), item["query"].toString(),
                              item["action"].isObject() ? item["action"].raw() : RawJson()};
    return {};
}

std::optional<Event> beginningOf(const Event &ending)
{
    using Begin = std::optional<Event>;
    return std::visit(Overloaded{
                          [](const CommandFinished &e) -> Begin { return CommandStarted{e.call, e.command}; },
                          [](const PatchFinished &e) -> Begin { return PatchStarted{e.call, e.changes}; },
                          [](const McpCallFinished &e) -> Begin { return McpCallStarted{e.call, e.invocation}; },
                          [](const SearchFinished &e) -> Begin { return SearchStarted{e.call}; },
                          [](const auto &) -> Begin { return {}; },
                      },
                      ending);
}

} // namespace nightshift::wire
