#pragma once
#include "batch/claims.h"
#include "batch/runner.h"

namespace nightshift::batch {

/// Who does an item that several workers want the result of.
enum class Whose {
    Ours,   ///< To be started, as its decision says; it is claimed unless that is Take.
    Others, ///< A living worker has it: ask again later.
};

/// Decides by the claims, and by what workers have journaled: what one of them finished is taken from there.
Result<Whose> whoseIs(PreparedItem &item, Claims &claims, Runner &runner);

} // namespace nightshift::batch
