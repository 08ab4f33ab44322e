#include "proxies.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::llm {

static bool isExempt(const QString &host, const QStringList &exempt)
{
    return std::ranges::any_of(exempt, [&host](QStringView entry) {
        const QStringView domain = entry.startsWith(u'.') ? entry.sliced(1) : entry;
        if (domain == "*"_L1)
            return true;
        const bool below = host.size() > domain.size() && host[host.size() - domain.size() - 1] == u'.';
        return host.endsWith(domain, Qt::CaseInsensitive) && (below || host.size() == domain.size());
    });
}

QUrl proxyFor(const QUrl &url, const ProxySettings &settings)
{
    const QString &text = url.scheme() == "https"_L1 ? settings.https : settings.http;
    if (text.isEmpty() || isExempt(url.host(), settings.noProxy))
        return {};
    QUrl proxy(text.contains("://"_L1) ? text : "http://"_L1 + text);
    const bool socks = proxy.scheme().startsWith("socks"_L1);
    if (socks)
        proxy.setScheme(u"socks5h"_s); // it looks the name up
    if (proxy.port() < 0)
        proxy.setPort(socks ? 1080 : 8080);
    return proxy;
}

} // namespace nightshift::llm
