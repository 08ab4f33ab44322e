#pragma once
#include "batch/options.h"
#include "domain/ending.h"

namespace nightshift::batch {

/// What a subtree has used of what it may use, beneath the budget of what it belongs to.
class Budget
{
public:
    /// `level` names it in limits_hit: script, batch, item. `above` outlives this.
    Budget(QString level, Limits limits, Budget *above = nullptr);

    /// Counts here and above.
    void charge(const Usage &usage, qint64 requests);
    /// Counts here only: whoever stands above paid for it in an earlier run.
    void countPaid(const Usage &usage, qint64 requests);
    /// What a turn that begins now may use: the smallest remainder of all levels. Nothing is below 1, or it would
    /// mean no bound; ask exhausted() first.
    TurnLimits left() const;
    /// The limit that forbids another turn, if one does, with its level's name in front: "batch.cost_usd".
    struct Hit
    {
        QString limit;
        TurnError error;
    };
    std::optional<Hit> exhausted() const;
    /// Whose limit a turn met that ended for this reason: "item.wall_s". Empty for what is no limit.
    QString limitBehind(FailureCode code) const;

    const Usage &usage() const { return m_usage; }
    qint64 requests() const { return m_requests; }
    const Limits &limits() const { return m_limits; }
    void setLimits(const Limits &limits) { m_limits = limits; }

private:
    const Budget *boundInTime() const;

    QString m_level;
    Limits m_limits;
    Budget *m_above;
    Usage m_usage;
    qint64 m_requests = 0;
};

} // namespace nightshift::batch
