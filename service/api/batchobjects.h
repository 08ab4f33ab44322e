#pragma once
#include "api/batches.h"
#include "batch/report.h"
#include "http/metrics.h"

namespace nightshift::api {

/// How one item of a batch stands.
struct BatchItem
{
    QString key;
    qint64 index = 0;
    QByteArrayView status;                   ///< queued | running | succeeded | failed | cancelled
    const batch::KnownItem *known = nullptr; ///< Null when it never began.
};

std::vector<BatchItem> itemsOf(const BatchLog &log);

struct BatchCounts
{
    qint64 total = 0, queued = 0, running = 0, succeeded = 0, failed = 0, cancelled = 0;
    bool operator==(const BatchCounts &) const = default;
};
BatchCounts countsOf(const std::vector<BatchItem> &items);
/// Of all attempts that ended.
Usage usageOf(const std::vector<BatchItem> &items);

/// Items of the batches that run, by status.
std::map<http::Metrics::Labels, double> batchItems(const Batches &batches);

/// How many requests to models may run at once, at all hosts together, as the processes of batches have found out in
/// this folder, which they share; before the first one, as many as it would begin with.
std::map<http::Metrics::Labels, double> concurrencyLimit(const QString &sharedFolder);

RawJson batchObject(const BatchLog &log);
RawJson itemObject(const BatchItem &item);
/// {"counts", "usage"}
RawJson progressObject(const BatchLog &log);
/// What is done of it by now; rows that are not are left out.
batch::Report reportOf(const BatchLog &log);

} // namespace nightshift::api
