#pragma once
#include "domain/answerlimits.h"
#include <QTimer>
#include <functional>
#include <map>

namespace nightshift::net {

/// Notices a server that sends more than is wanted before it comes through: a head, or a line of one, that has no end,
/// or an answer that comes faster than it is read. QtNetwork keeps all of it and knows no limit. Looks at what the
/// sockets of this process have received, a few times a second while answers are awaited.
class FloodWatch : public QObject
{
public:
    using Flooded = std::function<void(qint64 AnswerLimits::*limit)>;
    explicit FloodWatch(const AnswerLimits &limits);

    /// One more answer is awaited; `flooded` is called when it passes a limit. leave() when it is over, with the number
    /// that this gives.
    int enter(Flooded flooded);
    void leave(int number) { m_awaited.erase(number); }
    /// Something of an answer came through.
    void noteProgress() { m_hasProgress = true; }

private:
    void look();
    bool isStuck(qint64 received);
    void tell(const std::map<int, Flooded> &whom, qint64 AnswerLimits::*limit);

    const AnswerLimits m_limits;
    std::map<int, Flooded> m_awaited; ///< By number.
    int m_lastNumber = 0;
    qint64 m_newestFrom = -1; ///< What had been received when the newest began; -1 when nobody has looked since.
    bool m_hasProgress = true;
    qint64 m_stuckFrom = 0;  ///< What had been received when something last came through.
    bool m_isWarned = false; ///< The last look found too much: what has come through by now is told before the next.
    QTimer m_timer;
};

} // namespace nightshift::net
