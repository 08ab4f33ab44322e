#pragma once
#include <QNetworkProxy>

namespace nightshift::net {

/// The proxy that the environment's customary variables name for a URL.
/// Source: the variables as curl reads them, https://everything.curl.dev/usingcurl/proxies/env.html
class EnvironmentProxies final : public QNetworkProxyFactory
{
public:
    using Lookup = QByteArray (*)(const char *name);
    /// `lookup` reads one variable; empty when unset.
    explicit EnvironmentProxies(Lookup lookup)
        : m_lookup(lookup)
    {}
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override;

private:
    QByteArray variable(const char *lower, const char *upper) const;
    bool isExempt(const QString &host) const;

    Lookup m_lookup;
};

} // namespace nightshift::net
