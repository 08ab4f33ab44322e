#pragma once
#include "batch/journalunion.h"
#include "batch/runner.h"

namespace nightshift::batch {

/// What the items that would run may take.
struct Estimate
{
    qint64 items = 0;        ///< That would ask a model.
    qint64 promptTokens = 0; ///< Of their prompts, a guess from their length.
    std::optional<double> lowUsd;
    std::optional<double> highUsd;
    bool operator==(const Estimate &) const = default;
};

/// What one item takes: what was said, or between the least and the most of what earlier ones took.
struct Consumption
{
    qint64 input = 0;
    qint64 output = 0;
    bool operator==(const Consumption &) const = default;
};
/// "20k/2k", "1.5m/300"
Result<Consumption> parseConsumption(const QString &text);

Estimate estimateOf(const std::vector<PreparedItem> &items, const JournalUnion &known,
                    const std::optional<Consumption> &assumed);

/// A line for every item that is not done, and the sums; of --json one object.
QByteArray planText(const std::vector<PreparedItem> &items, const Estimate &estimate);
RawJson planJson(const std::vector<PreparedItem> &items, const Estimate &estimate);
/// The keys whose fingerprints differ between two plans of the same batch, each with what differs.
QStringList differences(const std::vector<PreparedItem> &one, const std::vector<PreparedItem> &other);

} // namespace nightshift::batch
