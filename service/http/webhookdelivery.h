#pragma once
#include "http/feedtext.h"
#include "http/webhookjournal.h"
#include "http/webhookpost.h"
#include <QTimer>

namespace nightshift::http {

/// How long receivers have to answer, and how long to wait after each try that failed. Settings, so that tests can
/// make them short.
struct WebhookTimes
{
    std::vector<std::chrono::milliseconds> retries{std::chrono::seconds(5), std::chrono::seconds(30),
                                                   std::chrono::minutes(2), std::chrono::minutes(10),
                                                   std::chrono::hours(1),   std::chrono::hours(6)};
    std::chrono::milliseconds timeout = std::chrono::seconds(15);
};

/// What all deliveries share.
struct WebhookWays
{
    QNetworkAccessManager &network;
    WebhookTargets targets;
    WebhookTimes times;
};

/// The id of the message that tells this receiver of this event.
QByteArray messageId(const QString &webhookId, const QString &session, qint64 seq);
/// Thin: what happened and where to read of it, so that a late repetition tells nothing that is old.
RawJson messageBody(const QString &session, const FeedEvent &event);

/// Tells one receiver of one event, as often as it takes.
class WebhookDelivery : public QObject
{
    Q_OBJECT

public:
    WebhookDelivery(const WebhookWays &ways, Webhook webhook, const QString &session, const FeedEvent &event,
                    QObject *parent);

    void start() { tryOnce(); }
    /// Does not wait for the next try.
    void hurry();
    const Delivery &state() const { return m_delivery; }

signals:
    /// Delivered or given up.
    void finished(const nightshift::http::Delivery &delivery);

private:
    void tryOnce();
    void onTried(const WebhookPost::Outcome &outcome);

    const WebhookWays &m_ways;
    Webhook m_webhook;
    QByteArray m_body;
    Delivery m_delivery;
    WebhookPost *m_post = nullptr;
    QTimer m_wait;
};

} // namespace nightshift::http
