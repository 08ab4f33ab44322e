#include "support/program.h"
#include <QDir>
#include <QLocalSocket>
#include <QTcpSocket>
#include <QTest>
#include <csignal>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// `nightshift serve` as its clients and its supervisor see it.
class tst_Serve : public QObject
{
    Q_OBJECT

private slots:
    void servesThisUserOverAUnixSocket();
    void servesOverTcpWithATokenOnly();
    void keepsTokens();
    void limitsTokens();
    void showsMetricsToReadersOrEverybody();
    void handsOutItsPageToEverybody();
    void saysWhereItsPageIs();
    void speaksTls();
    void asksForTokensOverTcpWhateverIsSaid();
    void tellsItsSupervisorHowItIs();
    void readsItsFilesAgainWhenHungUpOn();
    void refusesWhereItCannotListen();
};

/// A program whose runtime folder is in its home.
struct Service
{
    Service() { program.environment.insert(u"XDG_RUNTIME_DIR"_s, program.home()); }
    QString path(const char *name) const { return program.home() + u"/nightshift/"_s + QLatin1StringView(name); }
    QByteArray read(const char *name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : "unreadable";
    }
    Program program;
};

template <typename Socket>
static QByteArray ask(Socket &socket, const QByteArray &path, const QByteArray &fields = {})
{
    socket.write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n");
    QByteArray got;
    const auto ended = [&] { return (got += socket.readAll(), socket.state() == Socket::UnconnectedState); };
    return QTest::qWaitFor(ended, 30'000) ? got + socket.readAll() : "no end: " + got;
}

static QByteArray askLocally(const QString &path, const QByteArray &target)
{
    QLocalSocket socket;
    socket.connectToServer(path);
    return ask(socket, target);
}

static QByteArray askPort(quint16 port, const QByteArray &target, const QByteArray &fields = {})
{
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, port);
    return socket.waitForConnected() ? ask(socket, target, fields) : "not reached";
}

/// Of a service that said where it listens.
static quint16 portOf(Run &run)
{
    const QByteArray scheme = "listening on http://127.0.0.1:", said = run.err();
    return said.sliced(said.indexOf(scheme) + scheme.size()).split('\n')[0].toUShort();
}

static QByteArray body(const QByteArray &answer)
{
    return answer.sliced(std::max<qsizetype>(0, answer.indexOf("\r\n\r\n") + 4));
}

void tst_Serve::servesThisUserOverAUnixSocket()
{
    Service service;
    const QString path = service.path("http.sock");
    const auto run = service.program.launch({u"serve"_s});
    QVERIFY(run->says("listening on " + path.toUtf8()));
    QCOMPARE(body(askLocally(path, "/healthz")), "{\"status\":\"alive\"}\n");
    QTRY_COMPARE(body(askLocally(path, "/readyz")), "{\"status\":\"ready\"}\n");
    const auto info = JsonDocument::parse(body(askLocally(path, "/v1/info")));
    QVERIFY(info);
    QCOMPARE(info->root()["version"].toString(), QStringLiteral(NIGHTSHIFT_VERSION));
    QVERIFY(!QFile::exists(service.path("token"))); // nobody needs one
    const Ended second = service.program.run({u"serve"_s});
    QCOMPARE(second, (Ended{{}, "Error: " + path.toUtf8() + " is in use\n", 1}));
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 0);
    QVERIFY(!QFile::exists(path));
}

void tst_Serve::servesOverTcpWithATokenOnly()
{
    Service service;
    const auto run = service.program.launch({u"serve"_s, u"--listen"_s, u"127.0.0.1:0"_s});
    const QByteArray token = "the token is in " + service.path("token").toUtf8() + '\n';
    QVERIFY(run->says(token));
    QFile file(service.path("token"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray secret = file.readAll().trimmed();
    QVERIFY(!QFile::exists(service.path("http.sock")));
    run->send(SIGTERM);
    const Ended ended = run->wait();
    QVERIFY(!ended.err.contains(secret));

    const QByteArray listening = "listening on http://127.0.0.1:";
    QVERIFY(ended.err.startsWith(listening));
    const quint16 port = ended.err.sliced(listening.size()).split('\n')[0].toUShort();
    const auto again = service.program.launch({u"serve"_s, u"--listen"_s, u"127.0.0.1:%1"_s.arg(port)});
    QVERIFY(again->says(token)); // the same token as before
    QVERIFY(askPort(port, "/healthz").startsWith("HTTP/1.1 200 "));
    QVERIFY(askPort(port, "/v1/info").startsWith("HTTP/1.1 401 "));
    QVERIFY(askPort(port, "/v1/info", "Authorization: Bearer " + secret + "\r\n").startsWith("HTTP/1.1 200 "));
    again->send(SIGINT);
    QCOMPARE(again->wait().exitCode, 0);
}

void tst_Serve::keepsTokens()
{
    Service service;
    const auto token = [&](const QStringList &words) {
        return service.program.run(QStringList{u"serve"_s, u"token"_s} + words);
    };
    QCOMPARE(token({u"list"_s}), (Ended{"", "", 0}));
    const Ended added = token({u"add"_s, u"ci"_s, u"run"_s, u"read"_s});
    QCOMPARE(added.out.size(), 44);
    const QByteArray listed = token({u"list"_s}).out;
    QVERIFY(listed.endsWith("  read,run  ci  sandbox=workspace-write  network=no\n"));
    const QString id = QString::fromUtf8(listed.first(listed.indexOf(' ')));
    QCOMPARE(token({u"revoke"_s, id}), (Ended{"", "", 0}));
    QCOMPARE(token({u"list"_s}).out, "");
    QCOMPARE(token({u"revoke"_s, id}).exitCode, 1);
    QCOMPARE(token({u"add"_s, u"ci"_s, u"root"_s}).err, "Error: scopes are read, run, approve and admin, not root\n");
    QCOMPARE(token({u"add"_s}).exitCode, 2);
}

void tst_Serve::limitsTokens()
{
    Service service;
    const auto token = [&](const QStringList &words) {
        return service.program.run(QStringList{u"serve"_s, u"token"_s} + words);
    };
    QCOMPARE(
        token({u"add"_s, u"ci"_s, u"run"_s, u"--root"_s, service.program.work(), u"--model=small"_s, u"--budget-usd"_s,
               u"2.5"_s, u"--concurrency"_s, u"3"_s, u"--expires"_s, u"2199-01-31"_s, u"read"_s})
            .exitCode,
        0);
    const QByteArray listed = service.program.plain(token({u"list"_s}).out);
    QVERIFY2(listed.endsWith("  read,run  ci  sandbox=workspace-write  network=no  root=WORK  model=small  "
                             "budget-usd=2.5  concurrency=3  expires=2199-01-31T00:00:00Z\n"),
             listed);
    const auto error = [&](const QStringList &limit) {
        const Ended ended = token(QStringList{u"add"_s, u"ci"_s, u"run"_s} + limit);
        return ended.err.trimmed() + ' ' + QByteArray::number(ended.exitCode);
    };
    QCOMPARE(error({u"--root=/nowhere"_s}), "Error: --root: /nowhere is no folder 2");
    QCOMPARE(error({u"--budget-usd"_s, u"much"_s}), "Error: --budget-usd: much is no amount above 0 2");
    QCOMPARE(error({u"--concurrency"_s, u"0"_s}), "Error: --concurrency: 0 is no count above 0 2");
    QCOMPARE(error({u"--expires"_s, u"2020-01-01"_s}),
             "Error: --expires: 2020-01-01 is no time to come, such as 90d, 12h, 30m or 2027-01-31 2");
    QCOMPARE(error({u"--expires"_s}), "Error: --expires needs a value 2");
    QCOMPARE(error({u"--colour=red"_s}),
             "Error: a token has no --colour; what it can have is --root, --model, --sandbox, --network, --budget-usd, "
             "--concurrency and --expires 2");
    QCOMPARE(token({u"add"_s, u"ci"_s, u"--expires"_s, u"1d"_s}).exitCode, 2); // no scope
}

void tst_Serve::showsMetricsToReadersOrEverybody()
{
    Service service;
    const auto statusWith = [&](const QStringList &more) {
        const auto run = service.program.launch(QStringList{u"serve"_s, u"--listen"_s, u"127.0.0.1:0"_s} + more);
        return run->says("the token is in ") ? askPort(portOf(*run), "/metrics").mid(9, 3) : "no start";
    };
    QCOMPARE(statusWith({}), "401");
    QCOMPARE(statusWith({u"--metrics-public"_s}), "200");
    const auto run = service.program.launch({u"serve"_s});
    QVERIFY(run->says("listening on "));
    const QByteArray answer = askLocally(service.path("http.sock"), "/metrics");
    QVERIFY(answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    QVERIFY(answer.contains("\nnightshift_build_info{version=\"" NIGHTSHIFT_VERSION "\"} 1\n"));
    QVERIFY(answer.contains("\nnightshift_sse_streams 0\n"));
}

void tst_Serve::handsOutItsPageToEverybody()
{
    Service service;
    const auto run = service.program.launch({u"serve"_s, u"--listen"_s, u"127.0.0.1:0"_s});
    QVERIFY(run->says("the token is in "));
    for (const char *path : {"/", "/page.js", "/page.css"}) {
        const QByteArray answer = askPort(portOf(*run), path);
        QVERIFY2(answer.startsWith("HTTP/1.1 200 "), answer);
        QVERIFY(answer.contains("\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
                                "connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'"));
        QVERIFY(!answer.contains(service.read("token")));
    }
}

void tst_Serve::saysWhereItsPageIs()
{
    Service service;
    const auto served = [&](const QStringList &more) { return QStringList{u"serve"_s, u"--open"_s} + more; };
    const Ended refused = service.program.run(served({}));
    QCOMPARE(refused.exitCode, 1);
    QVERIFY(refused.err.endsWith("Error: --open: browsers reach no Unix socket; the page needs --listen HOST:PORT\n"));
    const QStringList tcp{u"--listen"_s, u"127.0.0.1:0"_s};
    {
        const auto run = service.program.launch(served(tcp));
        QVERIFY(run->says("\nopen http://127.0.0.1:"));
        QVERIFY(run->says(QByteArray::number(portOf(*run)) + "/#token=" + service.read("token") + '\n'));
    }
    service.program.run({u"serve"_s, u"token"_s, u"add"_s, u"ci"_s, u"read"_s});
    const auto run = service.program.launch(served(tcp));
    QVERIFY(run->says("/ and give it one of your tokens\n"));
    QVERIFY(!run->err().contains("#token="));
}

static const QString cert = QStringLiteral(TEST_DATA "/../http/first.cert.pem");
static const QString key = QStringLiteral(TEST_DATA "/../http/first.key.pem");

void tst_Serve::speaksTls()
{
    Service service;
    const QStringList words{u"serve"_s, u"--listen"_s, u"127.0.0.1:0"_s, u"--tls-cert"_s, cert, u"--tls-key"_s};
    const auto run = service.program.launch(words + QStringList{key});
    QVERIFY(run->says("the token is in "));
    const QByteArray listening = "listening on https://127.0.0.1:";
    QVERIFY(run->says(listening));
    run->send(SIGTERM);
    const Ended ended = run->wait();
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(ended.err.startsWith(listening));

    QCOMPARE(service.program.run(words + QStringList{cert}),
             (Ended{{}, "Error: " + cert.toUtf8() + " holds no private key in PEM form without a passphrase\n", 1}));
    const Ended half = service.program.run(words.first(words.size() - 1));
    QCOMPARE(half.exitCode, 2);
    QVERIFY(half.err.contains("--tls-cert and --tls-key are given together"));
}

void tst_Serve::asksForTokensOverTcpWhateverIsSaid()
{
    Service service;
    const Ended refused = service.program.run({u"serve"_s, u"--no-auth"_s, u"--listen"_s, u"127.0.0.1:0"_s});
    QCOMPARE(refused.exitCode, 1);
    QVERIFY(refused.err.endsWith("Error: --no-auth is only for the Unix socket: over TCP a token is always asked\n"));
    const auto run = service.program.launch({u"serve"_s, u"--no-auth"_s});
    QVERIFY(run->says("listening on " + service.path("http.sock").toUtf8()));
}

/// What systemd would be told.
class Supervisor
{
public:
    explicit Supervisor(Service &service)
        : m_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        const QByteArray path = service.program.home().toUtf8() + "/notify";
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::copy(path.begin(), path.end(), address.sun_path);
        if (::bind(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            qFatal("no socket to notify");
        service.program.environment.insert(u"NOTIFY_SOCKET"_s, QString::fromUtf8(path));
    }
    ~Supervisor() { ::close(m_fd); }
    QByteArrayList told()
    {
        char bytes[200];
        for (ssize_t count; (count = ::recv(m_fd, bytes, sizeof bytes, 0)) > 0;)
            m_told += QByteArray(bytes, count);
        return m_told;
    }

private:
    int m_fd;
    QByteArrayList m_told;
};

void tst_Serve::tellsItsSupervisorHowItIs()
{
    Service service;
    Supervisor supervisor(service);
    const auto run = service.program.launch({u"serve"_s});
    QTRY_COMPARE_WITH_TIMEOUT(supervisor.told(), QByteArrayList{"READY=1\nSTATUS=Taking work"}, 30'000);
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 0);
    QCOMPARE(supervisor.told().last(), "STOPPING=1");
}

void tst_Serve::readsItsFilesAgainWhenHungUpOn()
{
    Service service;
    Supervisor supervisor(service);
    const QString certCopy = service.program.write(u"cert"_s, {}), keyCopy = service.program.write(u"key"_s, {});
    const auto become = [](const QString &from, const QString &to) {
        QFile::remove(to);
        return QFile::copy(from, to);
    };
    QVERIFY(become(cert, certCopy) && become(key, keyCopy));
    const auto run = service.program.launch(
        {u"serve"_s, u"--listen"_s, u"127.0.0.1:0"_s, u"--tls-cert"_s, certCopy, u"--tls-key"_s, keyCopy});
    QTRY_COMPARE_WITH_TIMEOUT(supervisor.told().size(), 1, 30'000);
    for (qsizetype count = 3; count <= 5; count += 2) { // every time
        run->send(SIGHUP);
        QTRY_COMPARE_WITH_TIMEOUT(supervisor.told().size(), count, 30'000);
        QVERIFY(supervisor.told()[count - 2].startsWith("RELOADING=1\nMONOTONIC_USEC="));
        QVERIFY(supervisor.told()[count - 1].startsWith("READY=1\n"));
    }
    QVERIFY(become(cert, keyCopy));
    run->send(SIGHUP);
    QVERIFY(run->says("the certificate stays as it was: " + keyCopy.toUtf8() + " holds no private key"));
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 0);
}

void tst_Serve::refusesWhereItCannotListen()
{
    Service service;
    const auto error = [&](const QString &address) {
        return service.program.run({u"serve"_s, u"--listen"_s, address}).err;
    };
    QCOMPARE(error(u"8080"_s), "Error: 8080 is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080\n");
    QCOMPARE(error(u"nowhere.example:80"_s), "Error: nowhere.example is no numeric address\n");
    QCOMPARE(error(u"192.0.2.1:80"_s), "Error: cannot listen on 192.0.2.1 port 80: Cannot assign requested address\n");
}

QTEST_GUILESS_MAIN(tst_Serve)
#include "tst_serve.moc"
