#include "hooks/query.h"

using namespace Qt::StringLiterals;

namespace nightshift::hooks {

Query::Query(HookSource &source, const HookQuestion &question, QObject *parent)
    : QObject(parent)
    , m_source(source)
    , m_moment(question.moment)
{
    m_clock.start();
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &Query::onLate);
    m_deadline.start(source.deadline(question.moment));
    m_job = source.ask(question, [this](const HookReply &reply) { onReply(reply); });
}

void Query::onReply(const HookReply &reply)
{
    const auto decision = reply.and_then([this](const QByteArray &text) { return readDecision(text, m_moment); });
    end(decision ? *decision : failedDecision(decision.error().message, m_moment, m_source.onFailure()));
}

void Query::onLate()
{
    const QString seconds = QString::number(double(m_source.deadline(m_moment).count()) / 1000);
    m_job.reset();
    end(failedDecision(u"no answer within %1 s"_s.arg(seconds), m_moment, m_source.onFailure()));
}

void Query::end(const Decision &decision)
{
    if (std::exchange(m_isOver, true))
        return;
    m_deadline.stop();
    emit decided(decision);
}

} // namespace nightshift::hooks
