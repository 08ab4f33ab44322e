#include "callend.h"
#include "base/jsonreader.h"
#include "base/outputwindow.h"
#include "store/jsonspan.h"

using namespace Qt::StringLiterals;

namespace nightshift::store {

bool tellsACallsEnd(QByteArrayView eventType)
{
    return eventType == "exec_command_end" || eventType == "patch_apply_end" || eventType == "mcp_tool_call_end" ||
           eventType == "item_completed"; // the reference's one word for all of them
}

/// What of an output the model is shown: about 10,000 tokens, as of a command that ends in time.
constexpr qsizetype shownBytes = 40'000;

static QString shown(JsonView output)
{
    OutputWindow window(shownBytes);
    window.feed(output.utf8());
    return QString::fromUtf8(window.text());
}

static QString commandText(JsonView end)
{
    const JsonView time = end["duration"];
    const double seconds = double(time["secs"].toInteger()) + double(time["nanos"].toInteger()) / 1e9;
    return u"Wall time: %1 seconds\nProcess exited with code %2\nOutput:\n%3"_s.arg(seconds, 0, 'f', 4)
        .arg(end["exit_code"].toInteger(-1))
        .arg(shown(end["aggregated_output"]));
}

static QString mcpText(JsonView result)
{
    const JsonView ok = result["Ok"];
    return u"Output:\n"_s + (ok.exists() ? QString::fromUtf8(ok.raw().text) : result["Err"].toString());
}

/// Empty when this is not how a call ended.
static QString endText(JsonView end, QByteArrayView type)
{
    if (type == "exec_command_end" || type == "CommandExecution")
        return commandText(end);
    if (type == "patch_apply_end" || type == "FileChange")
        return shown(end["stdout"]) + shown(end["stderr"]);
    if (type == "mcp_tool_call_end")
        return mcpText(end["result"]);
    return {};
}

static std::optional<QString> recordedOutput(const CallId &call, std::span<const QByteArrayView> lines)
{
    for (const QByteArrayView line : lines) {
        const auto read = JsonDocument::parse(line);
        const JsonView message = read ? read->root()["payload"] : JsonView();
        const bool item = message["type"].utf8() == "item_completed";
        const JsonView end = item ? message["item"] : message;
        if (end[item ? "id" : "call_id"].toString() != call)
            continue;
        if (const QString text = endText(end, end["type"].utf8()); !text.isEmpty())
            return text;
    }
    return {};
}

HistoryItem answerFor(const HistoryItem &call, std::span<const QByteArrayView> lines)
{
    const bool custom = bareString(memberText(call.json.text, "type")) == "custom_tool_call";
    const QString output = recordedOutput(call.call, lines).value_or(u"aborted"_s);
    return {.kind = HistoryItem::Kind::Output,
            .json = json::object({{"type", custom ? "custom_tool_call_output" : "function_call_output"},
                                  {"call_id", call.call},
                                  {"output", output}}),
            .call = call.call};
}

} // namespace nightshift::store
