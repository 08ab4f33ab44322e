#include "support/filetree.h"
#include "support/git.h"
#include "support/service.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Git of ours looks at trees that commands have prepared. Nothing that they prepared is run outside of the sandbox.
class tst_Git : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void runsNothingThatTheSessionPrepared_data();
    void runsNothingThatTheSessionPrepared();
    void runsNothingThatAnEarlierSessionPrepared_data();
    void runsNothingThatAnEarlierSessionPrepared();
    void runsNothingForADiffOverHttp();
    void fetchesNoObjectsForAReview();
    void letsTheUsersFiltersHaveTheirSay();
    void saysThatAFilterFailed();
    void runsGitBareOnlyForFullAccess();
};

/// Commits the working tree, with a submodule that is not there.
static void commitWithSubmodule(Program &program)
{
    for (const QString &date : {u"GIT_AUTHOR_DATE"_s, u"GIT_COMMITTER_DATE"_s})
        program.environment.insert(date, qEnvironmentVariable(date.toLatin1().constData()));
    const QString other = program.home() + u"/sub"_s;
    makeTree(other, {{u".gitattributes"_s, "* filter=x diff=x\n"}, {u"f"_s, "x\n"}});
    for (const QStringList &words :
         {QStringList{u"init"_s, u"-q"_s}, {u"add"_s, u"-A"_s}, {u"commit"_s, u"-qm"_s, u"x"_s}})
        gitIn(other, words);
    const QString commit = QString::fromLatin1(gitIn(other, {u"rev-parse"_s, u"HEAD"_s}).trimmed());
    program.write(u"a.txt"_s, "one\n");
    for (const QStringList &words :
         {QStringList{u"init"_s, u"-q"_s, u"-b"_s, u"main"_s},
          {u"add"_s, u"-A"_s},
          {u"update-index"_s, u"--add"_s, u"--cacheinfo"_s, u"160000,"_s + commit + u",sub"_s},
          {u"commit"_s, u"-qm"_s, u"start"_s}})
        gitIn(program.work(), words);
}

struct Repository : Program
{
    Repository()
    {
        environment.insert(u"MARK"_s, mark());
        commitWithSubmodule(*this);
    }
    /// Where no command may write.
    QString mark() const { return home() + u"/pwned"_s; }

    Ended plays(const QByteArray &command, const QStringList &words)
    {
        server.play({sse::command("call_1", command)});
        server.play({sse::message("msg_1", "Done.")});
        return exec(QStringList{u"-s"_s, u"workspace-write"_s} + words + QStringList{u"p"_s});
    }
};

/// A program that leaves its mark and is a filter besides; `turn REPOSITORY` lets a repository run it.
static const QByteArray evil = R"(
me='git -c user.name=n -c user.email=e@x'
printf '#!/bin/sh\ntouch %s\ncat\n' "$MARK" > evil.sh; chmod +x evil.sh; evil=$PWD/evil.sh
turn() {
  git -C $1 config core.fsmonitor $evil; git -C $1 config filter.x.clean $evil; git -C $1 config filter.x.smudge $evil
  git -C $1 config diff.x.textconv $evil; git -C $1 config diff.external $evil
  for hook in post-checkout post-index-change reference-transaction; do cp $evil $1/.git/hooks/$hook; done
}
)"_ba;

/// In a worktree: a repository where the submodule should be, at its very commit.
static const QByteArray submodule = R"(
git init -q sub; echo '* filter=x diff=x' > sub/.gitattributes; echo x > sub/f
git -C sub add -A; $me -C sub commit -qm x; git ls-files -s sub | grep -q $(git -C sub rev-parse HEAD) || exit 1
turn sub; echo y > sub/f
)"_ba;

/// With `.git` writable: the tree's own repository is another.
static const QByteArray otherRepository = R"(
git clone -q --bare . other; turn other; git -C other config core.bare false; mv .git gone; echo "gitdir: $PWD/other" > .git; echo '* filter=x' > .gitattributes
)"_ba;

static void addMechanisms(const QByteArray &name, auto... values)
{
    for (const char *mechanism : {"bubblewrap", "landlock"})
        (QTest::addRow("%s, %s", name.constData(), mechanism) << ... << values) << QString::fromLatin1(mechanism);
}

/// So that the same commit has the same name wherever it is made.
void tst_Git::initTestCase()
{
    for (const char *date : {"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"})
        qputenv(date, "1800000000 +0000");
}

void tst_Git::runsNothingThatTheSessionPrepared_data()
{
    QTest::addColumn<QByteArray>("preparation");
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("mechanism");
    addMechanisms("a submodule", submodule, QStringList{u"--worktree"_s});
    addMechanisms("another repository", otherRepository,
                  QStringList{u"--worktree"_s, u"-c"_s, u"sandbox_workspace_write.git=true"_s});
}

void tst_Git::runsNothingThatTheSessionPrepared()
{
    QFETCH(const QByteArray, preparation);
    QFETCH(const QStringList, words);
    QFETCH(const QString, mechanism);
    Repository program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    const Ended ended = program.plays(evil + preparation + "echo changed > a.txt", words + QStringList{u"--apply"_s});
    QVERIFY2(!QFile::exists(program.mark()), ended.err);
    QVERIFY2(ended.exitCode == 0 && program.read(u"a.txt"_s) == "changed\n", ended.err);
}

void tst_Git::runsNothingThatAnEarlierSessionPrepared_data()
{
    QTest::addColumn<QByteArray>("preparation");
    QTest::addColumn<QString>("mechanism");
    const QByteArray make =
        "git init -q -b main nest; echo '* filter=x diff=x' > nest/.gitattributes; echo x > nest/f\n"
        "git -C nest add -A; $me -C nest commit -qm x\n"_ba;
    const QByteArray settings = make + "turn nest\n";
    addMechanisms("settings and hooks", settings);
    addMechanisms("settings that are included",
                  settings +
                      "mv nest/.git/config nest/.git/c\nprintf '[core]\\nrepositoryformatversion=0\\n[include]\\n"
                      "path = c\\n' > nest/.git/config\n");
    addMechanisms("a repository elsewhere", settings + "mv nest/.git nest/g; echo gitdir: g > nest/.git\n");
    addMechanisms("a filter that is a process",
                  make + "git -C nest config filter.x.process $evil; git -C nest config filter.x.required true\n");
}

void tst_Git::runsNothingThatAnEarlierSessionPrepared()
{
    QFETCH(const QByteArray, preparation);
    QFETCH(const QString, mechanism);
    Repository program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    QCOMPARE(program.plays(evil + preparation, {}).exitCode, 0);
    QVERIFY(QFile::exists(program.work() + u"/nest/f"_s) && !QFile::exists(program.mark()));
    QByteArray said;
    for (const QString &kind : {u"worktree"_s, u"copy"_s})
        said += program.plays("echo y > f; echo z > g", {u"-C"_s, u"nest"_s, u"--isolation"_s, kind, u"--apply"_s}).err;
    program.server.play({sse::message("msg_1", "Fine.")});
    said += program.exec({u"-C"_s, u"nest"_s, u"review"_s, u"--base"_s, u"main"_s}).err;
    QVERIFY2(!QFile::exists(program.mark()), said);
}

void tst_Git::runsNothingForADiffOverHttp()
{
    Service service;
    Program &program = service.program;
    const QString mark = program.home() + u"/pwned"_s;
    program.environment.insert(u"MARK"_s, mark);
    commitWithSubmodule(program);
    service.start();
    program.server.play({sse::command("call_1", evil + submodule + "echo changed > a.txt")});
    program.server.play({sse::message("msg_1", "Done.")});
    const QByteArray id = service.create(R"("cwd":")" + program.work().toUtf8() +
                                         R"(","sandbox":"workspace-write","isolation":"worktree","input":"p")");
    QVERIFY(service.becomes(id, "idle"));
    for (int i = 0; i < 2; ++i) {
        const Reply diff = service.get("/v1/sessions/" + id + "/diff");
        QVERIFY2(diff.body.contains("-one\n+changed\n"), diff.body);
        QVERIFY(!QFile::exists(mark));
    }
}

/// A commit that is missing is asked of wherever the repository's settings say, by whatever program.
void tst_Git::fetchesNoObjectsForAReview()
{
    Repository program;
    QCOMPARE(program
                 .plays("git init -q -b main nest; cd nest; echo x > f; git add -A\n"
                        "git -c user.name=n -c user.email=e@x commit -qm x\n"
                        "git config core.repositoryFormatVersion 1; git config extensions.partialClone origin\n"
                        "git config remote.origin.promisor true; git config protocol.ext.allow always\n"
                        "git config remote.origin.url \"ext::touch $MARK\"\n"
                        "printf '1%.0s' $(seq 40) > .git/refs/heads/other",
                        {})
                 .exitCode,
             0);
    program.server.play({sse::message("msg_1", "Fine.")});
    const Ended ended = program.exec({u"-C"_s, u"nest"_s, u"review"_s, u"--base"_s, u"other"_s});
    QVERIFY2(!QFile::exists(program.mark()), ended.err);
}

/// Files are lower case in the tree and upper case in the repository.
void tst_Git::letsTheUsersFiltersHaveTheirSay()
{
    Repository program;
    gitIn(program.work(), {u"config"_s, u"filter.case.clean"_s, u"tr a-z A-Z"_s});
    gitIn(program.work(), {u"config"_s, u"filter.case.smudge"_s, u"tr A-Z a-z"_s});
    program.write(u".gitattributes"_s, "*.low filter=case\n");
    program.write(u"b.low"_s, "one\ntwo\n");
    gitIn(program.work(), {u"add"_s, u"-A"_s});
    gitIn(program.work(), {u"commit"_s, u"-qm"_s, u"filtered"_s});
    const Ended ended = program.plays("cat b.low > seen; sed -i s/two/three/ b.low",
                                      {u"--worktree"_s, u"--apply"_s, u"--diff"_s, u"-"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY2(ended.out.contains("-TWO\n+THREE\n"), ended.out);
    QCOMPARE(program.read(u"b.low"_s), "one\nthree\n");
    QCOMPARE(program.read(u"seen"_s), "one\ntwo\n");
}

void tst_Git::saysThatAFilterFailed()
{
    Repository program;
    gitIn(program.work(), {u"config"_s, u"filter.remote.clean"_s, u"cat"_s});
    program.write(u".gitattributes"_s, "*.far filter=remote\n");
    program.write(u"b.far"_s, "one\n");
    gitIn(program.work(), {u"add"_s, u"-A"_s});
    gitIn(program.work(), {u"commit"_s, u"-qm"_s, u"filtered"_s});
    gitIn(program.work(), {u"config"_s, u"filter.remote.smudge"_s, u"exit 1"_s});
    gitIn(program.work(), {u"config"_s, u"filter.remote.required"_s, u"true"_s});
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--worktree"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY2(ended.err.contains("smudge filter remote failed") &&
                 ended.err.contains("run in a sandbox, without network"),
             ended.err);
    QVERIFY(!QFile::exists(program.work() + u"/.git/worktrees"_s));
}

void tst_Git::runsGitBareOnlyForFullAccess()
{
    Repository program;
    // A helper that says what ours does where no sandbox can be had.
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_HELPER"_s, program.home() + u"/helper"_s);
    QFile helper(program.home() + u"/helper"_s);
    QVERIFY(helper.open(QIODevice::WriteOnly));
    helper.write("#!/bin/bash\n[[ \" $* \" != *\" --network \"* ]] || "
                 "{ echo 'nightshift-sandbox: the sandbox could not be set up: no' >&2; exit 125; }\nexec " +
                 QFileInfo(program.binary).path().toUtf8() + "/nightshift-sandbox \"$@\"\n");
    helper.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    helper.close();
    const Ended refused = program.exec({u"-s"_s, u"workspace-write"_s, u"--worktree"_s, u"p"_s});
    QCOMPARE(refused.exitCode, 1);
    QVERIFY2(refused.err.contains("git rev-parse could not be run: ") && refused.err.contains("could not be set up"),
             refused.err);
    program.server.play({sse::command("call_1", "echo changed > a.txt")});
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended bare = program.exec({u"-s"_s, u"danger-full-access"_s, u"--worktree"_s, u"--apply"_s, u"p"_s});
    QVERIFY2(bare.exitCode == 0 && program.read(u"a.txt"_s) == "changed\n", bare.err);
}

QTEST_GUILESS_MAIN(tst_Git)
#include "tst_git.moc"
