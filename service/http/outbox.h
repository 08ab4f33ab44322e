#pragma once
#include "http/metrics.h"
#include "http/receiver.h"
#include <QDateTime>
#include <QNetworkAccessManager>

namespace nightshift::http {

/// All webhooks. What is to be told stands in the logs of sessions, and what was told in a file for each webhook: each
/// event is delivered at least once, with the same id every time, whenever this process is killed. The events of a
/// session come in their order.
class Outbox : public QObject
{
    Q_OBJECT

public:
    /// `folder` is private to this user. `metrics` may be null.
    Outbox(const QString &folder, WebhookTargets targets, OpenLog open, WebhookTimes times = {},
           Metrics *metrics = nullptr);
    ~Outbox() override;

    const std::vector<Webhook> &webhooks() const { return m_store.all(); }
    const Webhook *find(const QString &id) const { return m_store.find(id); }
    Result<Webhook> add(const Webhook &webhook);
    Result<> remove(const QString &id);
    /// See WebhookStore.
    Result<Webhook> rotate(const QString &id);
    /// Of a webhook that there is.
    std::vector<Delivery> deliveries(const QString &id) const;
    std::optional<Delivery> retry(const QString &id, const QByteArray &deliveryId);

    /// To be called with every durable event, after it was written.
    void onRecorded(const QString &session, const FeedEvent &event);
    /// Everything that was written before this moment is told or concerns nobody; nothing when there is no webhook.
    std::optional<QDateTime> toldUntil() const;
    /// To be called once, before any onRecorded(), with all sessions whose logs were written since toldUntil().
    void catchUp(const QStringList &sessions);

    const WebhookTargets &targets() const { return m_ways.targets; }

private:
    Receiver *host(const Webhook &webhook);
    Receiver *receiver(const QString &id) const;
    void onDelivered(Receiver *receiver, const Delivery &delivery);
    QString journalPath(const QString &id) const;
    QString toldPath() const;
    void noteTold();

    const QString m_folder;
    const OpenLog m_open;
    QNetworkAccessManager m_network;
    const WebhookWays m_ways;
    Metrics *m_metrics;
    WebhookStore m_store;
    std::vector<Receiver *> m_receivers;
    QTimer m_note; ///< Runs while something was told that is not noted.
};

} // namespace nightshift::http
