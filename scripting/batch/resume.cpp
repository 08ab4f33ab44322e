#include "resume.h"
#include "batch/options.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

QLatin1StringView stateName(Decision::State state)
{
    static constexpr QLatin1StringView names[]{"missing"_L1, "done"_L1,    "stale"_L1,
                                               "failed"_L1,  "started"_L1, "unchecked"_L1};
    return names[int(state)];
}

namespace {

using Step = Decision::Step;
using State = Decision::State;

Decision decideDone(const JournalDone &done, const Fingerprint &fingerprint, const QString &check,
                    const QStringList &retryOn, const ResumePolicy &policy)
{
    const QString &reason = done.result.reason;
    if (done.fingerprint != fingerprint.hex) {
        const Step step = policy.stale == ResumePolicy::Stale::Keep ? Step::Take : Step::Run;
        return {step, State::Stale, whyChanged(done.parts, fingerprint.parts)};
    }
    if (policy.recheck && done.check != check && (done.result.ok || reason == "check_failed"_L1))
        return {Step::Recheck, State::Unchecked, u"check changed"_s};
    if (done.result.ok)
        return {Step::Take, State::Done, {}};
    const auto names = [&reason](const QStringList &words) {
        return words.contains(reason) || words.contains("failed"_L1);
    };
    const bool again = !policy.only.isEmpty() ? names(policy.only)
                                              : isRetryable(reason) || retryOn.contains(reason) || names(policy.retry);
    return {again ? Step::Run : Step::Take, State::Failed, reason};
}

} // namespace

Decision decide(const KnownItem *known, const Fingerprint &fingerprint, const QString &check,
                const QStringList &retryOn, const ResumePolicy &policy)
{
    if (!known || policy.fresh)
        return {};
    const bool isOpen = known->isOpen() && known->start->fingerprint == fingerprint.hex;
    if (known->done && known->done->result.ok && known->done->fingerprint == fingerprint.hex)
        return decideDone(*known->done, fingerprint, check, retryOn, policy); // somebody else has finished it
    if (isOpen)
        return {Step::Continue, State::Open, {}};
    if (known->done)
        return decideDone(*known->done, fingerprint, check, retryOn, policy);
    return {Step::Run, State::Open, whyChanged(known->start->parts, fingerprint.parts)};
}

std::optional<QString> brake(const std::vector<Decision> &decisions, const ResumePolicy &policy)
{
    qsizetype finished = 0, stale = 0;
    QHash<QString, qsizetype> causes;
    for (const Decision &decision : decisions) {
        finished +=
            decision.state == State::Done || decision.state == State::Stale || decision.state == State::Unchecked;
        if (decision.state != State::Stale)
            continue;
        ++stale;
        ++causes[decision.why];
    }
    QString cause;
    for (const auto &[why, count] : causes.asKeyValueRange()) {
        if (cause.isEmpty() || count > causes[cause] || (count == causes[cause] && why < cause))
            cause = why;
    }
    return brake(stale, finished, cause, policy);
}

std::optional<QString> brake(qint64 stale, qint64 finished, const QString &cause, const ResumePolicy &policy)
{
    if (policy.stale != ResumePolicy::Stale::Ask || stale * 2 <= finished)
        return {};
    return u"%1 of %2 finished items are stale, most often because: %3. It stops here: --stale rerun runs "
           "them again, --stale keep takes their old results"_s.arg(stale)
               .arg(finished)
               .arg(cause);
}

} // namespace nightshift::batch
