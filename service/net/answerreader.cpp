#include "answerreader.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::net {

constexpr qsizetype maxHeadBytes = 256 * 1024; // no server means more than that

static std::unexpected<Error> noHttp(const QString &what)
{
    return fail(Error::Kind::Network, u"the answer is no HTTP: "_s + what);
}

/// Where the body begins; 0 while the head is not complete.
static qsizetype headEnd(QByteArrayView received)
{
    for (qsizetype end = received.indexOf('\n'); end >= 0; end = received.indexOf('\n', end + 1)) {
        const QByteArrayView rest = received.sliced(end + 1);
        if (rest.startsWith('\n'))
            return end + 2;
        if (rest.startsWith("\r\n"))
            return end + 3;
    }
    return 0;
}

static QByteArrayView takeLine(QByteArrayView &text)
{
    const qsizetype end = text.indexOf('\n');
    const QByteArrayView line = text.first(end);
    text = text.sliced(end + 1);
    return line.endsWith('\r') ? line.chopped(1) : line;
}

bool AnswerReader::isComplete() const
{
    if (!hasHead() || m_framing == Framing::Closing)
        return false;
    return m_framing == Framing::Chunked ? m_chunks.areComplete() : m_left == 0;
}

Result<> AnswerReader::read(QByteArray &received, QByteArray &body)
{
    while (!hasHead()) {
        const qsizetype end = headEnd(received);
        if (end == 0 && received.size() > maxHeadBytes)
            return noHttp(u"its head does not end"_s);
        if (end == 0)
            return {};
        if (const auto read = readHead(QByteArrayView(received).first(end)); !read)
            return read;
        received.remove(0, end);
    }
    QByteArrayView rest = received;
    if (m_framing == Framing::Chunked) {
        if (!m_chunks.take(rest, body))
            return noHttp(u"a chunk does not say its size"_s);
    } else {
        const qsizetype part =
            m_framing == Framing::Closing ? rest.size() : qsizetype(std::min<qint64>(m_left, rest.size()));
        body += rest.first(part);
        rest = rest.sliced(part);
        m_left -= part;
    }
    if (rest.isEmpty())
        received.clear(); // of its room, too
    else
        received.remove(0, received.size() - rest.size());
    return {};
}

Result<> AnswerReader::readHead(QByteArrayView text)
{
    const QByteArrayView line = takeLine(text);
    const int status = line.startsWith("HTTP/1.") ? line.mid(9, 3).toInt() : 0;
    if (status < 100)
        return noHttp(
            u"it begins with \"%1\""_s.arg(QString::fromLatin1(line.first(qMin<qsizetype>(line.size(), 40)))));
    if (status < 200)
        return {}; // a word in advance, the answer follows
    m_status = status;
    for (QByteArrayView field; !(field = takeLine(text)).isEmpty();) {
        const qsizetype colon = std::max<qsizetype>(field.indexOf(':'), 0);
        m_headers.emplace_back(field.first(colon).trimmed().toByteArray().toLower(),
                               field.mid(colon + 1).trimmed().toByteArray());
    }
    const QByteArray connection = value("connection").toLower();
    m_keepsConnection = line[7] == '0' ? connection.contains("keep-alive") : !connection.contains("close");
    return readFraming();
}

Result<> AnswerReader::readFraming()
{
    if (m_isBodiless || m_status == 204 || m_status == 304)
        return {};
    if (const QByteArray encoding = value("content-encoding").toLower(); !encoding.isEmpty() && encoding != "identity")
        return noHttp(u"its body is encoded as %1, which nobody asked for"_s.arg(QLatin1StringView(encoding)));
    if (value("transfer-encoding").toLower().contains("chunked")) {
        m_framing = Framing::Chunked;
    } else if (const QByteArray length = value("content-length"); !length.isEmpty()) {
        bool isNumber = false;
        m_left = length.toLongLong(&isNumber);
        if (!isNumber || m_left < 0)
            return noHttp(u"its length is \"%1\""_s.arg(QLatin1StringView(length)));
    } else {
        m_framing = Framing::Closing;
        m_keepsConnection = false;
    }
    return {};
}

QByteArray AnswerReader::value(QByteArrayView name) const
{
    const auto found =
        std::ranges::find(m_headers, name, [](const auto &field) { return QByteArrayView(field.first); });
    return found == m_headers.end() ? QByteArray() : found->second;
}

} // namespace nightshift::net
