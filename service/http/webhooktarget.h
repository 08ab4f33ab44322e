#pragma once
#include "base/result.h"
#include <QHostAddress>
#include <QUrl>
#include <optional>

namespace nightshift::http {

/// Where webhooks may go: by https to public addresses and to this machine, by http to this machine only, and in the
/// networks that were allowed by either.
class WebhookTargets
{
public:
    /// Networks such as 10.1.0.0/16, or single addresses; an error names the one that is none.
    static Result<WebhookTargets> allowing(const QStringList &networks);

    /// Why a webhook of that URL cannot go anywhere, as far as it shows without asking for its name's addresses.
    std::optional<QString> refuse(const QUrl &url) const;
    /// Whether a webhook of that URL may connect to this address, which its name was resolved to.
    bool allow(const QUrl &url, const QHostAddress &address) const;

private:
    QList<std::pair<QHostAddress, int>> m_allowed;
};

} // namespace nightshift::http
