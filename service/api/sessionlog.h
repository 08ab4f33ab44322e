#pragma once
#include "api/logreader.h"
#include "api/outwardevents.h"
#include "api/sessionview.h"
#include "http/feedsource.h"
#include "store/artifacts.h"
#include <QObject>
#include <deque>

namespace nightshift::api {

/// The log of one session as it is followed: read once, by whoever shows the session, and on as it grows. Its newest
/// events are kept, so that many clients who are up to date cost one reading.
class SessionLog : public QObject
{
    Q_OBJECT

public:
    /// `origin` of a session that a bundle brought: what its log says of folder, sandbox and work counts only where it
    /// was written here.
    static Result<std::unique_ptr<SessionLog>> open(const QString &id, const QString &path,
                                                    const store::Decompress &decompress,
                                                    const std::optional<store::Artifacts::Origin> &origin = {});

    const QString &path() const { return m_path; }
    const SessionView &view() const { return m_view; }
    qint64 lastSeq() const { return m_view.lastSeq; }

    /// Takes in what was written since; grew() and recorded() tell of it.
    void readOn();
    /// What a run of the session tells: reads on, or passes it to those who listen now.
    void onEvent(const Event &event);

    /// Events after `after`, when all of them are among the newest.
    std::optional<http::FeedPage> newest(qint64 after, qsizetype atMost) const;
    /// A reader of its own for those who begin further back.
    Result<LogReader> reader() const { return LogReader::open(m_path, m_decompress); }
    std::vector<http::FeedEvent> snapshots() const { return m_outward.snapshots(); }

    /// Those who look at it; while there are none it may be closed.
    int users = 0;

signals:
    /// Every durable event, once.
    void recorded(const nightshift::http::FeedEvent &event);
    void grew();
    void fleeting(const nightshift::http::FeedEvent &event);

private:
    SessionLog(const QString &id, QString path, store::Decompress decompress, LogReader reader);
    void keep(const http::FeedEvent &event);
    void follow(const LoggedEvent &logged);

    QString m_path;
    store::Decompress m_decompress;
    LogReader m_reader;
    std::optional<qint64> m_foreignBytes; ///< Of an imported log, until the first line of ours was read.
    SessionView m_view;
    OutwardEvents m_outward;
    std::deque<http::FeedEvent> m_newest;
    qint64 m_newestAfter = 0; ///< All events after this one are among the newest.
    qsizetype m_newestBytes = 0;
    bool m_reading = false;
    bool m_isAsked = false; ///< There may be more.
};

} // namespace nightshift::api
