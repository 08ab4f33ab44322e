#include "batchobjects.h"
#include "base/boundedfile.h"
#include "batch/governorfile.h"
#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using Status = BatchState::Status;

std::vector<BatchItem> itemsOf(const BatchLog &log)
{
    std::vector<BatchItem> items;
    const bool isOver = log.state().status == Status::Done;
    for (const QString &key : log.keys()) {
        const batch::KnownItem *known = log.known().find(key);
        const bool isOpen = known && known->isOpen();
        const bool isDone = known && known->done && !isOpen;
        QByteArrayView status = isOver ? "cancelled" : isOpen ? "running" : "queued";
        if (isDone)
            status = known->done->result.ok ? "succeeded" : "failed";
        items.push_back({key, qint64(items.size()), status, known});
    }
    return items;
}

BatchCounts countsOf(const std::vector<BatchItem> &items)
{
    BatchCounts counts{.total = qint64(items.size())};
    for (const BatchItem &item : items)
        ++(item.status == "queued"      ? counts.queued
           : item.status == "running"   ? counts.running
           : item.status == "succeeded" ? counts.succeeded
           : item.status == "failed"    ? counts.failed
                                        : counts.cancelled);
    return counts;
}

Usage usageOf(const std::vector<BatchItem> &items)
{
    Usage usage;
    for (const BatchItem &item : items) {
        if (item.known && item.known->done)
            usage += item.known->done->result.usage;
    }
    return usage;
}

std::map<http::Metrics::Labels, double> batchItems(const Batches &batches)
{
    std::map<http::Metrics::Labels, double> values;
    for (const BatchLog *log : batches.running()) {
        for (const BatchItem &item : itemsOf(*log))
            ++values[{item.status.toByteArray()}];
    }
    return values;
}

std::map<http::Metrics::Labels, double> concurrencyLimit(const QString &sharedFolder)
{
    int limit = 0;
    const QDir folder = QFileInfo(batch::governorPath(sharedFolder, {}, {})).dir();
    for (const QString &name : folder.entryList(QDir::Files)) {
        if (const auto text = readBounded(folder.filePath(name), fileuse::record))
            limit += batch::decodeGovernorState(*text).limit;
    }
    return {{{}, double(limit == 0 ? batch::GovernorState::firstLimit : limit)}};
}

static RawJson countsObject(const BatchCounts &counts)
{
    return json::object({{"total", counts.total},
                         {"queued", counts.queued},
                         {"running", counts.running},
                         {"succeeded", counts.succeeded},
                         {"failed", counts.failed},
                         {"cancelled", counts.cancelled}});
}

RawJson progressObject(const BatchLog &log)
{
    const auto items = itemsOf(log);
    return json::object({{"counts", countsObject(countsOf(items))}, {"usage", batch::toJson(usageOf(items))}});
}

RawJson batchObject(const BatchLog &log)
{
    const BatchState &state = log.state();
    const batch::BatchSpec &spec = log.spec();
    const auto items = itemsOf(log);
    const auto given = [](const auto &text) { return text.isEmpty() ? std::nullopt : std::optional(text); };
    const QString name = spec.name.isEmpty() && log.known().first() ? log.known().first()->name : spec.name;
    const QString self = u"/v1/batches/"_s + log.id();
    const bool isPaused = spec.onLimit == batch::BatchSpec::OnLimit::Pause;
    return json::object(
        {{"id", log.id()},
         {"name", name},
         {"kind", spec.isScript() ? "script" : "table"},
         {"status", statusName(state.status).toByteArray()},
         {"outcome", given(state.outcome)},
         {"reason", given(state.reason)},
         {"message", given(state.message)},
         {"counts", countsObject(countsOf(items))},
         {"usage", batch::toJson(usageOf(items))},
         {"limits", batch::toJson(spec.limits, spec.concurrency > 0 ? std::optional(spec.concurrency) : std::nullopt,
                                  spec.maxFailures)},
         {"on_limit", isPaused ? "pause" : "stop"},
         {"cwd", log.cwd()},
         {"result", state.result},
         {"created_at", state.createdAt},
         {"updated_at", state.updatedAt},
         {"started_at", given(state.startedAt)},
         {"ended_at", given(state.endedAt)},
         {"first_seq", 1},
         {"last_seq", log.lastSeq()},
         {"links", json::object({{"self", self},
                                 {"items", self + u"/items"_s},
                                 {"results", self + u"/results"_s},
                                 {"events", self + u"/events"_s}})}});
}

RawJson itemObject(const BatchItem &item)
{
    const batch::ItemResult *result = item.known && item.known->done ? &item.known->done->result : nullptr;
    const bool runs = item.status == "running";
    const QString session = runs ? item.known->start->session : result ? result->session : QString();
    const bool isDone = item.status == "succeeded" || item.status == "failed";
    const auto given = [](const QString &text) { return text.isEmpty() ? std::nullopt : std::optional(text); };
    const qint64 attempts = runs ? item.known->start->attempt : result ? qint64(result->attempts.size()) : 0;
    return json::object(
        {{"key", item.key},
         {"index", item.index},
         {"status", item.status.toByteArray()},
         {"session", given(session)},
         {"attempts", attempts},
         {"outcome", isDone ? std::optional(result->outcome) : std::nullopt},
         {"reason", isDone ? std::optional(result->reason) : std::nullopt},
         {"message", isDone ? given(result->message) : std::nullopt},
         {"usage", batch::toJson(result ? result->usage : Usage())},
         {"links", session.isEmpty() ? json::object({})
                                     : json::object({{"session", u"/v1/sessions/"_s + session},
                                                     {"events", u"/v1/sessions/%1/events"_s.arg(session)}})}});
}

batch::Report reportOf(const BatchLog &log)
{
    batch::Report report{.id = log.id(), .name = log.spec().name, .items = {}};
    for (const BatchItem &item : itemsOf(log)) {
        if (item.status == "succeeded" || item.status == "failed")
            report.items.push_back(item.known->done->result);
        else
            ++report.unbegun;
    }
    report.duration = timeOf(report);
    return report;
}

} // namespace nightshift::api
