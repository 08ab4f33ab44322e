#include "record.h"
#include "store/jsonspan.h"

namespace nightshift::store {

static void take(Record &record, MemberWalk &members)
{
    if (members.name() == "timestamp")
        record.timestamp = bareString(members.value());
    else if (members.name() == "ordinal")
        record.ordinal = members.value().toLongLong();
    else if (members.name() == "type")
        record.type = bareString(members.value());
    else if (members.name() == "prev")
        record.previous = bareString(members.value());
    else if (members.name() == "payload")
        record.payload = members.value();
}

std::optional<Record> recordHead(QByteArrayView line)
{
    Record record;
    MemberWalk members(line);
    while (members.next()) {
        if (members.name() == "payload" && !record.type.isEmpty()) {
            record.payload = members.rest();
            return record;
        }
        take(record, members);
    }
    const bool complete = !members.broken() && !record.type.isEmpty() && !record.payload.isEmpty();
    return complete ? std::optional(record) : std::nullopt;
}

std::optional<Record> wholeRecord(QByteArrayView line)
{
    Record record;
    MemberWalk members(line);
    while (members.next())
        take(record, members);
    const bool complete = !members.broken() && !record.type.isEmpty() && record.payload.startsWith('{');
    return complete ? std::optional(record) : std::nullopt;
}

} // namespace nightshift::store
