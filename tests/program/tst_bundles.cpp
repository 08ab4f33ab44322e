#include "support/eventschema.h"
#include "support/filetree.h"
#include "support/program.h"
#include <QRandomGenerator>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Bundles : public QObject
{
    Q_OBJECT

private slots:
    void movesASessionToAnotherMachine();
    void goesOnWithWhatItImported();
    void exportsToAPipeAndImportsFromOne();
    void exportsACompressedSession();
    void masksSecrets();
    void exportsWhatAnIsolatedRunCameTo();
    void leavesNothingHalfWhenItIsKilled();
    void refusesWhatItCannotDo_data();
    void refusesWhatItCannotDo();
    void forgetsWhatItImported();
    void verifiesWhatWasRecorded();
    void verifiesALogThatIsDamaged();
};

/// A session in which a file was patched; its id.
static QString session(Program &program)
{
    program.write(u"a.txt"_s, "one\ntwo\n");
    program.server.play(
        {sse::patch("c1", "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+three\n*** End Patch\n")});
    program.server.play({sse::message("m1", "{\"changed\":1}")});
    const Ended ended = program.exec({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"change it"_s});
    const auto line = JsonDocument::parse(ended.out.split('\n').first());
    return line ? line->root()["thread_id"].toString() : QString();
}

static Ended sessions(Program &program, const QStringList &words)
{
    return program.run(QStringList{u"sessions"_s} + words);
}

static QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("missing");
}

/// What tar says of an archive, or unpacks of it.
static QByteArray tar(const QStringList &words)
{
    QProcess process;
    process.start(u"tar"_s, words);
    process.waitForFinished();
    return process.readAllStandardOutput() + process.readAllStandardError();
}

/// Exports the session to a file beside the working tree.
static QString exported(Program &program, const QString &id, const QStringList &options = {})
{
    const QString path = program.work() + u"/../bundle.tar.gz"_s;
    const Ended ended = sessions(program, QStringList{u"export"_s, id, u"-o"_s, path} + options);
    return ended == Ended{{}, {}, 0, 0} ? path : QString::fromUtf8(ended.err);
}

void tst_Bundles::movesASessionToAnotherMachine()
{
    Program here, there;
    const QString id = session(here);
    const QString bundle = exported(here, id);
    QCOMPARE(tar({u"-tzf"_s, bundle}), "bundle/manifest.json\nbundle/rollout.jsonl\nbundle/session.json\n"
                                       "bundle/result.json\nbundle/last_message.md\nbundle/usage.json\n"
                                       "bundle/diff.patch\n");
    QCOMPARE(tar({u"-xzOf"_s, bundle, u"bundle/last_message.md"_s}), "{\"changed\":1}\n");
    const QByteArray diff = tar({u"-xzOf"_s, bundle, u"bundle/diff.patch"_s});
    QVERIFY2(diff.contains("diff --git a/a.txt b/a.txt\n") && diff.contains("-two\n+three\n"), diff);
    const auto result = JsonDocument::parse(tar({u"-xzOf"_s, bundle, u"bundle/result.json"_s}));
    QVERIFY(result);
    QCOMPARE(result->root()["result"]["json"]["changed"].toInteger(), 1);

    QCOMPARE(sessions(there, {u"import"_s, bundle}).out, "imported session " + id.toUtf8() + '\n');
    QCOMPARE(there.logs().size(), 1);
    QCOMPARE(bytesOf(there.logs()[0]), bytesOf(here.logs()[0]));
    QCOMPARE(QFileInfo(there.logs()[0]).fileName(), QFileInfo(here.logs()[0]).fileName());
    for (const QString &format : {u"json"_s, u"human"_s, u"protocol"_s})
        QCOMPARE(sessions(there, {u"show"_s, id, u"--format"_s, format}),
                 sessions(here, {u"show"_s, id, u"--format"_s, format}));
    QVERIFY(sessions(there, {u"list"_s}).out.contains("change it"));
    QCOMPARE(sessions(there, {u"import"_s, bundle}).out, "session " + id.toUtf8() + " is here already\n");
}

void tst_Bundles::goesOnWithWhatItImported()
{
    Program there;
    QString id, bundle;
    QTemporaryDir folder;
    {
        Program here;
        id = session(here);
        bundle = folder.path() + u"/bundle.zip"_s;
        QCOMPARE(sessions(here, {u"export"_s, id, u"--output"_s, bundle}).exitCode, 0);
        QVERIFY(bytesOf(bundle).startsWith("PK"));
    }
    const Ended imported = sessions(there, {u"import"_s, bundle});
    QCOMPARE(imported.exitCode, 0);
    QVERIFY2(imported.err.contains("which is not here: go on with it in another folder, `exec -C DIR resume"),
             imported.err);
    there.server.play({sse::message("m2", "Went on.")});
    QCOMPARE(there.exec({u"resume"_s, id, u"go on"_s}).out, "Went on.\n");
    const QByteArray input = there.server.requests().back().input();
    QVERIFY2(input.contains("change it") && input.contains("+three") && input.contains("go on"), input);
    const std::vector<JsonDocument> log = there.log();
    QCOMPARE(log.back().root()["ordinal"].toInteger(), qint64(log.size()) - 1);
    QCOMPARE(sessions(there, {u"verify"_s, id}).out, "1 session: nothing is wrong\n");
    QCOMPARE(sessions(there, {u"import"_s, bundle}).out, "session " + id.toUtf8() + " is here already\n");
}

void tst_Bundles::exportsToAPipeAndImportsFromOne()
{
    Program here, there;
    const QString id = session(here);
    for (const QString &format : {u"tar.gz"_s, u"zip"_s}) {
        const Ended ended = sessions(here, {u"export"_s, id, u"--format"_s, format});
        QCOMPARE(ended.exitCode, 0);
        QVERIFY(ended.out.startsWith(format == u"zip"_s ? "PK" : "\x1f\x8b"));
        QCOMPARE(there.launch({u"sessions"_s, u"import"_s, u"-"_s}, ended.out)->wait().exitCode, 0);
    }
    QCOMPARE(bytesOf(there.logs()[0]), bytesOf(here.logs()[0]));
}

void tst_Bundles::exportsACompressedSession()
{
    Program here, there;
    const QString id = session(here);
    const QByteArray log = bytesOf(here.logs()[0]);
    QCOMPARE(sessions(here, {u"compress"_s, id}).exitCode, 0);
    QCOMPARE(sessions(there, {u"import"_s, exported(here, id)}).exitCode, 0);
    QCOMPARE(bytesOf(there.logs()[0]), log);
}

void tst_Bundles::masksSecrets()
{
    Program here, there;
    const QByteArray key = "sk-proj-abcdefghijklmnopqrstuvwxyz012345";
    here.server.play({sse::command("c1", "echo " + key)});
    here.server.play(
        {sse::message("m1", "I saw \"" + key + "\" and " + here.environment.value(u"MOCK_KEY"_s).toUtf8())});
    here.exec({u"--json=protocol"_s, u"look"_s});
    const QString id = here.logs()[0].chopped(6).right(36);
    const QString bundle = exported(here, id, {u"--redact"_s});
    const auto manifest = JsonDocument::parse(tar({u"-xzOf"_s, bundle, u"bundle/manifest.json"_s}));
    QVERIFY(manifest);
    QCOMPARE(schemaProblem(manifest->root().raw().text, u"bundle-manifest"_s), QString());
    QByteArrayList kinds;
    for (const JsonView kind : manifest->root()["redactions"].items())
        kinds += kind["kind"].utf8().toByteArray();
    QVERIFY2(kinds.contains("openai_key"), kinds.join(' '));
    const QByteArray all = tar({u"-xzOf"_s, bundle});
    QVERIFY(!all.contains(key));
    QVERIFY(!all.contains((key + '\n').toBase64()));
    QCOMPARE(sessions(there, {u"import"_s, bundle}).exitCode, 0);
    QCOMPARE(bytesOf(there.logs()[0]).count('\n'), bytesOf(here.logs()[0]).count('\n'));
    QCOMPARE(sessions(there, {u"verify"_s, id}).out, "1 session: nothing is wrong\n");
    QVERIFY(sessions(there, {u"show"_s, id}).out.contains("I saw \"[redacted]\""));
}

void tst_Bundles::exportsWhatAnIsolatedRunCameTo()
{
    Program here;
    here.server.play({sse::command("c1", "echo made > made.txt")});
    here.server.play({sse::message("m1", "Done.")});
    here.exec({u"-s"_s, u"workspace-write"_s, u"--isolation"_s, u"copy"_s, u"make it"_s});
    const QString id = here.logs()[0].chopped(6).right(36);
    const QByteArray diff = tar({u"-xzOf"_s, exported(here, id), u"bundle/diff.patch"_s});
    QVERIFY2(diff.contains("made.txt") && diff.contains("+made"), diff);
}

static int filesIn(const QString &folder)
{
    int count = 0;
    for (QDirIterator files(folder, QDir::Files, QDirIterator::Subdirectories); files.hasNext(); files.next())
        ++count;
    return count;
}

void tst_Bundles::leavesNothingHalfWhenItIsKilled()
{
    Program here;
    const QString id = session(here);
    // Enough to be caught at it: lines that the next resume would skip
    QFile log(here.logs()[0]);
    QVERIFY(log.open(QIODevice::Append));
    QRandomGenerator random(1);
    QByteArray noise(2 << 20, Qt::Uninitialized);
    for (char &c : noise)
        c = char('0' + random.bounded(64));
    for (int i = 0; i < 4; ++i)
        log.write(noise + '\n');
    log.close();
    const QString bundle = exported(here, id);
    QVERIFY2(QFile::exists(bundle), qPrintable(bundle));
    Program there;
    for (int i = 0; i < 6; ++i) {
        const auto run = there.launch({u"sessions"_s, u"import"_s, bundle});
        const QString half = there.state() + u"/imports"_s;
        // At another place every time: when it has begun, and so many files further
        QTRY_VERIFY_WITH_TIMEOUT(run->out().contains("session") || filesIn(half) > i % 3, 30'000);
        run->send(SIGKILL);
        run->wait();
        const QStringList logs = there.logs();
        QVERIFY(logs.isEmpty() || bytesOf(logs[0]) == bytesOf(here.logs()[0]));
    }
    const Ended ended = sessions(there, {u"import"_s, bundle});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(bytesOf(there.logs()[0]), bytesOf(here.logs()[0]));
    QCOMPARE(readTree(there.state() + u"/imports"_s), FileTree());
    QCOMPARE(there.logs().size(), 1);
}

void tst_Bundles::refusesWhatItCannotDo_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("sentence");
    QTest::newRow("no such session") << QStringList{u"export"_s, u"nobody"_s} << 1 << QByteArray("nobody");
    QTest::newRow("no session") << QStringList{u"export"_s} << 2 << QByteArray("something is missing");
    QTest::newRow("another format") << QStringList{u"export"_s, u"ID"_s, u"--format"_s, u"rar"_s} << 2
                                    << QByteArray("the formats are tar.gz and zip; 'rar' is none");
    QTest::newRow("another part") << QStringList{u"export"_s, u"ID"_s, u"--include"_s, u"files,keys"_s} << 2
                                  << QByteArray("--include takes files and cassette; 'keys' is neither");
    QTest::newRow("no cassette") << QStringList{u"export"_s, u"ID"_s, u"--include"_s, u"cassette"_s} << 1
                                 << QByteArray("nobody recorded what session");
    QTest::newRow("no folder") << QStringList{u"export"_s, u"ID"_s, u"-o"_s, u"missing/x.tar.gz"_s} << 1
                               << QByteArray("cannot write missing/x.tar.gz: ");
    QTest::newRow("no file") << QStringList{u"import"_s, u"missing.zip"_s} << 1
                             << QByteArray("missing.zip: cannot open missing.zip: No such file");
    QTest::newRow("no bundle") << QStringList{u"import"_s, u"a.txt"_s} << 1
                               << QByteArray("a.txt: this is neither a tar.gz nor a zip");
    QTest::newRow("nothing to verify") << QStringList{u"verify"_s} << 2
                                       << QByteArray("name the sessions to verify, or give --all");
}

void tst_Bundles::refusesWhatItCannotDo()
{
    QFETCH(QStringList, words);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, sentence);
    Program program;
    words.replaceInStrings(u"ID"_s, session(program));
    const Ended ended = sessions(program, words);
    QCOMPARE(ended.out, "");
    QVERIFY2(ended.err.contains(sentence), ended.err);
    QCOMPARE(ended.exitCode, exitCode);
}

void tst_Bundles::forgetsWhatItImported()
{
    Program here, there;
    const QString id = session(here), bundle = exported(here, id);
    QCOMPARE(sessions(there, {u"import"_s, bundle}).exitCode, 0);
    QVERIFY(QFile::exists(there.state() + u"/artifacts/"_s + id));
    QCOMPARE(sessions(there, {u"delete"_s, id}).exitCode, 0);
    QVERIFY(!QFile::exists(there.state() + u"/artifacts/"_s + id));
    QCOMPARE(sessions(there, {u"import"_s, bundle}).out, "imported session " + id.toUtf8() + '\n');
}

void tst_Bundles::verifiesWhatWasRecorded()
{
    Program program;
    QCOMPARE(sessions(program, {u"verify"_s, u"--all"_s}).out, "0 sessions: nothing is wrong\n");
    const QString id = session(program);
    program.server.play({sse::command("c2", "exit 3")});
    program.server.play(ScriptedServer::Answer{.status = 400, .body = "{}"});
    program.exec({u"--json=protocol"_s, u"resume"_s, id, u"fail"_s});
    program.server.play({sse::message("m3", "Forked.")});
    program.exec({u"fork"_s, id, u"another way"_s});
    const Ended ended = sessions(program, {u"verify"_s, u"--all"_s});
    QCOMPARE(ended, (Ended{"2 sessions: nothing is wrong\n", {}, 0, 0}));
}

void tst_Bundles::verifiesALogThatIsDamaged()
{
    Program program;
    const QString id = session(program);
    QFile log(program.logs()[0]);
    QVERIFY(log.open(QIODevice::ReadWrite));
    const QByteArray whole = log.readAll();
    const qsizetype line = whole.indexOf("\"function_call_output\"") < 0 ? whole.indexOf("custom_tool_call_output")
                                                                         : whole.indexOf("\"function_call_output\"");
    const qsizetype begin = whole.lastIndexOf('\n', line) + 1;
    log.resize(0);
    log.seek(0);
    log.write(whole.first(begin) + whole.sliced(whole.indexOf('\n', begin) + 1) + "{\"torn");
    log.close();
    const Ended ended = sessions(program, {u"verify"_s, id});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY2(ended.out.contains("makes the call c1, which has no answer\n") && ended.out.contains(" is next\n") &&
                 ended.out.contains("is torn: 6 bytes"),
             ended.out);
    QCOMPARE(ended.out.count('\n'), 3);
}

QTEST_GUILESS_MAIN(tst_Bundles)
#include "tst_bundles.moc"
