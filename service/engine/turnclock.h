#pragma once
#include <QElapsedTimer>
#include <QTimer>
#include <chrono>
#include <optional>

namespace nightshift::engine {

/// The time of one turn: how long it took, and how much of that counts. While it is held, because the turn waits for
/// what is not its own, the limit stands still.
class TurnClock : public QObject
{
    Q_OBJECT

public:
    explicit TurnClock(QObject *parent);

    void start(std::optional<std::chrono::milliseconds> limit);
    /// The limit counts no more.
    void stop();
    /// Each hold() is followed by a release(); they may overlap.
    void hold();
    void release();

    /// Since start().
    std::chrono::milliseconds age() const { return std::chrono::milliseconds(m_age.elapsed()); }
    /// Of it, while the clock was not held.
    std::chrono::milliseconds worked() const;

signals:
    /// Four fifths of the limit are gone; again, maybe, after the clock was held.
    void timeNear();
    /// Once: what is still done then, a last answer for one, has no limit.
    void timeUp();

private:
    void startTimers(std::chrono::milliseconds worked);
    void stopTimers();

    std::optional<std::chrono::milliseconds> m_limit;
    QElapsedTimer m_age;
    int m_holds = 0;
    QElapsedTimer m_held;                  ///< Valid while the clock is held.
    std::chrono::milliseconds m_heldFor{}; ///< Before.
    QTimer m_timer;
    QTimer m_near;
};

} // namespace nightshift::engine
