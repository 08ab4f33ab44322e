#include "receiver.h"
#include "base/jsonreader.h"
#include <algorithm>

namespace nightshift::http {

constexpr qsizetype pageSize = 100; // events that are looked at in one go

Receiver::Receiver(const WebhookWays &ways, OpenLog open, Webhook webhook, const QString &journalPath, QObject *parent)
    : QObject(parent)
    , m_ways(ways)
    , m_open(std::move(open))
    , m_webhook(std::move(webhook))
    , m_journal(journalPath)
{}

void Receiver::disable()
{
    m_webhook.isDisabled = true;
    for (const auto &[session, job] : std::exchange(m_jobs, {}))
        job->deleteLater();
}

void Receiver::onRecorded(const QString &session, const FeedEvent &event)
{
    if (!m_journal.knows(session) && !m_read.contains(session)) // it is new: catchUp() was told of those that are not
        m_read.insert(session, event.seq.value_or(1) - 1);
    if (!m_webhook.wants(event.type))
        return;
    if (event.type == "session.closed")
        m_closings.insert_or_assign(session, event);
    goOn(session);
}

void Receiver::catchUp(const QString &session)
{
    goOn(session);
}

/// The first one that the receiver wants and was not told.
std::optional<FeedEvent> Receiver::nextEvent(const QString &session)
{
    const auto log = m_open(session);
    qint64 &read = m_read[session];
    read = std::max(read, m_journal.cursor(session));
    while (log) {
        const FeedPage page = log->next(read, pageSize);
        for (const FeedEvent &event : page.events) {
            if (!event.seq || !m_webhook.wants(event.type))
                continue;
            const auto document = JsonDocument::parse(event.data);
            if (document && document->root()["time"].utf8() >= QByteArrayView(m_webhook.createdAt))
                return event;
        }
        if (page.upTo <= read)
            break;
        read = page.upTo;
    }
    const auto closing = m_closings.find(session); // its log may be gone
    return closing != m_closings.end() && closing->second.seq > m_journal.cursor(session)
               ? std::optional(closing->second)
               : std::nullopt;
}

void Receiver::goOn(const QString &session)
{
    if (m_webhook.isDisabled || m_jobs.contains(session))
        return;
    if (const auto event = nextEvent(session)) {
        WebhookDelivery *job = deliver(session, *event);
        m_jobs.emplace(session, job);
        job->start();
    }
}

WebhookDelivery *Receiver::deliver(const QString &session, const FeedEvent &event)
{
    auto *job = new WebhookDelivery(m_ways, m_webhook, session, event, this);
    connect(job, &WebhookDelivery::finished, this,
            [this, job](const Delivery &delivery) { onFinished(job, delivery); });
    return job;
}

void Receiver::onFinished(WebhookDelivery *job, const Delivery &delivery)
{
    job->deleteLater();
    if (const auto kept = m_journal.finish(delivery); !kept)
        qWarning("%s", qPrintable(kept.error().message));
    const auto repetition = m_repetitions.find(delivery.id);
    if (repetition != m_repetitions.end() && repetition->second == job)
        m_repetitions.erase(repetition);
    else
        m_jobs.erase(delivery.session);
    if (delivery.type == "session.closed")
        m_closings.erase(delivery.session);
    emit delivered(delivery);
    goOn(delivery.session);
}

std::vector<Delivery> Receiver::deliveries() const
{
    std::vector<Delivery> all;
    for (const auto &[session, job] : m_jobs)
        all.push_back(job->state());
    for (const auto &[id, job] : m_repetitions)
        all.push_back(job->state());
    std::ranges::copy_if(m_journal.last(), std::back_inserter(all),
                         [&](const Delivery &each) { return !m_repetitions.contains(each.id); });
    return all;
}

std::optional<Delivery> Receiver::retry(const QByteArray &deliveryId)
{
    for (const auto &[session, job] : m_jobs) {
        if (job->state().id == deliveryId) {
            job->hurry();
            return job->state();
        }
    }
    const auto found = std::ranges::find(m_journal.last(), deliveryId, &Delivery::id);
    const auto log = found == m_journal.last().end() ? nullptr : m_open(found->session);
    const FeedPage page = log ? log->next(found->seq - 1, 1) : FeedPage();
    if (page.events.empty() || page.events[0].seq != found->seq)
        return {};
    WebhookDelivery *&job = m_repetitions[deliveryId];
    if (!job) {
        job = deliver(found->session, page.events[0]);
        job->start();
    } else {
        job->hurry();
    }
    return job->state();
}

} // namespace nightshift::http
