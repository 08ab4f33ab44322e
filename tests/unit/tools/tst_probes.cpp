#include "tools/commandenvironment.h"
#include "tools/commandrun.h"
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using Mode = SandboxPolicy::Mode;

using Table = QMap<QString, QString>;

/// Tries every known way out of the sandbox and compares with what the reference let through.
class tst_Probes : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void isAtLeastAsStrictAsTheReference_data();
    void isAtLeastAsStrictAsTheReference();
    void holdsForOrdinaryUsers();

private:
    QByteArray script(const QString &verb) const;
    Table ours(const SandboxPolicy &policy) const;

    QString m_base;
};

Q_DECLARE_METATYPE(SandboxPolicy)

void tst_Probes::initTestCase()
{
    if (!qEnvironmentVariableIsSet("NIGHTSHIFT_SANDBOX_HELPER"))
        qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qputenv("PROBE_PORT", "9947");
}

/// Beside this program where it is a copy for somebody who may not enter the source tree.
static QString dataFile(const QString &name)
{
    const QString copied = QCoreApplication::applicationDirPath() + u'/' + name;
    return QFile::exists(copied) ? copied : QStringLiteral(TEST_DATA) + u'/' + name;
}

QByteArray tst_Probes::script(const QString &verb) const
{
    QProcess bash;
    bash.setProcessChannelMode(QProcess::MergedChannels);
    bash.setStandardOutputFile(m_base + ".log"_L1); // the decoys keep it open
    bash.start(u"bash"_s, {dataFile(u"sandbox_probes.sh"_s), verb, m_base});
    if (!bash.waitForFinished(30'000) || bash.exitCode() != 0)
        return "the script failed\n";
    QFile log(m_base + ".log"_L1);
    return log.open(QIODevice::ReadOnly) ? log.readAll() : QByteArray();
}

Table tst_Probes::ours(const SandboxPolicy &policy) const
{
    const auto sandbox = Sandbox::prepare(policy, m_base + "/ws"_L1, {});
    if (!sandbox)
        return {{u"error"_s, sandbox.error().message}};
    QStringList environment = QProcess::systemEnvironment();
    environment.removeIf([](const QString &entry) { return entry.startsWith("TMPDIR="_L1); });
    CommandRun run(*sandbox,
                   {.argv = {u"bash"_s, dataFile(u"sandbox_probes.sh"_s), u"run"_s, m_base},
                    .cwd = m_base + "/ws"_L1,
                    .environment = environment},
                   nullptr);
    QByteArray output;
    connect(&run, &CommandRun::output, this, [&](const QByteArray &bytes) { output += bytes; });
    QSignalSpy ended(&run, &CommandRun::finished);
    ended.wait(60'000);
    Table table;
    for (const QByteArray &line : output.split('\n')) {
        const QList<QByteArray> fields = line.split('\t'); // id, group, result, detail
        if (fields.size() > 2)
            table[QString::fromUtf8(fields[0])] = fields[2] == "no" ? u"refused"_s : QString::fromUtf8(fields[2]);
    }
    return table;
}

static Table referenceColumn(int column)
{
    Table table;
    QFile file(dataFile(u"sandbox_probes.tsv"_s));
    if (!file.open(QIODevice::ReadOnly))
        return table;
    file.readLine(); // the columns' names
    while (!file.atEnd()) {
        const QList<QByteArray> fields = file.readLine().trimmed().split('\t');
        table[QString::fromUtf8(fields[0])] = QString::fromUtf8(fields[column]);
    }
    return table;
}

void tst_Probes::isAtLeastAsStrictAsTheReference_data()
{
    QTest::addColumn<SandboxPolicy>("policy");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("mechanism");
    for (const QByteArray mechanism : {"bubblewrap", "landlock"}) {
        const auto row = [&](const char *name) -> QTestData & {
            return QTest::addRow("%s, %s", mechanism.constData(), name);
        };
        row("read-only") << SandboxPolicy{} << 1 << mechanism;
        row("workspace-write") << SandboxPolicy{.mode = Mode::WorkspaceWrite} << (geteuid() == 0 ? 2 : 4) << mechanism;
        row("network") << SandboxPolicy{.mode = Mode::WorkspaceWrite, .networkAccess = true} << 3 << mechanism;
    }
}

void tst_Probes::isAtLeastAsStrictAsTheReference()
{
    QFETCH(SandboxPolicy, policy);
    QFETCH(int, column);
    QFETCH(QByteArray, mechanism);
    const bool isLandlock = mechanism == "landlock";
    if (isLandlock && syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 6)
        QSKIP("needs Linux 6.12 with Landlock");
    qputenv("NIGHTSHIFT_SANDBOX_MECHANISM", mechanism);
    QTemporaryDir dir(QDir::homePath() + "/nightshift-XXXXXX"_L1);
    m_base = dir.filePath(u"probes"_s);
    script(u"setup"_s);
    Table expected = referenceColumn(column);
    const Table found = ours(policy);
    const QByteArray host = script(u"teardown"_s);

    // Whole socket pairs: they lead nowhere, and programs talk to their children with them.
    for (const auto &probe : {u"net.getsockopt"_s, u"net.setsockopt"_s, u"net.shutdown"_s, u"net.getsockname"_s})
        expected[probe] = u"ok"_s;
    // Closed here: name spaces in name spaces, the session's keys, root's way to the host through /proc/sys.
    for (const auto &probe : {u"ns.unshare_user"_s, u"ns.clone3_user"_s, u"ns.nested_bwrap"_s, u"ns.unshare_tool"_s,
                              u"proc.keyctl"_s, u"proc.add_key"_s, u"k.proc_sys"_s, u"k.proc_sys_hostname"_s,
                              u"k.core_pattern"_s, u"net.abstract_connect_host"_s})
        expected[probe] = u"refused"_s;
    if (isLandlock) {
        // It hides no names: neither those of files that cannot be read, nor those of other processes.
        expected[u"out.dev_shm_is_host"_s] = expected[u"proc.see_host"_s] = u"ok"_s;
        // The host's daemons listen on sockets that it does not look at, so there are only socket pairs, and none of
        // datagrams, which could be sent elsewhere.
        if (policy.networkAccess) {
            for (const auto &probe :
                 {u"net.unix_socket"_s, u"net.unix_listen_ws"_s, u"net.unix_connect_host"_s, u"net.unix_pair_sendto"_s})
                expected[probe] = u"refused"_s;
        }
    }
    QStringList wrong;
    for (const auto &[probe, wanted] : expected.asKeyValueRange()) {
        const QString result = found.value(probe, u"not tried"_s);
        const bool isOpen = result == "ok"_L1 || result == "not tried"_L1;
        const bool isOurOwn = probe.startsWith("id."_L1) && probe != "id.uid"_L1 && result != wanted;
        if ((isOpen && wanted != "ok"_L1) || isOurOwn)
            wrong += u"%1: %2, expected %3"_s.arg(probe, result, wanted);
    }
    // What must go on working, or nothing could be built in here.
    for (const auto &[probe, wanted] : expected.asKeyValueRange()) {
        if (wanted == "ok"_L1 && (probe.startsWith("ws."_L1) || probe.startsWith("net."_L1)) &&
            found[probe] != wanted && !(probe.startsWith("ws.chown"_L1) && geteuid() != 0))
            wrong += u"%1: %2, expected to work"_s.arg(probe, found[probe]);
    }
    QCOMPARE(wrong.join(u'\n'), QString());
    QVERIFY2(host.contains("host: serve alive (nice 0)\nhost: decoy alive (nice 0)\nhost: outside/target.txt=orig"),
             host.constData());
    QVERIFY2(host.contains("udp datagram arrived") == policy.networkAccess, host.constData());
    QVERIFY2(!host.contains("daemon wrote"), host.constData());
}

/// The same tests again, as somebody without privileges.
void tst_Probes::holdsForOrdinaryUsers()
{
    if (geteuid() != 0)
        QSKIP("they have just run as an ordinary user");
    QTemporaryDir home(u"/var/tmp/nightshift-XXXXXX"_s);
    QVERIFY(chown(home.path().toLocal8Bit().constData(), 65534, 65534) == 0);
    QVERIFY(QFile::copy(QCoreApplication::applicationFilePath(), home.filePath(u"probes"_s)));
    QVERIFY(QFile::copy(QStringLiteral(SANDBOX_HELPER), home.filePath(u"helper"_s)));
    for (const QString &name : {u"sandbox_probes.sh"_s, u"sandbox_probes.tsv"_s})
        QVERIFY(QFile::copy(dataFile(name), home.filePath(name)));
    QProcess again;
    again.setProcessChannelMode(QProcess::MergedChannels);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"HOME"_s, home.path());
    environment.insert(u"NIGHTSHIFT_SANDBOX_HELPER"_s, home.filePath(u"helper"_s));
    again.setProcessEnvironment(environment);
    again.setWorkingDirectory(home.path());
    again.start(u"setpriv"_s, {u"--reuid=65534"_s, u"--regid=65534"_s, u"--clear-groups"_s, u"--bounding-set=-all"_s,
                               home.filePath(u"probes"_s), u"isAtLeastAsStrictAsTheReference"_s});
    QVERIFY2(again.waitForFinished(200'000), qPrintable(again.errorString()));
    const QByteArray said = again.readAll();
    QVERIFY2(again.exitCode() == 0, said.constData());
}

QTEST_GUILESS_MAIN(tst_Probes)
#include "tst_probes.moc"
