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
    void tellsItsSupervisorHowItIs();
    void refusesWhereItCannotListen();
};

/// A program whose runtime folder is in its home.
struct Service
{
    Service() { program.environment.insert(u"XDG_RUNTIME_DIR"_s, program.home()); }
    QString path(const char *name) const { return program.home() + u"/nightshift/"_s + QLatin1StringView(name); }
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
    QVERIFY(listed.endsWith("  read,run  ci\n"));
    const QString id = QString::fromUtf8(listed.first(listed.indexOf(' ')));
    QCOMPARE(token({u"revoke"_s, id}), (Ended{"", "", 0}));
    QCOMPARE(token({u"list"_s}).out, "");
    QCOMPARE(token({u"revoke"_s, id}).exitCode, 1);
    QCOMPARE(token({u"add"_s, u"ci"_s, u"root"_s}).err, "Error: scopes are read, run, approve and admin, not root\n");
    QCOMPARE(token({u"add"_s}).exitCode, 2);
}

void tst_Serve::tellsItsSupervisorHowItIs()
{
    Service service;
    const QByteArray path = service.program.home().toUtf8() + "/notify";
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    QCOMPARE(::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    QByteArrayList told;
    const auto listen = [&] {
        char bytes[200];
        for (ssize_t count; (count = ::recv(fd, bytes, sizeof bytes, 0)) > 0;)
            told += QByteArray(bytes, count);
        return told;
    };
    service.program.environment.insert(u"NOTIFY_SOCKET"_s, QString::fromUtf8(path));
    const auto run = service.program.launch({u"serve"_s});
    QTRY_COMPARE_WITH_TIMEOUT(listen(), QByteArrayList{"READY=1\nSTATUS=Taking work"}, 30'000);
    run->send(SIGTERM);
    QCOMPARE(run->wait().exitCode, 0);
    QCOMPARE(listen().last(), "STOPPING=1");
    ::close(fd);
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
