#include "support/program.h"
#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Files of a project that is not trusted, reached by links that lead out of it.
class tst_ProjectLinks : public QObject
{
    Q_OBJECT

private slots:
    void isNotReadByALinkThatLeadsOut_data();
    void isNotReadByALinkThatLeadsOut();
    void isReadByALinkThatStaysInside_data();
    void isReadByALinkThatStaysInside();
    void isReadByAnyLinkOnceTheProjectIsTrusted();
    void isReadOnceHoweverManyLinksLeadInCircles();
    void isNoCommitWhateverTheHeadLeadsTo();
};

static const QByteArray secret = "WHAT-LIES-OUTSIDE";

/// Beside the working tree: AGENTS.md, a skill and a folder of settings with hooks, all of which say the secret.
static void makeOutside(const Program &program)
{
    program.write(u"../outside/AGENTS.md"_s, secret + "\n");
    program.write(u"../outside/skills/x/SKILL.md"_s,
                  "---\nname: x\ndescription: " + secret + "\n---\n" + secret + "\n");
    program.write(u"../outside/hooks.json"_s, R"({"hooks":{")" + secret + R"(":[]}})");
    program.write(u"../outside/config.toml"_s,
                  "[[hooks.SessionStart]]\nhooks = [{ type = \"command\", command = \"" + secret + "\" }]\n");
}

static void link(const Program &program, const QString &target, const QString &name)
{
    QDir(program.work()).mkpath(QFileInfo(name).path());
    QFile::remove(program.work() + u'/' + name);
    QVERIFY(QFile::link(target, program.work() + u'/' + name));
}

static Ended ask(Program &program, const QStringList &words = {})
{
    program.server.play({sse::command("c1", "ls; ls sub"), sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    return program.exec(words + QStringList{u"use $x"_s});
}

static bool wasTold(const Program &program)
{
    return std::ranges::any_of(program.server.requests(),
                               [](const ScriptedServer::Request &request) { return request.body.contains(secret); });
}

void tst_ProjectLinks::isNotReadByALinkThatLeadsOut_data()
{
    QTest::addColumn<QStringList>("links"); // NAME -> TARGET, OUT for the folder outside
    QTest::addColumn<QString>("named");
    const auto row = [](const char *name, const QStringList &links, const QString &named) {
        QTest::newRow(name) << links << named;
    };
    row("AGENTS.md", {u"AGENTS.md -> OUT/AGENTS.md"_s}, u"AGENTS.md"_s);
    row("AGENTS.override.md", {u"AGENTS.override.md -> OUT/AGENTS.md"_s}, u"AGENTS.override.md"_s);
    row("relative", {u"AGENTS.md -> ../outside/AGENTS.md"_s}, u"AGENTS.md"_s);
    row("chain", {u"AGENTS.md -> a"_s, u"a -> b"_s, u"b -> OUT/AGENTS.md"_s}, u"AGENTS.md"_s);
    row("folder on the way", {u"d -> OUT"_s, u"AGENTS.md -> d/AGENTS.md"_s}, u"AGENTS.md"_s);
    row("through /proc/self/root", {u"AGENTS.md -> /proc/self/rootOUT/AGENTS.md"_s}, u"AGENTS.md"_s);
    row("through /proc/self/cwd", {u"AGENTS.md -> /proc/self/cwd/../outside/AGENTS.md"_s}, u"AGENTS.md"_s);
    row("folder touched later", {u"sub -> OUT"_s}, {});
    row("file of a folder touched later", {u"sub/AGENTS.md -> OUT/AGENTS.md"_s}, u"sub/AGENTS.md"_s);
    row("skill file", {u".agents/skills/x/SKILL.md -> OUT/skills/x/SKILL.md"_s}, u".agents/skills/x/SKILL.md"_s);
    row("skill folder", {u".agents/skills/x -> OUT/skills/x"_s}, u".agents/skills/x"_s);
    row("folder of skills", {u".agents/skills -> OUT/skills"_s}, u".agents/skills"_s);
    row(".agents", {u".agents -> OUT"_s}, u".agents/skills"_s);
    row(".codex/skills", {u".codex/skills -> OUT/skills"_s}, u".codex/skills"_s);
    row(".codex", {u".codex -> OUT"_s}, u".codex/skills"_s);
    row("hooks.json", {u".codex/hooks.json -> OUT/hooks.json"_s}, u".codex/hooks.json"_s);
    row(".nightshift/config.toml", {u".nightshift/config.toml -> OUT/config.toml"_s}, u".nightshift/config.toml"_s);
}

void tst_ProjectLinks::isNotReadByALinkThatLeadsOut()
{
    QFETCH(QStringList, links);
    QFETCH(QString, named);
    Program program;
    makeOutside(program);
    const QString out = QDir::cleanPath(program.work() + u"/../outside"_s);
    for (const QString &each : links)
        link(program, each.section(u" -> "_s, 1).replace(u"OUT"_s, out), each.section(u" -> "_s, 0, 0));
    const Ended ended = ask(program);
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(!wasTold(program));
    QVERIFY2(!ended.err.contains(secret), ended.err);
    const QByteArray line =
        (program.work() + u'/' + named + u" is not read: a link leads out of the project"_s).toUtf8();
    if (!named.isEmpty())
        QVERIFY2(ended.err.count(line) == 1, ended.err);
}

void tst_ProjectLinks::isReadByALinkThatStaysInside_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("target");
    QTest::newRow("relative") << u"AGENTS.md"_s << u"docs/AGENTS.md"_s;
    QTest::newRow("absolute") << u"AGENTS.md"_s << u"TREE/docs/AGENTS.md"_s;
    QTest::newRow("out and in again") << u"AGENTS.md"_s << u"../tree/docs/AGENTS.md"_s;
    QTest::newRow("skills") << u".agents/skills"_s << u"../docs/skills"_s;
}

void tst_ProjectLinks::isReadByALinkThatStaysInside()
{
    QFETCH(QString, name);
    QFETCH(QString, target);
    Program program;
    program.write(u"docs/AGENTS.md"_s, secret + "\n");
    program.write(u"docs/skills/x/SKILL.md"_s, "---\nname: x\ndescription: " + secret + "\n---\n");
    link(program, target.replace(u"TREE"_s, program.work()), name);
    QCOMPARE(ask(program).exitCode, 0);
    QVERIFY(wasTold(program));
}

void tst_ProjectLinks::isReadByAnyLinkOnceTheProjectIsTrusted()
{
    Program program;
    makeOutside(program);
    link(program, u"../outside/AGENTS.md"_s, u"AGENTS.md"_s);
    QCOMPARE(ask(program, {u"--trust"_s}).exitCode, 0);
    QVERIFY(wasTold(program));
}

/// Links to the folder above: each of six levels would be looked through twenty times more often than the one above.
void tst_ProjectLinks::isReadOnceHoweverManyLinksLeadInCircles()
{
    Program program;
    program.write(u".agents/skills/x/SKILL.md"_s, "---\nname: x\ndescription: a circle\n---\n");
    for (int i = 0; i < 20; ++i)
        link(program, u"."_s, u".agents/skills/l%1"_s.arg(i));
    QCOMPARE(ask(program).exitCode, 0);
    QCOMPARE(program.server.requests().front().body.count("a circle"), 2); // in the list, and because it is named
}

void tst_ProjectLinks::isNoCommitWhateverTheHeadLeadsTo()
{
    Program program;
    makeOutside(program);
    link(program, u"../../outside/AGENTS.md"_s, u".git/HEAD"_s);
    QCOMPARE(ask(program, {u"--skip-git-repo-check"_s}).exitCode, 0);
    for (const JsonDocument &line : program.log())
        QVERIFY(!line.root().raw().text.contains(secret));
}

QTEST_GUILESS_MAIN(tst_ProjectLinks)
#include "tst_projectlinks.moc"
