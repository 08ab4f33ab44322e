#include "outbox.h"
#include "http/tokenstore.h"
#include <QFile>
#include <QFileInfo>
#include <QNetworkProxy>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr auto noteInterval = std::chrono::seconds(10); // how much of the logs is read again after a crash

Outbox::Outbox(const QString &folder, WebhookTargets targets, OpenLog open, WebhookTimes times, Metrics *metrics)
    : m_folder(folder)
    , m_open(std::move(open))
    , m_ways{m_network, std::move(targets), std::move(times)}
    , m_metrics(metrics)
    , m_store(folder + u"/webhooks.json"_s)
{
    m_network.setProxy(QNetworkProxy::NoProxy); // it would connect to addresses that nobody judged
    m_note.setSingleShot(true);
    connect(&m_note, &QTimer::timeout, this, &Outbox::noteTold);
    for (const Webhook &webhook : m_store.all())
        host(webhook);
}

Outbox::~Outbox()
{
    for (Receiver *each : std::exchange(m_receivers, {}))
        delete each; // before the network that their requests belong to
}

QString Outbox::journalPath(const QString &id) const
{
    return m_folder + u'/' + id + u".jsonl"_s;
}

Receiver *Outbox::host(const Webhook &webhook)
{
    auto *receiver = new Receiver(m_ways, m_open, webhook, journalPath(webhook.id), this);
    connect(receiver, &Receiver::delivered, this,
            [this, receiver](const Delivery &delivery) { onDelivered(receiver, delivery); });
    m_receivers.push_back(receiver);
    return receiver;
}

Receiver *Outbox::receiver(const QString &id) const
{
    const auto found = std::ranges::find(m_receivers, id, [](const Receiver *each) { return each->webhook().id; });
    return found == m_receivers.end() ? nullptr : *found;
}

Result<Webhook> Outbox::add(const Webhook &webhook)
{
    auto added = m_store.add(webhook);
    if (added)
        host(*added);
    return added;
}

Result<Webhook> Outbox::rotate(const QString &id)
{
    auto rotated = m_store.rotate(id);
    if (Receiver *known = receiver(id); known && rotated)
        known->sign(*rotated);
    return rotated;
}

Result<> Outbox::remove(const QString &id)
{
    if (Receiver *gone = receiver(id)) {
        std::erase(m_receivers, gone);
        gone->disable();
        gone->deleteLater();
    }
    QFile::remove(journalPath(id));
    return m_store.remove(id);
}

std::vector<Delivery> Outbox::deliveries(const QString &id) const
{
    const Receiver *found = receiver(id);
    return found ? found->deliveries() : std::vector<Delivery>();
}

std::optional<Delivery> Outbox::retry(const QString &id, const QByteArray &deliveryId)
{
    Receiver *found = receiver(id);
    return found ? found->retry(deliveryId) : std::nullopt;
}

QString Outbox::toldPath() const
{
    return m_folder + u"/told"_s;
}

std::optional<QDateTime> Outbox::toldUntil() const
{
    if (m_receivers.empty())
        return {};
    const QFileInfo told(toldPath());
    return told.exists() ? told.lastModified() : QDateTime::fromSecsSinceEpoch(0);
}

void Outbox::noteTold()
{
    if (!std::ranges::all_of(m_receivers, &Receiver::isIdle))
        return;
    if (const auto written = writePrivately(toldPath(), {}); !written)
        qWarning("%s", qPrintable(written.error().message));
}

void Outbox::onRecorded(const QString &session, const FeedEvent &event)
{
    for (Receiver *each : m_receivers)
        each->onRecorded(session, event);
    if (!m_receivers.empty() && !m_note.isActive())
        m_note.start(noteInterval);
}

void Outbox::catchUp(const QStringList &sessions)
{
    for (Receiver *each : m_receivers) {
        for (const QString &session : sessions)
            each->catchUp(session);
    }
}

void Outbox::onDelivered(Receiver *from, const Delivery &delivery)
{
    const bool gone = delivery.responseStatus == 410;
    if (m_metrics)
        m_metrics->add(Metric::WebhookDeliveries, {gone                                             ? "disabled"
                                                   : delivery.status == Delivery::Status::Delivered ? "delivered"
                                                                                                    : "failed"});
    if (!gone)
        return;
    from->disable();
    if (const auto changed = m_store.change(from->webhook()); !changed)
        qWarning("%s", qPrintable(changed.error().message));
}

} // namespace nightshift::http
