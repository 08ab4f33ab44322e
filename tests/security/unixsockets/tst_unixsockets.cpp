#include "tools/commandrun.h"
#include <QCoreApplication>
#include <QDir>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

namespace {

/// An address of a socket in the file system, or of an abstract one where the name begins with '@'.
struct Address
{
    sockaddr_un bytes{.sun_family = AF_UNIX, .sun_path = {}};
    socklen_t size;

    explicit Address(const QByteArray &name)
        : size(socklen_t(offsetof(sockaddr_un, sun_path) + size_t(name.size())))
    {
        memcpy(bytes.sun_path, name.constData(), size_t(name.size()));
        if (name.startsWith('@'))
            bytes.sun_path[0] = 0;
    }
    sockaddr *get() { return reinterpret_cast<sockaddr *>(&bytes); }
};

/// A message with a descriptor beside it; to `to` if there is one.
bool sendDescriptor(int socket, Address *to)
{
    char byte = 'x';
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_name = to ? to->get() : nullptr;
    message.msg_namelen = to ? to->size : 0;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &socket, sizeof(int));
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

constexpr int flagsTried[] = {0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK};

/// The sockets of this type that can be had.
QList<int> socketsOf(int type)
{
    QList<int> sockets;
    for (const int flags : flagsTried) {
        if (const int one = socket(AF_UNIX, type | flags, 0); one >= 0)
            sockets += one;
        int pair[2];
        if (socketpair(AF_UNIX, type | flags, 0, pair) == 0)
            sockets += {pair[0], pair[1]};
    }
    return sockets;
}

/// Runs in the sandbox: every way to hand something to the socket of that name.
int attack(const QByteArray &name)
{
    Address to(name);
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET}) {
        for (const int socket : socketsOf(type)) {
            sendDescriptor(socket, &to);
            sendto(socket, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size);
            mmsghdr many{};
            many.msg_hdr.msg_name = to.get();
            many.msg_hdr.msg_namelen = to.size;
            sendmmsg(socket, &many, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (connect(socket, to.get(), to.size) == 0)
                sendDescriptor(socket, nullptr);
        }
    }
    return 0;
}

/// Runs in the sandbox: what programs talk to their children with.
int talkInPairs()
{
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
        for (const int flags : flagsTried) {
            int pair[2];
            char byte = 0;
            if (socketpair(AF_UNIX, type | flags, 0, pair) != 0 || !sendDescriptor(pair[0], nullptr) ||
                recv(pair[1], &byte, 1, 0) != 1 || byte != 'x')
                return 1;
        }
    }
    return 0;
}

/// A socket of the host, in a folder that no command may write.
class HostSocket
{
public:
    HostSocket(int type, const QByteArray &name)
        : m_socket(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        Address address(name);
        m_isBound =
            bind(m_socket, address.get(), address.size) == 0 && (type == SOCK_DGRAM || listen(m_socket, 5) == 0);
        m_type = type;
    }
    ~HostSocket() { close(m_socket); }
    bool isBound() const { return m_isBound; }
    bool wasReached() const
    {
        char bytes[8];
        return (m_type == SOCK_DGRAM ? recv(m_socket, bytes, sizeof bytes, 0) : accept(m_socket, nullptr, nullptr)) >=
               0;
    }

private:
    int m_socket, m_type = 0;
    bool m_isBound = false;
};

} // namespace

/// A command can hand bytes and open files to whatever listens on a Unix socket.
class tst_UnixSockets : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void reachNoListenerOfTheHost_data() { mechanisms(true); }
    void reachNoListenerOfTheHost();
    void remainAsPairs_data() { mechanisms(false); }
    void remainAsPairs();
    void hideTheFoldersOfDaemons();

private:
    static void mechanisms(bool online);
    static int inside(const SandboxPolicy &policy, const QStringList &argv, const QString &cwd);
};

void tst_UnixSockets::initTestCase()
{
    if (!qEnvironmentVariableIsSet("NIGHTSHIFT_SANDBOX_HELPER"))
        qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qRegisterMetaType<CommandEnd>();
}

void tst_UnixSockets::mechanisms(bool online)
{
    QTest::addColumn<QByteArray>("mechanism");
    QTest::addColumn<bool>("network");
    QTest::newRow("bubblewrap, offline") << "bubblewrap"_ba << false;
    QTest::newRow("landlock, offline") << "landlock"_ba << false;
    QTest::newRow("landlock, online") << "landlock"_ba << true;
    if (!online)
        QTest::newRow("bubblewrap, online") << "bubblewrap"_ba << true;
}

/// The exit code of a command in the sandbox.
int tst_UnixSockets::inside(const SandboxPolicy &policy, const QStringList &argv, const QString &cwd)
{
    const auto sandbox = Sandbox::prepare(policy, cwd, {});
    if (!sandbox)
        return -1;
    CommandRun command(*sandbox, {.argv = argv, .cwd = cwd, .environment = QProcess::systemEnvironment()}, nullptr);
    QSignalSpy ended(&command, &CommandRun::finished);
    if (!ended.wait(20'000))
        return -1;
    const auto end = ended.first().first().value<CommandEnd>();
    return end.error ? -1 : end.exitCode.value_or(-1);
}

static bool hasMechanism(const QByteArray &mechanism)
{
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", mechanism);
    return mechanism != "landlock" || syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 6;
}

void tst_UnixSockets::reachNoListenerOfTheHost()
{
    QFETCH(const QByteArray, mechanism);
    QFETCH(const bool, network);
    if (!hasMechanism(mechanism))
        QSKIP("needs Linux 6.12 with Landlock");
    QTemporaryDir dir(QDir::homePath() + "/ns-XXXXXX"_L1);
    QVERIFY(QDir(dir.path()).mkdir(u"tree"_s));
    const QByteArray mark = QFileInfo(dir.path()).fileName().toUtf8();
    for (const int type : {SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET}) {
        for (const QByteArray &name :
             {dir.filePath(QString::number(type)).toUtf8(), '@' + mark + QByteArray::number(type)}) {
            const HostSocket host(type, name);
            QVERIFY(host.isBound());
            QCOMPARE(attack(name), 0);
            QVERIFY(host.wasReached()); // without a sandbox, or nothing would be shown
            while (host.wasReached()) {
            }
            const SandboxPolicy policy{.mode = Mode::WorkspaceWrite, .networkAccess = network};
            const QStringList argv{QCoreApplication::applicationFilePath(), u"attack"_s, QString::fromUtf8(name)};
            QCOMPARE(inside(policy, argv, dir.filePath(u"tree"_s)), 0);
            QVERIFY2(!host.wasReached(), name.constData());
        }
    }
}

void tst_UnixSockets::remainAsPairs()
{
    QFETCH(const QByteArray, mechanism);
    QFETCH(const bool, network);
    if (!hasMechanism(mechanism))
        QSKIP("needs Linux 6.12 with Landlock");
    const QStringList argv{QCoreApplication::applicationFilePath(), u"talk"_s};
    QCOMPARE(inside({.networkAccess = network}, argv, QDir::homePath()), 0);
}

void tst_UnixSockets::hideTheFoldersOfDaemons()
{
    QTemporaryDir dir(u"/run/ns-XXXXXX"_s);
    if (!dir.isValid())
        QSKIP("only root makes folders in /run");
    QFile secret(dir.filePath(u"secret"_s));
    QVERIFY(secret.open(QIODevice::WriteOnly) && secret.write("x\n") > 0);
    secret.close();
    const QStringList argv{u"cat"_s, secret.fileName()};
    for (const QByteArray mechanism : {"bubblewrap", "landlock"}) {
        if (!hasMechanism(mechanism))
            continue;
        for (const QString &cwd : {u"/usr"_s, u"/run"_s}) {
            // bubblewrap hides /run as a whole, and a hidden working folder means that nothing runs.
            const int refused = mechanism == "bubblewrap" && cwd == u"/run" ? -1 : 1;
            for (const bool network : {false, true})
                QCOMPARE(inside({.networkAccess = network}, argv, cwd), refused);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "attack") == 0)
        return attack(argv[2]);
    if (argc == 2 && strcmp(argv[1], "talk") == 0)
        return talkInPairs();
    QCoreApplication application(argc, argv);
    tst_UnixSockets test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_unixsockets.moc"
