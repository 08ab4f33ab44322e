#include "webhook.h"
#include "base/boundedfile.h"
#include "base/ids.h"
#include "base/jsonreader.h"
#include "http/feedtext.h"
#include "http/tokenstore.h"
#include <QDateTime>
#include <QMessageAuthenticationCode>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr qint64 rotationSeconds = 24 * 3600; // in which a receiver's owner learns the new secret

constexpr const char *defaultTypes[] = {"turn.completed", "turn.failed",   "session.closed",
                                        "approval.*",     "limit.reached", "batch.done"};

/// All that is recorded, and so can be told.
constexpr const char *eventTypes[] = {
    "session.created",    "session.updated",   "session.closed", "turn.queued",   "turn.started",    "turn.completed",
    "turn.failed",        "input.accepted",    "item.started",   "item.updated",  "item.completed",  "error",
    "approval.requested", "approval.resolved", "hook.decided",   "limit.warning", "limit.reached",   "wait.started",
    "wait.ended",         "batch.created",     "batch.started",  "batch.updated", "batch.item.done", "batch.done"};

/// Whether an event can be of that type; "turn.*" stands for some, "*" for all.
static bool isEventType(const QByteArray &type)
{
    return std::ranges::any_of(eventTypes, [&](const char *each) { return passesFilter({type}, each); });
}

bool Webhook::wants(QByteArrayView type) const
{
    if (type == "batch.item.done") // there may be thousands: whoever wants them says so
        return std::ranges::any_of(types, [](const QByteArray &each) { return each.startsWith("batch."); }) &&
               passesFilter(types, type);
    return types.contains("*") || passesFilter(types, type);
}

std::vector<Secret> Webhook::secrets(qint64 unixTime) const
{
    if (formerSecret.isEmpty() || unixTime >= formerUntil)
        return {secret};
    return {secret, formerSecret};
}

static QByteArrayList readTypes(JsonView list)
{
    QByteArrayList types;
    for (const JsonView &each : list.items())
        types += each.utf8().toByteArray();
    return types;
}

Judged<Webhook> readWebhook(const QByteArray &body)
{
    const auto document = JsonDocument::parse(body);
    if (!document)
        return std::unexpected(Problem{ProblemCode::InvalidJson, document.error().message});
    const JsonView root = document->root();
    Problem problem{ProblemCode::ValidationFailed, u"a webhook is {url, types, description}"_s};
    for (const auto &[name, value] : root.members()) {
        if (name != u"url"_s && name != u"types"_s && name != u"description"_s)
            problem.errors.push_back({u'/' + name, u"is no member of a webhook"_s});
    }
    Webhook webhook{.url = QUrl(root["url"].toString(), QUrl::StrictMode),
                    .description = root["description"].toString()};
    const QString scheme = webhook.url.scheme();
    if (!webhook.url.isValid() || webhook.url.host().isEmpty() || (scheme != u"https"_s && scheme != u"http"_s))
        problem.errors.push_back({u"/url"_s, u"must be an https URL, or http to this machine"_s});
    else if (!webhook.url.userInfo().isEmpty())
        problem.errors.push_back({u"/url"_s, u"must hold no password: the signature is the proof"_s});
    if (root["types"].exists())
        webhook.types = readTypes(root["types"]);
    else
        webhook.types.assign(std::begin(defaultTypes), std::end(defaultTypes));
    if (webhook.types.isEmpty() || webhook.types.contains(QByteArray()))
        problem.errors.push_back({u"/types"_s, u"must be a list of types of events, such as turn.*"_s});
    else if (const auto odd = std::ranges::find_if_not(webhook.types, isEventType); odd != webhook.types.end())
        problem.errors.push_back({u"/types/%1"_s.arg(odd - webhook.types.begin()),
                                  u"no event is of this type; expected turn.completed, "
                                  "batch.* and the like"_s});
    if (!problem.errors.empty())
        return std::unexpected(problem);
    return webhook;
}

static RawJson typeList(const QByteArrayList &types)
{
    std::vector<RawJson> list;
    for (const QByteArray &type : types)
        list.push_back(json::string(QByteArrayView(type)));
    return json::array(list);
}

RawJson toJson(const Webhook &webhook)
{
    return json::object({{"id", webhook.id},
                         {"url", webhook.url.toString(QUrl::FullyEncoded)},
                         {"types", typeList(webhook.types)},
                         {"status", webhook.isDisabled ? "disabled" : "active"},
                         {"created_at", webhook.createdAt},
                         {"description", webhook.description}});
}

WebhookStore::WebhookStore(QString path)
    : m_path(std::move(path))
{
    const auto text = readBounded(m_path, fileuse::record);
    if (!text)
        return;
    const auto document = JsonDocument::parse(*text);
    if (!document) {
        qWarning("%s: %s", qPrintable(m_path), qPrintable(document.error().message));
        return;
    }
    for (const JsonView &each : document->root()["webhooks"].items())
        m_webhooks.push_back({.id = each["id"].toString(),
                              .url = QUrl(each["url"].toString()),
                              .types = readTypes(each["types"]),
                              .description = each["description"].toString(),
                              .secret = Secret(each["secret"].utf8().toByteArray()),
                              .formerSecret = Secret(each["former_secret"].utf8().toByteArray()),
                              .formerUntil = each["former_until"].toInteger(),
                              .createdAt = each["created_at"].utf8().toByteArray(),
                              .isDisabled = each["status"].utf8() == "disabled"});
}

const Webhook *WebhookStore::find(const QString &id) const
{
    const auto found = std::ranges::find(m_webhooks, id, &Webhook::id);
    return found == m_webhooks.end() ? nullptr : &*found;
}

static Secret newSecret()
{
    const QByteArray key =
        QByteArray::fromBase64(newToken().reveal(), QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    return Secret("whsec_" + key.toBase64());
}

Result<Webhook> WebhookStore::add(Webhook webhook)
{
    webhook.id = u"wh_"_s + newId().last(12);
    webhook.createdAt = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toLatin1();
    webhook.secret = newSecret();
    m_webhooks.push_back(webhook);
    return write().transform([&] { return webhook; });
}

Result<> WebhookStore::change(const Webhook &webhook)
{
    std::ranges::replace_if(m_webhooks, [&](const Webhook &each) { return each.id == webhook.id; }, webhook);
    return write();
}

Result<> WebhookStore::remove(const QString &id)
{
    std::erase_if(m_webhooks, [&](const Webhook &each) { return each.id == id; });
    return write();
}

Result<Webhook> WebhookStore::rotate(const QString &id)
{
    const Webhook *known = find(id);
    if (!known)
        return fail(Error::Kind::NotFound, u"there is no webhook %1"_s.arg(id));
    Webhook webhook = *known;
    webhook.formerSecret = std::exchange(webhook.secret, newSecret());
    webhook.formerUntil = QDateTime::currentSecsSinceEpoch() + rotationSeconds;
    return change(webhook).transform([&] { return webhook; });
}

Result<> WebhookStore::write() const
{
    std::vector<RawJson> list;
    for (const Webhook &webhook : m_webhooks) {
        const RawJson shown = toJson(webhook), secret = json::object({{"secret", webhook.secret.reveal()},
                                                                      {"former_secret", webhook.formerSecret.reveal()},
                                                                      {"former_until", webhook.formerUntil}});
        list.push_back({shown.text.chopped(1) + ',' + secret.text.sliced(1)});
    }
    return writePrivately(m_path, json::object({{"webhooks", json::array(list)}}).text + '\n');
}

Headers signedFields(const std::vector<Secret> &secrets, const QByteArray &messageId, qint64 unixTime,
                     const QByteArray &body)
{
    const QByteArray time = QByteArray::number(unixTime);
    QByteArrayList signatures;
    for (const Secret &secret : secrets) {
        const QByteArray key = QByteArray::fromBase64(secret.reveal().sliced(int(qstrlen("whsec_"))));
        const QByteArray mac =
            QMessageAuthenticationCode::hash(messageId + '.' + time + '.' + body, key, QCryptographicHash::Sha256);
        signatures += "v1," + mac.toBase64();
    }
    return {{{"webhook-id", messageId}, {"webhook-timestamp", time}, {"webhook-signature", signatures.join(' ')}}};
}

} // namespace nightshift::http
