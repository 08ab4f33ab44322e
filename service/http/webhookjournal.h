#pragma once
#include "http/webhook.h"
#include <QHash>
#include <deque>

namespace nightshift::http {

/// One event and one receiver.
struct Delivery
{
    enum class Status { Pending, Delivered, Failed };
    QByteArray id; ///< webhook-id: the same for all tries, also after a restart.
    QByteArray type;
    QString session;
    qint64 seq = 0;
    Status status = Status::Pending;
    int attempts = 0;
    int responseStatus = 0; ///< 0: no answer.
    QString error;
    QByteArray lastAttemptAt;
    QByteArray nextAttemptAt;
    bool operator==(const Delivery &) const = default;
};

RawJson toJson(const Delivery &delivery);

/// What a receiver was told, in a file to which a line is added when a delivery is over: from it the cursors on the
/// sessions' logs are known again after a restart. What is under way is nowhere but in those logs.
class WebhookJournal
{
public:
    explicit WebhookJournal(QString path);

    /// All events of the session up to here were delivered or given up.
    qint64 cursor(const QString &session) const { return m_cursors.value(session); }
    bool knows(const QString &session) const { return m_cursors.contains(session); }
    /// Adds one that is over and moves the cursor.
    Result<> finish(const Delivery &delivery);

    /// The last ones that are over, newest first.
    const std::deque<Delivery> &last() const { return m_last; }

private:
    void remember(const Delivery &delivery);
    void compact() const;

    QString m_path;
    QHash<QString, qint64> m_cursors;
    std::deque<Delivery> m_last;
};

} // namespace nightshift::http
