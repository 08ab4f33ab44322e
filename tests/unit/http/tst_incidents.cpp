#include "support/serving.h"

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;

/// What went wrong with other agents' local servers must not go wrong with this one: a test for each incident.
class tst_Incidents : public QObject
{
    Q_OBJECT

private slots:
    void pagesCannotUseAServerWithoutAToken();           // CVE-2026-22812
    void loopbackAloneIsNoCredential();                  // CVE-2025-49596
    void reboundNamesAreNotServed();                     // CVE-2025-66414
    void foreignPagesAreNotServedEvenWithAToken();       // CVE-2026-11624
    void requestsThatABrowserMarksAsForeignAreRefused(); // GHSA-rjr6-rcgv-9m7m
    void webSocketsGetNoWayAroundTheToken();             // CVE-2025-52882
    void noRouteWritesConfiguration();                   // CVE-2026-25253, CVE-2026-25593
    void clientsCannotDeclareTheirScopes();              // GHSA-rqpp-rjj8-7wv8
    void rotatedTokensEndOnOpenConnections();            // GHSA-m8wm-r5vq-qjpg
    void cursorsDoNotReachIntoOtherLogs();               // GHSA-84j6-jc92-77jm
    void onlyOurUserIsHeardOnTheUnixSocket();            // "local only" servers that others could reach
};

static QByteArray ask(Serving &serving, const QByteArray &request)
{
    return RawClient(serving.server())
        .ask(lines(QByteArray(request + "|Connection: close").replace("TOKEN", serving.token)));
}

static QByteArray statusOf(const QByteArray &answer)
{
    return answer.mid(9, 3);
}

static const QByteArray withToken = "|Authorization: Bearer TOKEN";

void tst_Incidents::pagesCannotUseAServerWithoutAToken()
{
    Serving serving;
    for (const QByteArray path : {"/v1/things/1", "/v1/events", "/v1/files/token", "/anything"}) {
        const QByteArray answer = ask(serving, "GET " + path + " HTTP/1.1|Host: localhost");
        QCOMPARE(statusOf(answer), "401");
        QVERIFY(!answer.contains("Access-Control"));
    }
    // What a page may send without asking first
    QCOMPARE(statusOf(ask(serving, "POST /v1/things HTTP/1.1|Host: localhost|Content-Type: text/plain" + withToken)),
             "415");
}

void tst_Incidents::loopbackAloneIsNoCredential()
{
    Serving serving;
    const QByteArray answer = ask(serving, "GET /v1/things/1 HTTP/1.1|Host: 127.0.0.1|X-Forwarded-For: 127.0.0.1");
    QCOMPARE(statusOf(answer), "401");
    const QByteArray wrong = ask(serving, "GET /v1/things/1 HTTP/1.1|Host: 127.0.0.1|Authorization: Bearer wrong");
    QCOMPARE(wrong, answer); // nothing tells whether a token was near
}

void tst_Incidents::reboundNamesAreNotServed()
{
    Serving serving;
    for (const QByteArray host :
         {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "169.254.169.254"})
        QCOMPARE(statusOf(ask(serving, "GET /healthz HTTP/1.1|Host: " + host + withToken)), "403");
    QCOMPARE(statusOf(ask(serving, "GET /healthz HTTP/1.1|Host: localhost|X-Forwarded-Host: evil.example")), "200");
}

void tst_Incidents::foreignPagesAreNotServedEvenWithAToken()
{
    Serving serving;
    for (const QByteArray origin : {"https://evil.example", "http://localhost:1", "null", "file://"}) {
        const QByteArray answer =
            ask(serving, "GET /v1/things/1 HTTP/1.1|Host: localhost|Origin: " + origin + withToken);
        QCOMPARE(statusOf(answer), "403");
        QVERIFY(!answer.contains("Access-Control"));
    }
    QCOMPARE(statusOf(ask(serving,
                          "GET /v1/things/1 HTTP/1.1|Host: localhost:8080|Origin: http://localhost:8080" + withToken)),
             "200");
}

void tst_Incidents::requestsThatABrowserMarksAsForeignAreRefused()
{
    Serving serving;
    QCOMPARE(statusOf(ask(serving, "GET /v1/things/1 HTTP/1.1|Host: localhost|Sec-Fetch-Site: cross-site" + withToken)),
             "403");
}

void tst_Incidents::webSocketsGetNoWayAroundTheToken()
{
    Serving serving;
    const QByteArray upgrade =
        "|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    QCOMPARE(statusOf(ask(serving, "GET /v1/events HTTP/1.1|Host: localhost" + upgrade)), "401");
    const QByteArray answer = ask(serving, "GET /v1/things/1 HTTP/1.1|Host: localhost" + upgrade + withToken);
    QCOMPARE(statusOf(answer), "200"); // and no 101
    // The token in its file is for this user only
    TokenStore store({}, serving.folder.filePath(u"made"_s));
    QVERIFY(store.makeIfNone());
    QCOMPARE(QFile::permissions(serving.folder.filePath(u"made"_s)) & ~(QFile::ReadUser | QFile::WriteUser),
             QFile::ReadOwner | QFile::WriteOwner);
}

void tst_Incidents::noRouteWritesConfiguration()
{
    Serving serving;
    for (const QByteArray method : {"PUT", "POST", "PATCH"}) {
        for (const QByteArray path : {"/v1/config", "/config.apply", "/v1/settings"}) {
            const QByteArray request = method + ' ' + path + " HTTP/1.1|Host: localhost|Content-Type: application/json";
            QCOMPARE(statusOf(ask(serving, request + withToken)), "404");
        }
    }
    QVERIFY(!readTcpAddress(u"8080"_s)); // no address is not all addresses
}

void tst_Incidents::clientsCannotDeclareTheirScopes()
{
    Serving serving;
    const QByteArray request =
        "POST /v1/things?scopes=run HTTP/1.1|Host: localhost|Content-Type: application/json|X-Scopes: "
        "admin|Scope: run|Authorization: Bearer ";
    QCOMPARE(statusOf(ask(serving, request + serving.reader)), "403");
    QCOMPARE(statusOf(ask(serving, request + serving.token)), "400");
    QCOMPARE(serving.created, 0);
}

void tst_Incidents::rotatedTokensEndOnOpenConnections()
{
    Serving serving;
    RawClient client(serving.server());
    const QByteArray request =
        lines("GET /v1/things/1 HTTP/1.1|Host: localhost|Authorization: Bearer " + serving.token);
    client.send(request);
    QVERIFY(client.until("\"1\"").startsWith("HTTP/1.1 200"));
    const std::vector<Token> tokens = *serving.tokens.list();
    QVERIFY(TokenStore(serving.folder.filePath(u"tokens.json"_s), {}).revoke(tokens[0].id)); // another process
    client.forget();
    client.send(request);
    QVERIFY(client.until("unauthorized").startsWith("HTTP/1.1 401"));
}

void tst_Incidents::cursorsDoNotReachIntoOtherLogs()
{
    Serving serving;
    for (int seq = 1; seq <= 3; ++seq)
        serving.log.append("x", "\"mine\"");
    serving.otherLog.append("x", "\"yours\"");
    serving.log.finish("idle");
    serving.otherLog.finish("idle");
    const auto events = [&](const QByteArray &id) {
        return ask(serving, "GET /v1/other/events HTTP/1.1|Host: localhost|Accept: text/event-stream|Last-Event-ID: " +
                                id + withToken);
    };
    const QByteArray answer = events("3"); // where the client was in another log
    QVERIFY(answer.contains("event: reset\n"));
    QVERIFY(answer.contains("yours"));
    QVERIFY(!answer.contains("mine"));
    QCOMPARE(statusOf(events("1")), "204");
    QCOMPARE(statusOf(events("s_1:3")), "400");
}

void tst_Incidents::onlyOurUserIsHeardOnTheUnixSocket()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"http.sock"_s);
    const auto fd = listenOnUnix(path);
    QVERIFY(fd);
    QCOMPARE(QFile::permissions(path) & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther),
             QFile::Permissions());
    QCOMPARE(userOf(fd->get()), ::geteuid());
}

QTEST_GUILESS_MAIN(tst_Incidents)
#include "tst_incidents.moc"
