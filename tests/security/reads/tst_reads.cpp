#include "base/filedescriptor.h"
#include "support/program.h"
#include "support/service.h"
#include <QDir>
#include <QTest>
#include <atomic>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Files that never end, never answer or are exchanged while they are read.
class tst_Reads : public QObject
{
    Q_OBJECT

private slots:
    void viewsNoFileThatNeverEnds();
    void patchesNoFileThatNeverEnds();
    void endlessFilesOfAModelStopNoService();
    void anExchangeOfAFileAndAPipeStopsNoCall();
    void linksToLinksStopNoPatch();
    void aLockedFolderStopsNoPatch();
    void filesOfAProjectStopNoStart_data();
    void filesOfAProjectStopNoStart();
    void filesOfACommandLineAreRefusedInASentence_data();
    void filesOfACommandLineAreRefusedInASentence();
    void readsTheSchemaThatAShellPipes();
};

static void makePipe(const QString &path)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile::remove(path);
    QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), 0600), 0);
}

static void makeSparse(const QString &path)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(1LL << 40));
}

/// "pipe", "sparse", "endless", "folder", or a path that a link leads to.
static void make(const QString &kind, const QString &path)
{
    if (kind == "pipe"_L1)
        return makePipe(path);
    if (kind == "sparse"_L1)
        return makeSparse(path);
    QDir().mkpath(QFileInfo(path).path());
    QFile::remove(path);
    if (kind == "folder"_L1)
        QVERIFY(QDir().mkpath(path));
    else
        QVERIFY(QFile::link(kind == "endless"_L1 ? u"/dev/zero"_s : kind, path));
}

/// What the model was told of its calls, in their order.
static QStringList toldOf(const Program &program)
{
    QStringList told;
    if (program.server.requests().empty())
        return told;
    const auto body = JsonDocument::parse(program.server.requests().back().body);
    for (const JsonView item : body->root()["input"].items()) {
        if (item["output"].exists())
            told +=
                item["output"].isString() ? item["output"].toString() : QString::fromUtf8(item["output"].raw().text);
    }
    return told;
}

static QByteArray view(const QByteArray &id, const QString &path)
{
    return sse::call(id, "view_image", json::object({{"path", path}}).text);
}

static QByteArray update(const QByteArray &id, const QString &path)
{
    return sse::patch(id, "*** Begin Patch\n*** Update File: " + path.toUtf8() + "\n@@\n-old\n+new\n*** End Patch\n");
}

static const QStringList endlessFiles{
    u"/proc/self/pagemap"_s, u"/proc/kmsg"_s, u"/dev/zero"_s, u"pipe"_s, u"sparse"_s, u"folder"_s, u"link"_s};

static void makeEndlessFiles(const Program &program)
{
    for (const QString &kind : {u"pipe"_s, u"sparse"_s, u"folder"_s})
        make(kind, program.work() + u'/' + kind);
    make(u"/proc/self/pagemap"_s, program.work() + u"/link"_s);
}

void tst_Reads::viewsNoFileThatNeverEnds()
{
    Program program;
    makeEndlessFiles(program);
    QByteArrayList calls;
    for (const QString &path : endlessFiles)
        calls += view("c" + QByteArray::number(calls.size()), path);
    program.server.play(calls + QByteArrayList{sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    const Ended ended = program.exec({u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    const QStringList told = toldOf(program);
    QCOMPARE(told.size(), endlessFiles.size());
    for (const QString &answer : told)
        QVERIFY2(answer.contains("expected a regular file: an image"_L1) || answer.contains("too large"_L1),
                 qPrintable(answer));
}

void tst_Reads::patchesNoFileThatNeverEnds()
{
    Program program;
    makeEndlessFiles(program);
    QByteArrayList calls;
    for (const QString &path : endlessFiles)
        calls += update("c" + QByteArray::number(calls.size()), path);
    calls += sse::patch("add", "*** Begin Patch\n*** Add File: pipe\n+text\n*** End Patch\n");
    program.server.play(calls + QByteArrayList{sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s}).exitCode, 0);
    const QStringList told = toldOf(program);
    QCOMPARE(told.size(), endlessFiles.size() + 1);
    for (const QString &answer : told)
        QVERIFY2(answer.contains("file"_L1) && !answer.contains("Success"_L1), qPrintable(answer));
}

void tst_Reads::endlessFilesOfAModelStopNoService()
{
    Service service;
    makeEndlessFiles(service.program);
    service.start();
    QByteArrayList calls;
    for (const QString &path : endlessFiles)
        calls +=
            view("c" + QByteArray::number(calls.size()), path) + update("u" + QByteArray::number(calls.size()), path);
    service.program.server.play({view("c1", u"/proc/self/pagemap"_s), update("c2", u"pipe"_s), sse::completed()});
    service.program.server.play({sse::message("m1", "Done."), sse::completed()});
    const QByteArray id = service.create(R"("cwd":")" + service.program.work().toUtf8() + R"(","input":"go")");
    QVERIFY(service.becomes(id, "idle"));
    QCOMPARE(service.get("/healthz").status, 200);
}

void tst_Reads::anExchangeOfAFileAndAPipeStopsNoCall()
{
    Program program;
    program.write(u"one"_s, "\x89PNG\r\n\x1a\n");
    makePipe(program.work() + u"/two"_s);
    QByteArrayList calls;
    for (int i = 0; i < 50; ++i) {
        const QByteArray number = QByteArray::number(i);
        calls += view("v" + number, i % 2 ? u"one"_s : u"two"_s);
        calls += update("u" + number, i % 2 ? u"two"_s : u"one"_s);
    }
    program.server.play(calls + QByteArrayList{sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    std::atomic<bool> isOver = false;
    std::thread exchanging([&] {
        const QByteArray one = QFile::encodeName(program.work() + u"/one"_s);
        const QByteArray two = QFile::encodeName(program.work() + u"/two"_s);
        while (!isOver)
            ::renameat2(AT_FDCWD, one.constData(), AT_FDCWD, two.constData(), RENAME_EXCHANGE);
    });
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s});
    isOver = true;
    exchanging.join();
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(toldOf(program).size(), 100);
}

/// Forty links of which each leads through the next one twice: a walk that counts them by depth takes 2^40 steps.
void tst_Reads::linksToLinksStopNoPatch()
{
    Program program;
    for (int i = 0; i < 39; ++i)
        QVERIFY(QFile::link(u"l%1/l%1"_s.arg(i + 1), program.work() + u"/l%1"_s.arg(i)));
    QVERIFY(QFile::link(u"."_s, program.work() + u"/l39"_s));
    program.server.play({update("c1", u"l0/file"_s), sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s}).exitCode, 0);
    QCOMPARE(toldOf(program).size(), 1);
}

void tst_Reads::aLockedFolderStopsNoPatch()
{
    Program program;
    program.write(u"file"_s, "old\n");
    const FileDescriptor folder(::open(QFile::encodeName(program.work()).constData(), O_RDONLY | O_DIRECTORY));
    QCOMPARE(::flock(folder.get(), LOCK_EX), 0);
    program.server.play({update("c1", u"file"_s), sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s}).exitCode, 0);
    QCOMPARE(program.read(u"file"_s), "new\n"_ba);
}

void tst_Reads::filesOfAProjectStopNoStart_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("path");
    for (const QString &path : {u"AGENTS.md"_s, u"AGENTS.override.md"_s, u".agents/skills/a/SKILL.md"_s, u".git/HEAD"_s,
                                u".codex/config.toml"_s, u".codex/hooks.json"_s}) {
        for (const QString &kind : {u"pipe"_s, u"sparse"_s, u"endless"_s, u"folder"_s})
            QTest::addRow("%s, %s", qPrintable(path), qPrintable(kind)) << kind << path;
    }
}

void tst_Reads::filesOfAProjectStopNoStart()
{
    QFETCH(QString, kind);
    QFETCH(QString, path);
    Program program;
    make(kind, program.work() + u'/' + path);
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    const Ended ended = program.exec({u"--skip-git-repo-check"_s, u"p"_s});
    QVERIFY2(ended.exitCode == 0 || ended.err.contains(path.toUtf8()), ended.err);
}

void tst_Reads::filesOfACommandLineAreRefusedInASentence_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::newRow("image") << QStringList{u"exec"_s, u"p"_s, u"-i"_s, u"FILE"_s};
    QTest::newRow("output schema") << QStringList{u"exec"_s, u"--output-schema"_s, u"FILE"_s, u"p"_s};
    QTest::newRow("prompt file") << QStringList{u"exec"_s, u"--prompt-file"_s, u"FILE"_s};
    QTest::newRow("bundle") << QStringList{u"sessions"_s, u"import"_s, u"FILE"_s};
    QTest::newRow("items") << QStringList{u"batch"_s, u"--input"_s, u"FILE"_s, u"--prompt"_s, u"p"_s};
    QTest::newRow("script") << QStringList{u"batch"_s, u"FILE"_s};
    QTest::newRow("instructions") << QStringList{u"exec"_s, u"-c"_s, u"model_instructions_file=\"FILE\""_s, u"p"_s};
}

void tst_Reads::filesOfACommandLineAreRefusedInASentence()
{
    QFETCH(QStringList, words);
    Program program;
    for (const QString &kind : {u"pipe"_s, u"endless"_s, u"sparse"_s}) {
        const QString path = program.work() + u'/' + kind;
        make(kind, path);
        if (kind == "sparse"_L1 && words.contains(u"-i"_s))
            continue; // what cannot be shown is said to the model
        QStringList given = words;
        given.replaceInStrings(u"FILE"_s, path);
        const Ended ended = program.run(given);
        QVERIFY2(ended.exitCode == 1 || ended.exitCode == 2, ended.err);
        QVERIFY2(ended.err.contains(path.toUtf8()) || ended.err.contains(kind.toUtf8()), ended.err);
    }
    QVERIFY(program.server.requests().empty());
}

void tst_Reads::readsTheSchemaThatAShellPipes()
{
    Program program;
    program.server.play({sse::message("m1", "{}"), sse::completed()});
    const QString binary = std::exchange(program.binary, u"/bin/bash"_s);
    const Ended ended = program.run(
        {u"-c"_s, u"'%1' exec --output-schema <(echo '{\"type\":\"object\",\"properties\":{},\"required\":[],"
                  "\"additionalProperties\":false}') p"_s.arg(binary)});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(program.server.requests().size(), 1);
}

QTEST_GUILESS_MAIN(tst_Reads)
#include "tst_reads.moc"
