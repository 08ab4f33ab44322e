#include "base/jsonreader.h"
#include "support/serving.h"
#include <sys/socket.h>

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// One client and its requests, over a real socket.
class tst_Connection : public QObject
{
    Q_OBJECT

private slots:
    void judgesRequestsInOrder_data();
    void judgesRequestsInOrder();
    void answersManyRequestsOnOneConnection();
    void answersHeadWithoutABody();
    void closesWhenAsked();
    void closesAfterHttp10();
    void answersAClientThatHasNoMoreToSay();
    void takesBodiesInChunks();
    void asksForTheBodyThatItWants();
    void asksForNoBodyThatItRefuses();
    void refusesBodiesThatGrowTooLarge();
    void storesUploadsInFiles();
    void sendsPartsOfFiles();
    void sendsLargeFilesPieceByPiece();
    void waitsForALaterReply();
    void saysHowThingsStandWhenTheWaitIsOver();
    void repeatsTheAnswerToAKey();
    void keepsTheAnswerForAClientThatLeft();
    void freesTheKeyOfARefusedRequest();
    void endsRequestsThatTakeTooLong_data();
    void endsRequestsThatTakeTooLong();
    void endsConnectionsThatStayIdle();
    void doesNotReadAheadOfAClientThatTakesNothing();
    void givesUpIdleConnectionsForNewOnes();
    void turnsClientsAwayWhenAllAreBusy();
    void letsWelcomeOriginsRead();
    void finishesWhatIsUnderWayWhenItCloses();
    void saysWhetherItCanTakeWork();
};

static QByteArray get(const QByteArray &path, const Serving &serving, const QByteArray &more = {})
{
    return lines("GET " + path + " HTTP/1.1|Host: localhost|Authorization: Bearer " + serving.token + more);
}

static QByteArray post(const QByteArray &path, const Serving &serving, const QByteArray &body,
                       const QByteArray &more = {})
{
    return lines("POST " + path + " HTTP/1.1|Host: localhost|Authorization: Bearer " + serving.token +
                 "|Content-Type: application/json|Content-Length: " + QByteArray::number(body.size()) + more) +
           body;
}

static const QByteArray lastly = "|Connection: close";

void tst_Connection::judgesRequestsInOrder_data()
{
    QTest::addColumn<QByteArray>("request"); // TOKEN and READER are replaced
    QTest::addColumn<QByteArray>("answer");  // status and code
    const auto row = [](const char *name, const QByteArray &first, const QByteArray &fields, const char *answer) {
        QTest::newRow(name) << lines(first + " HTTP/1.1|Connection: close|" + fields) << QByteArray(answer);
    };
    const QByteArray all = "Host: localhost|Authorization: Bearer TOKEN|", json = "Content-Type: application/json|";
    row("all well", "GET /v1/things/1", all, "200");
    row("empty path value", "GET /v1/things/", all, "404 not_found");
    row("unknown path", "GET /v2", all, "404 not_found");
    row("unknown path, stranger", "GET /v2", "Host: localhost", "401 unauthorized");
    row("wrong token", "GET /v1/things/1", "Host: localhost|Authorization: Bearer x", "401 unauthorized");
    row("another scheme", "GET /v1/things/1", "Host: localhost|Authorization: Basic TOKEN", "401 unauthorized");
    row("token in the query", "GET /v1/things/1?token=TOKEN&access_token=TOKEN", "Host: localhost", "401 unauthorized");
    row("token in a cookie", "GET /v1/things/1", "Host: localhost|Cookie: token=TOKEN", "401 unauthorized");
    row("wrong method", "DELETE /v1/things/1", all, "405 method_not_allowed");
    row("unknown method", "BREW /v1/things/1", all, "405 method_not_allowed");
    row("scope", "POST /v1/things", "Host: localhost|Authorization: Bearer READER|" + json, "403 scope_missing");
    row("foreign host before the token", "GET /v1/things/1", "Host: evil.example", "403 host_not_allowed");
    row("foreign origin before the token", "GET /v1/things/1", "Host: localhost|Origin: http://evil.example",
        "403 origin_not_allowed");
    row("a form", "POST /v1/things", all + "Content-Type: application/x-www-form-urlencoded",
        "415 unsupported_media_type");
    row("text", "POST /v1/things", all + "Content-Type: text/plain", "415 unsupported_media_type");
    row("no type", "POST /v1/things", all, "415 unsupported_media_type");
    row("compressed", "POST /v1/things", all + json + "Content-Encoding: gzip", "415 unsupported_media_type");
    row("nothing acceptable", "GET /v1/things/1", all + "Accept: text/html", "406 not_acceptable");
    row("bad query", "GET /v1/things/1?a=%zz", all, "400 invalid_parameter");
    row("bad key", "POST /v1/things", all + json + "Idempotency-Key: a b", "400 invalid_parameter");
    row("nobody asks who is well", "GET /healthz", "Host: localhost", "200");
    row("file outside", "GET /v1/files/../tokens.json", all, "400 malformed_request");
}

static QByteArray statusAndCode(const QByteArray &answer)
{
    const auto document =
        JsonDocument::parse(QByteArrayView(answer).sliced(std::max<qsizetype>(0, answer.indexOf("\r\n\r\n"))));
    return (answer.mid(9, 3) + ' ' + (document ? document->root()["code"].utf8().toByteArray() : QByteArray()))
        .trimmed();
}

void tst_Connection::judgesRequestsInOrder()
{
    QFETCH(QByteArray, request);
    Serving serving;
    request.replace("TOKEN", serving.token).replace("READER", serving.reader);
    const QByteArray answer = RawClient(serving.server()).ask(request);
    QTEST(statusAndCode(answer), "answer");
    QCOMPARE(answer.contains("WWW-Authenticate: Bearer\r\n"), answer.startsWith("HTTP/1.1 401"));
    QCOMPARE(answer.contains("Allow: GET, HEAD\r\n"), answer.startsWith("HTTP/1.1 405"));
}

void tst_Connection::answersManyRequestsOnOneConnection()
{
    Serving serving;
    RawClient client(serving.server());
    QByteArray requests, expected;
    for (int i = 0; i < 100; ++i) {
        const QByteArray number = QByteArray::number(i);
        requests += i % 2 ? get("/v1/things/" + number, serving) : post("/v1/things", serving, number);
        const RawJson body = i % 2 ? json::object({{"id", number}})
                                   : json::object({{"created", i / 2 + 1}, {"bytes", qint64(number.size())}});
        expected += answerText(jsonResponse(i % 2 ? 200 : 201, body), After::KeepAlive);
    }
    requests += get("/v1/things/x", serving, lastly) + get("/v1/things/never", serving);
    expected += answerText(jsonResponse(200, json::object({{"id", "x"}})), After::Close);
    QCOMPARE(client.ask(requests), expected);
}

void tst_Connection::answersHeadWithoutABody()
{
    Serving serving;
    const QByteArray request =
        lines("HEAD /v1/things/1 HTTP/1.1|Host: localhost|Connection: close|Authorization: Bearer " + serving.token);
    Response response = jsonResponse(200, json::object({{"id", "1"}}));
    const qsizetype body = response.body.size();
    QCOMPARE(RawClient(serving.server()).ask(request), answerText(response, After::Close).chopped(body));
}

void tst_Connection::closesWhenAsked()
{
    Serving serving;
    RawClient client(serving.server());
    client.send(get("/v1/things/1", serving));
    QVERIFY(client.until("\"1\"").contains("Content-Length: 11\r\n\r\n"));
    QCOMPARE(serving.server().connections(), 1); // kept
    QVERIFY(client.ask(get("/v1/things/2", serving, lastly)).endsWith("Connection: close\r\n\r\n{\"id\":\"2\"}\n"));
    QTRY_COMPARE(serving.server().connections(), 0);
}

void tst_Connection::closesAfterHttp10()
{
    Serving serving;
    const QByteArray request = "GET /healthz HTTP/1.0|Host: localhost";
    QCOMPARE(brief(RawClient(serving.server()).ask(lines(request))), "200 {\"status\":\"alive\"}");
}

void tst_Connection::answersAClientThatHasNoMoreToSay()
{
    Serving serving;
    RawClient client(serving.server());
    client.send(get("/v1/things/1", serving));
    ::shutdown(int(client.socket.socketDescriptor()), SHUT_WR); // as `nc -N` does
    QCOMPARE(brief(client.rest()), "200 {\"id\":\"1\"}");
}

void tst_Connection::takesBodiesInChunks()
{
    Serving serving;
    RawClient client(serving.server());
    const QByteArray head = lines("POST /v1/things HTTP/1.1|Host: localhost|Authorization: Bearer " + serving.token +
                                  "|Content-Type: application/json; charset=utf-8|Transfer-Encoding: Chunked");
    client.send(head + "3\r\nabc\r\n");
    client.send("4;x=y\r\ndefg\r\n0\r\nTrailer: z\r\n\r\n" + get("/v1/things/1", serving, lastly));
    QCOMPARE(client.rest(), answerText(jsonResponse(201, {"{\"created\":1,\"bytes\":7}"}), After::KeepAlive) +
                                answerText(jsonResponse(200, {"{\"id\":\"1\"}"}), After::Close));
}

void tst_Connection::asksForTheBodyThatItWants()
{
    Serving serving;
    RawClient client(serving.server());
    const QByteArray request = post("/v1/things", serving, "1234", "|Expect: 100-continue" + lastly);
    client.send(request.chopped(4));
    QCOMPARE(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.forget();
    QCOMPARE(brief(client.ask("1234")), "201 {\"created\":1,\"bytes\":4}");
}

void tst_Connection::asksForNoBodyThatItRefuses()
{
    Serving serving;
    serving.limits.bodyBytes = 3;
    const QByteArray request = post("/v1/things", serving, "1234", "|Expect: 100-continue").chopped(4);
    QCOMPARE(statusAndCode(RawClient(serving.server()).ask(request)), "413 body_too_large");
}

void tst_Connection::refusesBodiesThatGrowTooLarge()
{
    Serving serving;
    serving.limits.bodyBytes = 100'000;
    RawClient client(serving.server());
    client.send(lines("POST /v1/things HTTP/1.1|Host: localhost|Authorization: Bearer " + serving.token +
                      "|Content-Type: application/json|Transfer-Encoding: chunked"));
    const QByteArray chunk = "c350\r\n" + QByteArray(50'000, 'x') + "\r\n";
    client.send(chunk + chunk + chunk); // the client is still sending when it is told
    QCOMPARE(statusAndCode(client.rest()), "413 body_too_large");
    QCOMPARE(serving.created, 0);
}

static QByteArray upload(const Serving &serving, const QByteArray &body)
{
    return lines("POST /v1/uploads HTTP/1.1|Host: localhost|Connection: close|Content-Type: application/gzip|"
                 "Authorization: Bearer " +
                 serving.token + "|Content-Length: " + QByteArray::number(body.size())) +
           body;
}

void tst_Connection::storesUploadsInFiles()
{
    Serving serving;
    serving.limits.bodyBytes = 1000;
    serving.limits.uploadBytes = 3 << 20;
    const QDir uploads(serving.folder.filePath(u"uploads"_s));
    const QByteArray content = QByteArray("0123456789abcdef").repeated(3 << 16);
    QCOMPARE(brief(RawClient(serving.server()).ask(upload(serving, content))), "200 3145728");
    QVERIFY(serving.uploaded == content);
    QCOMPARE(statusAndCode(RawClient(serving.server()).ask(upload(serving, content + 'x'))), "413 body_too_large");
    RawClient leaving(serving.server());
    leaving.send(upload(serving, content).first(2'000'000));
    QTRY_COMPARE(serving.server().connections(), 1);
    leaving.socket.abort();
    QTRY_COMPARE(serving.server().connections(), 0);
    QCOMPARE(uploads.entryList(QDir::Files), QStringList());
}

void tst_Connection::sendsPartsOfFiles()
{
    Serving serving;
    QVERIFY(writePrivately(serving.folder.filePath(u"uploads/a b.txt"_s), "0123456789"));
    const QByteArray path = "/v1/files/uploads/a%20b.txt";
    const auto ask = [&](const QByteArray &more) {
        return RawClient(serving.server()).ask(get(path, serving, more + lastly));
    };
    QCOMPARE(brief(ask({})), "200 0123456789");
    const QByteArray part = ask("|Range: bytes=2-4");
    QCOMPARE(brief(part), "206 234");
    QVERIFY(part.contains("Content-Range: bytes 2-4/10\r\n"));
    QCOMPARE(brief(ask("|If-None-Match: \"v1\"")), "304 ");
    QCOMPARE(statusAndCode(ask("|Range: bytes=10-")), "416 range_not_satisfiable");
    QCOMPARE(brief(RawClient(serving.server()).ask("HEAD" + get(path, serving, lastly).sliced(3))), "200 ");
}

void tst_Connection::sendsLargeFilesPieceByPiece()
{
    Serving serving;
    const QByteArray content = QByteArray("0123456789abcdef").repeated(1 << 18); // 4 MiB
    QVERIFY(writePrivately(serving.folder.filePath(u"uploads/large"_s), content));
    const QByteArray answer = RawClient(serving.server()).ask(get("/v1/files/uploads/large", serving, lastly));
    QVERIFY(answer.endsWith("\r\n\r\n" + content));
}

void tst_Connection::waitsForALaterReply()
{
    Serving serving;
    RawClient client(serving.server());
    client.send(post("/v1/waits", serving, "{}", "|Prefer: wait=60" + lastly));
    QTRY_VERIFY(serving.later);
    emit serving.later->finished(jsonResponse(200, {"\"done\""}));
    Response expected = jsonResponse(200, {"\"done\""});
    expected.headers.add("Preference-Applied", "wait");
    QCOMPARE(client.rest(), answerText(expected, After::Close));
    QTRY_VERIFY(!serving.later);
}

void tst_Connection::saysHowThingsStandWhenTheWaitIsOver()
{
    Serving serving;
    serving.wait = 20ms;
    QCOMPARE(brief(RawClient(serving.server()).ask(post("/v1/waits", serving, "{}", lastly))), "202 \"so far\"");
}

void tst_Connection::repeatsTheAnswerToAKey()
{
    Serving serving;
    const auto ask = [&](const QByteArray &body) {
        return RawClient(serving.server()).ask(post("/v1/things", serving, body, "|Idempotency-Key: k" + lastly));
    };
    const QByteArray first = ask("{}"), second = ask("{}");
    QCOMPARE(brief(first), "201 {\"created\":1,\"bytes\":2}");
    QCOMPARE(brief(second), brief(first));
    QVERIFY(!first.contains("Idempotency-Replayed"));
    QVERIFY(second.contains("Idempotency-Replayed: true\r\n"));
    QCOMPARE(statusAndCode(ask("{ }")), "422 idempotency_mismatch");
    QCOMPARE(serving.created, 1);
}

void tst_Connection::keepsTheAnswerForAClientThatLeft()
{
    Serving serving;
    const QByteArray request = post("/v1/waits", serving, "{}", "|Idempotency-Key: k" + lastly);
    RawClient client(serving.server());
    client.send(request);
    QTRY_VERIFY(serving.later);
    QCOMPARE(statusAndCode(RawClient(serving.server()).ask(request)), "409 idempotency_in_progress");
    client.socket.abort();
    QTRY_VERIFY(!serving.later);
    QCOMPARE(brief(RawClient(serving.server()).ask(request)), "202 \"so far\"");
    QCOMPARE(serving.created, 1);
}

void tst_Connection::freesTheKeyOfARefusedRequest()
{
    Serving serving;
    const auto ask = [&](const QByteArray &body) {
        return RawClient(serving.server()).ask(post("/v1/things", serving, body, "|Idempotency-Key: k" + lastly));
    };
    QCOMPARE(statusAndCode(ask("bad")), "422 validation_failed");
    QCOMPARE(brief(ask("good")), "201 {\"created\":1,\"bytes\":4}");
}

void tst_Connection::endsRequestsThatTakeTooLong_data()
{
    QTest::addColumn<QByteArray>("sent");
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("half a head") << QByteArray("GET / HTTP/1.1\r\nX: y\r\n") << QByteArray("408 request_timeout");
    QTest::newRow("half a body") << QByteArray("body") << QByteArray("408 request_timeout");
}

void tst_Connection::endsRequestsThatTakeTooLong()
{
    QFETCH(QByteArray, sent);
    Serving serving;
    serving.limits.request = 100ms;
    if (sent == "body")
        sent = post("/v1/things", serving, "1234").chopped(1);
    RawClient client(serving.server());
    QTimer drip; // one that goes on sending is no better
    QObject::connect(&drip, &QTimer::timeout, &client.socket, [&] {
        if (!sent.isEmpty()) {
            client.send(sent.first(1));
            sent.remove(0, 1);
        }
    });
    drip.start(5ms);
    const QByteArray answer = client.rest();
    QTEST(answer.isEmpty() ? QByteArray() : statusAndCode(answer), "answer");
    QTRY_COMPARE(serving.server().connections(), 0);
}

void tst_Connection::endsConnectionsThatStayIdle()
{
    Serving serving;
    serving.limits.idle = 20ms;
    RawClient client(serving.server());
    client.send(get("/v1/things/1", serving));
    QCOMPARE(brief(client.rest()), "200 {\"id\":\"1\"}");
}

void tst_Connection::doesNotReadAheadOfAClientThatTakesNothing()
{
    Serving serving;
    serving.limits.unsentBytes = 10'000;
    serving.limits.stall = 300ms;
    RawClient client(serving.server());
    client.socket.setReadBufferSize(1);
    const QByteArray request = post("/v1/things", serving, "{}");
    const int count = 200'000; // their answers are more than any socket's buffers hold
    client.socket.write(request.repeated(count));
    QTRY_COMPARE_WITH_TIMEOUT(serving.server().connections(), 0, 60'000);
    QVERIFY2(serving.created < count, QByteArray::number(serving.created));
}

void tst_Connection::givesUpIdleConnectionsForNewOnes()
{
    Serving serving;
    serving.limits.connections = 2;
    RawClient oldest(serving.server()), busy(serving.server());
    QTRY_COMPARE(serving.server().connections(), 2);
    busy.send(post("/v1/waits", serving, "{}"));
    QTRY_VERIFY(serving.later);
    QCOMPARE(brief(RawClient(serving.server()).ask(get("/v1/things/1", serving, lastly))), "200 {\"id\":\"1\"}");
    QCOMPARE(oldest.rest(), "");
    QVERIFY(serving.later);
}

void tst_Connection::turnsClientsAwayWhenAllAreBusy()
{
    Serving serving;
    serving.limits.connections = 1;
    RawClient busy(serving.server());
    busy.send(post("/v1/waits", serving, "{}"));
    QTRY_VERIFY(serving.later);
    const QByteArray answer = RawClient(serving.server()).ask(get("/v1/things/1", serving));
    QCOMPARE(statusAndCode(answer), "503 too_many_connections");
    QVERIFY(answer.contains("Retry-After: 1\r\n"));
}

void tst_Connection::letsWelcomeOriginsRead()
{
    Serving serving;
    const QByteArray origin = "|Origin: https://board.example", allowed = "Access-Control-Allow-Origin: "
                                                                          "https://board.example\r\n";
    const QByteArray preflight =
        RawClient(serving.server())
            .ask(lines("OPTIONS /v1/things HTTP/1.1|Host: localhost|Access-Control-Request-Method: POST" + origin +
                       lastly));
    QVERIFY(preflight.startsWith("HTTP/1.1 204 "));
    QVERIFY(preflight.contains(allowed));
    QVERIFY(preflight.contains("Access-Control-Allow-Headers: Authorization, "));
    const QByteArray answer = RawClient(serving.server()).ask(get("/v1/things/1", serving, origin + lastly));
    QCOMPARE(brief(answer), "200 {\"id\":\"1\"}");
    QVERIFY(answer.contains(allowed));
    const QByteArray evil = "OPTIONS /v1/things HTTP/1.1|Host: localhost|Access-Control-Request-Method: POST|Origin: "
                            "https://evil.example|Connection: close";
    const QByteArray refused = RawClient(serving.server()).ask(lines(evil));
    QCOMPARE(statusAndCode(refused), "403 origin_not_allowed");
    QVERIFY(!refused.contains("Access-Control"));
}

void tst_Connection::finishesWhatIsUnderWayWhenItCloses()
{
    Serving serving;
    RawClient idle(serving.server()), waiting(serving.server()), streaming(serving.server());
    waiting.send(post("/v1/waits", serving, "{}"));
    streaming.send(get("/v1/events", serving, "|Accept: text/event-stream"));
    QVERIFY(streaming.until(": ok").contains("200 OK"));
    QTRY_VERIFY(serving.later);
    QTRY_COMPARE(serving.server().connections(), 3);
    QSignalSpy closed(&serving.server(), &Server::closed);
    serving.server().close();
    QCOMPARE(idle.rest(), "");
    QCOMPARE(brief(waiting.rest()), "202 \"so far\"");
    QVERIFY(streaming.rest().endsWith("\r\n0\r\n\r\n")); // and no event that would keep the client from coming back
    QTRY_COMPARE(closed.size(), 1);
}

void tst_Connection::saysWhetherItCanTakeWork()
{
    Serving serving;
    const auto ask = [&] {
        return RawClient(serving.server()).ask(lines("GET /readyz HTTP/1.1|Host: localhost" + lastly));
    };
    QCOMPARE(brief(ask()), "200 {\"status\":\"ready\"}");
    serving.readiness.reason = ProblemCode::Draining;
    QCOMPARE(statusAndCode(ask()), "503 draining");
    serving.readiness.reason = ProblemCode::DiskFull;
    QCOMPARE(statusAndCode(ask()), "503 disk_full");
}

QTEST_GUILESS_MAIN(tst_Connection)
#include "tst_connection.moc"
