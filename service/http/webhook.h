#pragma once
#include "base/result.h"
#include "base/secret.h"
#include "http/requesthead.h"
#include <QStringList>
#include <QUrl>

namespace nightshift::http {

/// Somebody who wants to be told of events.
struct Webhook
{
    QString id; ///< "wh_…"
    QUrl url;
    QByteArrayList types; ///< "turn.failed", "approval.*"
    QString description;
    Secret secret;          ///< "whsec_…"; shown once, when it is made.
    Secret formerSecret;    ///< The one before: messages are signed with it, too, until its time is over.
    qint64 formerUntil = 0; ///< Seconds since 1970.
    QByteArray createdAt;
    bool isDisabled = false; ///< It said that it is gone.

    bool wants(QByteArrayView type) const;
    /// Those that sign a message now.
    std::vector<Secret> secrets(qint64 unixTime) const;
};

/// What a new one asks for; ValidationFailed names the members that are wrong.
Judged<Webhook> readWebhook(const QByteArray &body);
RawJson toJson(const Webhook &webhook);

/// All of them, in one file that only this user can read.
class WebhookStore
{
public:
    explicit WebhookStore(QString path);

    const std::vector<Webhook> &all() const { return m_webhooks; }
    const Webhook *find(const QString &id) const;
    /// Gives it an id, a time and a secret.
    Result<Webhook> add(Webhook webhook);
    /// Replaces the one of that id.
    Result<> change(const Webhook &webhook);
    Result<> remove(const QString &id);
    /// Gives it another secret; for a day receivers may know either.
    Result<Webhook> rotate(const QString &id);

private:
    Result<> write() const;

    QString m_path;
    std::vector<Webhook> m_webhooks;
};

/// The three fields that let a receiver know us and a repetition. Source: https://www.standardwebhooks.com, "Signature
/// scheme": base64 of HMAC-SHA256 over "id.timestamp.body" with the bytes that follow "whsec_" in base64; one for each
/// secret, a blank between them.
Headers signedFields(const std::vector<Secret> &secrets, const QByteArray &messageId, qint64 unixTime,
                     const QByteArray &body);

} // namespace nightshift::http
