#pragma once
#include "api/loggedevent.h"
#include "store/compression.h"
#include "store/filedescriptor.h"
#include "store/mappedfile.h"
#include "store/record.h"

namespace nightshift::api {

/// Reads a session log from its beginning, and on when it has grown.
class LogReader
{
public:
    static Result<LogReader> open(const QString &path, const store::Decompress &decompress);

    /// Absent at the end of what there is now.
    std::optional<LoggedEvent> next() { return next(&LogReader::fill); }
    /// Absent at the end of what there was when this was first called since it was absent: of a log that grew little,
    /// the file is asked once and not twice.
    std::optional<LoggedEvent> nextOfRead() { return next(&LogReader::fillOnce); }
    /// Bytes of the log up to the end of the last line that was read.
    qint64 position() const { return m_file ? m_offset - m_text.size() + m_at : m_at; }
    /// Of the last line that was read; 0 before the first.
    qint64 seq() const { return m_seq; }
    /// What the first line says of the session; once it was read.
    const std::shared_ptr<JsonDocument> &meta() const { return m_meta; }

private:
    LogReader() = default;
    using Fill = bool (LogReader::*)();
    std::optional<LoggedEvent> next(Fill fill);
    std::optional<QByteArrayView> nextLine(Fill fill);
    bool fill();
    bool fillOnce();

    store::FileDescriptor m_file;
    std::shared_ptr<store::MappedFile> m_packed; ///< Of a compressed log, which does not grow.
    QByteArray m_text;                           ///< What was read of the file and not yet given out begins at m_at.
    qsizetype m_at = 0;
    qint64 m_offset = 0;   ///< In the file, of what was not read.
    bool m_sawEnd = false; ///< When something was last read.
    qint64 m_seq = 0;
    std::shared_ptr<JsonDocument> m_meta;
};

} // namespace nightshift::api
