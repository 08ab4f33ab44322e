#pragma once
#include "support/service.h"
#include <QTest>

/// Batches of a service whose items say a word each.
namespace nightshift::test {

inline ScriptedServer::Answer saying(const QByteArray &text)
{
    return {.body = sse::stream({sse::created(), sse::message("m", text), sse::completed(100, 0, 10, 0)})};
}

/// An answer that never ends.
inline ScriptedServer::Answer stalling()
{
    return {.body = sse::stream({sse::created()}), .end = ScriptedServer::Answer::End::Stall};
}

/// Says its word, but stalls where that holds `word`.
inline std::function<ScriptedServer::Answer(const ScriptedServer::Request &)> stallingAt(const QByteArray &word)
{
    return [word](const ScriptedServer::Request &request) {
        return request.body.contains(word + "-word") ? stalling() : saying("said");
    };
}

/// The body of a batch with these keys in the service's folder.
inline QByteArray order(const QByteArrayList &keys, const QByteArray &more = {})
{
    QByteArray items;
    for (const QByteArray &key : keys)
        items += (items.isEmpty() ? "" : ",") + QByteArray(R"({"key":"%","vars":{"word":"%-word"}})").replace('%', key);
    return R"({"name":"greet","prompt":"Say {{word}}","items":[)" + items + "]" + more + "}";
}

/// The body of a batch that runs this script.
inline QByteArray scriptOrder(const QByteArray &script, const QByteArray &limits = "{}")
{
    return json::object({{"script", script}, {"limits", RawJson{limits}}}).text;
}

/// Its path.
inline QByteArray made(Service &service, const QByteArray &body)
{
    const Reply reply = service.post("/v1/batches", body);
    if (reply.status != 202)
        qWarning("%s", reply.body.constData());
    return "/v1/batches/" + reply.text("id");
}

/// Waits until the batch has this status; what it is.
inline Reply awaited(Service &service, const QByteArray &batch, const QByteArray &status = "done")
{
    Reply reply;
    [&] { QTRY_VERIFY_WITH_TIMEOUT((reply = service.get(batch)).text("status") == status, 60'000); }();
    return reply;
}

/// "succeeded 2, failed 1"
inline QByteArray counts(const Reply &reply)
{
    QByteArrayList parts;
    const JsonDocument json = reply.json();
    for (const auto &[name, count] : json.root()["counts"].members()) {
        if (count.toInteger() > 0 && name != QStringLiteral("total"))
            parts += name.toUtf8() + ' ' + QByteArray::number(count.toInteger());
    }
    return parts.join(", ");
}

inline qsizetype asked(Service &service, const QByteArray &word)
{
    return std::ranges::count_if(service.program.server.requests(),
                                 [&](const auto &request) { return request.body.contains("Say " + word + "-word"); });
}

/// How often each of the words was asked for.
inline QList<qsizetype> askedEach(Service &service, const QByteArrayList &words)
{
    QList<qsizetype> counts;
    for (const QByteArray &word : words)
        counts += asked(service, word);
    return counts;
}

/// The path of a batch of a, b and c, one by one, whose second item is asked for and not answered.
inline QByteArray madeToStall(Service &service)
{
    service.start();
    service.program.server.script = stallingAt("b");
    const QByteArray batch = made(service, order({"a", "b", "c"}, R"(,"limits":{"concurrency":1})"));
    [&] { QTRY_COMPARE_WITH_TIMEOUT(asked(service, "b"), 1, 60'000); }();
    return batch;
}

/// The service begins again, its model answers everything, and that batch comes to its end without asking twice for
/// what was answered; what it is.
inline Reply endedAfterAll(Service &service, const QByteArray &batch)
{
    service.program.server.script = {};
    service.program.server.otherwise = saying("said");
    service.start();
    const Reply done = awaited(service, batch);
    [&] {
        QCOMPARE(done.text("outcome"), "completed");
        QCOMPARE(counts(done), "succeeded 3");
        QCOMPARE(askedEach(service, {"a", "b", "c"}), QList<qsizetype>({1, 2, 1}));
        QCOMPARE(service.program.server.violations(), QStringList());
    }();
    return done;
}

} // namespace nightshift::test
