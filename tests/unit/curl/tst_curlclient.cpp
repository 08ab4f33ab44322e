#include "curl/curlclient.h"
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <deque>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::llm;

namespace {

const QByteArray untilClosed = "of unknown length";

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
        const qsizetype named = got.indexOf("Content-Length: ");
        const qsizetype length = named < 0 ? 0 : got.mid(named + 16).split('\r').first().toLongLong();
        if (body < 4 || got.size() < body + length)
            return;
        requests += std::exchange(got, {});
        if (answers.isEmpty())
            return socket->abort();
        const QByteArray answer = answers.takeFirst();
        socket->write(answer);
        if (answer.endsWith(untilClosed))
            socket->disconnectFromHost();
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

/// Requests: what is read of their answers, and what becomes of their connections.
class tst_CurlClient : public QObject
{
    Q_OBJECT

private slots:
    void readsAnswers_data();
    void readsAnswers();
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

    curl::CurlClient m_http{NetworkOptions{}};
};

void tst_CurlClient::readsAnswers_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("heard");
    const auto row = [](const char *name, const QByteArray &text, const QString &heard,
                        const QByteArray &method = "POST") { QTest::newRow(name) << method << text << heard; };
    row("length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", u"200 abc end"_s);
    row("no body", "HTTP/1.1 204 No Content\r\n\r\n", u"204  end"_s);
    row("of a HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", u"200  end"_s, "HEAD");
    row("after a word in advance",
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n", u"404  end"_s);
    const QByteArray chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    row("chunks", chunked + "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n", u"200 abc0123456789 end"_s);
    row("chunks with a trailer", chunked + "1\r\na\r\n0\r\nx: y\r\n\r\n", u"200 a end"_s);
    row("until closed", "HTTP/1.1 200 OK\r\n\r\n" + untilClosed, u"200 of unknown length end"_s);
    row("of old", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", u"200 a end"_s);
    row("cut", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + untilClosed,
        u"200 of unknown lengtherror: Connection closed"_s);
    row("a refusal that was cut", "HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\n" + untilClosed,
        u"500 of unknown length end"_s);
    row("another protocol", "SSH-2.0-OpenSSH\r\n\r\n", u"error: Received HTTP/0.9 when not allowed"_s);
    row("a bad chunk", chunked + "zz\r\n", u"200 error: chunk hex-length char not a hex digit: 0x7a"_s);
}

void tst_CurlClient::readsAnswers()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, text);
    Peer peer({{text}});
    Heard heard;
    const auto exchange = m_http.send({.method = method, .url = peer.url()}, heard.handlers());
    QTRY_VERIFY(heard.hasEnded);
    QTEST(heard.text, "heard");
}

QString tst_CurlClient::ask(const QString &url)
{
    Heard heard;
    const auto exchange = m_http.send({.url = url, .body = {"{", "", "}"}}, heard.handlers());
    [&] { QTRY_VERIFY(heard.hasEnded); }();
    return heard.text;
}

void tst_CurlClient::sendsARequestAsItIs()
{
    Peer peer({{hello, hello}});
    Heard first;
    const auto exchange = m_http.send(
        {.url = peer.url(), .headers = {{"x-a", "1"}, {"x-b", "2\r\nx-c: 3"}}, .body = {"[", "]"}}, first.handlers());
    QTRY_COMPARE(first.text, u"200 hello end"_s);
    const QByteArray host = "Host: 127.0.0.1:" + QByteArray::number(peer.serverPort()) + "\r\nAccept: */*\r\n";
    QCOMPARE(peer.requests.value(0), "POST /v1/x?y=%20z HTTP/1.1\r\n" + host + "x-a: 1\r\nContent-Length: 2\r\n\r\n[]");
    Heard second;
    const auto other = m_http.send({.method = "GET", .url = peer.url()}, second.handlers());
    QTRY_COMPARE(second.text, u"200 hello end"_s); // on the same connection, or there were no answer
    QCOMPARE(peer.requests.value(1), "GET /v1/x?y=%20z HTTP/1.1\r\n" + host + "\r\n");
}

void tst_CurlClient::sendsMoreThanAConnectionHolds()
{
    Peer peer({{hello}});
    Heard heard;
    std::vector<QByteArray> body(100, QByteArray(200'000, 'x'));
    const auto exchange = m_http.send({.url = peer.url(), .body = body}, heard.handlers());
    QTRY_COMPARE_WITH_TIMEOUT(heard.text, u"200 hello end"_s, 30'000);
    QCOMPARE(peer.requests.value(0).count('x'), 100 * 200'000 + 1); // and the one in the path
}

void tst_CurlClient::findsAServerByItsName()
{
    Peer peer({{hello}});
    QCOMPARE(ask(peer.url(u"localhost"_s)), u"200 hello end"_s);
    QCOMPARE(ask(u"http://nobody.invalid/"_s), u"error: Host nobody.invalid not found"_s);
}

void tst_CurlClient::asksAgainWhenAConnectionWasClosedMeanwhile()
{
    Peer peer({{hello}, {hello}});
    QCOMPARE(ask(peer.url()), u"200 hello end"_s);
    QCOMPARE(ask(peer.url()), u"200 hello end"_s);
    QCOMPARE(peer.requests.size(), 3); // the second went to the first connection, too
}

void tst_CurlClient::saysThatANewConnectionWasClosed()
{
    Peer peer(
        {{}, {"HTTP/1.1 200 OK\r\n\r\n"}, {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhello"}});
    const QString why = ask(peer.url());
    QVERIFY2(why == u"error: Connection closed"_s || why == u"error: Connection reset by peer"_s, qPrintable(why));
    QCOMPARE(peer.requests.size(), 1);
}

void tst_CurlClient::waitsForTheConnectionThereMayBe()
{
    Peer peer({{hello, hello, hello}});
    curl::CurlClient http({.connections = 1});
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

void tst_CurlClient::takesAnotherConnectionWhenOneIsToBeClosed()
{
    const QByteArray last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    Peer peer({{last, hello}, {last}});
    QCOMPARE(ask(peer.url()), u"200 ok end"_s);
    QCOMPARE(ask(peer.url()), u"200 ok end"_s);
    QCOMPARE(peer.requests.size(), 2);
}

void tst_CurlClient::dropsAnAnswerThatNobodyWaitsFor()
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

QTEST_GUILESS_MAIN(tst_CurlClient)
#include "tst_curlclient.moc"
