#include "addressreach.h"
#include <algorithm>
#include <arpa/inet.h>

namespace nightshift::http {

namespace {

using Networks = QList<std::pair<QHostAddress, int>>;

Networks parsed(std::initializer_list<const char *> texts)
{
    Networks all;
    for (const char *text : texts)
        all += QHostAddress::parseSubnet(QLatin1StringView(text));
    return all;
}

bool isIn(const QHostAddress &address, const Networks &networks)
{
    return std::ranges::any_of(networks, [&](const auto &network) { return address.isInSubnet(network); });
}

// Source: the IANA special-purpose address registries, RFC 6890.
Reach reachOfIpv4(const QHostAddress &address)
{
    static const Networks others =
        parsed({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
    if (address.isInSubnet(QHostAddress(QHostAddress::LocalHost), 8))
        return Reach::ThisMachine;
    return isIn(address, others) ? Reach::Private : Reach::Public;
}

/// Global unicast is 2000::/3; all public addresses so far are in it. 2001::/23 holds Teredo, 2002::/16 is 6to4.
Reach reachOfIpv6(const QHostAddress &address)
{
    static const Networks unicast = parsed({"2000::/3"});
    static const Networks others = parsed({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
    if (address == QHostAddress(QHostAddress::LocalHostIPv6))
        return Reach::ThisMachine;
    if (!isIn(address, unicast) || isIn(address, others))
        return Reach::Private;
    const Q_IPV6ADDR bytes = address.toIPv6Address(); // ISATAP: an interface that carries an IPv4 address
    const bool carries = (bytes[8] & ~2) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    return carries ? Reach::Private : Reach::Public;
}

} // namespace

Reach reachOf(const QHostAddress &address)
{
    bool isIpv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIpv4); // also of ::ffff:10.0.0.1
    if (isIpv4)
        return reachOfIpv4(QHostAddress(ipv4));
    return address.protocol() == QHostAddress::IPv6Protocol ? reachOfIpv6(address) : Reach::Private;
}

std::optional<QHostAddress> literalAddress(const QString &host)
{
    QString text = host.section(u'%', 0, 0);
    while (text.endsWith(u'.'))
        text.chop(1);
    if (const QHostAddress address(text); !address.isNull())
        return address;
    in_addr old = {};
    if (::inet_aton(text.toLatin1().constData(), &old) != 0)
        return QHostAddress(ntohl(old.s_addr));
    return {};
}

} // namespace nightshift::http
