#include "tools/commandenvironment.h"
#include "tools/commandrun.h"
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
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

private:
    QByteArray script(const QString &verb) const;
    Table ours(const SandboxPolicy &policy) const;

    QString m_base;
};

Q_DECLARE_METATYPE(SandboxPolicy)

void tst_Probes::initTestCase()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qputenv("PROBE_PORT", "9947");
}

QByteArray tst_Probes::script(const QString &verb) const
{
    QProcess bash;
    bash.setProcessChannelMode(QProcess::MergedChannels);
    bash.setStandardOutputFile(m_base + ".log"_L1); // the decoys keep it open
    bash.start(u"bash"_s, {QStringLiteral(TEST_DATA) + "/sandbox_probes.sh"_L1, verb, m_base});
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
                   {.argv = {u"bash"_s, QStringLiteral(TEST_DATA) + "/sandbox_probes.sh"_L1, u"run"_s, m_base},
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
    QFile file(QStringLiteral(TEST_DATA) + "/sandbox_probes.tsv"_L1);
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
    QTest::newRow("read-only") << SandboxPolicy{} << 1;
    QTest::newRow("workspace-write") << SandboxPolicy{.mode = Mode::WorkspaceWrite} << (geteuid() == 0 ? 2 : 4);
    QTest::newRow("network") << SandboxPolicy{.mode = Mode::WorkspaceWrite, .networkAccess = true} << 3;
}

void tst_Probes::isAtLeastAsStrictAsTheReference()
{
    QFETCH(SandboxPolicy, policy);
    QFETCH(int, column);
    QTemporaryDir dir(QDir::homePath() + "/nightshift-XXXXXX"_L1);
    m_base = dir.filePath(u"probes"_s);
    script(u"setup"_s);
    Table expected = referenceColumn(column);
    const Table found = ours(policy);
    const QByteArray host = script(u"teardown"_s);

    // Whole socket pairs: they lead nowhere, and programs talk to their children with them.
    for (const auto &probe :
         {u"net.unix_pair_sendto"_s, u"net.getsockopt"_s, u"net.setsockopt"_s, u"net.shutdown"_s, u"net.getsockname"_s})
        expected[probe] = u"ok"_s;
    // Closed here: name spaces in name spaces, the session's keys, root's way to the host through /proc/sys.
    for (const auto &probe : {u"ns.unshare_user"_s, u"ns.clone3_user"_s, u"ns.nested_bwrap"_s, u"ns.unshare_tool"_s,
                              u"proc.keyctl"_s, u"proc.add_key"_s, u"k.proc_sys"_s, u"k.proc_sys_hostname"_s,
                              u"k.core_pattern"_s, u"net.abstract_connect_host"_s})
        expected[probe] = u"refused"_s;
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
    QCOMPARE(wrong, QStringList());
    QVERIFY2(host.contains("host: serve alive (nice 0)\nhost: decoy alive (nice 0)\nhost: outside/target.txt=orig"),
             host.constData());
    QVERIFY2(host.contains("udp datagram arrived") == policy.networkAccess, host.constData());
    QVERIFY2(!host.contains("daemon wrote"), host.constData());
}

QTEST_GUILESS_MAIN(tst_Probes)
#include "tst_probes.moc"
