#pragma once
#include "batch/itemresult.h"
#include "batch/transcript.h"

namespace nightshift::batch {

/// What one turn came to, in the form of an item's result, with the turn as its only attempt.
enum class Wanted { Text, Json };
ItemResult resultOf(const Transcript &transcript, Wanted wanted);

} // namespace nightshift::batch
