#pragma once
#include "batch/itemresult.h"

namespace nightshift::batch {

/// What a batch came to.
struct Report
{
    enum class End { Done, Limit, Interrupted };
    QString id;
    QString name;
    std::vector<ItemResult> items; ///< In the input's order; of those that did not run only key and index are set.
    qint64 unbegun = 0;            ///< Beside these: nobody who can be asked knows more of them than their number.
    End end = End::Done;
    QString endReason; ///< Of a limit: "batch.cost_usd".
    std::chrono::milliseconds duration{};
    bool operator==(const Report &) const = default;
};

struct Counts
{
    qint64 total = 0;
    qint64 succeeded = 0;
    qint64 failed = 0;
    qint64 cancelled = 0; ///< Not run, or not to their end.
    bool operator==(const Counts &) const = default;
};

bool wasRun(const ItemResult &item);
Counts countsOf(const Report &report);
Usage usageOf(const Report &report);
/// Of all items together, however many ran at once.
std::chrono::milliseconds timeOf(const Report &report);
/// {"id", "name", "counts", "usage", "end", "items": […]}
RawJson toJson(const Report &report, WithDiff withDiff = WithDiff::No);

/// A rule about the whole: success>=0.95, failed<3, cost_usd<30, tokens<=1000000, wall_s<600.
struct Threshold
{
    enum class Relation { Less, AtMost, Greater, AtLeast, Equal };
    QString text; ///< As it was given.
    QString metric;
    Relation relation = Relation::AtLeast;
    double value = 0;
    bool operator==(const Threshold &) const = default;
};
Result<Threshold> parseThreshold(const QString &text);
/// Those that the report misses, each with what it is: "success>=0.95: it is 0.9".
QStringList missed(const std::vector<Threshold> &thresholds, const Report &report);

/// 0 all is well, or every threshold is met; 1 items failed; 10 a limit ended it; 75 interrupted, and can go on.
int exitCodeOf(const Report &report, const std::vector<Threshold> &thresholds);

} // namespace nightshift::batch
