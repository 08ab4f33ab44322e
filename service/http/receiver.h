#pragma once
#include "http/feedsource.h"
#include "http/webhookdelivery.h"
#include <functional>
#include <map>
#include <memory>

namespace nightshift::http {

/// Opens a session's log; null when there is none any more.
using OpenLog = std::function<std::unique_ptr<FeedSource>(const QString &session)>;

/// One webhook and what it is still to be told: for each session its events in their order, one after the other. It is
/// a cursor on each log, so that nothing is queued, however long the receiver is away.
class Receiver : public QObject
{
    Q_OBJECT

public:
    /// `ways` outlives it.
    Receiver(const WebhookWays &ways, OpenLog open, Webhook webhook, const QString &journalPath, QObject *parent);

    const Webhook &webhook() const { return m_webhook; }
    bool isIdle() const { return m_jobs.empty(); }
    /// Nothing more is sent.
    void disable();
    /// From now on signed so.
    void sign(const Webhook &webhook) { m_webhook = webhook; }

    /// The session's log has this event now.
    void onRecorded(const QString &session, const FeedEvent &event);
    /// The session's log may have grown while nobody listened.
    void catchUp(const QString &session);

    /// Those under way, then those that are over, newest first.
    std::vector<Delivery> deliveries() const;
    /// Tries it again now; nothing when it is unknown, or its session gone.
    std::optional<Delivery> retry(const QByteArray &deliveryId);

signals:
    void delivered(const nightshift::http::Delivery &delivery);

private:
    std::optional<FeedEvent> nextEvent(const QString &session);
    void goOn(const QString &session);
    WebhookDelivery *deliver(const QString &session, const FeedEvent &event);
    void onFinished(WebhookDelivery *job, const Delivery &delivery);

    const WebhookWays &m_ways;
    const OpenLog m_open;
    Webhook m_webhook;
    WebhookJournal m_journal;
    QHash<QString, qint64> m_read;               ///< Beyond the journal's cursor: events that it does not want.
    std::map<QString, WebhookDelivery *> m_jobs; ///< By session; at most one each.
    std::map<QString, FeedEvent> m_closings;     ///< Of sessions whose logs may be gone before they are told.
    std::map<QByteArray, WebhookDelivery *> m_repetitions; ///< By delivery: those that were asked for.
};

} // namespace nightshift::http
