#pragma once
#include "http/response.h"
#include <optional>

namespace nightshift::http {

/// The body of an answer that is not at hand as a whole, piece by piece as it goes over the wire: a part of a file, or
/// what a source gives. The connection asks for more when its client took what there was.
class BodySender
{
public:
    BodySender(Response response, Body framing);

    /// Whether a piece may take its time to be made, so that others should have their turn in between.
    bool isMade() const { return m_response.source != nullptr; }
    /// The next bytes to send; empty when all are sent. Absent when the rest is not to be had: then the connection has
    /// to be cut, so that the client does not take half for all.
    std::optional<QByteArray> next();

private:
    std::optional<QByteArray> nextOfFile();
    std::optional<QByteArray> nextOfSource();

    Response m_response;
    Body m_framing;
    bool m_over = false;
};

/// One chunk of a body whose length is not known. Source: RFC 9112, section 7.1.
QByteArray chunk(const QByteArray &bytes);
/// What ends such a body.
constexpr const char *lastChunk = "0\r\n\r\n";

} // namespace nightshift::http
