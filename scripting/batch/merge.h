#pragma once
#include "batch/report.h"

namespace nightshift::batch {

/// One report of all journals in OUT and in the folders directly below it: one result a key, in the input's order.
/// Items that were begun and never done are in it as not run, those that no process came to are counted; the end is
/// Interrupted while there are any.
Result<Report> mergedReport(const QString &out);

} // namespace nightshift::batch
