#include "items.h"

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

RawJson repeatNote(const QString &why)
{
    return object({{"type", "request_repeated"}, {"message", why}});
}

} // namespace nightshift::engine
