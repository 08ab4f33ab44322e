#pragma once
#include "domain/event.h"

namespace nightshift::app {

/// What a run is doing at the moment, in one line: "exec npm test · 12s · 1,350 tokens". Pure: it is told the time.
class RunStatus
{
public:
    using Time = std::chrono::milliseconds; ///< On any clock that only goes forward.

    void onEvent(const Event &event, Time now);
    /// Empty while no turn runs.
    QString text(Time now) const;

private:
    void start(const QString &id, const QString &what, Time now);
    void finish(const QString &id);

    struct Activity
    {
        QString id;
        QString what;
        Time since{};
    };
    std::vector<Activity> m_activities; ///< Under way, oldest first.
    QString m_waiting;                  ///< What is shown when there are none: for the model, for its server.
    Time m_waitingSince{};
    bool m_isRunning = false;
    qint64 m_tokens = 0;
};

} // namespace nightshift::app
