#include "batchroutes.h"
#include "api/batchfeeds.h"
#include "api/batchobjects.h"
#include "api/bodyfields.h"
#include "api/pageof.h"
#include "batch/itemlist.h"
#include "batch/outputs.h"
#include "batch/rows.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Answer, http::Judged, http::Problem, http::ProblemCode, http::Request;

namespace {

Problem refused(const QString &message)
{
    const QString pointer = message.section(": "_L1, 0, 0), detail = message.section(": "_L1, 1);
    return {.code = ProblemCode::ValidationFailed, .detail = message, .errors = {{pointer, detail}}};
}

/// The body; of JSONL one line is the `vars` of one item, and the query's `defaults` are all the rest.
Judged<JsonDocument> readOrder(const Request &request)
{
    if (!request.head.headers.value("content-type").startsWith("application/jsonl"))
        return readBody(request.body);
    auto defaults = readBody(request.query.value("defaults").value_or("{}"));
    if (!defaults)
        return defaults;
    const auto rows = batch::readRows(request.body, batch::InputForm::JsonLines, u"the body"_s);
    if (!rows)
        return std::unexpected(Problem{ProblemCode::InvalidJson, rows.error().message});
    std::vector<std::pair<QString, RawJson>> members;
    for (const auto &[name, value] : defaults->root().members()) {
        if (name != u"items"_s)
            members.emplace_back(name, value.raw());
    }
    std::vector<RawJson> items;
    for (const batch::InputRow &row : *rows)
        items.push_back(json::object({{"vars", row.variables}}));
    members.emplace_back(u"items"_s, json::array(items));
    return *JsonDocument::parse(json::object(members).text);
}

/// The query's `status`, one of these words; empty for any.
Judged<QByteArray> statusFilter(const Request &request, const QByteArrayList &words)
{
    const QByteArray status = request.query.value("status").value_or("");
    if (status.isEmpty() || words.contains(status))
        return status;
    return std::unexpected(
        Problem{ProblemCode::InvalidParameter, u"status is one of "_s + QString::fromLatin1(words.join(", "))});
}

http::Response accepted(const BatchLog &log, int status)
{
    http::Response response = http::jsonResponse(status, batchObject(log));
    response.headers.add("Location", "/v1/batches/" + log.id().toLatin1());
    return response;
}

Answer create(Batches &batches, http::Outbox &outbox, const Request &request)
{
    const auto order = readOrder(request);
    if (!order)
        return order.error();
    const auto spec = batch::batchSpecFromJson(order->root());
    if (!spec)
        return refused(spec.error().message);
    if (!spec->webhook.isEmpty()) {
        const http::Webhook *webhook = outbox.find(spec->webhook);
        if (!webhook || !webhook->wants("batch.done"))
            return refused(u"/webhook: there is no such webhook that is told of batch.done"_s);
    }
    const auto log = batches.create(*spec, request.caller);
    return log ? Answer(accepted(**log, 202)) : Answer(log.error());
}

Answer list(Batches &batches, const Request &request)
{
    const auto status = statusFilter(request, {"queued", "running", "paused", "done"});
    if (!status)
        return status.error();
    return pageOfNewest(request, "batches", batches.ids(), [&](const QString &id) -> std::optional<RawJson> {
        const auto log = batches.log(id, request.caller);
        if (!log || (!status->isEmpty() && statusName((*log)->state().status) != *status))
            return {};
        return batchObject(**log);
    });
}

Answer show(Batches &, BatchLog &log, const Request &)
{
    return http::jsonResponse(200, batchObject(log));
}

Answer change(Batches &batches, BatchLog &log, const Request &request)
{
    BodyFields body(request.body);
    const Batches::Change change{.concurrency = body->integer("concurrency"),
                                 .costUsd = body->positive("cost_usd"),
                                 .paused = body->boolean("paused")};
    if (const auto problem = body.problem())
        return *problem;
    const auto changed = batches.change(log, change, request.caller);
    return changed ? Answer(http::jsonResponse(200, batchObject(log))) : Answer(changed.error());
}

Answer cancel(Batches &batches, BatchLog &log, const Request &request)
{
    BodyFields body(request.body, BodyFields::Body::Optional);
    const auto mode = body->word("mode", {u"finish_running"_s, u"now"_s});
    if (const auto problem = body.problem())
        return *problem;
    const auto cancelled =
        batches.cancel(log, mode == u"now"_s ? Batches::Cancel::Now : Batches::Cancel::FinishRunning);
    if (!cancelled)
        return cancelled.error();
    return http::jsonResponse(*cancelled ? 202 : 200, batchObject(log));
}

Answer resume(Batches &batches, BatchLog &log, const Request &request)
{
    BodyFields body(request.body, BodyFields::Body::Optional);
    QStringList again, words;
    for (const JsonView word : body->take("retry").items())
        (word.toString() == "cancelled"_L1 ? again : words) += word.toString();
    if (const auto reasons = batch::retryReasons(words))
        again += *reasons;
    else
        body->refuse("retry", u"expected a list of failed, cancelled and reason=NAME,NAME"_s);
    if (const auto problem = body.problem())
        return *problem;
    const auto resumed = batches.resume(log, again, request.caller);
    return resumed ? Answer(accepted(log, 202)) : Answer(resumed.error());
}

Answer items(Batches &, BatchLog &log, const Request &request)
{
    const auto status = statusFilter(request, {"queued", "running", "succeeded", "failed", "cancelled"});
    if (!status)
        return status.error();
    return pageOfGrowing(request, "items", itemsOf(log), [&](const BatchItem &item) {
        return status->isEmpty() || item.status == *status ? std::optional(itemObject(item)) : std::nullopt;
    });
}

Answer results(Batches &, BatchLog &log, const Request &request)
{
    if (request.accepted == "application/jsonl") {
        const bool inOrder = request.query.value("order") == "input";
        return std::make_unique<http::EventFeed>(
            std::make_unique<BatchFeed>(log, inOrder ? BatchShows::RowsInOrder : BatchShows::Rows),
            http::FeedOptions{.form = http::FeedForm::JsonLines});
    }
    const batch::Report report = reportOf(log);
    http::Response response{.body = request.accepted == "text/csv" ? batch::toCsv(report) : batch::toJUnit(report)};
    response.headers.add("Content-Type", request.accepted);
    return response;
}

Answer events(Batches &, BatchLog &log, const Request &request)
{
    return http::feedAnswer(request, std::make_unique<BatchFeed>(log, BatchShows::Events));
}

} // namespace

std::vector<http::Route> batchRoutes(Batches &batches, http::Outbox &outbox)
{
    using Handler = Answer (*)(Batches &, BatchLog &, const Request &);
    const auto ofOne = [&batches](const char *method, const char *pattern, http::Scope scope, Handler handler) {
        return http::Route{method, pattern, scope, [&batches, handler](const Request &request) {
                               const auto log = batches.log(request.pathId(), request.caller);
                               return log ? handler(batches, **log, request) : Answer(log.error());
                           }};
    };
    using enum http::Scope;
    std::vector<http::Route> routes{
        {.method = "POST",
         .pattern = "/v1/batches",
         .scope = Run,
         .handler = [&](const Request &request) { return create(batches, outbox, request); },
         .consumes = {"application/json", "application/jsonl"},
         .repeat = http::Route::Repeat::NeedsKey},
        {"GET", "/v1/batches", Read, [&batches](const Request &request) { return list(batches, request); }},
        ofOne("GET", "/v1/batches/{id}", Read, show),
        ofOne("PATCH", "/v1/batches/{id}", Run, change),
        ofOne("POST", "/v1/batches/{id}/cancel", Run, cancel),
        ofOne("POST", "/v1/batches/{id}/resume", Run, resume),
        ofOne("GET", "/v1/batches/{id}/items", Read, items),
        ofOne("GET", "/v1/batches/{id}/results", Read, results),
        ofOne("GET", "/v1/batches/{id}/events", Read, events)};
    routes[0].parameters = {"defaults"};
    routes[1].parameters = routes[6].parameters = {"limit", "after", "status"};
    routes[7].parameters = {"order"};
    routes[8].parameters = http::feedParameters();
    routes[5].repeat = http::Route::Repeat::NeedsKey;
    routes[7].produces = {"application/jsonl", "text/csv", "application/xml"};
    routes[8].produces = http::feedTypes();
    return routes;
}

} // namespace nightshift::api
