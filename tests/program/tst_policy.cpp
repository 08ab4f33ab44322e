#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Policy : public QObject
{
    Q_OBJECT

private slots:
    void whatARuleForbidsDoesNotRun();
    void rulesAreIgnoredOnlyWhenAsked();
    void anAllowDoesNotLiftTheSandbox();
    void describesCommandsInTheLog();
    void saysWhichRuleDecides_data();
    void saysWhichRuleDecides();
    void wrongRulesEndTheRunBeforeAnyRequest();
};

static const QByteArray rules =
    "prefix_rule(pattern=[\"touch\"], decision=\"forbidden\", justification=\"make none\")\n"
    "prefix_rule(pattern=[\"git\", \"push\"], decision=\"prompt\")\n";

static QString toolOutput(const ScriptedServer &server)
{
    const auto body = JsonDocument::parse(server.requests().back().body);
    QString output;
    for (const JsonView item : body->root()["input"].items())
        output = item["output"].toString(output);
    return output;
}

static void playCommand(Program &program, const QByteArray &command)
{
    program.server.play({sse::command("call_1", command)});
    program.server.play({sse::message("msg_1", "Tried.")});
}

void tst_Policy::whatARuleForbidsDoesNotRun()
{
    Program program;
    program.write(u"../state/rules/default.rules"_s, rules);
    playCommand(program, "sh -c 'touch file'; git push");
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"--json"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(
        program.plain(toolOutput(program.server).toUtf8()),
        "exec_command failed: `touch file` is forbidden by the rule at STATE/rules/default.rules:1: make none. The "
        "command did not run."_ba);
    QVERIFY(!QFile::exists(program.work() + u"/file"_s));
    QVERIFY(!ended.out.contains("command_execution"));
}

void tst_Policy::rulesAreIgnoredOnlyWhenAsked()
{
    Program program;
    program.write(u"../state/rules/default.rules"_s, rules);
    playCommand(program, "touch file");
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"--ignore-rules"_s, u"p"_s}).exitCode, 0);
    QVERIFY(QFile::exists(program.work() + u"/file"_s));
}

void tst_Policy::anAllowDoesNotLiftTheSandbox()
{
    Program program;
    program.write(u"../state/rules/default.rules"_s, "prefix_rule(pattern=[\"touch\"], decision=\"allow\")\n");
    playCommand(program, "touch file");
    QCOMPARE(program.exec({u"-s"_s, u"read-only"_s, u"p"_s}).exitCode, 0);
    QVERIFY(!QFile::exists(program.work() + u"/file"_s));
}

void tst_Policy::describesCommandsInTheLog()
{
    Program program;
    playCommand(program, "cat README.md | head -3");
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    QByteArrayList described;
    for (const JsonDocument &line : program.log()) {
        const JsonView payload = line.root()["payload"];
        if (payload["parsed_cmd"].exists())
            described += payload["type"].utf8().toByteArray() + ' ' + payload["parsed_cmd"].raw().text;
    }
    const QByteArray read = R"([{"type":"read","cmd":"cat README.md","name":"README.md","path":"README.md"}])";
    QCOMPARE(described, (QByteArrayList{"exec_command_begin " + read, "exec_command_end " + read}));
}

void tst_Policy::saysWhichRuleDecides_data()
{
    QTest::addColumn<QStringList>("command");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("sentence");
    QTest::newRow("no rule") << QStringList{u"ls"_s, u"-l"_s} << 0 << "no rule decides about this command\n"_ba;
    QTest::newRow("forbidden")
        << QStringList{u"sudo"_s, u"touch"_s, u"a b"_s} << 11
        << "`touch 'a b'` is forbidden by the rule at STATE/rules/default.rules:1: make none\n"_ba;
    QTest::newRow("a script") << QStringList{u"cd a && git push"_s} << 11
                              << "`git push` needs an approval by the rule at STATE/rules/default.rules:2\n"_ba;
}

void tst_Policy::saysWhichRuleDecides()
{
    QFETCH(const QStringList, command);
    QFETCH(const int, exitCode);
    QFETCH(const QByteArray, sentence);
    Program program;
    program.write(u"../state/rules/default.rules"_s, rules);
    const Ended ended = program.run(QStringList{u"config"_s, u"check-command"_s, u"--"_s} + command);
    QCOMPARE(ended.err, QByteArray());
    QCOMPARE(program.plain(ended.out), sentence);
    QCOMPARE(ended.exitCode, exitCode);
}

void tst_Policy::wrongRulesEndTheRunBeforeAnyRequest()
{
    Program program;
    program.write(u"../state/rules/default.rules"_s, "\nallow(\"ls\")\n");
    const Ended ended = program.exec({u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(program.plain(ended.err),
             "Error: loading rules: STATE/rules/default.rules:2: only calls of prefix_rule() with literal arguments "
             "are understood here\n"_ba);
    QCOMPARE(program.server.requests().size(), size_t(0));
}

QTEST_GUILESS_MAIN(tst_Policy)
#include "tst_policy.moc"
