#include "outputwindow.h"
#include <algorithm>
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

/// How many bytes of a character that was cut in two the two parts begin with, read as one.
qsizetype cutStart(QByteArrayView first, QByteArrayView second)
{
    const QByteArray start =
        joined({first.first(qMin(first.size(), qsizetype(3))), second.first(qMin(second.size(), qsizetype(3)))});
    qsizetype cut = 0;
    while (cut < qMin(start.size(), qsizetype(3)) && isContinuation(start[cut]))
        ++cut;
    return cut;
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
    const qsizetype intoTail = qMin(m_half - m_tail.size(), bytes.size());
    m_tail.append(bytes.first(intoTail));
    bytes = bytes.sliced(intoTail);
    while (!bytes.isEmpty()) {
        const qsizetype run = qMin(m_half - m_oldest, bytes.size());
        std::ranges::copy(bytes.first(run), m_tail.begin() + m_oldest);
        m_oldest = (m_oldest + run) % m_half;
        bytes = bytes.sliced(run);
    }
}

qint64 OutputWindow::omittedBytes() const
{
    return m_total - m_head.size() - m_tail.size();
}

QByteArray OutputWindow::text() const
{
    QByteArrayView older = QByteArrayView(m_tail).sliced(m_oldest);
    QByteArrayView newer = QByteArrayView(m_tail).first(m_oldest);
    if (omittedBytes() == 0)
        return joined({m_head, older, newer});
    const QByteArrayView head = wholeEnd(m_head);
    const qsizetype cut = cutStart(older, newer);
    newer = newer.sliced(qMax(cut - older.size(), qsizetype(0)));
    older = older.sliced(qMin(cut, older.size()));
    const qint64 omitted = m_total - head.size() - older.size() - newer.size();
    return joined({head, "\n... " + QByteArray::number(omitted) + " bytes omitted ...\n", older, newer});
}

} // namespace nightshift
