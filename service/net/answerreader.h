#pragma once
#include "llm/httpclient.h"
#include "net/chunks.h"

namespace nightshift::net {

/// Reads one answer off the wire. Source: RFC 9112.
class AnswerReader
{
public:
    AnswerReader() = default;
    explicit AnswerReader(const QByteArray &method)
        : m_isBodiless(method == "HEAD")
    {}

    /// Takes from the front of `received` what belongs to the answer; what is of the body is added to `body`.
    /// An error says what about it is no HTTP.
    Result<> read(QByteArray &received, QByteArray &body);

    bool hasHead() const { return m_status != 0; }
    int status() const { return m_status; }
    const llm::HttpHeaders &headers() const { return m_headers; }
    bool isComplete() const;
    /// Nothing but the connection's end tells the end of the body.
    bool lastsUntilClosed() const { return m_framing == Framing::Closing; }
    /// Another answer can follow on the same connection.
    bool keepsConnection() const { return m_keepsConnection; }

private:
    enum class Framing { Length, Chunked, Closing };
    Result<> readHead(QByteArrayView text);
    Result<> readFraming();
    QByteArray value(QByteArrayView name) const;

    bool m_isBodiless = false;
    bool m_keepsConnection = false;
    int m_status = 0;
    llm::HttpHeaders m_headers;
    Framing m_framing = Framing::Length;
    qint64 m_left = 0; ///< Of a body whose length is known.
    Chunks m_chunks;
};

} // namespace nightshift::net
