#pragma once
#include "batch/itemresult.h"
#include "batch/transcript.h"

namespace nightshift::host {

/// What one turn came to, in the form of an item's result, with the turn as its only attempt.
enum class Wanted { Text, Json };
batch::ItemResult resultOf(const batch::Transcript &transcript, Wanted wanted);

} // namespace nightshift::host
