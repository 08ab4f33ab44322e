#pragma once
#include "batch/batchspec.h"
#include "batch/journalunion.h"
#include "http/feedsource.h"
#include <QObject>
#include <QSet>

namespace nightshift::api {

/// How a batch stands.
struct BatchState
{
    enum class Status { Queued, Running, Paused, Done };
    Status status = Status::Queued;
    QByteArray outcome; ///< When it is done: completed | limit | cancelled | interrupted | failed.
    QString reason;
    QString message;               ///< One sentence, of an ending that is no good one.
    std::optional<RawJson> result; ///< What a script returned.
    QByteArray createdAt, updatedAt, startedAt, endedAt;
    QString payer; ///< The token that pays.
    bool operator==(const BatchState &) const = default;
};
QByteArrayView statusName(BatchState::Status status);

/// What is known of one batch: what it was asked to do, the journals in its folder, and the service's own log of it,
/// which numbers what is told. What the journals say is taken over once, also when they grew while nobody looked.
class BatchLog : public QObject
{
    Q_OBJECT

public:
    /// `out` is the batch's folder, `path` the log's file, which need not exist.
    enum class RunBy { Others, Service };
    static std::unique_ptr<BatchLog> open(const QString &id, const QString &out, const QString &path, RunBy runBy);

    const QString &id() const { return m_id; }
    const QString &out() const { return m_out; }
    /// Without items when they were not kept: a batch of the command line that was divided, or of a script.
    const batch::BatchSpec &spec() const { return m_spec; }
    bool hasSpec() const { return m_hasSpec; }
    void setSpec(const batch::BatchSpec &spec);
    QString cwd() const { return m_spec.session.cwd.isEmpty() ? m_out : m_spec.session.cwd; }
    const batch::JournalUnion &known() const { return m_known; }
    const BatchState &state() const { return m_state; }
    /// In the input's order.
    QStringList keys() const;

    /// Takes in what processes wrote since.
    void readOn();
    /// Records an event; `members` follow its type. What it says of the batch's state counts from now on.
    Result<> append(const QByteArray &type, const std::vector<std::pair<QString, RawJson>> &members);
    /// By the service: how it ends is for that to say.
    void setRunBy(RunBy runBy) { m_runBy = runBy; }
    /// A process of the command line works on it now.
    bool isRunElsewhere() const;
    /// What is told and not kept.
    void tell(const QByteArray &type, const RawJson &progress);

    const std::vector<http::FeedEvent> &events() const { return m_events; }
    qint64 lastSeq() const { return qint64(m_events.size()); }

    /// Those who look at it; while there are none it may be closed.
    int users = 0;

signals:
    void recorded(const nightshift::http::FeedEvent &event);
    void grew();
    void fleeting(const nightshift::http::FeedEvent &event);
    void itemBegan(const QString &sessionId);
    void itemEnded(const QString &sessionId);

private:
    BatchLog(const QString &id, const QString &out, const QString &path);
    void readOwn();
    void readJournal(const QString &name);
    void take(const batch::JournalLine &line, bool isNews);
    void follow(const QByteArray &type, JsonView event);
    enum class Writer { Alive, Gone, Unknown };
    Writer writer() const;

    const QString m_id;
    const QString m_out;
    const QString m_path;
    batch::BatchSpec m_spec;
    bool m_hasSpec = false;
    RunBy m_runBy = RunBy::Others;
    bool m_reading = false;
    batch::JournalUnion m_known;
    BatchState m_state;
    std::vector<http::FeedEvent> m_events;
    QSet<QString> m_open;          ///< Journals that were begun and not closed.
    QHash<QString, qint64> m_read; ///< How far each journal was read,
    QHash<QString, qint64> m_told; ///< and how far it was told when the last event was written.
};

} // namespace nightshift::api
