#include "http/systemd.h"
#include "support/serving.h"
#include <QLocalSocket>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;

/// Where clients come from: TCP, Unix sockets, sockets from systemd; and what systemd is told.
class tst_Listener : public QObject
{
    Q_OBJECT

private slots:
    void readsAddresses_data();
    void readsAddresses();
    void localUserNeedsNoToken();
    void turnsOtherUsersAway();
    void unixSocketIsForThisUserOnly();
    void replacesTheSocketOfADeadServerOnly();
    void waitsForWhatADeadServerLeft();
    void saysWhyItCannotListen();
    void takesSocketsFromSystemd();
    void takesNoSocketsMeantForAnother();
    void tellsSystemdHowItIs();
    void tellsNobodyUnasked();
};

void tst_Listener::readsAddresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QByteArray>("address");
    QTest::newRow("IPv4") << u"127.0.0.1:80"_s << QByteArray("127.0.0.1 80");
    QTest::newRow("IPv6") << u"[::1]:0"_s << QByteArray("::1 0");
    QTest::newRow("localhost") << u"localhost:8080"_s << QByteArray("127.0.0.1 8080");
    for (const QString &wrong :
         {u"8080"_s, u":8080"_s, u"127.0.0.1"_s, u"127.0.0.1:"_s, u"127.0.0.1:65536"_s, u"::1:80"_s, u""_s})
        QTest::addRow("wrong %s", qPrintable(wrong)) << wrong << QByteArray("wrong");
}

void tst_Listener::readsAddresses()
{
    QFETCH(QString, text);
    const auto read = readTcpAddress(text);
    QTEST(read ? read->host + ' ' + QByteArray::number(read->port) : QByteArray("wrong"), "address");
}

static QByteArray askUnix(const QString &path, const QByteArray &request)
{
    QLocalSocket socket;
    socket.connectToServer(path);
    socket.write(request);
    QByteArray got;
    (void)QTest::qWaitFor([&] { return (got += socket.readAll(), socket.state() == QLocalSocket::UnconnectedState); },
                          30'000);
    return got + socket.readAll();
}

static const QByteArray getThing = "GET /v1/things/7 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

void tst_Listener::localUserNeedsNoToken()
{
    Serving serving;
    const QString path = serving.folder.filePath(u"http.sock"_s);
    serving.server().listen(std::move(*listenOnUnix(path)));
    QCOMPARE(brief(askUnix(path, getThing)), "200 {\"id\":\"7\"}");
}

void tst_Listener::turnsOtherUsersAway()
{
    Serving serving;
    const QString path = serving.folder.filePath(u"http.sock"_s);
    serving.server().listen(std::move(*listenOnUnix(path)));
    serving.server().user = ::geteuid() + 1; // who connects is another one, then
    QTest::ignoreMessage(QtWarningMsg, "a client of another user was turned away");
    QCOMPARE(askUnix(path, getThing), "");
    QCOMPARE(serving.server().connections(), 0);
}

void tst_Listener::unixSocketIsForThisUserOnly()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"http.sock"_s);
    const auto fd = listenOnUnix(path);
    QVERIFY(fd);
    struct stat status = {};
    QCOMPARE(::stat(QFile::encodeName(path).constData(), &status), 0);
    QCOMPARE(status.st_mode & 07777, 0600U);
    QVERIFY(isUnixSocket(fd->get()));
    QCOMPARE(portOf(fd->get()), 0);
}

void tst_Listener::replacesTheSocketOfADeadServerOnly()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"http.sock"_s);
    auto living = listenOnUnix(path);
    QVERIFY(living);
    QCOMPARE(listenOnUnix(path).error().message, path + u" is in use"_s);
    *living = Descriptor(); // its end leaves the file behind
    QVERIFY(QFile::exists(path));
    QVERIFY(listenOnUnix(path));
    QFile file(folder.filePath(u"precious"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(listenOnUnix(file.fileName()).error().message, file.fileName() + u" is in use"_s);
    QVERIFY(file.exists());
}

/// A child of a server that was killed before it became its program: it has the socket still.
void tst_Listener::waitsForWhatADeadServerLeft()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"http.sock"_s);
    const pid_t server = ::fork();
    if (server == 0) {
        const auto fd = listenOnUnix(path);
        pollfd connected{fd ? fd->get() : -1, POLLIN, 0};
        if (::fork() == 0)
            ::poll(&connected, 1, 30'000); // goes on when it is connected to
        ::_exit(fd ? 0 : 1);
    }
    int status = -1;
    QCOMPARE(::waitpid(server, &status, 0), server);
    QCOMPARE(status, 0);
    QVERIFY(listenOnUnix(path));
}

void tst_Listener::saysWhyItCannotListen()
{
    const auto first = listenOnTcp({"127.0.0.1", 0});
    QVERIFY(first);
    const quint16 port = portOf(first->get());
    QCOMPARE(listenOnTcp({"127.0.0.1", port}).error().message,
             u"cannot listen on 127.0.0.1 port %1: Address already in use"_s.arg(port));
    QCOMPARE(listenOnTcp({"no.number", 80}).error().message, u"no.number is no numeric address"_s);
    QVERIFY(listenOnUnix(QString(200, u'x')).error().message.endsWith(u"is too long for the path of a socket"_s));
}

void tst_Listener::takesSocketsFromSystemd()
{
    Serving serving;
    const QString path = serving.folder.filePath(u"http.sock"_s);
    const auto tcp = listenOnTcp({"127.0.0.1", 0});
    const auto local = listenOnUnix(path);
    const quint16 port = portOf(tcp->get());
    const int saved[] = {::fcntl(3, F_DUPFD_CLOEXEC, 10), ::fcntl(4, F_DUPFD_CLOEXEC, 10)}; // in use here already
    const Descriptor copies[] = {Descriptor(::fcntl(tcp->get(), F_DUPFD_CLOEXEC, 10)),
                                 Descriptor(::fcntl(local->get(), F_DUPFD_CLOEXEC, 10))};
    ::dup2(copies[0].get(), 3);
    ::dup2(copies[1].get(), 4);
    qputenv("LISTEN_PID", QByteArray::number(::getpid()));
    qputenv("LISTEN_FDS", "2");
    auto sockets = inheritedSockets();
    QCOMPARE(sockets.size(), 2U);
    QVERIFY(!qEnvironmentVariableIsSet("LISTEN_FDS"));
    QCOMPARE(portOf(sockets[0].get()), port);
    QVERIFY(isUnixSocket(sockets[1].get()));
    QVERIFY(::fcntl(3, F_GETFD) & FD_CLOEXEC);
    QCOMPARE(sockets[0].take() + sockets[1].take(), 7); // theirs, not ours, from here on
    for (int i = 0; i < 2; ++i) {
        if (saved[i] >= 0) {
            ::dup2(saved[i], 3 + i);
            ::close(saved[i]);
        }
    }
    serving.server().listen(Descriptor(::fcntl(copies[1].get(), F_DUPFD_CLOEXEC, 10)));
    QCOMPARE(brief(askUnix(path, getThing)), "200 {\"id\":\"7\"}");
}

void tst_Listener::takesNoSocketsMeantForAnother()
{
    qputenv("LISTEN_PID", "1");
    qputenv("LISTEN_FDS", "2");
    QVERIFY(inheritedSockets().empty());
}

void tst_Listener::tellsSystemdHowItIs()
{
    const QByteArray name = "@nightshift-test-" + QByteArray::number(::getpid());
    const Descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::copy(name.begin() + 1, name.end(), address.sun_path + 1);
    const socklen_t length = socklen_t(offsetof(sockaddr_un, sun_path) + size_t(name.size()));
    QCOMPARE(::bind(fd.get(), reinterpret_cast<sockaddr *>(&address), length), 0);
    const auto heard = [&fd] {
        char bytes[200];
        const ssize_t count = ::recv(fd.get(), bytes, sizeof bytes, 0);
        return QByteArray(bytes, std::max<ssize_t>(0, count));
    };
    qputenv("NOTIFY_SOCKET", name);
    qputenv("WATCHDOG_USEC", "20000");
    Supervisor supervisor;
    QVERIFY(!qEnvironmentVariableIsSet("NOTIFY_SOCKET"));
    supervisor.ready("2 sessions");
    QCOMPARE(heard(), "READY=1\nSTATUS=2 sessions");
    supervisor.status("idle");
    QCOMPARE(heard(), "STATUS=idle");
    supervisor.reloading();
    QVERIFY(heard().startsWith("RELOADING=1\nMONOTONIC_USEC="));
    supervisor.stopping();
    QCOMPARE(heard(), "STOPPING=1");
    QTRY_COMPARE(heard(), "WATCHDOG=1");
}

void tst_Listener::tellsNobodyUnasked()
{
    Supervisor().ready("nobody listens");
}

QTEST_GUILESS_MAIN(tst_Listener)
#include "tst_listener.moc"
