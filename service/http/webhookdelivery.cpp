#include "webhookdelivery.h"
#include "base/jsonreader.h"
#include "http/tokens.h"
#include <QDateTime>
#include <QRandomGenerator>

using namespace Qt::StringLiterals;

namespace nightshift::http {

QByteArray messageId(const QString &webhookId, const QString &session, qint64 seq)
{
    const QString whole = webhookId + u'/' + session + u'/' + QString::number(seq);
    return "msg_" + sha256(whole.toUtf8()).toHex().first(32);
}

/// The words of a turn's object for the code that it failed with.
static const char *outcomeOf(const QByteArray &code)
{
    if (code == "cancelled_by_user" || code == "superseded")
        return "cancelled";
    return code == "interrupted" || code == "process_lost" ? "interrupted" : "failed";
}

RawJson messageBody(const QString &session, const FeedEvent &event)
{
    const auto document = JsonDocument::parse(event.data);
    const JsonView root = document ? document->root() : JsonView();
    std::optional<QByteArray> outcome, reason;
    if (event.type == "turn.failed") {
        reason = root["error"]["code"].utf8().toByteArray();
        outcome = outcomeOf(*reason);
    } else if (event.type == "turn.completed") {
        reason = root["refusal"].toBool() ? "model_refusal" : "final_message";
        outcome = "completed";
    }
    const auto text = [](JsonView value) { return value.isString() ? std::optional(value.toString()) : std::nullopt; };
    const bool isBatch = event.type.startsWith("batch.");
    if (isBatch) {
        outcome = root["outcome"].utf8().toByteArray();
        reason = root["reason"].utf8().toByteArray();
    }
    const JsonView approval = root["approval"]["id"].exists() ? root["approval"]["id"] : root["approval_id"];
    return json::object(
        {{"type", event.type},
         {"timestamp", root["time"].toString()},
         {"data", json::object({{"session", isBatch ? text(root["item_session_id"]) : std::optional(session)},
                                {"batch", isBatch ? std::optional(session) : std::nullopt},
                                {"key", text(root["key"])},
                                {"turn", text(root["turn_id"])},
                                {"outcome", outcome},
                                {"reason", reason},
                                {"approval", text(approval)},
                                {"decision", text(root["decision"])},
                                {"limit", text(root["limit"])},
                                {"seq", event.seq.value_or(0)}})}});
}

static QByteArray timeText(const QDateTime &time)
{
    return time.toString(Qt::ISODateWithMs).toLatin1();
}

WebhookDelivery::WebhookDelivery(const WebhookWays &ways, Webhook webhook, const QString &session,
                                 const FeedEvent &event, QObject *parent)
    : QObject(parent)
    , m_ways(ways)
    , m_webhook(std::move(webhook))
    , m_body(messageBody(session, event).text)
{
    m_delivery.id = messageId(m_webhook.id, session, event.seq.value_or(0));
    m_delivery.type = event.type;
    m_delivery.session = session;
    m_delivery.seq = event.seq.value_or(0);
    m_wait.setSingleShot(true);
    connect(&m_wait, &QTimer::timeout, this, &WebhookDelivery::tryOnce);
}

void WebhookDelivery::hurry()
{
    if (!m_wait.isActive())
        return;
    m_wait.stop();
    tryOnce();
}

void WebhookDelivery::tryOnce()
{
    ++m_delivery.attempts;
    m_delivery.lastAttemptAt = timeText(QDateTime::currentDateTimeUtc());
    m_delivery.nextAttemptAt.clear();
    m_post = new WebhookPost(m_ways.network, m_ways.targets, this);
    connect(m_post, &WebhookPost::finished, this, &WebhookDelivery::onTried);
    m_post->start(m_webhook, m_delivery.id, m_body, m_ways.times.timeout);
}

void WebhookDelivery::onTried(const WebhookPost::Outcome &outcome)
{
    m_post->deleteLater();
    m_post = nullptr;
    m_delivery.responseStatus = outcome.status;
    m_delivery.error = outcome.error;
    const size_t failures = size_t(m_delivery.attempts) - 1;
    const bool givesUp = outcome.status == 410 || failures >= m_ways.times.retries.size();
    if (!outcome.error.isEmpty() && !givesUp) {
        // So that receivers that were away are not met by everything at the same moment
        const double jitter = 0.8 + 0.4 * QRandomGenerator::global()->generateDouble();
        const auto wait = std::chrono::milliseconds(qint64(double(m_ways.times.retries[failures].count()) * jitter));
        m_delivery.nextAttemptAt = timeText(QDateTime::currentDateTimeUtc().addMSecs(wait.count()));
        return m_wait.start(wait);
    }
    m_delivery.status = outcome.error.isEmpty() ? Delivery::Status::Delivered : Delivery::Status::Failed;
    emit finished(m_delivery);
}

} // namespace nightshift::http
