#include "webhooktarget.h"
#include "http/addressreach.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

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
    QString host = url.host();
    while (host.endsWith(u'.'))
        host.chop(1);
    const auto literal = literalAddress(host);
    if (literal && !allow(url, *literal))
        return url.scheme() == u"http"_s ? u"must be https, or http to this machine"_s
                                         : u"is in a private network; --webhook-allow would let webhooks go there"_s;
    if (!literal && url.scheme() == u"http"_s && host != u"localhost"_s && m_allowed.isEmpty())
        return u"must be https, or http to this machine"_s;
    return {};
}

bool WebhookTargets::allow(const QUrl &url, const QHostAddress &given) const
{
    bool isIpv4 = false;
    const quint32 ipv4 = given.toIPv4Address(&isIpv4); // also of ::ffff:10.0.0.1
    const QHostAddress address = isIpv4 ? QHostAddress(ipv4) : given;
    if (address.isNull())
        return false;
    const Reach reach = reachOf(address);
    return reach == Reach::ThisMachine || isIn(address, m_allowed) ||
           (reach == Reach::Public && url.scheme() == u"https"_s);
}

} // namespace nightshift::http
