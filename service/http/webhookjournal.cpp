#include "webhookjournal.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "http/tokenstore.h"
#include <QFile>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr size_t shownAtMost = 200;    // deliveries that can still be looked at and repeated
constexpr qint64 linesAtMost = 20'000; // of a file, before it is written anew
constexpr qint64 longestLine = 1 << 20;

static const char *statusName(Delivery::Status status)
{
    constexpr const char *names[] = {"pending", "delivered", "failed"};
    return names[int(status)];
}

static RawJson textOrNull(const auto &text)
{
    return text.isEmpty() ? json::null() : json::Member("", text).value.value();
}

RawJson toJson(const Delivery &delivery)
{
    return json::object({{"id", delivery.id},
                         {"type", delivery.type},
                         {"session", delivery.session},
                         {"seq", delivery.seq},
                         {"status", statusName(delivery.status)},
                         {"attempts", delivery.attempts},
                         {"response_status",
                          delivery.responseStatus == 0 ? json::null() : json::number(qint64(delivery.responseStatus))},
                         {"error", textOrNull(delivery.error)},
                         {"last_attempt_at", textOrNull(delivery.lastAttemptAt)},
                         {"next_attempt_at", textOrNull(delivery.nextAttemptAt)}});
}

static Delivery readDelivery(JsonView json)
{
    return {.id = json["id"].utf8().toByteArray(),
            .type = json["type"].utf8().toByteArray(),
            .session = json["session"].toString(),
            .seq = json["seq"].toInteger(),
            .status = json["status"].utf8() == "delivered" ? Delivery::Status::Delivered : Delivery::Status::Failed,
            .attempts = int(json["attempts"].toInteger()),
            .responseStatus = int(json["response_status"].toInteger()),
            .error = json["error"].toString(),
            .lastAttemptAt = json["last_attempt_at"].utf8().toByteArray(),
            .nextAttemptAt = {}};
}

WebhookJournal::WebhookJournal(QString path)
    : m_path(std::move(path))
{
    const auto journal = openBounded(m_path, fileuse::journal);
    QFile file;
    if (!journal || !file.open(journal->get(), QIODevice::ReadOnly))
        return;
    qint64 lines = 0;
    bool torn = false;
    for (QByteArray line; !(line = file.readLine(longestLine)).isEmpty(); ++lines) {
        torn = !line.endsWith('\n'); // the process died while it wrote this one
        const auto document = JsonDocument::parse(line);
        if (torn || !document)
            continue;
        const JsonView root = document->root();
        if (root["id"].exists())
            remember(readDelivery(root));
        else
            m_cursors[root["session"].toString()] = root["seq"].toInteger();
    }
    if (torn || lines > linesAtMost)
        compact();
}

void WebhookJournal::remember(const Delivery &delivery)
{
    qint64 &cursor = m_cursors[delivery.session];
    cursor = std::max(cursor, delivery.seq);
    std::erase_if(m_last, [&](const Delivery &each) { return each.id == delivery.id; });
    m_last.push_front(delivery);
    if (m_last.size() > shownAtMost)
        m_last.pop_back();
}

void WebhookJournal::compact() const
{
    QByteArray text;
    for (const auto &[session, seq] : m_cursors.asKeyValueRange())
        text += json::object({{"session", session}, {"seq", seq}}).text + '\n';
    for (auto each = m_last.rbegin(); each != m_last.rend(); ++each)
        text += toJson(*each).text + '\n';
    if (const auto written = writePrivately(m_path, text); !written)
        qWarning("%s", qPrintable(written.error().message));
}

Result<> WebhookJournal::finish(const Delivery &delivery)
{
    remember(delivery);
    const auto file = openToAppend(m_path);
    if (!file)
        return failAt(m_path + u" cannot be written"_s, file.error());
    const QByteArray line = toJson(delivery).text + '\n';
    if (::write(file->get(), line.data(), size_t(line.size())) != line.size())
        return fail(Error::Kind::Internal,
                    u"%1 cannot be written: %2"_s.arg(m_path, QString::fromLocal8Bit(strerror(errno))));
    return {};
}

} // namespace nightshift::http
