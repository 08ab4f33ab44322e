#pragma once
#include "wire/eventencoder.h"
#include <QStringDecoder>
#include <map>

namespace nightshift::wire {

/// The thread / turn / item lines of `--json`.
///
/// Items are numbered from item_0 in every turn, in the order they appear; what comes between two turns
/// shares the numbering of the next one. With deltas, the first delta of a message or of reasoning
/// reserves the number of its item, and what a cut stream reserved is used again; waits are told, too. Foretold deltas
/// reserve nothing: they name the number that the item will have if nothing else appears before it ends, so that what
/// is recorded is numbered alike whether somebody heard the deltas or not.
class ThreadEncoder : public EventEncoder
{
public:
    enum class Deltas { No, Yes, Foretold };
    explicit ThreadEncoder(Deltas deltas = Deltas::No)
        : m_deltas(deltas)
    {}

    std::optional<RawJson> encode(const Event &event) override;

    /// Of the message or the reasoning that is being told, or comes next.
    QString textItemId() const;
    /// Of a call that has begun and not ended.
    std::optional<QString> itemIdOf(const CallId &call) const;

private:
    struct OpenItem
    {
        int number;
        QStringDecoder output{QStringDecoder::Utf8}; ///< A chunk may cut a character in two.
    };

    std::optional<RawJson> unlessPlain(RawJson line) const;
    std::optional<RawJson> delta(const QString &text);
    std::optional<RawJson> outputDelta(const CommandOutput &output);
    std::optional<RawJson> completedPlan(const PlanClosed &plan);

    QString appear(const CallId &call);
    QString complete(const CallId &call);
    QString completeText();
    int take();
    void release();
    void endTurn();

    Deltas m_deltas;
    int m_next = 0;
    std::vector<int> m_released;        ///< Numbers that were reserved and not used.
    std::optional<int> m_reserved;      ///< By the deltas of the text under way.
    std::optional<int> m_plan;          ///< The turn's one todo_list.
    std::optional<RawJson> m_review;    ///< What the turn, a review, has found.
    std::map<CallId, OpenItem> m_calls; ///< Started, not yet completed.
};

} // namespace nightshift::wire
