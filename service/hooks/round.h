#pragma once
#include "hooks/query.h"
#include <functional>

namespace nightshift::hooks {

/// What one source of a round decided.
struct Answer
{
    QString source;
    Decision decision;
    std::chrono::milliseconds duration{};
};

/// Asks all sources that have a hook for a moment, one after the other. answered() comes for each, finished() after
/// the last. Both come from the event loop. Deleting it withdraws the question.
class Round : public QObject
{
    Q_OBJECT

public:
    /// `question` is made anew for each source, so that it sees what earlier ones have rewritten. The sources outlive
    /// this.
    Round(const HookSources &sources, HookMoment moment, std::function<RawJson()> question, QObject *parent);

    /// Nobody else is asked, and finished() does not come.
    void stop() { m_isStopped = true; }

    /// Whether anybody is asked at all.
    static bool isWorthwhile(const HookSources &sources, HookMoment moment);

signals:
    void answered(const nightshift::hooks::Answer &answer);
    void finished();

private:
    void next();
    void onDecided(const Decision &decision);

    const HookSources &m_sources;
    HookMoment m_moment;
    std::function<RawJson()> m_question;
    size_t m_index = 0;
    bool m_isStopped = false;
    Query *m_query = nullptr;
};

/// The decision as an event; absent where there was no opinion.
std::optional<HookDecided> toEvent(const Answer &answer, HookMoment moment, const CallId &call, const QString &what);

} // namespace nightshift::hooks
