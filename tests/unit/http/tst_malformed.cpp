#include "support/serving.h"

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;

/// What a server that trusts nobody says to requests that are odd, byte for byte.
class tst_Malformed : public QObject
{
    Q_OBJECT

private slots:
    void answersExactly_data();
    void answersExactly();
    void nothingGrows();
};

void tst_Malformed::answersExactly_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QString>("code");   // of the problem; empty for no answer at all
    QTest::addColumn<QString>("detail"); // what it says
    QTest::addColumn<QByteArray>("instance");
    const auto row = [](const char *name, const QByteArray &request, const char *code, const char *detail,
                        const QByteArray &instance = {}) {
        QTest::newRow(name) << request << QString::fromLatin1(code) << QString::fromUtf8(detail) << instance;
    };
    const auto head = [&row](const char *name, const QByteArray &text, const char *code, const char *detail,
                             const QByteArray &instance = {}) { row(name, lines(text), code, detail, instance); };
    const char *const bad = "malformed_request", *const large = "headers_too_large";

    // before the head is complete
    row("bare LF", "GET /healthz HTTP/1.1\nHost: localhost\n\n", bad, "a line ends in LF without CR");
    row("bare LF at the end", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\n", bad, "a line ends in LF without CR");
    row("TLS greeting", QByteArray("\x16\x03\x01\x02\x00\x01", 6), bad, "the request does not begin with a method");
    row("NUL first", QByteArray("\0GET", 4), bad, "the request does not begin with a method");
    row("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n", bad, "the request does not begin with a method");
    row("head too large", "GET / HTTP/1.1\r\nX: " + QByteArray(40'000, 'x'), large,
        "the head has more than 32768 bytes");
    row("HTTP/0.9", "GET /healthz\r\n\r\n", bad,
        "the request line is not METHOD TARGET VERSION with one space between");

    // the request line
    head("two spaces", "GET  / HTTP/1.1", bad, "the request line is not METHOD TARGET VERSION with one space between");
    head("space in the target", "GET /a b HTTP/1.1", bad,
         "the request line is not METHOD TARGET VERSION with one space between");
    head("tab", "GET\t/ HTTP/1.1", bad, "the request line is not METHOD TARGET VERSION with one space between");
    head("method that is no token", "G(T / HTTP/1.1", bad, "the method is no token");
    head("no version", "GET / FTP/1.1", bad, "the version is not of the form HTTP/1.1");
    head("HTTP/2", "PRI * HTTP/2.0", "version_not_supported", "HTTP/2.0");
    head("HTTP/1.2", "GET / HTTP/1.2", "version_not_supported", "HTTP/1.2");
    head("asterisk", "OPTIONS * HTTP/1.1", bad, "the target is no path");
    head("CONNECT", "CONNECT evil.example:443 HTTP/1.1", bad, "the target is no path");
    head("fragment", "GET /#x HTTP/1.1", bad, "the target holds a byte that belongs percent-encoded");
    head("raw byte", "GET /\xff HTTP/1.1", bad, "the target holds a byte that belongs percent-encoded");
    head("endless target", "GET /" + QByteArray(9'000, 'x') + " HTTP/1.1", large,
         "the target has more than 8000 bytes");

    // fields
    const QByteArray get = "GET /healthz HTTP/1.1|Host: localhost|", post = "POST /healthz HTTP/1.1|Host: localhost|";
    head("no colon", get + "X", bad, "a header line has no colon");
    head("space before colon", get + "X : y", bad, "a header's name is no token");
    head("no name", get + ": y", bad, "a header's name is no token");
    head("folded", get + "X: y| z", bad, "a header field is folded over two lines");
    head("bare CR", get + "X: y\rz", bad, "the value of X holds a control character");
    head("NUL", get + QByteArray("X: y\0z", 6), bad, "the value of X holds a control character");
    head("too many", get + QByteArray("X: y|").repeated(100) + "X: y", large, "the head has more than 100 fields");
    head("two tokens", get + "Authorization: Bearer a|Authorization: Bearer b", bad,
         "there is more than one authorization");
    head("expectation", post + "Expect: x", "expectation_failed", "only 100-continue can be expected");

    // framing
    head("length and chunks", post + "Content-Length: 0|Transfer-Encoding: chunked", bad,
         "both Content-Length and Transfer-Encoding say how long the body is");
    head("two lengths", post + "Content-Length: 0|Content-Length: 0", bad, "there is more than one content-length");
    head("list of lengths", post + "Content-Length: 0,0", bad, "Content-Length is not a number");
    head("negative length", post + "Content-Length: -1", bad, "Content-Length is not a number");
    head("signed length", post + "Content-Length: +1", bad, "Content-Length is not a number");
    head("hexadecimal length", post + "Content-Length: 0x1", bad, "Content-Length is not a number");
    head("huge length", post + "Content-Length: 99999999999999999999", "body_too_large",
         "Content-Length is beyond all measure");
    head("unknown coding", post + "Transfer-Encoding: gzip", "not_implemented", "only chunked bodies are understood");
    head("chunks in HTTP/1.0", "POST / HTTP/1.0|Host: localhost|Transfer-Encoding: chunked", bad,
         "HTTP/1.0 has no Transfer-Encoding");

    // the door
    const QByteArray close = "|Connection: close";
    head("no host", "GET /healthz HTTP/1.1" + close, "host_not_allowed", "a request names its host exactly once",
         "/healthz");
    head("two hosts", get + "Host: localhost" + close, "host_not_allowed", "a request names its host exactly once",
         "/healthz");
    head("target of another host", "GET http://evil.example/healthz HTTP/1.1|Host: localhost" + close,
         "host_not_allowed", "target and Host name different hosts", "/healthz");
    head("leaving the folder", "GET /v1/../healthz HTTP/1.1|Host: localhost" + close, bad, "the path holds ..",
         "/v1/../healthz");
    head("slash in disguise", "GET /v1%2fx HTTP/1.1|Host: localhost" + close, bad, "the path holds v1%2fx", "/v1%2fx");

    // bodies
    const QByteArray thing = "POST /v1/things HTTP/1.1|Host: localhost|Authorization: Bearer TOKEN|Content-Type: "
                             "application/json|";
    head("body of a GET", get + "Content-Length: 1", bad, "a GET has no body here", "/healthz");
    head("body too large", thing + "Content-Length: 8388609", "body_too_large", "a body here has at most 8388608 bytes",
         "/v1/things");
    const auto chunks = [&](const char *name, const QByteArray &body, const char *code, const char *detail) {
        row(name, lines(thing + "Transfer-Encoding: chunked") + body, code, detail, "/v1/things");
    };
    chunks("chunk without a size", "\r\n", bad, "a chunk's size is no hexadecimal number");
    chunks("chunk with a sign", "-1\r\n", bad, "a chunk's size is no hexadecimal number");
    chunks("chunk that wraps around", "FFFFFFFFFFFFFFFFF\r\n", "body_too_large",
           "a body here has at most 8388608 bytes");
    chunks("chunk longer than its size", "1\r\nxyz\r\n", bad, "a chunk is longer than its size");
    chunks("chunk line in LF", "1\nx\n", bad, "a line of the chunked body ends in LF without CR");
    chunks("chunk line without end", QByteArray(2'000, '1'), bad,
           "a line of the chunked body has more than 1000 bytes");

    // no answer can be given
    row("nothing", "", "", "");
    row("one empty line", "\r\n", "", "");
}

static QByteArray expectedAnswer(const QString &code, const QString &detail, const QByteArray &instance)
{
    for (int i = 0; i <= int(ProblemCode::DiskFull); ++i) {
        if (QLatin1StringView(kindOf(ProblemCode(i)).name) == code)
            return answerText(problemResponse({ProblemCode(i), detail}, instance), After::Close);
    }
    return {};
}

void tst_Malformed::answersExactly()
{
    QFETCH(QByteArray, request);
    QFETCH(QString, code);
    QFETCH(QString, detail);
    QFETCH(QByteArray, instance);
    Serving serving;
    if (code.isEmpty())
        serving.limits.request = std::chrono::milliseconds(50);
    RawClient client(serving.server());
    QCOMPARE(client.ask(request.replace("TOKEN", serving.token)), expectedAnswer(code, detail, instance));
    QTRY_COMPARE(serving.server().connections(), 0);
    RawClient next(serving.server());
    QCOMPARE(brief(next.ask(lines("GET /healthz HTTP/1.1|Host: localhost|Connection: close"))),
             "200 {\"status\":\"alive\"}");
}

static qint64 residentPages()
{
    QFile statm(u"/proc/self/statm"_s);
    return statm.open(QIODevice::ReadOnly) ? statm.readAll().split(' ')[1].toLongLong() : 0;
}

void tst_Malformed::nothingGrows()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("the sanitizer keeps what was freed");
#endif
    Serving serving;
    const QByteArray request = "GET / HTTP/1.1\r\nX: " + QByteArray(40'000, 'x');
    qint64 before = 0;
    for (int i = 0; i < 150; ++i) {
        RawClient(serving.server()).ask(request);
        if (i == 50)
            before = residentPages();
    }
    QTRY_COMPARE(serving.server().connections(), 0);
    const qint64 grown = (residentPages() - before) * 4096;
    QVERIFY2(grown < 1 << 20, QByteArray::number(grown)); // keeping these 100 requests would be over 3 MB
}

QTEST_GUILESS_MAIN(tst_Malformed)
#include "tst_malformed.moc"
