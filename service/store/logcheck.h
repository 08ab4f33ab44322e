#pragma once
#include <QByteArrayView>
#include <QString>
#include <vector>

namespace nightshift::store {

struct LogFinding
{
    qint64 line = 0; ///< From 1.
    QString sentence;
    bool operator==(const LogFinding &) const = default;
};

/// What is wrong with a session log, in the order of its lines: lines that are no JSON, or lack what their kind has;
/// ordinals that do not count the lines; calls without an answer and answers without a call; turns without an ending,
/// or with two; a torn last line; and, where lines say the hash of the one before (`prev`), one that is not that.
///
/// While somebody writes the log, what is open at its end is not wrong.
std::vector<LogFinding> checkLog(QByteArrayView text, bool isBeingWritten);

} // namespace nightshift::store
