#pragma once
#include <QHostAddress>
#include <optional>

namespace nightshift::http {

enum class Reach { ThisMachine, Private, Public };

/// Who can be reached at the address, however it is written. Private is whatever is not surely public: networks behind
/// routers, links, groups, reserved ranges, and addresses that carry another one (6to4, Teredo, NAT64,
/// IPv4-compatible).
Reach reachOf(const QHostAddress &address);

/// The address that a URL's host is already, in any spelling that the system's resolver takes: 10.1, 0x0a000001,
/// 012.0.0.1, with a dot at its end, with a zone. Nothing for a name.
std::optional<QHostAddress> literalAddress(const QString &host);

} // namespace nightshift::http
