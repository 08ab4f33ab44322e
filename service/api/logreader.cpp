#include "logreader.h"
#include "base/boundedfile.h"
#include "wire/eventmessage.h"
#include <array>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::api {

constexpr size_t pieceBytes = 64 * 1024; // what is read at a time: most logs whole

Result<LogReader> LogReader::open(const QString &path, const store::Decompress &decompress)
{
    LogReader reader;
    if (auto file = openBounded(path, fileuse::sessionLog)) {
        reader.m_file = std::move(*file);
    } else {
        auto packed = store::MappedFile::open(path, decompress);
        if (!packed)
            return std::unexpected(packed.error());
        reader.m_packed = std::move(*packed);
        reader.m_text = QByteArray::fromRawData(reader.m_packed->text().data(), reader.m_packed->text().size());
    }
    return reader;
}

bool LogReader::fill()
{
    if (!m_file)
        return false;
    m_text.remove(0, std::exchange(m_at, 0));
    std::array<char, pieceBytes> piece; // not part of us: most of the time there is nothing to read
    const ssize_t count = std::max<ssize_t>(0, ::pread(m_file.get(), piece.data(), piece.size(), m_offset));
    m_sawEnd = count > 0 && size_t(count) < piece.size();
    m_text.append(piece.data(), count);
    m_offset += count;
    if (m_text.isEmpty())
        m_text = {}; // whoever waits for more needs no room meanwhile
    return count > 0;
}

bool LogReader::fillOnce()
{
    return !std::exchange(m_sawEnd, false) && fill();
}

std::optional<QByteArrayView> LogReader::nextLine(Fill fill)
{
    qsizetype searched = m_at;
    for (;;) {
        const qsizetype end = m_text.indexOf('\n', searched);
        if (end >= 0) {
            const QByteArrayView line = QByteArrayView(m_text).sliced(m_at, end - m_at);
            m_at = end + 1;
            return line;
        }
        const qsizetype rest = m_text.size() - m_at;
        if (!(this->*fill)())
            return {};
        searched = m_at + rest;
    }
}

std::optional<LoggedEvent> LogReader::next(Fill fill)
{
    while (const auto line = nextLine(fill)) {
        const auto record = store::wholeRecord(*line);
        m_seq = record && record->ordinal >= 0 ? record->ordinal + 1 : m_seq + 1;
        if (!record)
            continue;
        LoggedEvent logged{
            .seq = m_seq, .time = record->timestamp.toByteArray(), .previous = record->previous.toByteArray()};
        if (record->type == "event_msg") {
            if (auto payload = JsonDocument::parse(record->payload))
                logged.payload = std::move(*payload);
            logged.event = logged.isFact() ? std::nullopt : wire::fromMessage(logged.members());
        } else if (record->type == "session_meta" && !m_meta) {
            if (auto meta = JsonDocument::parse(record->payload))
                m_meta = std::make_shared<JsonDocument>(std::move(*meta));
        }
        return logged;
    }
    return {};
}

} // namespace nightshift::api
