#pragma once
#include <QString>

namespace nightshift {

/// A new time-ordered id, lower case with dashes: sessions and turns. Source: RFC 9562, section 5.7 (UUIDv7).
QString newId();

/// Whether `text` is a UUID in its text form, upper or lower case.
bool isUuid(QStringView text);

} // namespace nightshift
