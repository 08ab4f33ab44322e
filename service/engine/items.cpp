#include "items.h"
#include "base/jsonreader.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using json::object;

RawJson message(const char *role, const std::vector<RawJson> &parts)
{
    return object({{"type", "message"}, {"role", role}, {"content", json::array(parts)}});
}

RawJson textPart(QStringView text)
{
    return object({{"type", "input_text"}, {"text", text}});
}

RawJson userText(QStringView text)
{
    return message("user", {textPart(text)});
}

RawJson developerText(const QStringList &texts)
{
    std::vector<RawJson> parts;
    for (const QString &text : texts)
        parts.push_back(textPart(text));
    return message("developer", parts);
}

RawJson callOutput(const ToolCall &call, const ToolAnswer &answer)
{
    const bool custom = call.kind == ToolCall::Kind::Custom;
    return object({{"type", custom ? "custom_tool_call_output" : "function_call_output"},
                   {"call_id", call.id},
                   {"output", answer.output}});
}

RawJson turnAborted()
{
    return userText(u"<turn_aborted>\nThe previous turn was stopped before it was done. Commands that were running "
                    "have been killed and may have done part of their work; look before you repeat them.\n"
                    "</turn_aborted>"_s);
}

QString firstPrompt(const History &history)
{
    constexpr qsizetype titleCharacters = 100; // what a list has room for
    for (const HistoryItem &item : history) {
        if (item.kind != HistoryItem::Kind::User)
            continue;
        const auto document = JsonDocument::parse(item.json.text);
        const JsonView content = document ? document->root()["content"] : JsonView();
        const QString text = content[content.size() - 1]["text"].toString();
        // Context travels as user messages, too; all of it begins like markup.
        if (!text.isEmpty() && !text.startsWith(u'<') && !text.startsWith("# AGENTS.md"_L1))
            return text.left(titleCharacters).simplified();
    }
    return {};
}

RawJson repeatNote(const QString &why)
{
    return object({{"type", "request_repeated"}, {"message", why}});
}

} // namespace nightshift::engine
