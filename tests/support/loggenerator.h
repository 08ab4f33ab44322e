#pragma once
#include "base/rawjson.h"
#include <QByteArray>
#include <QStringList>

namespace nightshift::test {

/// One line of a session log.
inline QByteArray logLine(qint64 ordinal, const char *type, const RawJson &payload)
{
    return json::object(
               {{"timestamp", "2026-11-21T01:52:48.987Z"}, {"ordinal", ordinal}, {"type", type}, {"payload", payload}})
               .text +
           '\n';
}

inline RawJson messageItem(const char *role, const QString &text)
{
    const RawJson content = json::array(
        {json::object({{"type", QByteArrayView(role) == "assistant" ? "output_text" : "input_text"}, {"text", text}})});
    return json::object({{"type", "message"}, {"role", role}, {"content", content}});
}

inline RawJson callItem(const QString &call, const char *type = "function_call")
{
    return json::object(
        {{"type", type}, {"name", "exec_command"}, {"arguments", "{\"cmd\":\"ls\"}"}, {"call_id", call}});
}

inline RawJson outputItem(const QString &call, const QString &output)
{
    return json::object({{"type", "function_call_output"}, {"call_id", call}, {"output", output}});
}

/// A log that grew to `bytes` by reading source files: calls with quotes in their arguments, outputs of many
/// sizes, and the events beside them.
inline QByteArray longLog(qsizetype bytes)
{
    const QByteArray code =
        "    if (name == \"type\") // a line of code with \\\"quotes\\\"\n        return parse(value, 42);\n";
    QByteArray log = logLine(
        0, "session_meta",
        json::object({{"id", "01a1fbce-612f-7362-a1a6-e4356cdc164a"}, {"cwd", "/w"}, {"model_provider", "mock"}}));
    qint64 ordinal = 1;
    while (log.size() < bytes) {
        const QString call = QStringLiteral("call_") + QString::number(ordinal);
        const QString output = QString::fromUtf8(code.repeated(1 + (ordinal * 7919) % 120));
        log += logLine(ordinal++, "response_item", callItem(call));
        log += logLine(
            ordinal++, "event_msg",
            json::object(
                {{"type", "exec_command_end"}, {"call_id", call}, {"aggregated_output", "x"}, {"exit_code", 0}}));
        log += logLine(ordinal++, "response_item", outputItem(call, output));
        log += logLine(ordinal++, "response_item", messageItem("assistant", output.first(60)));
    }
    return log;
}

} // namespace nightshift::test
