#include "bodyreader.h"
#include <algorithm>
#include <cctype>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr qsizetype maxLine = 1'000; // of a chunk's size or a trailer: we use neither extensions nor trailers
constexpr qsizetype maxTrailers = 8'000;

static std::unexpected<Problem> malformed(const QString &detail)
{
    return std::unexpected(Problem{ProblemCode::MalformedRequest, detail});
}

std::unexpected<Problem> BodyReader::tooLarge() const
{
    return std::unexpected(Problem{ProblemCode::BodyTooLarge, u"a body here has at most %1 bytes"_s.arg(m_maxBytes)});
}

BodyReader::BodyReader(const RequestHead &head, qint64 maxBytes)
    : m_state(head.chunked                         ? State::ChunkSize
              : head.contentLength.value_or(0) > 0 ? State::Plain
                                                   : State::Complete)
    , m_left(head.contentLength.value_or(0))
    , m_maxBytes(maxBytes)
{}

Judged<QByteArray> BodyReader::take(QByteArray &received)
{
    QByteArray body;
    if (m_state == State::Plain && m_left > m_maxBytes)
        return tooLarge();
    while (m_state != State::Complete) {
        if (m_state == State::Plain || m_state == State::ChunkData) {
            if (received.isEmpty())
                break;
            body += takeData(received);
            continue;
        }
        bool found = false;
        if (const auto line = takeLine(received, found); !line)
            return std::unexpected(line.error());
        if (!found)
            break;
    }
    return body;
}

QByteArray BodyReader::takeData(QByteArray &received)
{
    const QByteArray data = received.first(std::min<qint64>(m_left, received.size()));
    received.remove(0, data.size());
    m_left -= data.size();
    m_taken += data.size();
    if (m_left == 0)
        m_state = m_state == State::Plain ? State::Complete : State::ChunkEnd;
    return data;
}

Judged<void> BodyReader::takeLine(QByteArray &received, bool &found)
{
    const qsizetype end = received.indexOf('\n');
    if (end > maxLine || (end < 0 && received.size() > maxLine))
        return malformed(u"a line of the chunked body has more than %1 bytes"_s.arg(maxLine));
    if (end < 0)
        return {};
    if (end == 0 || received[end - 1] != '\r')
        return malformed(u"a line of the chunked body ends in LF without CR"_s);
    const QByteArray line = received.first(end - 1);
    received.remove(0, end + 1);
    found = true;
    return readLine(line);
}

Judged<void> BodyReader::readLine(QByteArrayView line)
{
    if (m_state == State::ChunkEnd) {
        if (!line.isEmpty())
            return malformed(u"a chunk is longer than its size"_s);
        m_state = State::ChunkSize;
        return {};
    }
    if (m_state == State::Trailer) {
        m_trailerBytes += line.size();
        if (m_trailerBytes > maxTrailers)
            return std::unexpected(Problem{ProblemCode::HeadersTooLarge, u"the trailers are too long"_s});
        if (line.isEmpty())
            m_state = State::Complete;
        return {};
    }
    const qsizetype extension = line.indexOf(';');
    const QByteArrayView size = extension < 0 ? line : line.first(extension);
    const bool isHex = std::ranges::all_of(size, [](char c) { return isxdigit(uchar(c)); });
    if (size.isEmpty() || !isHex)
        return malformed(u"a chunk's size is no hexadecimal number"_s);
    bool fits = false;
    m_left = size.toLongLong(&fits, 16);
    if (!fits || m_left > m_maxBytes - m_taken)
        return tooLarge();
    m_state = m_left == 0 ? State::Trailer : State::ChunkData;
    return {};
}

} // namespace nightshift::http
