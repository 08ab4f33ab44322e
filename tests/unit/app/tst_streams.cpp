#include "app/exitcodes.h"
#include "app/lastmessagefile.h"
#include "app/stdoutwriter.h"
#include "app/unixsignals.h"
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::app;

/// What the program shares with its caller: streams, the answer's file, signals, the exit code.
class tst_Streams : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { signal(SIGPIPE, SIG_IGN); }
    void writesLinesWhole();
    void writesThroughFullPipes();
    void reportsALostReaderOnce();
    void reportsAFullDisk();
    void fillsTheAnswerFileOnSuccessOnly();
    void warnsWhenThereIsNoAnswer();
    void writesTheAnswerToDevicesAndPipes();
    void continuesStdoutThatIsAFile();
    void refusesAnswerFilesThatCannotBe();
    void announcesTheFirstSignal();
    void diesOfTheSecondSignal();
    void leavesIgnoredSignalsIgnored();
    void mapsFailuresToExitCodes();

private:
    QByteArray content(const QString &path);
    void put(const QString &path, const QByteArray &bytes);
    QTemporaryDir m_dir;
};

QByteArray tst_Streams::content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : "(no file)";
}

void tst_Streams::put(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

void tst_Streams::writesLinesWhole()
{
    int ends[2];
    QCOMPARE(pipe(ends), 0);
    StdoutWriter writer([](int) { QFAIL("nothing is wrong"); }, ends[1]);
    writer.writeLine("{}");
    writer.write("answer\n");
    char buffer[32];
    QCOMPARE(QByteArray(buffer, read(ends[0], buffer, sizeof buffer)), "{}\nanswer\n");
    close(ends[0]);
    close(ends[1]);
}

void tst_Streams::writesThroughFullPipes()
{
    int ends[2];
    QCOMPARE(pipe2(ends, O_NONBLOCK), 0);
    fcntl(ends[0], F_SETFL, 0);
    const QByteArray big(1 << 20, 'x');
    QByteArray got;
    std::jthread reader([&] {
        char buffer[4096];
        for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
            got.append(buffer, n);
    });
    const int error = writeFully(ends[1], big);
    close(ends[1]);
    reader.join();
    close(ends[0]);
    QCOMPARE(error, 0);
    QCOMPARE(got, big);
}

void tst_Streams::reportsALostReaderOnce()
{
    int ends[2];
    QCOMPARE(pipe(ends), 0);
    close(ends[0]);
    QList<int> errors;
    StdoutWriter writer([&](int error) { errors += error; }, ends[1]);
    writer.writeLine("a");
    writer.writeLine("b");
    close(ends[1]);
    QCOMPARE(errors, QList<int>{EPIPE});
    QVERIFY(writer.hasFailed());
}

void tst_Streams::reportsAFullDisk()
{
    const int full = open("/dev/full", O_WRONLY);
    QList<int> errors;
    StdoutWriter([&](int error) { errors += error; }, full).writeLine("a");
    close(full);
    QCOMPARE(errors, QList<int>{ENOSPC});
}

void tst_Streams::fillsTheAnswerFileOnSuccessOnly()
{
    const QString path = m_dir.filePath(u"answer"_s);
    put(path, "an old and longer answer");
    { // a run that fails never calls finish()
        QVERIFY(LastMessageFile::open(path));
        QCOMPARE(content(path), "an old and longer answer");
    }
    auto file = LastMessageFile::open(path);
    QCOMPARE(file->finish(u"späť"_s), std::nullopt);
    QCOMPARE(content(path), "späť");

    const QString created = m_dir.filePath(u"new"_s);
    QVERIFY(LastMessageFile::open(created));
    QCOMPARE(content(created), "");
}

void tst_Streams::warnsWhenThereIsNoAnswer()
{
    const QString path = m_dir.filePath(u"none"_s);
    put(path, "old");
    auto file = LastMessageFile::open(path);
    QCOMPARE(file->finish({}), u"Warning: no last agent message; wrote empty content to "_s + path);
    QCOMPARE(content(path), "");
}

void tst_Streams::writesTheAnswerToDevicesAndPipes()
{
    QCOMPARE(LastMessageFile::open(u"/dev/null"_s)->finish(u"x"_s), std::nullopt);
    QVERIFY(LastMessageFile::open(u"/dev/full"_s)->finish(u"x"_s)->startsWith("Warning: could not write"_L1));
}

void tst_Streams::continuesStdoutThatIsAFile()
{
    const QString path = m_dir.filePath(u"out"_s);
    const int original = dup(1);
    const int redirected = open(qPrintable(path), O_WRONLY | O_CREAT, 0600);
    dup2(redirected, 1);
    auto file = LastMessageFile::open(u"/dev/stdout"_s);
    writeFully(1, "{}\n");
    const auto warning = file->finish(u"hi"_s);
    dup2(original, 1);
    close(original);
    close(redirected);
    QCOMPARE(warning, std::nullopt);
    QCOMPARE(content(path), "{}\nhi");
}

void tst_Streams::refusesAnswerFilesThatCannotBe()
{
    QCOMPARE(LastMessageFile::open(u"/nowhere/x"_s).error().message,
             u"Failed to open last message file \"/nowhere/x\": No such file or directory"_s);
    const QString link = m_dir.filePath(u"link"_s);
    QVERIFY(QFile::link(m_dir.filePath(u"elsewhere"_s), link));
    QVERIFY(!LastMessageFile::open(link));
    QVERIFY(!QFile::exists(m_dir.filePath(u"elsewhere"_s)));
}

void tst_Streams::announcesTheFirstSignal()
{
    UnixSignals signals_;
    QSignalSpy spy(&signals_, &UnixSignals::received);
    raise(SIGTERM);
    QTRY_COMPARE(spy.size(), 1);
    QCOMPARE(spy[0], QVariantList{SIGTERM});
}

void tst_Streams::diesOfTheSecondSignal()
{
    const pid_t child = fork();
    if (child == 0) {
        UnixSignals signals_;
        raise(SIGINT);
        raise(SIGTERM);
        _exit(0);
    }
    int status = 0;
    QCOMPARE(waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status));
    QCOMPARE(WTERMSIG(status), SIGTERM);
}

void tst_Streams::leavesIgnoredSignalsIgnored()
{
    signal(SIGHUP, SIG_IGN);
    {
        UnixSignals signals_;
        QSignalSpy spy(&signals_, &UnixSignals::received);
        raise(SIGHUP);
        raise(SIGTERM); // arrives after the other would have
        QTRY_COMPARE(spy.size(), 1);
        QCOMPARE(spy[0], QVariantList{SIGTERM});
    }
    QVERIFY(signal(SIGHUP, SIG_DFL) == SIG_IGN);
}

void tst_Streams::mapsFailuresToExitCodes()
{
    QCOMPARE(exitCodeOf(FailureCode::SchemaMismatch), ExitCode(3));
    QCOMPARE(exitCodeOf(FailureCode::LimitCost), ExitCode(10));
    QCOMPARE(exitCodeOf(FailureCode::HookDenied), ExitCode(11));
    QCOMPARE(exitCodeOf(FailureCode::Interrupted), ExitCode(130));
    QCOMPARE(exitCodeOf(FailureCode::Auth), ExitCode(1));
    QCOMPARE(exitCodeOfSignal(SIGTERM), 143);
    QCOMPARE(ExitCode::OutputGone, ExitCode(141));
}

QTEST_GUILESS_MAIN(tst_Streams)
#include "tst_streams.moc"
