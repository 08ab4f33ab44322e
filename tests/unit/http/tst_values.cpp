#include "http/feedtext.h"
#include "http/paging.h"
#include "http/response.h"
#include <QDateTime>
#include <QTemporaryFile>
#include <QTest>

using namespace nightshift;
using namespace nightshift::http;
using namespace Qt::StringLiterals;

/// What answers look like: problems, pages, parts of files, events of a feed.
class tst_Values : public QObject
{
    Q_OBJECT

private slots:
    void writesAProblem();
    void problemsBringTheirHeaders();
    void cursorsAreGoodForTheirListOnly();
    void refusesLimits_data();
    void refusesLimits();
    void writesAHead();
    void datesItsAnswers();
    void keepsHeadersOnTheirLine();
    void answersWithPartsOfFiles_data();
    void answersWithPartsOfFiles();
    void writesEvents();
    void beginsAFeed_data();
    void beginsAFeed();
    void filtersByType();
};

static RequestHead withHeaders(const std::vector<Header> &fields)
{
    return {.method = "GET", .path = "/", .headers = {fields}};
}

void tst_Values::writesAProblem()
{
    const Problem problem{.code = ProblemCode::ValidationFailed,
                          .detail = u"one member is wrong"_s,
                          .errors = {{u"/limits/cost_usd"_s, u"must be > 0"_s}}};
    const Response response = problemResponse(problem, "/v1/sessions");
    QCOMPARE(response.status, 422);
    QCOMPARE(response.headers, (Headers{{{"Content-Type", "application/problem+json"}}}));
    QCOMPARE(response.body,
             QByteArray("{'type':'/problems/validation_failed','title':'The body breaks its schema','status':422,"
                        "'detail':'one member is wrong','instance':'/v1/sessions','code':'validation_failed',"
                        "'retryable':false,'side_effects':'none','errors':[{'pointer':'/limits/cost_usd',"
                        "'detail':'must be > 0'}]}\n")
                 .replace('\'', '"'));
}

void tst_Values::problemsBringTheirHeaders()
{
    QCOMPARE(problemResponse({.code = ProblemCode::Unauthorized}, "/").headers.value("WWW-Authenticate"), "Bearer");
    QCOMPARE(problemResponse({.code = ProblemCode::MethodNotAllowed, .allow = "GET, HEAD"}, "/").headers.value("Allow"),
             "GET, HEAD");
    QCOMPARE(problemResponse({.code = ProblemCode::TooManyStreams}, "/").headers.value("Retry-After"), "1");
    Problem busy{.code = ProblemCode::Busy};
    busy.retryAfter = std::chrono::seconds(7);
    QCOMPARE(problemResponse(busy, "/").headers.value("Retry-After"), "7");
    QVERIFY(!problemResponse({.code = ProblemCode::NotFound}, "/").headers.contains("Retry-After"));
}

void tst_Values::cursorsAreGoodForTheirListOnly()
{
    const QByteArray next = cursor("sessions", "2026-11-21 s:1");
    const Query query{{{"limit", "7"}, {"after", next}}};
    QCOMPARE(readPageRequest(query, "sessions"), (PageRequest{7, "2026-11-21 s:1"}));
    QCOMPARE(kindOf(readPageRequest(query, "batches").error().code).name, "invalid_parameter");
    QCOMPARE(readPageRequest({}, "sessions"), PageRequest{});
    QCOMPARE(page({{"1"}, {"2"}}, next).text, "{\"data\":[1,2],\"next\":\"" + next + "\"}");
    QCOMPARE(page({}, {}).text, "{\"data\":[],\"next\":null}");
}

void tst_Values::refusesLimits_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("value");
    for (const char *limit : {"0", "501", "-1", "x", "", "1e9"})
        QTest::addRow("limit %s", limit) << QByteArray("limit") << QByteArray(limit);
    for (const char *after : {"", "!", "c2Vzc2lvbg"})
        QTest::addRow("after %s", after) << QByteArray("after") << QByteArray(after);
}

void tst_Values::refusesLimits()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, value);
    QVERIFY(!readPageRequest({{{name, value}}}, "sessions"));
}

static QByteArray withoutDate(QByteArray head)
{
    const qsizetype date = head.indexOf("Date: ");
    return head.remove(date, head.indexOf("\r\n", date) + 2 - date).replace("\r\n", "|");
}

void tst_Values::datesItsAnswers()
{
    const qint64 before = QDateTime::currentSecsSinceEpoch();
    for (int answer = 0; answer < 2; ++answer) {
        const QByteArray head = responseHead({.status = 204}, Body::Length, After::KeepAlive);
        const qsizetype date = head.indexOf("Date: ") + 6;
        const QByteArray text = head.sliced(date, head.indexOf("\r\n", date) - date);
        QVERIFY2(text.endsWith(" GMT"), text);
        const QDateTime told = QDateTime::fromString(QString::fromLatin1(text.chopped(3) + "+0000"), Qt::RFC2822Date);
        QVERIFY2(told.toSecsSinceEpoch() >= before && told <= QDateTime::currentDateTimeUtc(), text);
    }
}

void tst_Values::writesAHead()
{
    const Response response = jsonResponse(201, {"{}"});
    QCOMPARE(
        withoutDate(responseHead(response, Body::Length, After::KeepAlive)),
        "HTTP/1.1 201 Created|Content-Type: application/json|Cache-Control: no-store|X-Content-Type-Options: nosniff|"
        "Content-Length: 3||");
    QCOMPARE(withoutDate(responseHead({.headers = {{{"Cache-Control", "max-age=1"}}}}, Body::Chunked, After::Close)),
             "HTTP/1.1 200 OK|Cache-Control: max-age=1|X-Content-Type-Options: nosniff|Transfer-Encoding: chunked|"
             "Connection: close||");
    QCOMPARE(withoutDate(responseHead({.status = 204}, Body::Length, After::KeepAlive)),
             "HTTP/1.1 204 No Content|Cache-Control: no-store|X-Content-Type-Options: nosniff||");
}

void tst_Values::keepsHeadersOnTheirLine()
{
    const Response response{.headers = {{{"Location", "/a\r\nSet-Cookie: x"}}}};
    QVERIFY(!responseHead(response, Body::Length, After::KeepAlive).contains("Set-Cookie"));
}

void tst_Values::answersWithPartsOfFiles_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("answer"); // status, from, bytes, Content-Range
    const auto row = [](const char *name, const char *value, const char *answer) {
        QTest::addRow("%s %s", name, value) << QByteArray(name) << QByteArray(value) << QByteArray(answer);
    };
    row("x", "", "200 0+10 ");
    row("range", "bytes=2-4", "206 2+3 bytes 2-4/10");
    row("range", "bytes=2-", "206 2+8 bytes 2-9/10");
    row("range", "bytes=-3", "206 7+3 bytes 7-9/10");
    row("range", "bytes=-30", "206 0+10 bytes 0-9/10");
    row("range", "bytes=9-99", "206 9+1 bytes 9-9/10");
    row("range", "bytes=10-", "range_not_satisfiable");
    row("range", "bytes=-0", "range_not_satisfiable");
    row("range", "bytes=4-2", "200 0+10 ");
    row("range", "bytes=1-2,4-5", "200 0+10 ");
    row("range", "bytes=-", "200 0+10 ");
    row("range", "bytes=x-y", "200 0+10 ");
    row("range", "lines=1-2", "200 0+10 ");
    row("if-none-match", "\"v1\"", "304 0+0 ");
    row("if-none-match", "\"v0\", W/\"v1\"", "304 0+0 ");
    row("if-none-match", "*", "304 0+0 ");
    row("if-none-match", "\"v2\"", "200 0+10 ");
}

void tst_Values::answersWithPartsOfFiles()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, value);
    auto file = std::make_shared<QTemporaryFile>();
    QVERIFY(file->open());
    file->write("0123456789");
    file->flush();
    const auto answer = fileResponse(withHeaders({{name, value}}), file, "text/plain", "\"v1\"");
    QByteArray text = answer ? QByteArray::number(answer->status) + ' ' + QByteArray::number(answer->fileFrom) + '+' +
                                   QByteArray::number(answer->fileBytes) + ' ' + answer->headers.value("content-range")
                             : QByteArray(kindOf(answer.error().code).name);
    QTEST(text, "answer");
}

void tst_Values::writesEvents()
{
    const FeedEvent durable{185, "item.completed", "{\"seq\":185}"}, delta{{}, "item.delta", "{\"text\":\"par\"}"};
    QCOMPARE(feedText(FeedForm::Sse, durable), "id: 185\nevent: item.completed\ndata: {\"seq\":185}\n\n");
    QCOMPARE(feedText(FeedForm::Sse, delta), "event: item.delta\ndata: {\"text\":\"par\"}\n\n");
    QCOMPARE(feedText(FeedForm::JsonLines, durable), "{\"seq\":185}\n");
    QCOMPARE(feedOpening(FeedForm::Sse), "retry: 2000\n: ok\n\n");
    QCOMPARE(feedHeartbeat(FeedForm::Sse), ": hb\n\n");
    QCOMPARE(feedHeartbeat(FeedForm::JsonLines), "");
    QCOMPARE(feedCursor(FeedForm::Sse, 9), "id: 9\n\n");
    QCOMPARE(feedNotice("end", "turn_done", 201),
             (FeedEvent{{}, "end", "{\"type\":\"end\",\"reason\":\"turn_done\",\"last_seq\":201}"}));
}

void tst_Values::beginsAFeed_data()
{
    QTest::addColumn<QByteArray>("lastEventId");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArray>("start");
    const auto row = [](const char *name, const char *id, const char *after, const char *start) {
        QTest::newRow(name) << QByteArray(id) << QByteArray(after) << QByteArray(start);
    };
    row("beginning", "-", "-", "0");
    row("after", "-", "7", "7");
    row("the end", "-", "9", "9");
    row("last", "-", "last", "9");
    row("remembered", "3", "7", "3");
    row("ahead", "-", "10", "0 ahead");
    row("remembered ahead", "11", "-", "0 ahead");
    row("no number", "-", "x", "invalid_parameter");
    row("negative", "-", "-1", "invalid_parameter");
    row("remembered last", "last", "-", "invalid_parameter");
    row("remembered nothing", "", "-", "invalid_parameter");
    row("beyond all measure", "99999999999999999999", "-", "invalid_parameter");
}

void tst_Values::beginsAFeed()
{
    QFETCH(QByteArray, lastEventId);
    QFETCH(QByteArray, after);
    const RequestHead head = lastEventId == "-" ? withHeaders({}) : withHeaders({{"last-event-id", lastEventId}});
    const auto start = feedStart(head, after == "-" ? std::nullopt : std::optional(after), 9);
    const QByteArray text = start ? QByteArray::number(start->after) + (start->ahead ? " ahead" : "")
                                  : QByteArray(kindOf(start.error().code).name);
    QTEST(text, "start");
}

void tst_Values::filtersByType()
{
    QVERIFY(passesFilter({}, "turn.started"));
    QVERIFY(passesFilter({"turn.*", "error"}, "turn.started"));
    QVERIFY(passesFilter({"turn.*", "error"}, "error"));
    QVERIFY(!passesFilter({"turn.*", "error"}, "errors"));
    QVERIFY(!passesFilter({"turn.*"}, "item.started"));
}

QTEST_APPLESS_MAIN(tst_Values)
#include "tst_values.moc"
