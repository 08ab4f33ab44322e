#include "support/serving.h"
#include <QLocalSocket>
#include <QRegularExpression>
#include <QSslCertificate>
#include <QSslSocket>

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;

/// The same service behind TLS.
class tst_Tls : public QObject
{
    Q_OBJECT

private slots:
    void answersOverTls();
    void sendsMuchToASlowReader();
    void streamsOverTls();
    void endsClientsThatSpeakPlainHttp();
    void takesANewCertificateWhenItsFileChanges();
    void saysWhatIsWrongWithAPair();
    void leavesTheUnixSocketAsItIs();
};

/// Copies of a certificate and its key, which can be exchanged.
struct Pair
{
    explicit Pair(const QString &name) { become(name); }
    void become(const QString &certName, const QString &keyName = {})
    {
        copy(certName + u".cert.pem"_s, cert);
        copy((keyName.isEmpty() ? certName : keyName) + u".key.pem"_s, key);
    }
    static void copy(const QString &from, const QString &to)
    {
        QFile::remove(to);
        QVERIFY(QFile::copy(QStringLiteral(TEST_DATA "/") + from, to));
    }
    QTemporaryDir folder;
    const QString cert = folder.filePath(u"cert"_s), key = folder.filePath(u"key"_s);
};

static void secure(Serving &serving, const Pair &pair)
{
    TlsFiles tls(pair.cert, pair.key);
    const auto loaded = tls.load();
    QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message));
    serving.server().secure(std::move(tls));
}

/// Bytes to and from the server, behind TLS.
struct TlsClient
{
    explicit TlsClient(http::Server &server)
    {
        socket.setPeerVerifyMode(QSslSocket::VerifyNone);
        socket.connectToHostEncrypted(u"localhost"_s, server.port());
        (void)QTest::qWaitFor([this] { return socket.isEncrypted(); }, 30'000);
    }
    QByteArray until(const std::function<bool()> &condition)
    {
        (void)QTest::qWaitFor([&] { return (got += socket.readAll(), condition()); }, 30'000);
        return got += socket.readAll();
    }
    QByteArray ask(const QByteArray &request)
    {
        socket.write(request);
        return until([this] { return socket.state() == QAbstractSocket::UnconnectedState; });
    }
    QSslSocket socket;
    QByteArray got;
};

static QByteArray get(const QByteArray &path, const Serving &serving, const QByteArray &more = "|Connection: close")
{
    return lines("GET " + path + " HTTP/1.1|Host: localhost|Authorization: Bearer " + serving.token + more);
}

void tst_Tls::answersOverTls()
{
    const Pair pair(u"first"_s);
    Serving serving;
    serving.door.scheme = "https";
    secure(serving, pair);
    TlsClient client(serving.server());
    QCOMPARE(client.socket.peerCertificate().subjectInfo(QSslCertificate::CommonName), QStringList{u"first.example"_s});
    client.socket.write(get("/v1/things/1", serving, {}));
    QCOMPARE(brief(client.until([&] { return client.got.endsWith("}\n"); })), "200 {\"id\":\"1\"}");
    client.got.clear();
    QCOMPARE(brief(client.ask(get("/v1/things/2", serving, "|Origin: https://localhost|Connection: close"))),
             "200 {\"id\":\"2\"}");
    QCOMPARE(client.socket.error(), QAbstractSocket::RemoteHostClosedError); // a proper end, nothing cut
    TlsClient refused(serving.server());
    QVERIFY(refused.ask(lines("POST /v1/things HTTP/1.1|Host: localhost|Content-Length: 9|Connection: close") + "{")
                .startsWith("HTTP/1.1 401"));
}

void tst_Tls::sendsMuchToASlowReader()
{
    const Pair pair(u"first"_s);
    Serving serving;
    QFile file(serving.folder.filePath(u"much"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const QByteArray much(20 << 20, 'x');
    file.write(much);
    file.close();
    secure(serving, pair);
    TlsClient client(serving.server());
    client.socket.setReadBufferSize(64 * 1024);
    const QByteArray answer = client.ask(get("/v1/files/much", serving));
    QCOMPARE(answer.size() - answer.indexOf("\r\n\r\n") - 4, much.size());
}

void tst_Tls::streamsOverTls()
{
    const Pair pair(u"first"_s);
    Serving serving;
    secure(serving, pair);
    TlsClient client(serving.server());
    client.socket.write(get("/v1/events", serving, "|Accept: text/event-stream"));
    client.until([&] { return client.got.contains(": ok"); });
    serving.log.append("x", "\"told\"");
    QVERIFY(client.until([&] { return client.got.contains("told"); }).contains("id: 1\nevent: x\ndata: \"told\"\n"));
    serving.log.finish("idle");
    QVERIFY(client.until([&] { return client.got.endsWith("0\r\n\r\n"); }).contains("event: end"));
}

void tst_Tls::endsClientsThatSpeakPlainHttp()
{
    const Pair pair(u"first"_s);
    Serving serving;
    secure(serving, pair);
    const QByteArray answer = RawClient(serving.server()).ask(get("/healthz", serving));
    QVERIFY(!answer.contains("HTTP/1.1"));
    QVERIFY(!answer.contains("<still open>"));
    QTRY_COMPARE(serving.server().connections(), 0);
}

void tst_Tls::takesANewCertificateWhenItsFileChanges()
{
    Pair pair(u"first"_s);
    Serving serving;
    secure(serving, pair);
    const auto shown = [&] {
        return TlsClient(serving.server()).socket.peerCertificate().subjectInfo(QSslCertificate::CommonName).join(u',');
    };
    QCOMPARE(shown(), u"first.example"_s);
    pair.become(u"second"_s);
    QCOMPARE(shown(), u"second.example"_s);
    pair.become(u"first"_s, u"second"_s); // half of a renewal
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"^the certificate stays as it was: the key in "_s));
    QCOMPARE(shown(), u"second.example"_s);
    QCOMPARE(shown(), u"second.example"_s); // and no second warning
    pair.become(u"first"_s);
    QCOMPARE(shown(), u"first.example"_s);
}

void tst_Tls::saysWhatIsWrongWithAPair()
{
    Pair pair(u"first"_s);
    const auto why = [&](const QString &cert, const QString &key) {
        const auto loaded = TlsFiles(cert, key).load();
        QString message = loaded ? u"nothing"_s : loaded.error().message;
        return message.remove(pair.folder.path() + u'/');
    };
    QCOMPARE(why(pair.cert, pair.key), u"nothing"_s);
    QCOMPARE(why(pair.key, pair.key), u"key holds no certificate in PEM form"_s);
    QCOMPARE(why(pair.cert, pair.cert), u"cert holds no private key in PEM form without a passphrase"_s);
    QCOMPARE(why(pair.cert, pair.folder.filePath(u"none"_s)), u"none: No such file or directory"_s);
    pair.become(u"first"_s, u"second"_s);
    QCOMPARE(why(pair.cert, pair.key), u"the key in key is not that of the certificate in cert"_s);
}

void tst_Tls::leavesTheUnixSocketAsItIs()
{
    const Pair pair(u"first"_s);
    Serving serving;
    secure(serving, pair);
    QVERIFY(serving.server().isSecure());
    const QString path = serving.folder.filePath(u"http.sock"_s);
    serving.server().listen(std::move(*listenOnUnix(path)));
    QLocalSocket socket;
    socket.connectToServer(path);
    socket.write(get("/v1/things/1", serving));
    QByteArray got;
    QTRY_VERIFY((got += socket.readAll()).contains("{\"id\":\"1\"}"));
}

QTEST_GUILESS_MAIN(tst_Tls)
#include "tst_tls.moc"
