#pragma once
#include "domain/settings.h"
#include <QNetworkProxy>

namespace nightshift::net {

/// The proxy that the settings name for a URL; none for exempt hosts and their subdomains.
class Proxies final : public QNetworkProxyFactory
{
public:
    explicit Proxies(ProxySettings settings)
        : m_settings(std::move(settings))
    {}
    /// As it stands in the settings; empty means that there is none.
    QString named(const QUrl &url) const;
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override;

private:
    bool isExempt(const QString &host) const;

    ProxySettings m_settings;
};

} // namespace nightshift::net
