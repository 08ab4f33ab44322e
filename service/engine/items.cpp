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

RawJson limitReached(const QString &limit)
{
    return userText(u"<limit_reached>\nThis turn ends now, because %1. No tool can be called any more. Give your final "
                    "answer from what you know, and say what is missing.\n</limit_reached>"_s.arg(limit));
}

/// Not the user's words, though they travel as such. The last two are the reference's.
static bool isOurs(QStringView text)
{
    static constexpr QLatin1StringView starts[]{
        "<environment_context>"_L1, "<turn_aborted>"_L1, "<limit_reached>"_L1, "<schema_mismatch>"_L1,
        "<hook_prompt>"_L1,         "# AGENTS.md"_L1,    summaryStart,         "<user_instructions>"_L1,
        "Another language model"_L1};
    return std::ranges::any_of(starts, [&](QLatin1StringView start) { return text.startsWith(start); });
}

QStringList promptTexts(const HistoryItem &item)
{
    if (item.kind != HistoryItem::Kind::User)
        return {};
    const auto document = JsonDocument::parse(item.json.text);
    const JsonView content = document ? document->root()["content"] : JsonView();
    if (content.isString())
        return {content.toString()};
    QStringList texts;
    for (const JsonView part : content.items()) {
        if (part["text"].isString())
            texts += part["text"].toString();
    }
    return texts.isEmpty() || isOurs(texts.last()) ? QStringList() : texts;
}

QString firstPrompt(const History &history)
{
    constexpr qsizetype titleCharacters = 100; // what a list has room for
    for (const HistoryItem &item : history) {
        if (const QStringList texts = promptTexts(item); !texts.isEmpty())
            return texts.last().left(titleCharacters).simplified();
    }
    return {};
}

RawJson repeatNote(const QString &why)
{
    return object({{"type", "request_repeated"}, {"message", why}});
}

} // namespace nightshift::engine
