#pragma once
#include "batch/batch.h"

namespace nightshift::batch {

/// "12 of 100 done, 2 failed, 8 running, 1.20 USD" and a line for each item under way. Pure.
QStringList progressLines(const Progress &progress, qint64 now);
/// "a.h: done", or its key, the reason, and the first line of what went wrong. Pure.
QString endingLine(const ItemResult &result);
/// {"type":"batch.progress", …}
RawJson toJson(const Progress &progress, const QString &name);

} // namespace nightshift::batch
