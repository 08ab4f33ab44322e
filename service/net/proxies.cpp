#include "proxies.h"
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::net {

bool Proxies::isExempt(const QString &host) const
{
    return std::ranges::any_of(m_settings.noProxy, [&host](QStringView entry) {
        const QStringView domain = entry.startsWith(u'.') ? entry.sliced(1) : entry;
        if (domain == "*"_L1)
            return true;
        const bool below = host.size() > domain.size() && host[host.size() - domain.size() - 1] == u'.';
        return host.endsWith(domain, Qt::CaseInsensitive) && (below || host.size() == domain.size());
    });
}

QString Proxies::named(const QUrl &url) const
{
    const QString &text = url.scheme() == "https"_L1 ? m_settings.https : m_settings.http;
    return text.isEmpty() || isExempt(url.host()) ? QString() : text;
}

QList<QNetworkProxy> Proxies::queryProxy(const QNetworkProxyQuery &query)
{
    QString text = named(query.url());
    if (text.isEmpty())
        return {QNetworkProxy::NoProxy};
    if (!text.contains("://"_L1))
        text.prepend("http://"_L1);
    const QUrl url(text);
    const bool socks = url.scheme().startsWith("socks"_L1);
    return {QNetworkProxy(socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
                          quint16(url.port(socks ? 1080 : 8080)), url.userName(), url.password())};
}

} // namespace nightshift::net
