#pragma once
#include "http/webhook.h"
#include "http/webhooktarget.h"
#include <QHostInfo>
#include <chrono>

class QNetworkAccessManager;
class QNetworkReply;

namespace nightshift::http {

/// One try to tell a receiver. The name is resolved here, the address judged, and that very address connected to: no
/// name server can answer one thing to the judge and another to the connection.
class WebhookPost : public QObject
{
    Q_OBJECT

public:
    struct Outcome
    {
        int status = 0; ///< 0 when there was no answer.
        QString error;  ///< Of a try that failed.
        bool operator==(const Outcome &) const = default;
    };

    WebhookPost(QNetworkAccessManager &network, const WebhookTargets &targets, QObject *parent);
    ~WebhookPost() override;

    void start(const Webhook &webhook, const QByteArray &messageId, const QByteArray &body,
               std::chrono::milliseconds timeout);

signals:
    void finished(const nightshift::http::WebhookPost::Outcome &outcome);

private:
    void onResolved(const QHostInfo &info);
    void post(const QHostAddress &address);
    void onAnswered();
    void end(const Outcome &outcome);

    QNetworkAccessManager &m_network;
    const WebhookTargets &m_targets;
    Webhook m_webhook;
    QByteArray m_messageId;
    QByteArray m_body;
    std::chrono::milliseconds m_timeout{};
    int m_lookup = -1;
    QNetworkReply *m_reply = nullptr;
};

} // namespace nightshift::http
