#include "sseparser.h"

namespace nightshift {

std::vector<SseMessage> SseParser::feed(QByteArrayView bytes)
{
    std::vector<SseMessage> done;
    const bool joined = !m_pending.isEmpty();
    if (joined && !m_atStart && !bytes.contains('\n') && !bytes.contains('\r')) {
        m_pending += bytes; // a long line is not copied for each piece of it
        return done;
    }
    if (joined)
        m_pending += bytes;
    const QByteArray pending = std::exchange(m_pending, {});
    QByteArrayView rest = joined ? QByteArrayView(pending) : bytes;
    if (m_atStart && !rest.isEmpty()) {
        constexpr QByteArrayView bom("\xEF\xBB\xBF");
        if (rest.size() < bom.size() && bom.startsWith(rest)) {
            m_pending = rest.toByteArray();
            return done;
        }
        if (rest.startsWith(bom))
            rest = rest.sliced(bom.size());
        m_atStart = false;
    }
    if (m_afterCr && !rest.isEmpty()) {
        if (rest.front() == '\n')
            rest = rest.sliced(1);
        m_afterCr = false;
    }
    while (!rest.isEmpty()) {
        const qsizetype lf = rest.indexOf('\n');
        const qsizetype cr = rest.first(lf < 0 ? rest.size() : lf).indexOf('\r');
        const qsizetype end = cr >= 0 ? cr : lf;
        if (end < 0)
            break;
        takeLine(rest.first(end), done);
        rest = rest.sliced(end + 1);
        if (cr < 0)
            continue;
        if (rest.isEmpty())
            m_afterCr = true;
        else if (rest.front() == '\n')
            rest = rest.sliced(1);
    }
    m_pending = rest.toByteArray();
    return done;
}

void SseParser::takeLine(QByteArrayView line, std::vector<SseMessage> &done)
{
    if (line.isEmpty()) {
        if (m_hasData)
            done.push_back(std::move(m_message));
        m_message = {};
        m_hasData = false;
        return;
    }
    const qsizetype colon = line.indexOf(':');
    const QByteArrayView field = colon < 0 ? line : line.first(colon);
    QByteArrayView value = colon < 0 ? QByteArrayView() : line.sliced(colon + 1);
    if (value.startsWith(' '))
        value = value.sliced(1);
    if (field == "event") {
        m_message.event = value.toByteArray();
    } else if (field == "data") {
        if (m_hasData)
            m_message.data += '\n';
        m_message.data += value;
        m_hasData = true;
    }
}

} // namespace nightshift
