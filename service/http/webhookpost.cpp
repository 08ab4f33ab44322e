#include "webhookpost.h"
#include <QDateTime>
#include <QNetworkAccessManager>
#include <QNetworkReply>

using namespace Qt::StringLiterals;

namespace nightshift::http {

WebhookPost::WebhookPost(QNetworkAccessManager &network, const WebhookTargets &targets, QObject *parent)
    : QObject(parent)
    , m_network(network)
    , m_targets(targets)
{}

WebhookPost::~WebhookPost()
{
    if (m_lookup >= 0)
        QHostInfo::abortHostLookup(m_lookup);
    delete m_reply;
}

void WebhookPost::start(const Webhook &webhook, const QByteArray &messageId, const QByteArray &body,
                        std::chrono::milliseconds timeout)
{
    m_webhook = webhook;
    m_messageId = messageId;
    m_body = body;
    m_timeout = timeout;
    m_lookup = QHostInfo::lookupHost(webhook.url.host(), this, &WebhookPost::onResolved);
}

void WebhookPost::onResolved(const QHostInfo &info)
{
    m_lookup = -1;
    if (info.addresses().isEmpty())
        return end({0, u"%1: %2"_s.arg(m_webhook.url.host(), info.errorString())});
    for (const QHostAddress &address : info.addresses()) {
        if (m_targets.allow(m_webhook.url, address))
            return post(address);
    }
    end({0, u"%1 is %2, where webhooks may not go; --webhook-allow would let them"_s.arg(
                m_webhook.url.host(), info.addresses().first().toString())});
}

void WebhookPost::post(const QHostAddress &address)
{
    QUrl url = m_webhook.url;
    url.setHost(address.toString());
    QNetworkRequest request(url);
    const QString host = m_webhook.url.host(QUrl::FullyEncoded);
    const int port = m_webhook.url.port();
    const QString name = host.contains(u':') ? u'[' + host + u']' : host;
    request.setRawHeader("Host", (port < 0 ? name : name + u':' + QString::number(port)).toLatin1());
    request.setPeerVerifyName(host);
    request.setHeader(QNetworkRequest::ContentTypeHeader, "application/json");
    request.setHeader(QNetworkRequest::UserAgentHeader, "nightshift/" NIGHTSHIFT_VERSION);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setTransferTimeout(m_timeout);
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    const Headers fields = signedFields(m_webhook.secrets(now), m_messageId, now, m_body);
    for (const Header &field : fields.fields)
        request.setRawHeader(field.name, field.value);
    m_reply = m_network.post(request, m_body);
    m_reply->setReadBufferSize(4096); // nobody reads what is said beside the status
    connect(m_reply, &QNetworkReply::metaDataChanged, this, &WebhookPost::onAnswered);
    connect(m_reply, &QNetworkReply::finished, this, &WebhookPost::onAnswered);
}

void WebhookPost::onAnswered()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status >= 200 && status < 300)
        return end({status, {}});
    if (status >= 300)
        return end({status, u"the receiver answered %1"_s.arg(status)});
    const bool late = m_reply->error() == QNetworkReply::OperationCanceledError;
    end({0, late ? u"no answer in %1 ms"_s.arg(m_timeout.count()) : m_reply->errorString()});
}

void WebhookPost::end(const Outcome &outcome)
{
    if (m_reply)
        m_reply->disconnect(this);
    emit finished(outcome);
}

} // namespace nightshift::http
