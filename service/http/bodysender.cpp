#include "bodysender.h"
#include <QFile>
#include <algorithm>

namespace nightshift::http {

constexpr qint64 pieceBytes = 64 * 1024;

BodySender::BodySender(Response response, Body framing)
    : m_response(std::move(response))
    , m_framing(framing)
    , m_over(m_response.file && !m_response.file->seek(m_response.fileFrom))
{}

std::optional<QByteArray> BodySender::next()
{
    if (m_over)
        return QByteArray();
    return m_response.source ? nextOfSource() : nextOfFile();
}

std::optional<QByteArray> BodySender::nextOfFile()
{
    if (m_response.fileBytes == 0)
        return QByteArray();
    const QByteArray piece = m_response.file->read(std::min(m_response.fileBytes, pieceBytes));
    m_response.fileBytes -= piece.size();
    return piece.isEmpty() ? std::nullopt : std::optional(piece); // it became shorter than was promised
}

std::optional<QByteArray> BodySender::nextOfSource()
{
    const Result<QByteArray> piece = m_response.source->next();
    if (!piece)
        return {};
    m_over = piece->isEmpty();
    if (m_framing != Body::Chunked)
        return *piece;
    return m_over ? QByteArray(lastChunk) : chunk(*piece);
}

QByteArray chunk(const QByteArray &bytes)
{
    constexpr qsizetype mostAround = 20; // its size and two line ends
    QByteArray text;
    text.reserve(mostAround + bytes.size());
    text.append(QByteArray::number(bytes.size(), 16)).append("\r\n").append(bytes).append("\r\n");
    return text;
}

} // namespace nightshift::http
