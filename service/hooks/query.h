#pragma once
#include "hooks/decision.h"
#include <QElapsedTimer>
#include <QTimer>

namespace nightshift::hooks {

/// One question to one source, which has until its deadline. Emits decided() exactly once and never from inside its
/// constructor; deleting it withdraws the question.
class Query : public QObject
{
    Q_OBJECT

public:
    /// The source outlives this.
    Query(HookSource &source, const HookQuestion &question, QObject *parent);

    std::chrono::milliseconds duration() const { return std::chrono::milliseconds(m_clock.elapsed()); }

signals:
    void decided(const nightshift::hooks::Decision &decision);

private:
    void onReply(const HookReply &reply);
    void onLate();
    void end(const Decision &decision);

    HookSource &m_source;
    HookMoment m_moment;
    QElapsedTimer m_clock;
    QTimer m_deadline;
    bool m_isOver = false;
    std::unique_ptr<HookJob> m_job;
};

} // namespace nightshift::hooks
