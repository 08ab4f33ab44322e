#include "lineshape.h"
#include <QByteArrayList>

using namespace Qt::StringLiterals;

namespace nightshift::store {

namespace {

/// What members must be there, by kind: "call_id" is a string, "#exit_code" a number, "[]plan" an array, "{}changes" an
/// object, "!success" true or false, "?info" anything, also null.
struct Shape
{
    QByteArrayView kind;
    const char *members;
};

constexpr Shape lines[] = {
    {"session_meta", "id cwd"}, {"turn_context", "cwd model"}, {"response_item", "type"},
    {"event_msg", "type"},      {"compacted", "message"},
};

constexpr Shape events[] = {
    {"session_configured", "session_id"},
    {"user_message", "message"},
    {"agent_message", "message"},
    {"agent_reasoning", "text"},
    {"warning", "message"},
    {"stream_error", "message"},
    {"error", "message"},
    {"turn_aborted", "reason"},
    {"task_complete", "?last_agent_message"},
    {"token_count", "?info"},
    {"exec_command_begin", "call_id []command cwd"},
    {"exec_command_output_delta", "call_id stream chunk"},
    {"exec_command_end", "call_id #exit_code"},
    {"patch_apply_begin", "call_id {}changes"},
    {"patch_apply_end", "call_id !success"},
    {"mcp_tool_call_begin", "call_id {}invocation"},
    {"mcp_tool_call_end", "call_id {}invocation ?result"},
    {"web_search_begin", "call_id"},
    {"web_search_end", "call_id query"},
    {"plan_update", "[]plan"},
    {"turn_diff", "unified_diff"},
    {"item_completed", "{}item"},
};

constexpr Shape items[] = {
    {"message", "role []content"},
    {"function_call", "call_id name arguments"},
    {"function_call_output", "call_id ?output"},
    {"custom_tool_call", "call_id name input"},
    {"custom_tool_call_output", "call_id ?output"},
    {"local_shell_call", "{}action"},
};

/// Whether the member that `wanted` describes is there; its bare name is put into `name`.
bool holds(JsonView object, QByteArrayView wanted, QByteArray &name)
{
    const qsizetype mark = wanted.startsWith("[]") || wanted.startsWith("{}") ? 2 : 1;
    const char kind = QByteArrayView("[{#!?").contains(wanted[0]) ? wanted[0] : ' ';
    name = (kind == ' ' ? wanted : wanted.sliced(mark)).toByteArray();
    const JsonView member = object[name.constData()];
    switch (kind) {
    case '[':
        return member.isArray();
    case '{':
        return member.isObject();
    case '#':
        return member.isNumber();
    case '!':
        return member.isBool();
    case '?':
        return member.exists();
    default:
        return member.isString();
    }
}

template <size_t Count>
std::optional<QString> missing(const Shape (&shapes)[Count], QByteArrayView kind, JsonView object)
{
    for (const Shape &shape : shapes) {
        if (shape.kind != kind)
            continue;
        for (const QByteArray &wanted : QByteArray(shape.members).split(' ')) {
            QByteArray name;
            if (!holds(object, wanted, name))
                return u"%1 has no %2"_s.arg(QString::fromUtf8(kind), QString::fromUtf8(name));
        }
    }
    return {};
}

} // namespace

std::optional<QString> missingMember(QByteArrayView type, JsonView payload)
{
    if (auto wrong = missing(lines, type, payload))
        return wrong;
    if (type == "event_msg")
        return missing(events, payload["type"].utf8(), payload);
    if (type == "response_item")
        return missing(items, payload["type"].utf8(), payload);
    return {};
}

} // namespace nightshift::store
