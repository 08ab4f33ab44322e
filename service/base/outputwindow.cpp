#include "outputwindow.h"
#include <numeric>

namespace nightshift {

namespace {

bool isContinuation(char byte)
{
    return (byte & 0xC0) == 0x80; // RFC 3629, section 3
}

/// `bytes` without a character that its end cuts in two.
QByteArrayView wholeEnd(QByteArrayView bytes)
{
    qsizetype end = bytes.size();
    while (end > 0 && bytes.size() - end < 3 && isContinuation(bytes[end - 1]))
        --end;
    if (end == 0)
        return bytes;
    const uchar lead = uchar(bytes[end - 1]);
    const qsizetype length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return bytes.size() - (end - 1) < length ? bytes.first(end - 1) : bytes;
}

QByteArray joined(std::initializer_list<QByteArrayView> parts)
{
    QByteArray whole;
    whole.reserve(std::accumulate(parts.begin(), parts.end(), qsizetype(0),
                                  [](qsizetype sum, QByteArrayView part) { return sum + part.size(); }));
    for (const QByteArrayView part : parts)
        whole += part;
    return whole;
}

/// `bytes` without the rest of a character that its start cut in two.
QByteArrayView wholeStart(QByteArrayView bytes)
{
    qsizetype start = 0;
    while (start < qMin(bytes.size(), qsizetype(3)) && isContinuation(bytes[start]))
        ++start;
    return bytes.sliced(start);
}

} // namespace

void OutputWindow::feed(QByteArrayView bytes)
{
    m_total += bytes.size();
    const qsizetype intoHead = qMin(m_half - m_head.size(), bytes.size());
    m_head.append(bytes.first(intoHead));
    bytes = bytes.sliced(intoHead);
    if (bytes.size() > m_half)
        bytes = bytes.last(m_half);
    if (m_tail.size() + bytes.size() > 2 * m_half)
        m_tail.remove(0, m_tail.size() - (m_half - bytes.size()));
    m_tail.append(bytes);
}

qint64 OutputWindow::omittedBytes() const
{
    return m_total - m_head.size() - qMin(m_tail.size(), m_half);
}

QByteArray OutputWindow::text() const
{
    const QByteArrayView tail = QByteArrayView(m_tail).last(qMin(m_tail.size(), m_half));
    if (omittedBytes() == 0)
        return joined({m_head, tail});
    const QByteArrayView head = wholeEnd(m_head);
    const QByteArrayView end = wholeStart(tail);
    const qint64 omitted = m_total - head.size() - end.size();
    return joined({head, "\n... " + QByteArray::number(omitted) + " bytes omitted ...\n", end});
}

} // namespace nightshift
