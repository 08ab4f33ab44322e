#include "support/serving.h"

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Bodies that are made while they are sent.
class tst_MadeBodies : public QObject
{
    Q_OBJECT

private slots:
    void sendsThemInChunks();
    void goesOnWithTheConnection();
    void closesAfterThemForHttp10();
    void sendsNoBodyToHead();
    void endsThemEarlyWhenTheSourceBreaks();
    void asksForNoMoreThanTheClientTakes();
    void letsGoOfThemWithTheirClient();
};

static QByteArray get(const Serving &serving, const QByteArray &more = {}, const QByteArray &method = "GET",
                      const QByteArray &version = "1.1")
{
    return lines(method + " /v1/made HTTP/" + version + "|Host: localhost|Authorization: Bearer " + serving.token +
                 more);
}

static QByteArray bodyOf(const QByteArray &answer)
{
    return answer.sliced(answer.indexOf("\r\n\r\n") + 4);
}

void tst_MadeBodies::sendsThemInChunks()
{
    Serving serving;
    serving.made.pieceBytes = 20;
    const QByteArray answer = RawClient(serving.server()).ask(get(serving, "|Connection: close"));
    QVERIFY2(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    QVERIFY2(answer.contains("Transfer-Encoding: chunked\r\n") && !answer.contains("Content-Length"), answer);
    const QByteArray dots(19, '.');
    QCOMPARE(bodyOf(answer), "14\r\n0" + dots + "\r\n14\r\n1" + dots + "\r\n14\r\n2" + dots + "\r\n0\r\n\r\n");
    QCOMPARE(serving.made.alive, 0);
}

void tst_MadeBodies::goesOnWithTheConnection()
{
    Serving serving;
    RawClient client(serving.server());
    client.send(get(serving));
    client.until("0\r\n\r\n");
    client.forget();
    QCOMPARE(bodyOf(client.ask(get(serving, "|Connection: close"))), "1\r\n0\r\n1\r\n1\r\n1\r\n2\r\n0\r\n\r\n");
}

void tst_MadeBodies::closesAfterThemForHttp10()
{
    Serving serving;
    const QByteArray answer = RawClient(serving.server()).ask(get(serving, "|Connection: keep-alive", "GET", "1.0"));
    QVERIFY2(answer.contains("Connection: close\r\n") && !answer.contains("Transfer-Encoding"), answer);
    QCOMPARE(bodyOf(answer), "012");
}

void tst_MadeBodies::sendsNoBodyToHead()
{
    Serving serving;
    const QByteArray answer = RawClient(serving.server()).ask(get(serving, "|Connection: close", "HEAD"));
    QVERIFY2(answer.contains("Transfer-Encoding: chunked\r\n"), answer);
    QCOMPARE(bodyOf(answer), "");
    QCOMPARE(serving.made.asked, 0);
}

/// The last chunk is missing, by which the client sees that this is not all.
void tst_MadeBodies::endsThemEarlyWhenTheSourceBreaks()
{
    Serving serving;
    serving.made.breaks = true;
    QCOMPARE(bodyOf(RawClient(serving.server()).ask(get(serving))), "1\r\n0\r\n1\r\n1\r\n1\r\n2\r\n");
    QCOMPARE(serving.made.alive, 0);
}

void tst_MadeBodies::asksForNoMoreThanTheClientTakes()
{
    Serving serving;
    serving.made = {.pieces = 1000, .pieceBytes = 100'000};
    RawClient client(serving.server());
    client.socket.setReadBufferSize(1000);
    client.send(get(serving, "|Connection: close"));
    // Until neither the kernel takes more nor we keep more; another client is served meanwhile.
    int before = -1;
    QTRY_VERIFY(serving.made.asked > 2 && std::exchange(before, serving.made.asked) == serving.made.asked);
    serving.made.pieces = 0; // only new ones are concerned
    QVERIFY(RawClient(serving.server()).ask(get(serving, "|Connection: close")).endsWith("\r\n\r\n0\r\n\r\n"));
    QVERIFY2(before < 500, QByteArray::number(before));
}

void tst_MadeBodies::letsGoOfThemWithTheirClient()
{
    Serving serving;
    serving.made = {.pieces = 1000, .pieceBytes = 100'000};
    {
        RawClient client(serving.server());
        client.socket.setReadBufferSize(1000);
        client.send(get(serving));
        QTRY_COMPARE(serving.made.alive, 1);
    }
    QTRY_COMPARE(serving.made.alive, 0);
}

QTEST_GUILESS_MAIN(tst_MadeBodies)
#include "tst_madebodies.moc"
