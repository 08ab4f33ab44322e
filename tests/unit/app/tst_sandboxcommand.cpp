#include "app/sandboxcommand.h"
#include <QCoreApplication>
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace nightshift;
using Mode = SandboxPolicy::Mode;

/// The command replaces its process, so this program plays it: `tst_sandboxcommand sandbox MODE CWD ARGV…`.
static int become(const QStringList &words)
{
    const Mode mode = words[2] == "danger-full-access"_L1 ? Mode::DangerFullAccess
                      : words[2] == "workspace-write"_L1  ? Mode::WorkspaceWrite
                                                          : Mode::ReadOnly;
    const Error error = app::runSandboxCommand({.mode = mode}, {}, words[3], words.sliced(4));
    fprintf(stderr, "%s\n", qPrintable(error.message));
    return 1;
}

class tst_SandboxCommand : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void passesStreamsAndExitCodeThrough();
    void saysThatThereIsNoNetwork();
    void killsTheTreeOnTerm();
};

void tst_SandboxCommand::initTestCase()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    qputenv("LC_ALL", "C.UTF-8"); // or Qt complains on the stderr that is compared here
}

static void start(QProcess &process, const QString &mode, const QString &script)
{
    process.start(QCoreApplication::applicationFilePath(),
                  {u"sandbox"_s, mode, QDir::homePath(), u"bash"_s, u"-c"_s, script});
}

void tst_SandboxCommand::passesStreamsAndExitCodeThrough()
{
    for (const auto &mode : {u"read-only"_s, u"danger-full-access"_s}) {
        QProcess process;
        start(process, mode, u"tr a-z A-Z; pwd; echo complaint >&2; kill -9 $$"_s);
        process.write("words\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.readAllStandardOutput(), "WORDS\n" + QDir::homePath().toLocal8Bit() + '\n');
        QCOMPARE(process.readAllStandardError(), "complaint\n"_ba);
        QCOMPARE(process.exitCode(), 137);
    }
}

void tst_SandboxCommand::saysThatThereIsNoNetwork()
{
    QProcess process;
    start(process, u"read-only"_s, u"echo $CODEX_SANDBOX_NETWORK_DISABLED"_s);
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.readAllStandardOutput(), "1\n"_ba);
    start(process, u"danger-full-access"_s, u"echo $CODEX_SANDBOX_NETWORK_DISABLED"_s);
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.readAllStandardOutput(), "\n"_ba);
}

void tst_SandboxCommand::killsTheTreeOnTerm()
{
    for (const auto &mode : {u"read-only"_s, u"danger-full-access"_s}) {
        QProcess process;
        start(process, mode, u"trap '' TERM; echo on; sleep 1000 & sleep 1000"_s);
        QVERIFY(process.waitForReadyRead());
        process.terminate();
        // Its output ends only when the last of the tree is gone.
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 137);
    }
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().value(1) == "sandbox"_L1)
        return become(application.arguments());
    tst_SandboxCommand test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_sandboxcommand.moc"
