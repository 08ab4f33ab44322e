#pragma once
#include <QByteArray>
#include <vector>

namespace nightshift {

struct SseMessage
{
    QByteArray event;
    QByteArray data; ///< The message's data lines joined with '\n'.
    bool operator==(const SseMessage &) const = default;
};

/// Cuts a server-sent-event byte stream into messages, however the network split it.
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
class SseParser
{
public:
    std::vector<SseMessage> feed(QByteArrayView bytes);

private:
    void takeLine(QByteArrayView line, std::vector<SseMessage> &done);

    QByteArray m_pending; ///< Bytes of a line whose end has not come yet.
    SseMessage m_message;
    bool m_hasData = false; ///< A data line came, be it empty.
    bool m_afterCr = false; ///< The last line ended with CR; an LF now belongs to it.
    bool m_atStart = true;  ///< A byte order mark may still come.
};

} // namespace nightshift
