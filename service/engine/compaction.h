#pragma once
#include "engine/ledger.h"
#include "engine/model.h"
#include "engine/repeats.h"
#include "engine/spending.h"

namespace nightshift::engine {

/// Asks the model to sum the conversation up and puts the summary in its place.
///
///   Asking --(summary)--> finished
///   Asking --(too long even for that)--> Asking, the older half left out
///   Asking --(it called a tool instead)--> Asking without tools
///   Asking --(it failed, and may heal)--> Waiting --> Asking
///
/// Until there is a summary, the conversation is as it was; then all of it changes at once, in one line of the
/// log. A summary that came whole counts, also when its stream was cut behind it. Deleting it cancels it.
class Compaction : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        const Settings &settings;
        Model &model;
        Ledger &ledger;
        Spending &spending;
        const History &context;     ///< What a new session would be told first.
        std::vector<RawJson> tools; ///< Of the turn: with them the request begins as those before, which is cheaper.
    };
    /// Only of a conversation that can be summed up; see sections().
    Compaction(const Parts &parts, QObject *parent);

    /// Nothing more is asked for; it can be deleted.
    void stop() { m_repeats.end(); }

signals:
    void event(const nightshift::Event &event);
    void finished(const std::optional<nightshift::TurnError> &error);

private:
    void ask();
    void onModelEvent(const llm::ModelEvent &modelEvent);
    void onAnswered(const std::optional<llm::ModelFailure> &failure);
    bool leavesOlderHalfOut();
    void replaceHistory();

    Parts m_parts;
    Repeats m_repeats;
    size_t m_from; ///< Where what is summed up begins.
    llm::ModelStream *m_stream = nullptr;
    QStringList m_summary; ///< The messages of the answer.
    bool m_called = false; ///< A tool.
    Usage m_cost;          ///< Of the answer.
};

} // namespace nightshift::engine
