#include "support/filetree.h"
#include "support/git.h"
#include "support/program.h"
#include <QTest>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Runs whose changes stay out of the real tree until somebody wants them there.
class tst_Isolation : public QObject
{
    Q_OBJECT

private slots:
    void leavesTheTreeAsItWas_data();
    void leavesTheTreeAsItWas();
    void writesAPatchThatGitTakes_data();
    void writesAPatchThatGitTakes();
    void appliesTheResultOfAGoodTurn_data();
    void appliesTheResultOfAGoodTurn();
    void appliesNothingAfterAFailedTurn();
    void appliesASessionLater_data();
    void appliesASessionLater();
    void refusesToApplyOverOtherChanges_data();
    void refusesToApplyOverOtherChanges();
    void goesOnWhereTheSessionWas_data();
    void goesOnWhereTheSessionWas();
    void followsNoLinkOutOfTheTree();
    void keepsTwoRunsApart();
    void worksOutsideOfGit_data();
    void worksOutsideOfGit();
    void writesTheAnswerForTheUser();
    void copiesWhereNoOverlayIsPossible();
    void namesTheWorktreeThatStays();
    void forgetsTheTreeOfADeletedSession();
    void leavesNothingOfAnEphemeralRun();
    void needsAnIsolationToApply();
};

static FileTree project()
{
    return {{u"a.txt"_s, "one\ntwo\nthree\n"},
            {u"dir/gone.txt"_s, "gone\n"},
            {u"dir/deep/moved.txt"_s, "a text\nthat moves\n"},
            {u"link"_s, "-> a.txt"},
            {u"no newline"_s, "last line"},
            {u"run.sh"_s, "x:#!/bin/sh\n"},
            {u"data.bin"_s, QByteArray("\x00\x01\xff\xfe", 4)}};
}

constexpr auto work =
    "sed -i s/two/2/ a.txt; rm -r dir/gone.txt; mkdir -p x/y; mv dir/deep/moved.txt x/y/; rmdir dir/deep; "
    "ln -sfn run.sh link; ln -s nowhere new-link; chmod -x run.sh; printf more >> 'no newline'; "
    "printf '\\000\\002' > data.bin; printf '\\000' > new.bin; echo new > 'new \"file\".txt'; "
    "rm -r dir; echo file > dir; : > empty; echo '#!' > prog; chmod +x prog";

static FileTree worked()
{
    return {{u"a.txt"_s, "one\n2\nthree\n"},
            {u"dir"_s, "file\n"},
            {u"x/y/moved.txt"_s, "a text\nthat moves\n"},
            {u"link"_s, "-> run.sh"},
            {u"new-link"_s, "-> nowhere"},
            {u"no newline"_s, "last linemore"},
            {u"run.sh"_s, "#!/bin/sh\n"},
            {u"data.bin"_s, QByteArray("\x00\x02", 2)},
            {u"new.bin"_s, QByteArray("\x00", 1)},
            {u"new \"file\".txt"_s, "new\n"},
            {u"empty"_s, ""},
            {u"prog"_s, "x:#!\n"}};
}

/// A program whose working tree holds the project, committed.
struct ProjectProgram : Program
{
    ProjectProgram()
    {
        makeTree(work(), project());
        gitIn(work(), {u"init"_s, u"-q"_s});
        gitIn(work(), {u"add"_s, u"-A"_s});
        gitIn(work(), {u"commit"_s, u"-qm"_s, u"start"_s});
    }

    /// A run in an isolated tree that may be written.
    Ended isolated(const QString &kind, const QStringList &more = {})
    {
        return exec(QStringList{u"-s"_s, u"workspace-write"_s, u"--isolation"_s, kind} + more + QStringList{u"p"_s});
    }
};

static FileTree treeOf(const QString &folder)
{
    FileTree tree = readTree(folder);
    tree.removeIf([](const auto &entry) { return entry.key() == u".git" || entry.key().startsWith(u".git/"_s); });
    return tree;
}

/// A turn in which the model runs one command.
static void play(Program &program, const QByteArray &command)
{
    program.server.play({sse::command("call_1", command)});
    program.server.play({sse::message("msg_1", "Done.")});
}

static QString session(const Program &program)
{
    return QFileInfo(program.logs().constLast()).completeBaseName().right(36);
}

/// `nightshift sessions …`
static Ended sessions(const Program &program, const QStringList &words)
{
    QProcess process;
    process.setProcessEnvironment(program.environment);
    process.setWorkingDirectory(program.work());
    process.start(program.binary, QStringList{u"sessions"_s} + words);
    process.waitForFinished();
    return {process.readAllStandardOutput(), process.readAllStandardError(), process.exitCode(), 0};
}

static void addKinds(const QStringList &kinds = {u"overlay"_s, u"copy"_s, u"worktree"_s})
{
    QTest::addColumn<QString>("kind");
    for (const QString &kind : kinds)
        QTest::newRow(qPrintable(kind)) << kind;
}

void tst_Isolation::leavesTheTreeAsItWas_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("sandbox");
    for (const QString &kind : {u"overlay"_s, u"copy"_s}) {
        for (const QString &sandbox : {u"workspace-write"_s, u"danger-full-access"_s})
            QTest::addRow("%s, %s", qPrintable(kind), qPrintable(sandbox)) << kind << sandbox;
    }
}

void tst_Isolation::leavesTheTreeAsItWas()
{
    QFETCH(const QString, kind);
    QFETCH(const QString, sandbox);
    ProjectProgram program;
    const FileTree before = readTree(program.work());
    play(program, "rm -rf * .[a-z]*; ls");
    const Ended ended = program.exec({u"-s"_s, sandbox, u"--isolation"_s, kind, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(ended.out, "Done.\n");
    QCOMPARE(readTree(program.work()), before);
    QVERIFY2(ended.err.contains("deleted file mode 100644\n"), ended.err);
    QVERIFY2(ended.err.contains("-one\n-two\n-three\n"), ended.err);
    QVERIFY2(ended.err.contains("nightshift sessions apply " + session(program).toUtf8()), ended.err);
}

void tst_Isolation::writesAPatchThatGitTakes_data()
{
    addKinds();
}

void tst_Isolation::writesAPatchThatGitTakes()
{
    QFETCH(const QString, kind);
    ProjectProgram program;
    play(program, work);
    const Ended ended = program.isolated(kind, {u"--diff"_s, program.home() + u"/result.patch"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(treeOf(program.work()), project());
    QCOMPARE(gitIn(program.work(), {u"apply"_s, program.home() + u"/result.patch"_s}), "");
    QCOMPARE(treeOf(program.work()), worked());
    QCOMPARE(gitIn(program.work(), {u"apply"_s, u"-R"_s, program.home() + u"/result.patch"_s}), "");
    QCOMPARE(treeOf(program.work()), project());
}

void tst_Isolation::appliesTheResultOfAGoodTurn_data()
{
    addKinds();
}

void tst_Isolation::appliesTheResultOfAGoodTurn()
{
    QFETCH(const QString, kind);
    ProjectProgram program;
    program.server.play({sse::command("call_1", work)});
    program.server.play({sse::patch("call_2", "*** Begin Patch\n*** Update File: a.txt\n@@\n one\n-2\n+zwei\n three\n"
                                              "*** Add File: patched/new.txt\n+text\n*** End Patch\n")});
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended ended = program.isolated(kind, {u"--apply"_s});
    QCOMPARE(ended.exitCode, 0);
    FileTree expected = worked();
    expected[u"a.txt"_s] = "one\nzwei\nthree\n";
    expected[u"patched/new.txt"_s] = "text\n";
    QCOMPARE(treeOf(program.work()), expected);
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Isolation::appliesNothingAfterAFailedTurn()
{
    ProjectProgram program;
    program.server.play({sse::command("call_1", work)});
    program.server.play({sse::failed("invalid_prompt", "No.")});
    const Ended ended = program.isolated(u"overlay"_s, {u"--apply"_s});
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(treeOf(program.work()), project());
}

void tst_Isolation::appliesASessionLater_data()
{
    addKinds();
}

void tst_Isolation::appliesASessionLater()
{
    QFETCH(const QString, kind);
    ProjectProgram program;
    play(program, work);
    QCOMPARE(program.isolated(kind).exitCode, 0);
    const Ended applied = sessions(program, {u"apply"_s, session(program)});
    QCOMPARE(applied.err, "");
    QCOMPARE(applied.exitCode, 0);
    QCOMPARE(treeOf(program.work()), worked());
    QCOMPARE(sessions(program, {u"apply"_s, session(program)}).exitCode, 1); // once is enough
}

void tst_Isolation::refusesToApplyOverOtherChanges_data()
{
    addKinds();
}

void tst_Isolation::refusesToApplyOverOtherChanges()
{
    QFETCH(const QString, kind);
    ProjectProgram program;
    play(program, work);
    QCOMPARE(program.isolated(kind).exitCode, 0);
    program.write(u"a.txt"_s, "somebody else's\n");
    FileTree expected = project();
    expected[u"a.txt"_s] = "somebody else's\n";
    const Ended applied = sessions(program, {u"apply"_s, session(program)});
    QCOMPARE(applied.exitCode, 1);
    QVERIFY2(applied.err.startsWith("Error: nothing was applied") && applied.err.contains("a.txt"), applied.err);
    QCOMPARE(treeOf(program.work()), expected);
}

void tst_Isolation::goesOnWhereTheSessionWas_data()
{
    addKinds();
}

void tst_Isolation::goesOnWhereTheSessionWas()
{
    QFETCH(const QString, kind);
    ProjectProgram program;
    play(program, "echo first > first");
    QCOMPARE(program.isolated(kind).exitCode, 0);
    play(program, "cat first > second; rm a.txt");
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"resume"_s, session(program), u"q"_s}).exitCode, 0);
    play(program, "cat second");
    QCOMPARE(program.exec({u"resume"_s, u"--ephemeral"_s, session(program), u"q"_s}).exitCode, 0); // takes nothing away
    QCOMPARE(treeOf(program.work()), project());
    QCOMPARE(sessions(program, {u"apply"_s, session(program)}).exitCode, 0);
    FileTree expected = project();
    expected.remove(u"a.txt"_s);
    expected[u"first"_s] = expected[u"second"_s] = "first\n";
    QCOMPARE(treeOf(program.work()), expected);
    // After that the next turn starts from what is real.
    play(program, "ls a.txt first > third; rm first");
    QCOMPARE(
        program.exec({u"-s"_s, u"workspace-write"_s, u"resume"_s, session(program), u"r"_s, u"--diff=-"_s}).exitCode,
        0);
    QCOMPARE(treeOf(program.work()), expected);
}

void tst_Isolation::followsNoLinkOutOfTheTree()
{
    ProjectProgram program;
    const QString outside = program.home() + u"/outside"_s;
    makeTree(outside, {{u"file"_s, "theirs\n"}});
    QVERIFY(QFile::link(outside, program.work() + u"/out"_s));
    play(program, "rm out; mkdir out sub; echo ours > out/file; echo ours > sub/file");
    QCOMPARE(program.isolated(u"overlay"_s).exitCode, 0);
    // A folder of the result has become a link meanwhile: nothing goes through it.
    QVERIFY(QFile::link(outside, program.work() + u"/sub"_s));
    const Ended refused = sessions(program, {u"apply"_s, session(program)});
    QVERIFY2(refused.exitCode == 1 && refused.err.contains("nothing was applied, because sub "), refused.err);
    QVERIFY(QFile::remove(program.work() + u"/sub"_s));
    QCOMPARE(sessions(program, {u"apply"_s, session(program)}).exitCode, 0);
    FileTree expected = project();
    expected[u"out/file"_s] = expected[u"sub/file"_s] = "ours\n";
    QCOMPARE(treeOf(program.work()), expected);
    QCOMPARE(readTree(outside), (FileTree{{u"file"_s, "theirs\n"}}));
}

void tst_Isolation::keepsTwoRunsApart()
{
    ProjectProgram program;
    // Each waits for a sign in /tmp that both are there.
    const QByteArray mark = "/tmp/" + QFileInfo(program.home()).dir().dirName().toUtf8();
    const QByteArray meet = "echo $$ > mine; touch " + mark + ".$$; while [ $(ls " + mark +
                            ".* | wc -l) -lt 2 ]; do sleep 0.02; done; ls | grep -c mine; cat mine";
    program.server.otherwise =
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::message("msg_1", "Done."), sse::completed()})};
    program.server.play({sse::command("call_1", meet)});
    program.server.play({sse::command("call_1", meet)});
    const QStringList words{u"-s"_s, u"workspace-write"_s, u"--isolation"_s, u"overlay"_s, u"--diff=-"_s, u"p"_s};
    const auto one = program.start(words);
    const auto other = program.start(words);
    const Ended first = one->wait(), second = other->wait();
    for (const QString &file : QDir(u"/tmp"_s).entryList({QFileInfo(QString::fromUtf8(mark)).fileName() + u".*"_s}))
        QFile::remove(u"/tmp/"_s + file);
    QCOMPARE(first.exitCode, 0);
    QCOMPARE(second.exitCode, 0);
    QCOMPARE(treeOf(program.work()), project());
    QCOMPARE(first.out.count("diff --git a/mine b/mine\nnew file"), 1);
    QCOMPARE(second.out.count("diff --git a/mine b/mine\nnew file"), 1);
}

void tst_Isolation::worksOutsideOfGit_data()
{
    addKinds({u"overlay"_s, u"copy"_s});
}

void tst_Isolation::worksOutsideOfGit()
{
    QFETCH(const QString, kind);
    Program program;
    QDir(program.work() + u"/.git"_s).removeRecursively();
    makeTree(program.work(), project());
    play(program, work);
    QCOMPARE(program
                 .exec({u"--skip-git-repo-check"_s, u"-s"_s, u"workspace-write"_s, u"--isolation"_s, kind, u"--apply"_s,
                        u"p"_s})
                 .exitCode,
             0);
    QCOMPARE(readTree(program.work()), worked());
}

void tst_Isolation::writesTheAnswerForTheUser()
{
    ProjectProgram program;
    play(program, "true");
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--isolation"_s, u"overlay"_s, u"-o"_s,
                                      u"answer.txt"_s, u"--diff"_s, u"x.patch"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.read(u"answer.txt"_s), "Done.");
    QCOMPARE(program.read(u"x.patch"_s), "");
}

void tst_Isolation::copiesWhereNoOverlayIsPossible()
{
    ProjectProgram program;
    // A helper that says what ours does where nothing can be mounted.
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_HELPER"_s, program.home() + u"/helper"_s);
    QFile helper(program.home() + u"/helper"_s);
    QVERIFY(helper.open(QIODevice::WriteOnly));
    helper.write("#!/bin/bash\nreal=" + QFileInfo(program.binary).path().toUtf8() +
                 "/nightshift-sandbox\n"
                 "[ \"$1\" = overlay ] || exec $real \"$@\"\nshift 5\nNIGHTSHIFT_OVERLAY_PROBLEM=why exec \"$@\"\n");
    helper.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    helper.close();
    play(program, work);
    const Ended ended = program.isolated(u"overlay"_s, {u"--apply"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY2(ended.err.contains("isolation: no overlay is possible here (why), so the tree is copied\n"), ended.err);
    QCOMPARE(treeOf(program.work()), worked());
}

void tst_Isolation::namesTheWorktreeThatStays()
{
    ProjectProgram program;
    play(program, "echo x > new");
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--worktree"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    const QByteArray mark = "isolation: worktree of " + program.work().toUtf8() + " in ";
    QVERIFY2(ended.err.contains(mark), ended.err);
    const QByteArray line = ended.err.sliced(ended.err.indexOf(mark) + mark.size());
    const QString place = QString::fromUtf8(line.first(line.indexOf('\n')));
    QCOMPARE(readTree(place).value(u"new"_s), "x\n");
    QVERIFY(gitIn(program.work(), {u"worktree"_s, u"list"_s}).contains(place.toUtf8()));
}

void tst_Isolation::forgetsTheTreeOfADeletedSession()
{
    ProjectProgram program;
    play(program, work);
    QCOMPARE(program.isolated(u"overlay"_s).exitCode, 0);
    const QString isolation =
        QFileInfo(program.logs().constFirst()).path().section(u"/sessions/"_s, 0, 0) + u"/isolation"_s;
    QCOMPARE(QDir(isolation).count(), 2 + 2);
    QCOMPARE(sessions(program, {u"delete"_s, session(program)}).exitCode, 0);
    QVERIFY(QDir(isolation).isEmpty());
}

void tst_Isolation::leavesNothingOfAnEphemeralRun()
{
    ProjectProgram program;
    const FileTree before = readTree(program.state());
    play(program, work);
    const Ended ended =
        program.exec({u"-s"_s, u"workspace-write"_s, u"--ephemeral"_s, u"--isolation"_s, u"overlay"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY2(ended.err.contains("rename from dir/deep/moved.txt\nrename to x/y/moved.txt\n"), ended.err);
    for (const QString &name : readTree(program.state()).keys())
        QVERIFY2(!name.contains("result.patch"_L1) && !name.contains("upper"_L1), qPrintable(name));
}

void tst_Isolation::needsAnIsolationToApply()
{
    Program program;
    const Ended ended = program.exec({u"--apply"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(
        ended.err,
        "Error: --apply needs --isolation overlay, copy or worktree: without it the run changes the tree itself\n");
}

/// Root again as somebody else: other ways to mount lead there.
static int asOrdinaryUser(char **argv)
{
    QStringList words{u"--reuid=65534"_s, u"--regid=65534"_s, u"--clear-groups"_s, u"--bounding-set=-all"_s};
    words += QString::fromLocal8Bit(argv[0]);
    QTemporaryDir home(u"/var/tmp/nightshift-XXXXXX"_s);
    if (chown(home.path().toLocal8Bit().constData(), 65534, 65534) != 0)
        return 1;
    qputenv("HOME", home.path().toLocal8Bit());
    return QProcess::execute(u"setpriv"_s, words);
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    tst_Isolation test;
    const int failed = QTest::qExec(&test, argc, argv);
    if (failed || geteuid() != 0 || argc > 1)
        return failed;
    // Where the build cannot be read by others, as below a home, there is nobody else to be.
    const bool isOpen = QProcess::execute(u"setpriv"_s, {u"--reuid=65534"_s, u"--clear-groups"_s, u"--regid=65534"_s,
                                                         u"test"_s, u"-x"_s, QString::fromLocal8Bit(argv[0])}) == 0;
    return isOpen ? asOrdinaryUser(argv) : 0;
}
#include "tst_isolation.moc"
