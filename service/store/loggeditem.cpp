#include "loggeditem.h"
#include "base/jsonreader.h"
#include "store/jsonspan.h"

namespace nightshift::store {

namespace {

using Kind = HistoryItem::Kind;

/// The reference's own bookkeeping inside an item. Source: logs of codex-cli 0.169.
constexpr QByteArrayView foreignMember = "internal_chat_message_metadata_passthrough";

Kind kindOf(QByteArrayView type, QByteArrayView role)
{
    if (type == "message")
        return role == "assistant" ? Kind::Assistant : role == "user" ? Kind::User : Kind::Developer;
    if (type == "reasoning")
        return Kind::Reasoning;
    if (type == "function_call" || type == "custom_tool_call" || type == "local_shell_call")
        return Kind::Call;
    if (type == "function_call_output" || type == "custom_tool_call_output")
        return Kind::Output;
    return Kind::Other;
}

RawJson withoutForeignMember(QByteArrayView item)
{
    std::vector<std::pair<QString, RawJson>> kept;
    if (const auto read = JsonDocument::parse(item)) {
        for (const auto &[name, value] : read->root().members()) {
            if (name.toUtf8() != foreignMember)
                kept.emplace_back(name, value.raw());
        }
    }
    return json::object(kept);
}

} // namespace

std::optional<HistoryItem> loggedItem(QByteArrayView payload, MappedFile &file)
{
    QByteArrayView type, role, call;
    const char *foreign = nullptr;    // the opening quote of the member's name
    const char *foreignEnd = nullptr; // behind its value
    MemberWalk members(payload);
    while (members.next()) {
        if (members.name() == "type") {
            type = bareString(members.value());
        } else if (members.name() == "role") {
            role = bareString(members.value());
        } else if (members.name() == "call_id") {
            call = bareString(members.value());
        } else if (members.name() == foreignMember) {
            foreign = members.name().begin() - 1;
            foreignEnd = members.value().end();
        }
    }
    if (members.broken() || type.isEmpty() || type == "ghost_snapshot")
        return {};
    const Kind kind = kindOf(type, role);
    HistoryItem item{.kind = kind};
    if (kind == Kind::Call || kind == Kind::Output)
        item.call = QString::fromUtf8(call);
    const QByteArrayView whole(payload.begin(), members.position());
    if (!foreign) {
        item.json.text = QByteArray::fromRawData(whole.data(), whole.size());
    } else if (foreign[-1] == ',' && foreignEnd + 1 == whole.end()) {
        // It usually stands last: the object just ends before it. Our copy of one page is cheaper than of the item.
        char *const end = file.writable(foreign - 1);
        *end = '}';
        item.json.text = QByteArray::fromRawData(whole.data(), end + 1 - whole.data());
    } else {
        item.json = withoutForeignMember(whole);
    }
    return item;
}

} // namespace nightshift::store
