#include "contextgauge.h"

namespace nightshift::engine {

namespace {

constexpr qint64 bytesPerToken = 4;    // of English and of code, roughly; the reference's figure
constexpr qint64 tokensAnImage = 1500; // about what models charge for a screenshot

qint64 tokensOf(const RawJson &item)
{
    constexpr QByteArrayView image = "\"data:image/";
    const QByteArrayView text = item.text;
    qint64 bytes = text.size();
    qint64 images = 0;
    for (qsizetype at = text.indexOf(image); at >= 0; at = text.indexOf(image, at)) {
        const qsizetype end = text.indexOf('"', at + 1);
        if (end < 0)
            break;
        bytes -= end - at;
        ++images;
        at = end;
    }
    return bytes / bytesPerToken + images * tokensAnImage;
}

} // namespace

qint64 estimatedTokens(std::span<const HistoryItem> items)
{
    qint64 tokens = 0;
    for (const HistoryItem &item : items)
        tokens += tokensOf(item.json);
    return tokens;
}

void ContextGauge::measure(qint64 tokens, size_t items)
{
    m_tokens = tokens;
    m_items = tokens > 0 ? items : 0;
}

qint64 ContextGauge::tokens(const History &history) const
{
    return m_tokens + estimatedTokens(std::span(history).subspan(std::min(m_items, history.size())));
}

} // namespace nightshift::engine
