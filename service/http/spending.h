#pragma once
#include "base/result.h"
#include <QHash>

namespace nightshift::http {

/// What was spent with each token, in US dollars; in a file, since budgets outlive a restart.
class Spending
{
public:
    /// An empty path keeps it in memory only.
    explicit Spending(QString path);

    double of(const QString &tokenId) const { return m_usd.value(tokenId); }
    Result<> add(const QString &tokenId, double usd);

private:
    QString m_path;
    QHash<QString, double> m_usd;
};

} // namespace nightshift::http
