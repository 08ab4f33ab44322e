#pragma once
#include "http/feedsource.h"
#include <QTimer>
#include <functional>
#include <memory>

namespace nightshift::http {

/// What a client asked to be told.
struct FeedOptions
{
    FeedStart start;
    FeedForm form = FeedForm::Sse;
    QByteArrayList types; ///< Empty means all.
    bool deltas = true;   ///< Fleeting events, too.
};

/// The way to the client.
struct FeedOutput
{
    std::function<void(const QByteArray &)> send;
    std::function<qint64()> unsentBytes;
};

/// One client's stream of events. It is a cursor on a log: more is read when the client took what it was sent, so
/// that a client that is slow costs no memory, and loses nothing but fleeting events, for which it is given a
/// snapshot when it has caught up.
class EventFeed : public QObject
{
    Q_OBJECT

public:
    EventFeed(std::unique_ptr<FeedSource> source, FeedOptions options, QObject *parent = nullptr);

    /// Nothing is left to tell from where the client stands, and nothing will come: an answer without a body.
    bool isOver() const { return m_first && m_first->end && m_first->events.empty(); }
    FeedForm form() const { return m_options.form; }

    void start(FeedOutput output, std::chrono::milliseconds heartbeat, qint64 maxUnsentBytes);
    /// To be called when the client took something.
    void goOn()
    {
        if (m_waits)
            pump();
    }
    /// Tells the client why nothing more comes, where there is a reason; ended() follows.
    void finish(const QByteArray &reason);
    /// Sends nothing any more.
    void stop() { m_over = true; }

signals:
    /// All was sent, the last event included.
    void ended();

private:
    using Clock = std::chrono::steady_clock;

    void pump();
    bool hasRoom() const { return m_output.unsentBytes() < m_maxUnsentBytes; }
    bool sendPage(const FeedPage &page);
    void sendSnapshots();
    void send(const QByteArray &text);
    void onFleeting(const FeedEvent &event);
    void onSilence();

    std::unique_ptr<FeedSource> m_source;
    FeedOptions m_options;
    FeedOutput m_output;
    std::optional<FeedPage> m_first; ///< Read before it was known whether there is anything to say.
    qint64 m_maxUnsentBytes = 0;
    qint64 m_after = 0;     ///< All up to here was sent or filtered.
    qint64 m_confirmed = 0; ///< What the client knows of that.
    bool m_missed = true;   ///< Fleeting events since the last snapshot: all of them, at the start.
    bool m_waits = false;   ///< For the client to take something.
    bool m_over = false;
    std::chrono::milliseconds m_heartbeat{};
    Clock::time_point m_spoke; ///< The last time; the timer need not know of each.
    QTimer m_silence;
};

} // namespace nightshift::http
