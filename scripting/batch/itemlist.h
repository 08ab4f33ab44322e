#pragma once
#include "batch/batchmodule.h"
#include "batch/options.h"

namespace nightshift::batch {

/// One item of a command line's batch, and the line that it came from.
struct ListedItem
{
    Options options;
    int line = 0;
    bool operator==(const ListedItem &) const = default;
};

/// Reads input and prompt file, and makes an item of every row. Errors name file and line; Usage is for the command
/// line itself.
Result<std::vector<ListedItem>> listItems(const BatchOrder &order);

/// "cost_usd=0.5" and the like, as in JSON.
Result<Limits> limitsFromWords(const QStringList &words);
/// The reasons of --retry failed and --retry reason=a,b.
Result<QStringList> retryReasons(const QStringList &words);

} // namespace nightshift::batch
