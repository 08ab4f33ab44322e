#pragma once
#include "base/rawjson.h"
#include <QByteArrayView>
#include <optional>

namespace nightshift::store {

/// One line of a session log; all of it points into the line.
struct Record
{
    QByteArrayView timestamp;
    qint64 ordinal = -1; ///< Older logs have none.
    QByteArrayView type;
    QByteArrayView previous; ///< "sha256:…" of the line before; empty where the log is no chain.
    QByteArrayView payload;  ///< An object's text.
};

/// Reads a line only as far as its payload's beginning where the members stand in their usual order; the
/// payload's text then runs to the line's end. Absent when the line is no record.
std::optional<Record> recordHead(QByteArrayView line);
/// With the payload's exact text, and only when the line's brackets close.
std::optional<Record> wholeRecord(QByteArrayView line);

} // namespace nightshift::store
