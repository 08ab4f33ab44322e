#include "net/answerreader.h"
#include "net/networkclient.h"
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <deque>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::llm;
using net::AnswerReader;

namespace {

/// Plays what one connection after the other is to hear for each of its requests; hangs up after the last.
class Peer : public QTcpServer
{
public:
    explicit Peer(std::deque<QByteArrayList> connections)
        : m_connections(std::move(connections))
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            QByteArrayList answers;
            if (!m_connections.empty()) {
                answers = m_connections.front();
                m_connections.pop_front();
            }
            connect(socket, &QTcpSocket::readyRead, this, [this, socket, answers]() mutable { read(socket, answers); });
        });
    }
    QString url(const QString &host = u"127.0.0.1"_s) const
    {
        return u"http://%1:%2/v1/x?y=%20z"_s.arg(host).arg(serverPort());
    }

    QByteArrayList requests;

private:
    void read(QTcpSocket *socket, QByteArrayList &answers)
    {
        QByteArray &got = m_got[socket];
        got += socket->readAll();
        const qsizetype body = got.indexOf("\r\n\r\n") + 4;
        const qsizetype length = got.mid(got.indexOf("content-length: ") + 16).split('\r').first().toLongLong();
        if (body < 4 || got.size() < body + length)
            return;
        requests += std::exchange(got, {});
        if (answers.isEmpty())
            return socket->abort();
        socket->write(answers.takeFirst());
    }

    std::deque<QByteArrayList> m_connections;
    QHash<QTcpSocket *, QByteArray> m_got;
};

/// What an exchange came to: "200 hello end", or "error: why".
struct Heard
{
    HttpHandlers handlers()
    {
        return {.head = [this](int status, const HttpHeaders &) { text += QString::number(status) + u' '; },
                .body = [this](const QByteArray &bytes) { text += QString::fromUtf8(bytes); },
                .end =
                    [this](const Result<> &outcome) {
                        text += outcome ? u" end"_s : u"error: "_s + outcome.error().message;
                        hasEnded = true;
                    }};
    }
    QString text;
    bool hasEnded = false;
};

const QByteArray hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

} // namespace

/// Requests over plain HTTP: what is read of their answers, and what becomes of their connections.
class tst_PlainClient : public QObject
{
    Q_OBJECT

private slots:
    void readsAnAnswerHoweverItWasCut_data();
    void readsAnAnswerHoweverItWasCut();
    void refusesWhatIsNoHttp_data();
    void refusesWhatIsNoHttp();
    void sendsARequestAsItIs();
    void sendsMoreThanAConnectionHolds();
    void findsAServerByItsName();
    void asksAgainWhenAConnectionWasClosedMeanwhile();
    void saysThatANewConnectionWasClosed();
    void waitsForTheConnectionThereMayBe();
    void takesAnotherConnectionWhenOneIsToBeClosed();
    void dropsAnAnswerThatNobodyWaitsFor();

private:
    QString ask(const QString &url);

    net::NetworkClient m_http{NetworkOptions{}};
};

void tst_PlainClient::readsAnAnswerHoweverItWasCut_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("read"); // status, body, whether it is complete, what becomes of the connection
    const auto row = [](const char *name, const QByteArray &text, const QString &read, const QByteArray &method) {
        QTest::newRow(name) << method << text << read;
    };
    row("length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", u"200 abc complete kept"_s, "POST");
    row("to be closed", "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 3\r\n\r\nabc",
        u"200 abc complete closed"_s, "POST");
    row("no body", "HTTP/1.1 204 No Content\r\n\r\n", u"204  complete kept"_s, "POST");
    row("of a HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", u"200  complete kept"_s, "HEAD");
    row("after a word in advance",
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n",
        u"404  complete kept"_s, "POST");
    const QByteArray chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    row("chunks", chunked + "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n", u"200 abc0123456789 complete kept"_s,
        "POST");
    row("chunks with a trailer", chunked + "1\r\na\r\n0\r\nx: y\r\n\r\n", u"200 a complete kept"_s, "POST");
    row("chunks without an end", chunked + "1\r\na\r\n0\r\n", u"200 a open kept"_s, "POST");
    row("bare line ends", "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n1\na\n0\n\n", u"200 a complete kept"_s,
        "POST");
    row("until closed", "HTTP/1.1 200 OK\r\n\r\nabc", u"200 abc open closed"_s, "POST");
    row("of old", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", u"200 a complete closed"_s, "POST");
}

void tst_PlainClient::readsAnAnswerHoweverItWasCut()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, text);
    for (const qsizetype step : {qsizetype(1), text.size()}) {
        AnswerReader reader(method);
        QByteArray received, body;
        for (qsizetype at = 0; at < text.size(); at += step) {
            received += text.mid(at, step);
            QVERIFY(reader.read(received, body));
        }
        QTEST(u"%1 %2 %3 %4"_s.arg(reader.status())
                  .arg(QString::fromUtf8(body), reader.isComplete() ? u"complete"_s : u"open"_s,
                       reader.keepsConnection() ? u"kept"_s : u"closed"_s),
              "read");
    }
}

void tst_PlainClient::refusesWhatIsNoHttp_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("why");
    const auto row = [](const char *name, const QByteArray &text, const QString &why) {
        QTest::newRow(name) << text << u"the answer is no HTTP: "_s + why;
    };
    row("another protocol", "SSH-2.0-OpenSSH\r\n\r\n", u"it begins with \"SSH-2.0-OpenSSH\""_s);
    row("no status", "HTTP/1.1 OK\r\n\r\n", u"it begins with \"HTTP/1.1 OK\""_s);
    row("no end", QByteArray(300'000, 'x'), u"its head does not end"_s);
    row("length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", u"its length is \"-1\""_s);
    row("chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", u"a chunk does not say its size"_s);
    row("encoding", "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n",
        u"its body is encoded as br, which nobody asked for"_s);
}

void tst_PlainClient::refusesWhatIsNoHttp()
{
    QFETCH(QByteArray, text);
    AnswerReader reader;
    QByteArray body;
    const Result<> read = reader.read(text, body);
    QVERIFY(!read);
    QTEST(read.error().message, "why");
}

QString tst_PlainClient::ask(const QString &url)
{
    Heard heard;
    const auto exchange = m_http.send({.url = url, .body = {"{", "", "}"}}, heard.handlers());
    [&] { QTRY_VERIFY(heard.hasEnded); }();
    return heard.text;
}

void tst_PlainClient::sendsARequestAsItIs()
{
    Peer peer({{hello, hello}});
    Heard first;
    const auto exchange = m_http.send(
        {.url = peer.url(), .headers = {{"x-a", "1"}, {"x-b", "2\r\nx-c: 3"}}, .body = {"[", "]"}}, first.handlers());
    QTRY_COMPARE(first.text, u"200 hello end"_s);
    const QByteArray host = "host: 127.0.0.1:" + QByteArray::number(peer.serverPort()) + "\r\n";
    QCOMPARE(peer.requests.value(0), "POST /v1/x?y=%20z HTTP/1.1\r\n" + host +
                                         "accept-encoding: identity\r\nx-a: 1\r\ncontent-length: 2\r\n\r\n[]");
    Heard second;
    const auto other = m_http.send({.method = "GET", .url = peer.url()}, second.handlers());
    QTRY_COMPARE(second.text, u"200 hello end"_s); // on the same connection, or there were no answer
    QCOMPARE(peer.requests.value(1), "GET /v1/x?y=%20z HTTP/1.1\r\n" + host + "accept-encoding: identity\r\n\r\n");
}

void tst_PlainClient::sendsMoreThanAConnectionHolds()
{
    Peer peer({{hello}});
    Heard heard;
    std::vector<QByteArray> body(100, QByteArray(200'000, 'x'));
    const auto exchange = m_http.send({.url = peer.url(), .body = body}, heard.handlers());
    QTRY_COMPARE_WITH_TIMEOUT(heard.text, u"200 hello end"_s, 30'000);
    QCOMPARE(peer.requests.value(0).count('x'), 100 * 200'000 + 1); // and the one in the path
}

void tst_PlainClient::findsAServerByItsName()
{
    Peer peer({{hello}});
    QCOMPARE(ask(peer.url(u"localhost"_s)), u"200 hello end"_s);
    QCOMPARE(ask(u"http://nobody.invalid/"_s), u"error: Host nobody.invalid not found"_s);
}

void tst_PlainClient::asksAgainWhenAConnectionWasClosedMeanwhile()
{
    Peer peer({{hello}, {hello}});
    QCOMPARE(ask(peer.url()), u"200 hello end"_s);
    QCOMPARE(ask(peer.url()), u"200 hello end"_s);
    QCOMPARE(peer.requests.size(), 3); // the second went to the first connection, too
}

void tst_PlainClient::saysThatANewConnectionWasClosed()
{
    Peer peer(
        {{}, {"HTTP/1.1 200 OK\r\n\r\n"}, {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhello"}});
    const QString why = ask(peer.url());
    QVERIFY2(why == u"error: Connection closed"_s || why == u"error: Connection reset by peer"_s, qPrintable(why));
    QCOMPARE(peer.requests.size(), 1);
}

void tst_PlainClient::waitsForTheConnectionThereMayBe()
{
    Peer peer({{hello, hello, hello}});
    net::NetworkClient http({.connections = 1});
    Heard heard[3];
    std::vector<std::unique_ptr<HttpExchange>> exchanges;
    for (Heard &each : heard)
        exchanges.push_back(http.send({.url = peer.url()}, each.handlers()));
    exchanges[1].reset(); // nobody waits for it any more
    QTRY_COMPARE(heard[2].text, u"200 hello end"_s);
    QCOMPARE(heard[0].text, u"200 hello end"_s);
    QCOMPARE(heard[1].text, QString());
    QCOMPARE(peer.requests.size(), 2);
}

void tst_PlainClient::takesAnotherConnectionWhenOneIsToBeClosed()
{
    const QByteArray last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    Peer peer({{last, hello}, {last}});
    QCOMPARE(ask(peer.url()), u"200 ok end"_s);
    QCOMPARE(ask(peer.url()), u"200 ok end"_s);
    QCOMPARE(peer.requests.size(), 2);
}

void tst_PlainClient::dropsAnAnswerThatNobodyWaitsFor()
{
    const QByteArray begun = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    Peer peer({{begun, hello}, {hello}});
    std::unique_ptr<HttpExchange> exchange;
    QByteArray body;
    exchange = m_http.send({.url = peer.url()}, {.head = [](int, const HttpHeaders &) {},
                                                 .body =
                                                     [&](const QByteArray &bytes) {
                                                         body += bytes;
                                                         exchange.reset();
                                                     },
                                                 .end = [&](const Result<> &) { body += " end"; }});
    QTRY_COMPARE(body, "hello"_ba);
    QCOMPARE(ask(peer.url()), u"200 hello end"_s); // on a connection of its own
    QCOMPARE(body, "hello"_ba);
}

QTEST_GUILESS_MAIN(tst_PlainClient)
#include "tst_plainclient.moc"
