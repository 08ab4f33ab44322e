#pragma once
#include "batch/governorfile.h"
#include <QObject>
#include <QTimer>
#include <deque>
#include <functional>

namespace nightshift::batch {

/// Hands out the right to have a request under way, for one key at one host. All processes of a user share the
/// count, the pauses that the server asked for, and how many requests it has shown to bear.
class Governor : public QObject
{
    Q_OBJECT

public:
    /// A place in the queue, then a slot; its end gives either back.
    class Ticket
    {
    public:
        Ticket(Governor *governor, std::function<void()> granted);
        ~Ticket();
        bool isGranted() const { return m_isGranted; }

    private:
        friend class Governor;
        Governor *m_governor;
        std::function<void()> m_granted;
        bool m_isGranted = false;
    };

    explicit Governor(const QString &path, QObject *parent = nullptr);
    ~Governor() override;

    /// `granted` is called from the event loop, never from in here.
    std::unique_ptr<Ticket> acquire(std::function<void()> granted);
    /// What the server answered to a request that was sent at `sentAt` (milliseconds since 1970).
    void succeeded(const RateHint &hint, GovernorState::Took took);
    void pauseFor(const RateHint &hint);
    /// When that request may be sent again; 0 when it is to wait for its turn as all others.
    qint64 refused(const RateHint &hint, qint64 sentAt);

    /// How many requests may be under way by now.
    int limit() const { return m_limit; }
    /// When the next request may go; 0 when at once.
    qint64 nextAllowed() const { return m_nextAllowed; }

private:
    void pump();
    void giveBack(Ticket *ticket);
    void see(const GovernorState &state);

    GovernorFile m_file;
    std::deque<Ticket *> m_queue;
    std::vector<Ticket *> m_granted;
    QTimer m_timer;
    int m_limit = GovernorState::firstLimit;
    qint64 m_nextAllowed = 0;
    qint64 m_earliest = 0; ///< With the turn of whoever is next.
};

} // namespace nightshift::batch
