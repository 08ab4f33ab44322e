#include "answeritems.h"
#include "base/ids.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

using json::object;

static RawJson messageItem(const RawJson &part)
{
    return object(
        {{"type", "message"}, {"id", "msg_" + newId()}, {"role", "assistant"}, {"content", json::array({part})}});
}

MessageDone spokenMessage(const QString &text)
{
    return {messageItem(object({{"type", "output_text"}, {"text", text}})), text, false};
}

MessageDone refusedMessage(const QString &text)
{
    return {messageItem(object({{"type", "refusal"}, {"refusal", text}})), text, true};
}

ToolCall toolCall(JsonView item)
{
    ToolCall call{.id = item["call_id"].toString(item["id"].toString()),
                  .name = item["name"].toString(),
                  .arguments = item["arguments"].utf8().toByteArray(),
                  .nameSpace = item["namespace"].toString()};
    if (item["type"].utf8() == "custom_tool_call") {
        call.kind = ToolCall::Kind::Custom;
        call.arguments = item["input"].utf8().toByteArray();
    } else if (item["type"].utf8() == "local_shell_call") {
        call.kind = ToolCall::Kind::LocalShell;
        call.name = QStringLiteral("local_shell");
        call.arguments = item["action"].raw().text;
    }
    return call;
}

CallDone functionCall(const QString &callId, const QString &name, const QByteArray &arguments)
{
    ToolCall call{.id = callId, .name = name, .arguments = arguments};
    if (call.id.isEmpty()) // some servers give none, but the output must name its call
        call.id = "call_" + newId();
    if (call.arguments.isEmpty())
        call.arguments = "{}";
    const RawJson item = object({{"type", "function_call"},
                                 {"id", "fc_" + newId()},
                                 {"call_id", call.id},
                                 {"name", call.name},
                                 {"arguments", call.arguments}});
    return {item, call};
}

ThoughtDone sealedThought(QByteArrayView wire, const QByteArray &seal, const QString &summary, const QString &raw)
{
    std::vector<RawJson> summaries, contents;
    if (!summary.isEmpty())
        summaries.push_back(object({{"type", "summary_text"}, {"text", summary}}));
    if (!raw.isEmpty())
        contents.push_back(object({{"type", "reasoning_text"}, {"text", raw}}));
    const RawJson item = object({{"type", "reasoning"}, // these two first: isSealed() looks for them
                                 {"encrypted_content", sealPrefix.toByteArray().append(wire).append(':').append(seal)},
                                 {"id", "rs_" + newId()},
                                 {"summary", json::array(summaries)},
                                 {"content", json::array(contents)}});
    return {item, summary, raw};
}

bool isSealed(const RawJson &item)
{
    constexpr QByteArrayView start = R"({"type":"reasoning","encrypted_content":"nightshift:)";
    return item.text.startsWith(start);
}

} // namespace nightshift::llm
