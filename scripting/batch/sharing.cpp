#include "batch/sharing.h"

namespace nightshift::batch {

Result<Whose> whoseIs(PreparedItem &item, Claims &claims, Runner &runner)
{
    using Step = Decision::Step;
    const QString &key = item.options.key;
    if (item.decision.step == Step::Take)
        return Whose::Ours;
    const auto taken = claims.take(key);
    if (!taken)
        return std::unexpected(taken.error());
    if (*taken) {
        runner.decideAgain(item); // by what a dead worker had journaled
        return Whose::Ours;
    }
    if (claims.othersSign(key))
        return Whose::Others;
    runner.decideAgain(item);
    if (runner.hasResult(item)) { // a failure, too: who failed is here to try again, and has not
        item.decision.step = Step::Take;
        return Whose::Ours;
    }
    claims.release(key); // the claim is of other work by this name, from an earlier time
    return Whose::Others;
}

} // namespace nightshift::batch
