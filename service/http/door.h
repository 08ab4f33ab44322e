#pragma once
#include "http/requesthead.h"
#include <QByteArrayList>

namespace nightshift::http {

/// Who may stand before the door at all, tokens aside: browsers are sent here by pages that know no token, and
/// by names that somebody pointed at us. Source: https://fetch.spec.whatwg.org, sections 3.1 and 3.2.
struct Door
{
    QByteArray scheme = "http";
    QByteArrayList hosts;   ///< Names served beside localhost and the loopback addresses; lower case, without port.
    QByteArrayList origins; ///< Served beside our own; "https://ci.example".
    bool operator==(const Door &) const = default;

    /// Why this request is refused; nothing when it may go on to its token.
    std::optional<Problem> refuse(const RequestHead &head) const;
    /// Whether this is a page of another origin that was named when the server was started: it gets CORS headers.
    bool isWelcomeStranger(const RequestHead &head) const;
};

/// The host of a Host field in lower case: "[::1]:80" gives "[::1]"; nothing when it is no host.
std::optional<QByteArray> hostName(QByteArrayView field);

/// The media type of the body, in lower case and without parameters.
QByteArray contentType(const RequestHead &head);

/// The first of `offered` that Accept likes best; nothing when it likes none. Source: RFC 9110, section 12.5.1.
std::optional<QByteArray> chooseType(const RequestHead &head, const QByteArrayList &offered);

/// What is wrong with the field Prefer: a preference that is not known, or has no value that we understand. RFC 7240
/// lets a server ignore those; a client that relies on one would then wait in vain.
std::optional<Problem> refusePreference(const RequestHead &head);
/// How long `Prefer: wait=N` lets us wait, at most ten minutes. Source: RFC 7240, section 4.3.
std::optional<std::chrono::seconds> preferredWait(const RequestHead &head);

} // namespace nightshift::http
