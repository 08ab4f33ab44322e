#include "http/bodyreader.h"
#include "http/requesthead.h"
#include "http/target.h"
#include "http/tracecontext.h"
#include <QTest>

using namespace nightshift::http;

/// What the first lines of a request mean, and which are refused.
class tst_RequestHead : public QObject
{
    Q_OBJECT

private slots:
    void readsAHead();
    void refuses_data();
    void refuses();
    void findsTheEndOfAHead_data();
    void findsTheEndOfAHead();
    void knowsWhetherToKeepTheConnection_data();
    void knowsWhetherToKeepTheConnection();
    void readsBodies_data();
    void readsBodies();
    void readsPaths_data();
    void readsPaths();
    void readsQueries();
    void knowsWhatItIsAPartOf();
};

static QByteArray lines(QByteArray text)
{
    return text.replace("|", "\r\n") + "\r\n\r\n";
}

static QByteArray nameOf(const Problem &problem)
{
    return kindOf(problem.code).name;
}

void tst_RequestHead::readsAHead()
{
    const auto head =
        readHead(lines("POST /v1/a%20b?x=1&y HTTP/1.1|Host: localhost|CONTENT-length: 012|X:  a b\t|Expect: "
                       "100-Continue"));
    QVERIFY(head);
    QCOMPARE(
        *head,
        (RequestHead{
            .method = "POST",
            .path = "/v1/a%20b",
            .query = "x=1&y",
            .headers = {{{"host", "localhost"}, {"content-length", "012"}, {"x", "a b"}, {"expect", "100-Continue"}}},
            .contentLength = 12,
            .expectsContinue = true}));
}

void tst_RequestHead::refuses_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("code");
    const auto row = [](const char *name, const QByteArray &head, const char *code = "malformed_request") {
        QTest::newRow(name) << lines(head) << QByteArray(code);
    };
    row("no target", "GET HTTP/1.1");
    row("two spaces", "GET  / HTTP/1.1");
    row("a tab for a space", "GET\t/ HTTP/1.1");
    row("a space at the end", "GET / HTTP/1.1 ");
    row("a space in the target", "GET /a b HTTP/1.1");
    row("method that is no token", "G@T{} / HTTP/1.1");
    row("method without end", QByteArray(33, 'A') + " / HTTP/1.1");
    row("version in lower case", "GET / http/1.1");
    row("version without minor", "GET / HTTP/1");
    row("version with two digits", "GET / HTTP/1.10");
    row("version from the future", "GET / HTTP/3.7", "version_not_supported");
    row("preface of HTTP/2", "PRI * HTTP/2.0", "version_not_supported");
    row("asterisk", "OPTIONS * HTTP/1.1");
    row("authority", "CONNECT localhost:80 HTTP/1.1");
    row("fragment", "GET /a#b HTTP/1.1");
    row("raw byte in the target", "GET /\xc3\xa4 HTTP/1.1");
    row("target too long", "GET /" + QByteArray(8'001, 'a') + " HTTP/1.1", "headers_too_large");
    row("line without colon", "GET / HTTP/1.1|Host");
    row("space before the colon", "GET / HTTP/1.1|Host : a");
    row("field without a name", "GET / HTTP/1.1|: a");
    row("folded field", "GET / HTTP/1.1|X: a| b");
    row("bare CR in a value", "GET / HTTP/1.1|X: a\rb");
    row("NUL in a value", QByteArray("GET / HTTP/1.1|X: a\0b", 22));
    row("more than a hundred fields", "GET / HTTP/1.1" + QByteArray("|X: a").repeated(101), "headers_too_large");
    row("length and chunks", "POST / HTTP/1.1|Content-Length: 3|Transfer-Encoding: chunked");
    row("two lengths", "POST / HTTP/1.1|Content-Length: 3|Content-Length: 3");
    row("a list of lengths", "POST / HTTP/1.1|Content-Length: 3, 3");
    row("negative length", "POST / HTTP/1.1|Content-Length: -3");
    row("length with a plus", "POST / HTTP/1.1|Content-Length: +3");
    row("hexadecimal length", "POST / HTTP/1.1|Content-Length: 0x3");
    row("empty length", "POST / HTTP/1.1|Content-Length:");
    row("length beyond all measure", "POST / HTTP/1.1|Content-Length: 99999999999999999999", "body_too_large");
    row("unknown coding", "POST / HTTP/1.1|Transfer-Encoding: gzip", "not_implemented");
    row("coding under chunks", "POST / HTTP/1.1|Transfer-Encoding: gzip, chunked", "not_implemented");
    row("coding in disguise", "POST / HTTP/1.1|Transfer-Encoding: \x0b"
                              "chunked");
    row("two codings", "POST / HTTP/1.1|Transfer-Encoding: chunked|Transfer-Encoding: identity");
    row("chunks in HTTP/1.0", "POST / HTTP/1.0|Transfer-Encoding: chunked");
    row("two tokens", "GET / HTTP/1.1|Authorization: Bearer a|Authorization: Bearer b");
    row("two origins", "GET / HTTP/1.1|Origin: http://a|Origin: http://b");
    row("unknown expectation", "POST / HTTP/1.1|Expect: 200-ok", "expectation_failed");
}

void tst_RequestHead::refuses()
{
    QFETCH(QByteArray, head);
    QFETCH(QByteArray, code);
    const auto read = readHead(head);
    QVERIFY(!read);
    QCOMPARE(nameOf(read.error()), code);
}

void tst_RequestHead::findsTheEndOfAHead_data()
{
    QTest::addColumn<QByteArray>("received");
    QTest::addColumn<QByteArray>("end"); // or the name of a problem
    const auto row = [](const char *name, const QByteArray &received, const QByteArray &end) {
        QTest::newRow(name) << received << end;
    };
    row("nothing yet", "", "0");
    row("half", "GET / HTTP/1.1\r\nHost: a\r\n", "0");
    row("whole", "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody", "27");
    row("bare LF", "GET / HTTP/1.1\n", "malformed_request");
    row("bare LF at the end", "GET / HTTP/1.1\r\n\n", "malformed_request");
    row("a TLS greeting", "\x16\x03\x01", "malformed_request");
    row("too much", "GET / HTTP/1.1\r\nX: " + QByteArray(maxHeadBytes, 'a'), "headers_too_large");
    row("too much in lines", "GET / HTTP/1.1\r\n" + QByteArray("X: a\r\n").repeated(10'000) + "\r\n",
        "headers_too_large");
}

void tst_RequestHead::findsTheEndOfAHead()
{
    QFETCH(QByteArray, received);
    QFETCH(QByteArray, end);
    const auto found = headEnd(received);
    QCOMPARE(found ? QByteArray::number(*found) : nameOf(found.error()), end);
}

void tst_RequestHead::knowsWhetherToKeepTheConnection_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<bool>("keep");
    QTest::newRow("1.1") << lines("GET / HTTP/1.1") << true;
    QTest::newRow("1.1 close") << lines("GET / HTTP/1.1|Connection: x, Close") << false;
    QTest::newRow("1.1 close in a second field") << lines("GET / HTTP/1.1|Connection: x|Connection: close") << false;
    QTest::newRow("1.0") << lines("GET / HTTP/1.0") << false;
    QTest::newRow("1.0 keep-alive") << lines("GET / HTTP/1.0|Connection: keep-alive") << false;
}

void tst_RequestHead::knowsWhetherToKeepTheConnection()
{
    QFETCH(QByteArray, head);
    QTEST(readHead(head).value().keepAlive, "keep");
}

void tst_RequestHead::readsBodies_data()
{
    QTest::addColumn<QByteArray>("framing");
    QTest::addColumn<QByteArray>("received");
    QTest::addColumn<QByteArray>("result"); // body "+" what is left over; "…" when incomplete; or a problem
    const auto row = [](const char *name, const QByteArray &framing, const QByteArray &received,
                        const QByteArray &result) { QTest::newRow(name) << framing << received << result; };
    const QByteArray chunks = "Transfer-Encoding: chunked", length = "Content-Length: 4";
    row("none", "X: y", "GET", "+GET");
    row("by length", length, "abcdGET", "abcd+GET");
    row("half of it", length, "ab", "ab…");
    row("length too large", "Content-Length: 11", "", "body_too_large");
    row("chunks larger than allowed", chunks, "3\r\nabc\r\n00A;x=y\r\n0123456\r\n9\r\n0\r\nTrailer: x\r\n\r\nGET",
        "body_too_large");
    row("two chunks", chunks, "3\r\nabc\r\n02;x=y\r\n\r\n\r\n0\r\nTrailer: x\r\n\r\nGET", "abc\r\n+GET");
    row("half a chunk", chunks, "3\r\nab", "ab…");
    row("size with a sign", chunks, "-1\r\n\r\n", "malformed_request");
    row("size with 0x", chunks, "0x3\r\nabc\r\n0\r\n\r\n", "malformed_request");
    row("size with a space", chunks, "3 \r\nabc\r\n0\r\n\r\n", "malformed_request");
    row("no size", chunks, "\r\nabc", "malformed_request");
    row("size that wraps around", chunks, "10000000000000003\r\nabc\r\n", "body_too_large");
    row("size in a line that ends in LF", chunks, "3\nabc\r\n", "malformed_request");
    row("chunk longer than its size", chunks, "3\r\nabcde\r\n0\r\n\r\n", "malformed_request");
    row("size line without end", chunks, QByteArray(1'001, '0'), "malformed_request");
    row("endless trailers", chunks, "0\r\n" + ("X: " + QByteArray(900, 'x') + "\r\n").repeated(10),
        "headers_too_large");
}

void tst_RequestHead::readsBodies()
{
    QFETCH(QByteArray, framing);
    QFETCH(QByteArray, received);
    QFETCH(QByteArray, result);
    const auto head = readHead(lines("POST / HTTP/1.1|" + framing));
    for (const qsizetype piece : {received.size(), qsizetype(1)}) { // at once, and byte by byte
        BodyReader reader(*head, 10);
        QByteArray waiting, got;
        qsizetype sent = 0;
        do {
            waiting += received.sliced(sent, std::min(piece, received.size() - sent));
            sent = std::min(sent + piece, received.size());
            const auto taken = reader.take(waiting);
            if (!taken) {
                QCOMPARE(nameOf(taken.error()), result);
                break;
            }
            got += *taken;
        } while (sent < received.size());
        if (reader.isComplete())
            QCOMPARE(got + '+' + waiting, result);
        else if (result.endsWith("…"))
            QCOMPARE(got + "…", result);
    }
}

void tst_RequestHead::readsPaths_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("segments"); // with | between, or "refused"
    QTest::newRow("root") << QByteArray("/") << QByteArray("");
    QTest::newRow("two") << QByteArray("/v1/a%20b") << QByteArray("v1|a b");
    QTest::newRow("a slash at the end") << QByteArray("/v1/") << QByteArray("v1|");
    QTest::newRow("up") << QByteArray("/v1/../x") << QByteArray("refused");
    QTest::newRow("up in disguise") << QByteArray("/v1/%2e%2E/x") << QByteArray("refused");
    QTest::newRow("slash in disguise") << QByteArray("/v1/a%2fb") << QByteArray("refused");
    QTest::newRow("NUL") << QByteArray("/v1/a%00b") << QByteArray("refused");
    QTest::newRow("cut escape") << QByteArray("/v1/a%2") << QByteArray("refused");
    QTest::newRow("no escape") << QByteArray("/v1/a%zz") << QByteArray("refused");
}

void tst_RequestHead::readsPaths()
{
    QFETCH(QByteArray, path);
    const auto read = readPath(path);
    QTEST(read ? QByteArrayList(read->begin(), read->end()).join('|') : QByteArray("refused"), "segments");
}

void tst_RequestHead::readsQueries()
{
    const auto query = readQuery("a=1+2&label.k=%C3%A4&flag&a=3&=x");
    QVERIFY(query);
    QCOMPARE(*query, (Query{{{"a", "1 2"}, {"label.k", "ä"}, {"flag", ""}, {"a", "3"}}}));
    QCOMPARE(query->value("a"), "1 2");
    QCOMPARE(query->value("b"), std::nullopt);
    QCOMPARE(nameOf(readQuery("a=%").error()), "invalid_parameter");
}

void tst_RequestHead::knowsWhatItIsAPartOf()
{
    const QByteArray ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto known = [](const QByteArray &value) {
        const auto head = readHead(lines("GET / HTTP/1.1|Host: a|traceparent: " + value));
        return head && traceParent(*head) == value;
    };
    QVERIFY(known("00-" + ids));
    QVERIFY(known("cc-" + ids + "-what-comes-later"));
    for (const QByteArray &wrong : {"ff-" + ids, "00-" + ids + "-more", "00-" + ids.toUpper(), "0-" + ids, "00" + ids,
                                    QByteArray("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
                                    QByteArray("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")})
        QVERIFY2(!known(wrong), wrong);
    QCOMPARE(traceParent({}), QByteArray());
}

QTEST_APPLESS_MAIN(tst_RequestHead)
#include "tst_requesthead.moc"
