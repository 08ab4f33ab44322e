#include "report.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using Relation = Threshold::Relation;

constexpr std::pair<QLatin1StringView, Relation> relations[]{
    {"<="_L1, Relation::AtMost}, {">="_L1, Relation::AtLeast}, {"=="_L1, Relation::Equal},
    {"<"_L1, Relation::Less},    {">"_L1, Relation::Greater},
};
constexpr QLatin1StringView metrics[]{"success"_L1, "failed"_L1, "cost_usd"_L1, "tokens"_L1, "wall_s"_L1};

double metricOf(const QString &metric, const Report &report)
{
    const Counts counts = countsOf(report);
    const Usage usage = usageOf(report);
    if (metric == "success"_L1)
        return counts.total ? double(counts.succeeded) / double(counts.total) : 1;
    if (metric == "failed"_L1)
        return double(counts.failed);
    if (metric == "cost_usd"_L1)
        return usage.costUsd.value_or(0);
    if (metric == "tokens"_L1)
        return double(usage.totalTokens());
    return double(report.duration.count()) / 1000;
}

bool holds(double value, Relation relation, double bound)
{
    switch (relation) {
    case Relation::Less:
        return value < bound;
    case Relation::AtMost:
        return value <= bound;
    case Relation::Greater:
        return value > bound;
    case Relation::AtLeast:
        return value >= bound;
    case Relation::Equal:
        return value == bound;
    }
    return false;
}

QLatin1StringView endName(Report::End end)
{
    static constexpr QLatin1StringView names[]{"done"_L1, "limit"_L1, "interrupted"_L1};
    return names[int(end)];
}

} // namespace

bool wasRun(const ItemResult &item)
{
    return item.outcome == "completed"_L1 || item.outcome == "failed"_L1;
}

Counts countsOf(const Report &report)
{
    Counts counts{.total = qint64(report.items.size()) + report.unbegun, .cancelled = report.unbegun};
    for (const ItemResult &item : report.items)
        ++(item.ok ? counts.succeeded : wasRun(item) ? counts.failed : counts.cancelled);
    return counts;
}

Usage usageOf(const Report &report)
{
    Usage usage;
    for (const ItemResult &item : report.items)
        usage += item.usage;
    return usage;
}

std::chrono::milliseconds timeOf(const Report &report)
{
    std::chrono::milliseconds time{};
    for (const ItemResult &item : report.items)
        time += item.duration;
    return time;
}

RawJson toJson(const Report &report, WithDiff withDiff)
{
    const Counts counts = countsOf(report);
    std::vector<RawJson> items;
    for (const ItemResult &item : report.items)
        items.push_back(toJson(item, withDiff));
    return json::object({{"id", report.id},
                         {"name", report.name},
                         {"counts", json::object({{"total", counts.total},
                                                  {"succeeded", counts.succeeded},
                                                  {"failed", counts.failed},
                                                  {"cancelled", counts.cancelled}})},
                         {"usage", toJson(usageOf(report))},
                         {"end", endName(report.end).toString()},
                         {"end_reason", report.endReason},
                         {"duration_ms", qint64(report.duration.count())},
                         {"items", json::array(items)}});
}

Result<Threshold> parseThreshold(const QString &text)
{
    for (const auto &[sign, relation] : relations) {
        const qsizetype at = text.indexOf(sign);
        if (at < 0)
            continue;
        bool isNumber = false;
        const Threshold threshold{text, text.first(at).trimmed(), relation,
                                  text.sliced(at + sign.size()).trimmed().toDouble(&isNumber)};
        if (isNumber && std::ranges::find(metrics, threshold.metric) != std::end(metrics))
            return threshold;
        break;
    }
    return fail(Error::Kind::Usage, u"the threshold `%1` is none: expected one of success, failed, cost_usd, tokens, "
                                    "wall_s, then < <= > >= or ==, then a number"_s.arg(text));
}

QStringList missed(const std::vector<Threshold> &thresholds, const Report &report)
{
    QStringList lines;
    for (const Threshold &threshold : thresholds) {
        const double value = metricOf(threshold.metric, report);
        if (!holds(value, threshold.relation, threshold.value))
            lines += u"%1: it is %2"_s.arg(threshold.text).arg(value);
    }
    return lines;
}

int exitCodeOf(const Report &report, const std::vector<Threshold> &thresholds)
{
    switch (report.end) {
    case Report::End::Limit:
        return 10;
    case Report::End::Interrupted:
        return 75;
    case Report::End::Done:
        break;
    }
    const Counts counts = countsOf(report);
    const bool isFine = thresholds.empty() ? counts.succeeded == counts.total : missed(thresholds, report).isEmpty();
    return isFine ? 0 : 1;
}

} // namespace nightshift::batch
