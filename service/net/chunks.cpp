#include "chunks.h"
#include <algorithm>
#include <cctype>
#include <utility>

namespace nightshift::net {

bool Chunks::take(QByteArrayView &bytes, QByteArray &body)
{
    while (!bytes.isEmpty() && m_at != At::End) {
        if (m_at != At::Data) {
            if (!takeFraming(bytes.front()))
                return false;
            bytes = bytes.sliced(1);
            continue;
        }
        const qsizetype part = std::min<qint64>(m_left, bytes.size());
        body += bytes.first(part);
        bytes = bytes.sliced(part);
        m_left -= part;
        if (m_left == 0)
            m_at = At::DataEnd;
    }
    return true;
}

bool Chunks::takeFraming(char c)
{
    const bool ends = c == '\n';
    switch (m_at) {
    case At::Size:
        return takeSize(c);
    case At::SizeEnd:
        if (ends)
            m_at = m_left == 0 ? At::Trailer : At::Data;
        return true;
    case At::DataEnd:
        if (ends)
            m_at = At::Size;
        return ends || c == '\r';
    case At::Trailer:
        if (ends && m_isEmptyLine)
            m_at = At::End;
        m_isEmptyLine = ends || (m_isEmptyLine && c == '\r');
        return true;
    default:
        return false;
    }
}

bool Chunks::takeSize(char c)
{
    constexpr int maxDigits = 15; // more is no length
    if (isxdigit(uchar(c))) {
        m_left = m_left * 16 + (isdigit(uchar(c)) ? c - '0' : (c | 0x20) - 'a' + 10);
        return ++m_digits <= maxDigits;
    }
    m_at = At::SizeEnd;
    return std::exchange(m_digits, 0) > 0 && takeFraming(c);
}

} // namespace nightshift::net
