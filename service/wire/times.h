#pragma once
#include "base/jsonreader.h"
#include <QDateTime>
#include <QTimeZone>

namespace nightshift::wire {

/// RFC 3339 with milliseconds, UTC, of milliseconds since 1970.
inline QString timeText(qint64 milliseconds)
{
    return QDateTime::fromMSecsSinceEpoch(milliseconds, QTimeZone::UTC).toString(Qt::ISODateWithMs);
}

/// 0 for what is no time.
inline qint64 timeFrom(JsonView text)
{
    const QDateTime time = QDateTime::fromString(text.toString(), Qt::ISODateWithMs);
    return time.isValid() ? time.toMSecsSinceEpoch() : 0;
}

} // namespace nightshift::wire
