#include "hooks/round.h"
#include <QPointer>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::hooks {

Round::Round(const HookSources &sources, HookMoment moment, std::function<RawJson()> question, QObject *parent)
    : QObject(parent)
    , m_sources(sources)
    , m_moment(moment)
    , m_question(std::move(question))
{
    QMetaObject::invokeMethod(this, &Round::next, Qt::QueuedConnection);
}

bool Round::isWorthwhile(const HookSources &sources, HookMoment moment)
{
    return std::ranges::any_of(sources, [moment](const auto &source) { return source->wants(moment); });
}

void Round::next()
{
    while (m_index < m_sources.size() && !m_sources[m_index]->wants(m_moment))
        ++m_index;
    if (m_index == m_sources.size())
        return emit finished();
    m_query = new Query(*m_sources[m_index], {m_moment, m_question()}, this);
    connect(m_query, &Query::decided, this, &Round::onDecided);
}

void Round::onDecided(const Decision &decision)
{
    const Answer answer{m_sources[m_index]->name(), decision, m_query->duration()};
    m_query->deleteLater();
    ++m_index;
    const QPointer<Round> alive(this);
    emit answered(answer);
    if (alive && !m_isStopped)
        next();
}

std::optional<HookDecided> toEvent(const Answer &answer, HookMoment moment, const CallId &call, const QString &what)
{
    const Decision &decision = answer.decision;
    if (decision == Decision())
        return {};
    // A hook that failed without consequence counts as if it had agreed.
    const QString name = decision.kind == Decision::Kind::None && decision.failed ? u"allow"_s : decisionName(decision);
    return HookDecided{.source = answer.source,
                       .hook = hookName(moment),
                       .decision = name,
                       .failed = decision.failed,
                       .reason = decision.reason,
                       .call = call,
                       .what = what,
                       .duration = answer.duration};
}

} // namespace nightshift::hooks
