#include "curl/curlclient.h"
#include "llm/demomodel.h"
#include "llm/modelstream.h"
#include "llm/proxies.h"
#include "net/networkclient.h"
#include "support/scriptedserver.h"
#include <QFile>
#include <QSignalSpy>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>
#include <QTest>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <set>
#include <sys/socket.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::llm;

class tst_ModelStream : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase_data();
    void init();

    void deliversAnAnswerCutIntoSmallPieces();
    void sendsPiecesAndHeaders();
    void keepsNoPartOfARequestBack();
    void asksAgainOverTheSameConnection();
    void failsWhenTheStreamIsCut_data();
    void failsWhenTheStreamIsCut();
    void failsWhenTheServerFallsSilent();
    void failsWhenNobodyListens();
    void passesAnErrorBodyOn();
    void endsOnceAndSilentlyWhenDeleted();
    void trustsTheNamedAuthoritiesOnly_data();
    void trustsTheNamedAuthoritiesOnly();
    void refusesTlsWithoutReadableAuthorities();
    void choosesTheProxyOfTheSettings_data();
    void choosesTheProxyOfTheSettings();

private:
    struct Outcome
    {
        std::vector<ModelEvent> events;
        std::optional<ModelFailure> failure;
    };
    Outcome ask(const QString &url, std::vector<QByteArray> body = {"{}"});

    std::unique_ptr<ScriptedServer> m_server;
    ProviderSettings m_provider;
    std::unique_ptr<HttpClient> m_http;
};

void tst_ModelStream::initTestCase_data()
{
    QTest::addColumn<bool>("curl");
    QTest::newRow("libcurl") << true;
    QTest::newRow("Qt") << false;
}

void tst_ModelStream::init()
{
    QFETCH_GLOBAL(const bool, curl);
    m_server = std::make_unique<ScriptedServer>();
    if (curl)
        m_http = std::make_unique<curl::CurlClient>(NetworkOptions{});
    else
        m_http = std::make_unique<net::NetworkClient>(NetworkOptions{});
}

tst_ModelStream::Outcome tst_ModelStream::ask(const QString &url, std::vector<QByteArray> body)
{
    const auto protocol = makeResponsesProtocol();
    ModelStream stream(*m_http, m_provider, *protocol,
                       {.url = url, .headers = {{"x-test", "1"}}, .body = std::move(body)}, nullptr);
    Outcome outcome;
    int ends = 0;
    connect(&stream, &ModelStream::event, this, [&](const ModelEvent &e) { outcome.events.push_back(e); });
    connect(&stream, &ModelStream::finished, this, [&](const std::optional<ModelFailure> &failure) {
        outcome.failure = failure;
        ++ends;
    });
    [&] { QTRY_COMPARE(ends, 1); }();
    return outcome;
}

void tst_ModelStream::deliversAnAnswerCutIntoSmallPieces()
{
    m_server->play({R"({"type":"response.output_text.delta","delta":"Tw"})", sse::message("m1", "Two")});
    const Outcome outcome = ask(m_server->url() + "/responses"_L1);
    QVERIFY(!outcome.failure);
    const std::vector<ModelEvent> expected{
        TextDelta{u"Tw"_s},
        MessageDone{
            {R"({"type":"message","role":"assistant","id":"m1","content":[{"type":"output_text","text":"Two"}]})"},
            u"Two"_s},
        ResponseDone{Usage{1000, 600, 0, 50, 10}},
    };
    QVERIFY(outcome.events == expected);
}

void tst_ModelStream::sendsPiecesAndHeaders()
{
    m_server->play(QByteArrayList{});
    const QByteArray large(300'000, 'x');
    ask(m_server->url() + "/responses"_L1, {"[\"", large, "\"", "", "]"});
    QCOMPARE(m_server->requests().size(), size_t(1));
    QCOMPARE(m_server->requests()[0].body, "[\"" + large + "\"]");
    QCOMPARE(m_server->requests()[0].headers.value("x-test"), "1"_ba);
    QCOMPARE(m_server->requests()[0].method, "POST"_ba);
}

/// What TCP_NODELAY is set to at our ends of the connections to a port.
static QList<int> delaysSwitchedOff(quint16 port)
{
    QList<int> values;
    for (int fd = 3; fd < 256; ++fd) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (getpeername(fd, reinterpret_cast<sockaddr *>(&peer), &size) != 0 || ntohs(peer.sin_port) != port)
            continue;
        int value = 0;
        size = sizeof value;
        getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size);
        values += value;
    }
    return values;
}

void tst_ModelStream::keepsNoPartOfARequestBack()
{
    m_server->play({sse::completed()});
    ask(m_server->url(), {QByteArray(100'000, ' '), "{}"});
    QCOMPARE(delaysSwitchedOff(quint16(QUrl(m_server->url()).port())), QList<int>{1});
}

void tst_ModelStream::asksAgainOverTheSameConnection()
{
    constexpr int requests = 20; // of which each may come before the end of the answer to the one before
    std::set<quint16> ports;
    for (int i = 0; i < requests; ++i) {
        m_server->play({sse::completed()});
        QVERIFY(!ask(m_server->url()).failure);
        ports.insert(m_server->requests().back().port);
    }
    QVERIFY(ports.size() < requests);
}

void tst_ModelStream::failsWhenTheStreamIsCut_data()
{
    using End = ScriptedServer::Answer::End;
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<End>("end");
    QTest::newRow("closed in good order") << sse::stream({sse::created()}) << End::Complete;
    QTest::newRow("connection lost") << sse::stream({sse::created()}) << End::Cut;
    QTest::newRow("JSON instead of a stream") << R"({"id":"x"})"_ba << End::Complete;
    QTest::newRow("nothing") << QByteArray() << End::Complete;
}

void tst_ModelStream::failsWhenTheStreamIsCut()
{
    QFETCH(QByteArray, body);
    QFETCH(ScriptedServer::Answer::End, end);
    m_server->play(ScriptedServer::Answer{.body = body, .end = end});
    const Outcome outcome = ask(m_server->url() + "/responses"_L1);
    QVERIFY(outcome.failure == failureOfCut());
}

void tst_ModelStream::failsWhenTheServerFallsSilent()
{
    m_provider.streamIdleTimeout = std::chrono::milliseconds(50);
    m_server->play(ScriptedServer::Answer{.body = ": thinking\n\n", .end = ScriptedServer::Answer::End::Stall});
    const Outcome outcome = ask(m_server->url() + "/responses"_L1);
    QVERIFY(outcome.failure == failureOfSilence(std::chrono::milliseconds(50)));
    m_provider.idleLimit = std::chrono::milliseconds(60);
    m_server->play(ScriptedServer::Answer{.body = ": thinking\n\n", .end = ScriptedServer::Answer::End::Stall});
    const Outcome limited = ask(m_server->url() + "/responses"_L1);
    m_provider = {};
    QVERIFY(limited.failure == failureOfIdleness(std::chrono::milliseconds(60)));
    QVERIFY(limited.failure->retry == ModelFailure::Retry::Never);
}

void tst_ModelStream::failsWhenNobodyListens()
{
    const Outcome outcome = ask(u"http://127.0.0.1:1/v1"_s);
    QVERIFY(outcome.failure);
    QCOMPARE(outcome.failure->message, u"Connection failed: Connection refused, url: http://127.0.0.1:1/v1"_s);
    QVERIFY(outcome.failure->retry == ModelFailure::Retry::Silent);
}

void tst_ModelStream::passesAnErrorBodyOn()
{
    m_server->play(ScriptedServer::Answer{
        .status = 429, .body = R"({"error":{"message":"m"}})", .headers = {{"Retry-After", "3"}}});
    const Outcome outcome = ask(m_server->url() + "/responses"_L1);
    QVERIFY(outcome.failure);
    QCOMPARE(outcome.failure->message, u"exceeded retry limit, last status: 429 Too Many Requests"_s);
    QVERIFY(outcome.failure->after == std::chrono::seconds(3));
}

void tst_ModelStream::endsOnceAndSilentlyWhenDeleted()
{
    m_server->play(ScriptedServer::Answer{.body = ": x\n\n", .end = ScriptedServer::Answer::End::Stall});
    const auto protocol = makeResponsesProtocol();
    auto stream = std::make_unique<ModelStream>(*m_http, m_provider, *protocol,
                                                HttpRequest{.url = m_server->url() + "/responses"_L1}, nullptr);
    QSignalSpy finished(stream.get(), &ModelStream::finished);
    QTRY_COMPARE(m_server->requests().size(), size_t(1));
    stream.reset();
    QVERIFY(finished.isEmpty());
}

void tst_ModelStream::trustsTheNamedAuthoritiesOnly_data()
{
    QTest::addColumn<QString>("caFile");
    QTest::addColumn<QByteArray>("received");
    QTest::newRow("its own authority") << QStringLiteral(TEST_DATA "/server.pem") << QByteArray("hello");
    QTest::newRow("the system's") << QString() << QByteArray();
}

void tst_ModelStream::trustsTheNamedAuthoritiesOnly()
{
    QFETCH(QString, caFile);
    QFile key(QStringLiteral(TEST_DATA "/server.key"));
    QVERIFY(key.open(QIODevice::ReadOnly));
    QSslConfiguration identity = QSslConfiguration::defaultConfiguration();
    identity.setPrivateKey(QSslKey(&key, QSsl::Ec));
    identity.setLocalCertificate(QSslCertificate::fromPath(QStringLiteral(TEST_DATA "/server.pem")).value(0));
    QSslServer server;
    server.setSslConfiguration(identity);
    connect(&server, &QSslServer::pendingConnectionAvailable, this, [&] {
        QTcpSocket *socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket,
                [socket] { socket->write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"); });
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));

    const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
    curl::CurlClient http({.caFile = caFile, .tls = true});
    QByteArray received;
    std::optional<Result<>> end;
    const auto exchange = http.send({.url = u"https://127.0.0.1:%1/"_s.arg(server.serverPort())},
                                    {.head = [](int, const HttpHeaders &) {},
                                     .body = [&](const QByteArray &bytes) { received += bytes; },
                                     .end = [&](const Result<> &outcome) { end = outcome; }});
    QTRY_VERIFY(end);
    QSslConfiguration::setDefaultConfiguration(before);
    QTEST(received, "received");
    QCOMPARE(end->has_value(), !received.isEmpty());
}

void tst_ModelStream::refusesTlsWithoutReadableAuthorities()
{
    curl::CurlClient http({.caFile = u"/nonexistent/ca.pem"_s, .tls = true});
    QString message;
    const auto exchange =
        http.send({.url = u"https://127.0.0.1:1/"_s},
                  {.end = [&](const Result<> &outcome) { message = outcome ? QString() : outcome.error().message; }});
    QTRY_COMPARE(message,
                 u"cannot read the certificate authorities in /nonexistent/ca.pem: No such file or directory"_s);
}

void tst_ModelStream::choosesTheProxyOfTheSettings_data()
{
    QTest::addColumn<QString>("https");
    QTest::addColumn<QString>("http");
    QTest::addColumn<QStringList>("noProxy");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("proxy"); // empty: none
    const QString proxy = u"http://p.example:3128"_s;
    QTest::newRow("none set") << u""_s << u""_s << QStringList() << u"https://a.example/"_s << u""_s;
    QTest::newRow("https") << proxy << u""_s << QStringList() << u"https://a.example/"_s << u"http://p.example:3128"_s;
    QTest::newRow("of the other scheme") << proxy << u""_s << QStringList() << u"http://a.example/"_s << u""_s;
    QTest::newRow("without scheme and port")
        << u""_s << u"p.example"_s << QStringList() << u"http://a.example/"_s << u"http://p.example:8080"_s;
    QTest::newRow("socks") << u""_s << u"socks5://me:word@p.example"_s << QStringList() << u"http://a.example/"_s
                           << u"socks5h://me:word@p.example:1080"_s;
    QTest::newRow("exempt domain") << proxy << u""_s << QStringList{u"x"_s, u".a.example"_s}
                                   << u"https://b.a.example/"_s << u""_s;
    QTest::newRow("exempt host") << proxy << u""_s << QStringList{u"a.example"_s} << u"https://a.example/"_s << u""_s;
    QTest::newRow("a longer name is not exempt")
        << proxy << u""_s << QStringList{u"a.example"_s} << u"https://ba.example/"_s << u"http://p.example:3128"_s;
    QTest::newRow("all exempt") << proxy << u""_s << QStringList{u"*"_s} << u"https://b/"_s << u""_s;
}

void tst_ModelStream::choosesTheProxyOfTheSettings()
{
    QFETCH(QString, https);
    QFETCH(QString, http);
    QFETCH(QStringList, noProxy);
    QFETCH(QString, url);
    const QUrl proxy = llm::proxyFor(QUrl(url), {.https = https, .http = http, .noProxy = noProxy});
    QTEST(proxy.toString(), "proxy");
}

QTEST_GUILESS_MAIN(tst_ModelStream)
#include "tst_modelstream.moc"
