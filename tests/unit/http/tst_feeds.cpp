#include "support/serving.h"

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Streams of events, over a real socket.
class tst_Feeds : public QObject
{
    Q_OBJECT

private slots:
    void replaysThenFollows();
    void resumesWhereTheClientWas_data();
    void resumesWhereTheClientWas();
    void beginsAnewWhenTheCursorIsAhead();
    void saysNothingWhereNothingWillCome();
    void givesPagesOfJson();
    void refusesCursorsBeyondTheEndOfAPage();
    void givesLinesOfJson();
    void speaksHttp10();
    void filtersAndConfirmsWhatItLeftOut();
    void beatsInSilence();
    void showsWhatIsUnderWayBeforeItsDeltas();
    void leavesDeltasOut();
    void holdsLittleForAClientThatDoesNotRead();
    void givesASnapshotAfterDeltasThatWereDropped();
    void endsAClientThatNeverReads();
    void forgetsAClientThatLeaves();
    void refusesTooManyStreams();
};

static QByteArray request(const Serving &serving, const QByteArray &query = {}, const QByteArray &more = {})
{
    return lines("GET /v1/events" + query +
                 " HTTP/1.1|Host: localhost|Accept: text/event-stream|Authorization: Bearer " + serving.token + more);
}

/// The body of a chunked answer.
static QByteArray body(const QByteArray &answer)
{
    QByteArray rest = answer.sliced(answer.indexOf("\r\n\r\n") + 4), text;
    for (qsizetype end; (end = rest.indexOf("\r\n")) > 0;) {
        const qsizetype size = rest.first(end).toLongLong(nullptr, 16);
        text += rest.mid(end + 2, size);
        rest = rest.mid(end + 2 + size + 2);
    }
    return text;
}

static const QByteArray opening = "retry: 2000\n: ok\n\n";

static QByteArray frame(qint64 seq, const QByteArray &type, const QByteArray &data)
{
    return feedText(FeedForm::Sse, {seq, type, data});
}

static QByteArray end(const QByteArray &reason, qint64 seq)
{
    return feedText(FeedForm::Sse, feedNotice("end", reason, seq));
}

void tst_Feeds::replaysThenFollows()
{
    Serving serving;
    serving.log.append("turn.started", "{\"seq\":1}");
    RawClient client(serving.server());
    client.send(request(serving));
    QVERIFY(client.until("\"seq\":1")
                .contains("Content-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store, "
                          "no-transform\r\nX-Accel-Buffering: no\r\n"));
    serving.log.append("turn.completed", "{\"seq\":2}");
    QVERIFY(client.until("\"seq\":2").contains("id: 2\n"));
    serving.log.finish("closed");
    QCOMPARE(body(client.rest()), opening + frame(1, "turn.started", "{\"seq\":1}") +
                                      frame(2, "turn.completed", "{\"seq\":2}") + end("closed", 2));
    QCOMPARE(serving.log.feeds, 0);
}

void tst_Feeds::resumesWhereTheClientWas_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<int>("after");
    QTest::newRow("beginning") << QByteArray() << QByteArray() << 0;
    QTest::newRow("after") << QByteArray("?after=40") << QByteArray() << 40;
    QTest::newRow("Last-Event-ID") << QByteArray() << QByteArray("|Last-Event-ID: 99") << 99;
    QTest::newRow("both") << QByteArray("?after=40") << QByteArray("|Last-Event-ID: 99") << 99;
}

void tst_Feeds::resumesWhereTheClientWas()
{
    QFETCH(QByteArray, query);
    QFETCH(QByteArray, field);
    QFETCH(int, after);
    Serving serving;
    QByteArray expected = opening;
    for (int seq = 1; seq <= 200; ++seq) { // more than a page
        serving.log.append("x", QByteArray::number(seq));
        if (seq > after)
            expected += frame(seq, "x", QByteArray::number(seq));
    }
    serving.log.finish("idle");
    QCOMPARE(body(RawClient(serving.server()).ask(request(serving, query, field))), expected + end("idle", 200));
}

void tst_Feeds::beginsAnewWhenTheCursorIsAhead()
{
    Serving serving;
    serving.log.append("x", "1");
    serving.log.finish("idle");
    const QByteArray reset = "event: reset\ndata: {\"type\":\"reset\",\"reason\":\"cursor_ahead\",\"last_seq\":1}\n\n";
    QCOMPARE(body(RawClient(serving.server()).ask(request(serving, {}, "|Last-Event-ID: 7"))),
             opening + reset + frame(1, "x", "1") + end("idle", 1));
}

void tst_Feeds::saysNothingWhereNothingWillCome()
{
    Serving serving;
    serving.log.append("x", "1");
    serving.log.finish("idle");
    const QByteArray answer =
        RawClient(serving.server()).ask(request(serving, {}, "|Last-Event-ID: 1|Connection: close"));
    QCOMPARE(answer, answerText({.status = 204}, After::Close));
}

void tst_Feeds::givesPagesOfJson()
{
    Serving serving;
    for (int seq = 1; seq <= 5; ++seq)
        serving.log.append("x", QByteArray::number(seq));
    const auto page = [&](const QByteArray &query) {
        return brief(RawClient(serving.server())
                         .ask(request(serving, query, "|Connection: close").replace("text/event-stream", "*/*")));
    };
    QCOMPARE(page("?limit=2&after=1"), "200 {\"data\":[2,3],\"next\":3,\"last_seq\":5,\"done\":false}");
    QCOMPARE(page("?after=5"), "200 {\"data\":[],\"next\":5,\"last_seq\":5,\"done\":false}");
    serving.log.finish("idle");
    QCOMPARE(page("?after=3"), "200 {\"data\":[4,5],\"next\":5,\"last_seq\":5,\"done\":true}");
    QVERIFY(page("?limit=0").startsWith("400 "));
}

void tst_Feeds::refusesCursorsBeyondTheEndOfAPage()
{
    Serving serving;
    const QByteArray json = request(serving, "?after=1", "|Connection: close").replace("text/event-stream", "*/*");
    QVERIFY(brief(RawClient(serving.server()).ask(json)).contains("\"code\":\"cursor_ahead\""));
}

void tst_Feeds::givesLinesOfJson()
{
    Serving serving;
    serving.log.append("x", "{\"seq\":1}");
    serving.log.finish("idle");
    QCOMPARE(body(RawClient(serving.server()).ask(request(serving).replace("text/event-stream", "application/jsonl"))),
             "{\"seq\":1}\n{\"type\":\"end\",\"reason\":\"idle\",\"last_seq\":1}\n");
}

void tst_Feeds::speaksHttp10()
{
    Serving serving;
    serving.log.append("x", "1");
    serving.log.finish("idle");
    const QByteArray answer = RawClient(serving.server()).ask(request(serving).replace("HTTP/1.1", "HTTP/1.0"));
    QVERIFY(answer.endsWith("\r\nConnection: close\r\n\r\n" + opening + frame(1, "x", "1") + end("idle", 1)));
}

void tst_Feeds::filtersAndConfirmsWhatItLeftOut()
{
    Serving serving;
    serving.limits.heartbeat = 20ms;
    serving.log.append("turn.started", "1");
    serving.log.append("item.completed", "2");
    RawClient client(serving.server());
    client.send(request(serving, "?types=turn.*,error"));
    client.until(": hb");
    serving.log.append("error", "3");
    serving.log.finish("idle");
    const QByteArray text = body(client.rest());
    QCOMPARE(text.first(text.indexOf(": hb")), opening + frame(1, "turn.started", "1") + "id: 2\n\n");
    QVERIFY(text.endsWith(frame(3, "error", "3") + end("idle", 3)));
}

void tst_Feeds::beatsInSilence()
{
    Serving serving;
    serving.limits.heartbeat = 20ms;
    RawClient client(serving.server());
    client.send(request(serving));
    const QByteArray beat = "6\r\n: hb\n\n\r\n";
    QVERIFY(client.until(beat + beat).contains(": ok\n\n\r\n" + beat));
}

void tst_Feeds::showsWhatIsUnderWayBeforeItsDeltas()
{
    Serving serving;
    serving.log.append("item.started", "1");
    serving.log.underWay = {{{}, "item.snapshot", "\"Hel\""}};
    RawClient client(serving.server());
    client.send(request(serving));
    client.until("Hel");
    emit serving.log.fleeting({{}, "item.delta", "\"lo\""});
    serving.log.finish("idle");
    QCOMPARE(body(client.rest()), opening + frame(1, "item.started", "1") + "event: item.snapshot\ndata: \"Hel\"\n\n" +
                                      "event: item.delta\ndata: \"lo\"\n\n" + end("idle", 1));
}

void tst_Feeds::leavesDeltasOut()
{
    Serving serving;
    serving.log.underWay = {{{}, "item.snapshot", "\"Hel\""}};
    RawClient client(serving.server());
    client.send(request(serving, "?deltas=0"));
    client.until(": ok");
    emit serving.log.fleeting({{}, "item.delta", "\"lo\""});
    serving.log.finish("idle");
    QCOMPARE(body(client.rest()), opening + end("idle", 0));
}

void tst_Feeds::holdsLittleForAClientThatDoesNotRead()
{
    Serving serving;
    const int count = 4'000;
    const QByteArray data(20'000, 'x'); // 80 MB in all
    for (int i = 0; i < count; ++i)
        serving.log.events.push_back({i + 1, "x", data});
    RawClient client(serving.server());
    client.socket.setReadBufferSize(1000);
    client.send(request(serving));
    QTRY_COMPARE(serving.log.feeds, 1);
    qint64 pulled = -1;
    // Until it stands still: what the kernel takes differs from machine to machine.
    QTRY_COMPARE(std::exchange(pulled, serving.log.pulled), serving.log.pulled);
    QVERIFY2(serving.log.pulled < 30'000'000, QByteArray::number(serving.log.pulled));

    qint64 received = 0; // it wakes up, and has missed nothing
    client.socket.setReadBufferSize(0);
    serving.log.finish("idle");
    QByteArray tail;
    QTRY_VERIFY_WITH_TIMEOUT((tail = (tail + client.socket.readAll()).last(std::min<qsizetype>(tail.size(), 100)),
                              received += tail.size(), client.socket.state() == QAbstractSocket::UnconnectedState),
                             60'000);
    QCOMPARE(serving.log.feeds, 0);
}

void tst_Feeds::givesASnapshotAfterDeltasThatWereDropped()
{
    MemoryLog log;
    log.underWay = {{{}, "item.snapshot", "\"all\""}};
    QByteArray sent;
    qint64 unsent = 0;
    EventFeed feed(std::make_unique<MemoryFeed>(log), {});
    feed.start({[&sent](const QByteArray &text) { sent += text; }, [&unsent] { return unsent; }}, 1h, 100);
    const QByteArray snapshot = "event: item.snapshot\ndata: \"all\"\n\n";
    QCOMPARE(std::exchange(sent, {}), opening + snapshot);
    unsent = 100;
    emit log.fleeting({{}, "item.delta", "1"});
    log.append("x", "2");
    QCOMPARE(sent, "");
    unsent = 99;
    feed.goOn();
    QCOMPARE(std::exchange(sent, {}), frame(1, "x", "2") + snapshot);
    emit log.fleeting({{}, "item.delta", "3"});
    QCOMPARE(sent, "event: item.delta\ndata: 3\n\n");
}

void tst_Feeds::endsAClientThatNeverReads()
{
    Serving serving;
    serving.limits.stall = 300ms;
    for (int i = 0; i < 2'000; ++i)
        serving.log.events.push_back({i + 1, "x", QByteArray(20'000, 'x')});
    RawClient client(serving.server());
    client.socket.setReadBufferSize(1000);
    client.send(request(serving));
    QTRY_COMPARE(serving.log.feeds, 1);
    QTRY_COMPARE_WITH_TIMEOUT(serving.server().connections(), 0, 30'000);
    QTRY_COMPARE(serving.log.feeds, 0);
    QCOMPARE(serving.server().streams(), 0);
}

void tst_Feeds::forgetsAClientThatLeaves()
{
    Serving serving;
    {
        RawClient client(serving.server());
        client.send(request(serving));
        client.until(": ok");
        QCOMPARE(serving.server().streams(), 1);
    }
    QTRY_COMPARE(serving.server().connections(), 0);
    QTRY_COMPARE(serving.log.feeds, 0);
    QCOMPARE(serving.server().streams(), 0);
    serving.log.append("x", "1"); // and nobody minds
}

void tst_Feeds::refusesTooManyStreams()
{
    Serving serving;
    serving.limits.streams = 1;
    RawClient first(serving.server());
    first.send(request(serving));
    first.until(": ok");
    const QByteArray answer = RawClient(serving.server()).ask(request(serving, {}, "|Connection: close"));
    QVERIFY(brief(answer).contains("\"code\":\"too_many_streams\""));
    QVERIFY(answer.contains("Retry-After: 1\r\n"));
    QTRY_COMPARE(serving.log.feeds, 1);
}

QTEST_GUILESS_MAIN(tst_Feeds)
#include "tst_feeds.moc"
