#include "proxies.h"
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::net {

QByteArray EnvironmentProxies::variable(const char *lower, const char *upper) const
{
    const QByteArray value = m_lookup(lower);
    return value.isEmpty() ? m_lookup(upper) : value;
}

bool EnvironmentProxies::isExempt(const QString &host) const
{
    for (const QByteArray &entry : variable("no_proxy", "NO_PROXY").split(',')) {
        QString domain = QString::fromUtf8(entry.trimmed());
        if (domain == "*"_L1)
            return true;
        if (domain.startsWith(u'.'))
            domain.removeFirst();
        if (!domain.isEmpty() &&
            (host.compare(domain, Qt::CaseInsensitive) == 0 || host.endsWith(u'.' + domain, Qt::CaseInsensitive)))
            return true;
    }
    return false;
}

QList<QNetworkProxy> EnvironmentProxies::queryProxy(const QNetworkProxyQuery &query)
{
    const QString scheme = query.url().isEmpty() ? query.protocolTag() : query.url().scheme();
    const QString host = query.url().isEmpty() ? query.peerHostName() : query.url().host();
    // HTTP_PROXY in capitals can be set by a client of a CGI program, hence only the lower case one is read.
    QByteArray text = scheme == "https"_L1 ? variable("https_proxy", "HTTPS_PROXY") : m_lookup("http_proxy");
    if (text.isEmpty())
        text = variable("all_proxy", "ALL_PROXY");
    if (text.isEmpty() || isExempt(host))
        return {QNetworkProxy::NoProxy};
    if (!text.contains("://"))
        text.prepend("http://");
    const QUrl url(QString::fromUtf8(text));
    const bool socks = url.scheme().startsWith("socks"_L1);
    return {QNetworkProxy(socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
                          quint16(url.port(socks ? 1080 : 8080)), url.userName(), url.password())};
}

} // namespace nightshift::net
