#pragma once
#include "batch/journalunion.h"

namespace nightshift::batch {

/// What the user wants of work that was done before.
struct ResumePolicy
{
    enum class Stale { Ask, Rerun, Keep }; ///< Ask: go on unless the most of it is stale.
    bool fresh = false;                    ///< Start over, whatever is known.
    Stale stale = Stale::Ask;
    QStringList retry; ///< Reasons to try again beside those that are retryable; "failed" is all of them.
    bool recheck = false;
    QStringList only = {}; ///< Unless empty: of what failed, only these reasons, and no others by themselves.
    bool operator==(const ResumePolicy &) const = default;
};

/// What becomes of one item in this run.
struct Decision
{
    enum class Step {
        Run,
        Take,     ///< The journal's result stands.
        Continue, ///< The open attempt's session goes on.
        Recheck,  ///< Only the check runs, on the kept diff.
    };
    enum class State { Missing, Done, Stale, Failed, Open, Unchecked }; ///< As the journal has it; for `batch plan`.
    Step step = Step::Run;
    State state = State::Missing;
    QString why; ///< Of a stale item what changed, of a failed one its reason.
    bool operator==(const Decision &) const = default;
};

QLatin1StringView stateName(Decision::State state);

/// The table of what is done with a key. `check` as in JournalDone, `retryOn` are the item's own reasons.
Decision decide(const KnownItem *known, const Fingerprint &fingerprint, const QString &check,
                const QStringList &retryOn, const ResumePolicy &policy);

/// Why nothing may run before the user has said so: more than half of what was finished would be thrown away.
std::optional<QString> brake(const std::vector<Decision> &decisions, const ResumePolicy &policy);

/// The same where items become known one by one: `stale` of them so far, of `finished` that earlier runs have.
std::optional<QString> brake(qint64 stale, qint64 finished, const QString &cause, const ResumePolicy &policy);

} // namespace nightshift::batch
