#include "forkpoint.h"
#include "store/linewalk.h"
#include "store/record.h"

using namespace Qt::StringLiterals;

namespace nightshift::store {

/// The later name is the reference's own of 2026.
static bool beginsTurn(QByteArrayView line)
{
    const auto record = recordHead(line);
    return record && record->type == "event_msg" &&
           (record->payload.startsWith(R"({"type":"task_started")") ||
            record->payload.startsWith(R"({"type":"turn_started")"));
}

Result<QByteArrayView> untilTurn(QByteArrayView text, qint64 turn)
{
    qint64 begun = 0;
    ForwardLines lines(text);
    while (const auto line = lines.next()) {
        if (!beginsTurn(*line))
            continue;
        if (begun == turn)
            return text.first(line->data() - text.data());
        ++begun;
    }
    if (begun < turn)
        return fail(Error::Kind::NotFound, u"turn %1 was asked for, but the log has only %2"_s.arg(turn).arg(begun));
    return text;
}

} // namespace nightshift::store
