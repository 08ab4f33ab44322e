#include "webhooktarget.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

/// What is not the public Internet. Source: the IANA special-purpose address registries, RFC 6890.
static const QList<std::pair<QHostAddress, int>> &privateNetworks()
{
    static const QList<std::pair<QHostAddress, int>> networks = [] {
        QList<std::pair<QHostAddress, int>> all;
        for (const char *network :
             {"0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
              "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
              "203.0.113.0/24", "224.0.0.0/4",  "240.0.0.0/4",    "::/127",         "64:ff9b::/96",   "64:ff9b:1::/48",
              "100::/64",       "2001::/23",    "2001:db8::/32",  "2002::/16",      "fc00::/7",       "fe80::/10",
              "fec0::/10",      "ff00::/8"})
            all += QHostAddress::parseSubnet(QLatin1StringView(network));
        return all;
    }();
    return networks;
}

static bool isIn(const QHostAddress &address, const QList<std::pair<QHostAddress, int>> &networks)
{
    return std::ranges::any_of(networks, [&](const auto &network) { return address.isInSubnet(network); });
}

Result<WebhookTargets> WebhookTargets::allowing(const QStringList &networks)
{
    WebhookTargets targets;
    for (const QString &network : networks) {
        const bool isWhole = network.contains(u'/');
        const QHostAddress single(network);
        const auto parsed = isWhole ? QHostAddress::parseSubnet(network)
                                    : std::pair(single, single.protocol() == QHostAddress::IPv6Protocol ? 128 : 32);
        if (parsed.first.isNull() || parsed.second < 0)
            return fail(Error::Kind::Invalid, u"--webhook-allow: %1 is no network such as 10.1.0.0/16"_s.arg(network));
        targets.m_allowed += parsed;
    }
    return targets;
}

std::optional<QString> WebhookTargets::refuse(const QUrl &url) const
{
    const QHostAddress literal(url.host());
    const bool isHere = url.host() == u"localhost"_s;
    if (!literal.isNull() && !allow(url, literal))
        return url.scheme() == u"http"_s ? u"must be https, or http to this machine"_s
                                         : u"is in a private network; --webhook-allow would let webhooks go there"_s;
    if (literal.isNull() && url.scheme() == u"http"_s && !isHere && m_allowed.isEmpty())
        return u"must be https, or http to this machine"_s;
    return {};
}

bool WebhookTargets::allow(const QUrl &url, const QHostAddress &given) const
{
    QHostAddress address = given;
    bool isIpv4 = false;
    if (const quint32 ipv4 = given.toIPv4Address(&isIpv4); isIpv4)
        address = QHostAddress(ipv4); // also of ::ffff:10.0.0.1
    if (address.isNull())
        return false;
    if (address.isLoopback() || isIn(address, m_allowed))
        return true;
    return url.scheme() == u"https"_s && !isIn(address, privateNetworks());
}

} // namespace nightshift::http
