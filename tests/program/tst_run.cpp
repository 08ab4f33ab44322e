#include "support/golden.h"
#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Run : public QObject
{
    Q_OBJECT

private slots:
    void tellsAWholeRun_data();
    void tellsAWholeRun();
    void printsTheAnswerAloneWithoutJson();
    void saysNothingOfTheLocale();
    void sendsTheConversationBack();
    void writesTheLastMessage();
    void addsWhatIsPipedIn();
    void acceptsAnAnswerThatFitsItsSchema();
    void asksOnceAgainForAnAnswerThatDoesNotFit();
    void endsWithThreeWhenNoAnswerFits();
    void showsARefusal();
};

static const QByteArray newFile = "*** Begin Patch\n*** Add File: notes.md\n+of the night\n*** End Patch\n";

/// Thought, two commands at once, a patch, and the answer. Each command waits for a file that lets it end.
static void playWholeRun(ScriptedServer &server)
{
    server.play({sse::reasoning("rs_1", "**Looking around**"),
                 sse::command("call_1", "until [ -e end-1 ]; do sleep 0.01; done; echo first"),
                 sse::command("call_2", "until [ -e end-2 ]; do sleep 0.01; done; echo second")});
    server.play({sse::patch("call_3", newFile)});
    server.play({sse::message("msg_1", "All done.")});
}

void tst_Run::tellsAWholeRun_data()
{
    QTest::addColumn<QString>("form");
    QTest::addColumn<QByteArray>("bothRun"); // what tells that the second command may end
    QTest::addColumn<QByteArray>("oneEnded");
    QTest::newRow("thread") << u"--json"_s << "\"id\":\"item_2\""_ba << "second\\n"_ba;
    QTest::newRow("protocol") << u"--json=protocol"_s << "token_count"_ba << "exec_command_end"_ba;
}

void tst_Run::tellsAWholeRun()
{
    QFETCH(const QString, form);
    QFETCH(const QByteArray, bothRun);
    QFETCH(const QByteArray, oneEnded);
    Program program;
    playWholeRun(program.server);
    const auto run = program.start({form, u"-s"_s, u"workspace-write"_s, u"Look around"_s});
    QVERIFY2(run->prints(bothRun), run->out());
    program.write(u"end-2"_s, {});
    QVERIFY2(run->prints(oneEnded), run->out());
    program.write(u"end-1"_s, {});
    const Ended ended = run->wait();
    QVERIFY(
        matchesGolden(QStringLiteral(TEST_DATA "/whole-run.%1.jsonl").arg(QLatin1StringView(QTest::currentDataTag())),
                      program.plain(ended.out)));
    QCOMPARE(ended.err, "Reading additional input from stdin...\n");
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.read(u"notes.md"_s), "of the night\n");
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Run::printsTheAnswerAloneWithoutJson()
{
    Program program;
    for (const QString &file : {u"end-1"_s, u"end-2"_s})
        program.write(file, {});
    playWholeRun(program.server);
    const Ended ended = program.exec({u"-s"_s, u"workspace-write"_s, u"Look around"_s});
    QCOMPARE(ended.out, "All done.\n");
    QCOMPARE(ended.exitCode, 0);
    for (const char *shown : {"Looking around", "Look around", "notes.md", "tokens used"})
        QVERIFY2(ended.err.contains(shown), ended.err);
}

void tst_Run::saysNothingOfTheLocale()
{
    Program program;
    for (const QString &variable : {u"LANG"_s, u"LC_ALL"_s, u"LC_CTYPE"_s})
        program.environment.remove(variable);
    program.server.play({sse::message("msg_1", "Grüße")});
    const Ended ended = program.exec({u"p"_s});
    QCOMPARE(ended.out, "Grüße\n");
    QVERIFY2(!ended.err.contains("locale"), ended.err);
}

void tst_Run::sendsTheConversationBack()
{
    Program program;
    for (const QString &file : {u"end-1"_s, u"end-2"_s})
        program.write(file, {});
    playWholeRun(program.server);
    QCOMPARE(program.exec({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"Look around"_s}).exitCode, 0);
    const auto body = JsonDocument::parse(program.server.requests().at(2).body);
    QByteArrayList told;
    for (const JsonView item : body->root()["input"].items()) {
        const QByteArray role = item["role"].utf8().toByteArray();
        const QByteArray call = item["call_id"].utf8().toByteArray();
        told += item["type"].utf8().toByteArray() + (role + call).prepend(role.isEmpty() && call.isEmpty() ? "" : " ");
    }
    const QByteArrayList expected{
        "message developer",
        "message developer",
        "message user",
        "message user",
        "reasoning",
        "function_call call_1",
        "function_call call_2",
        "function_call_output call_1",
        "function_call_output call_2",
        "custom_tool_call call_3",
        "custom_tool_call_output call_3",
    };
    QCOMPARE(told, expected);
    QCOMPARE(program.server.requests().at(2).headers["authorization"], "Bearer key-of-the-tests");
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Run::writesTheLastMessage()
{
    Program program;
    program.write(u"answer"_s, "an older and longer answer");
    program.server.play({sse::message("msg_1", "First."), sse::message("msg_2", "Last.")});
    const Ended ended = program.exec({u"--json"_s, u"-o"_s, u"answer"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.read(u"answer"_s), "Last.");
}

void tst_Run::addsWhatIsPipedIn()
{
    Program program;
    program.server.play({sse::message("msg_1", "Read.")});
    QCOMPARE(program.exec({u"Read this"_s}, "a line").out, "Read.\n");
    QVERIFY(program.server.requests().at(0).input().endsWith(
        R"([{"type":"input_text","text":"Read this\n\n<stdin>\na line\n</stdin>"}]})"));
}

static const QByteArray schema = R"({"type":"object","properties":{"title":{"type":"string"}},)"
                                 R"("required":["title"],"additionalProperties":false})";

/// What the request asks the answer to look like.
static QByteArray format(const ScriptedServer::Request &request)
{
    return JsonDocument::parse(request.body)->root()["text"]["format"].raw().text;
}

static const QByteArray wantedFormat =
    R"({"type":"json_schema","strict":true,"name":"codex_output_schema","schema":)" + schema + '}';

void tst_Run::acceptsAnAnswerThatFitsItsSchema()
{
    Program program;
    program.write(u"schema.json"_s, schema);
    program.server.play({sse::message("msg_1", R"({"title":"T"})")});
    const Ended ended = program.exec({u"--output-schema"_s, u"schema.json"_s, u"p"_s});
    QCOMPARE(ended.out, "{\"title\":\"T\"}\n");
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(format(program.server.requests().at(0)), wantedFormat);
}

void tst_Run::asksOnceAgainForAnAnswerThatDoesNotFit()
{
    Program program;
    program.write(u"schema.json"_s, schema);
    program.server.play({sse::message("msg_1", R"({"titel":"T"})")});
    program.server.play({sse::message("msg_2", R"({"title":"T"})")});
    const Ended ended = program.exec({u"--output-schema"_s, u"schema.json"_s, u"p"_s});
    QCOMPARE(ended.out, "{\"title\":\"T\"}\n");
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.server.requests().size(), 2u);
    const ScriptedServer::Request &second = program.server.requests()[1];
    QVERIFY(second.input().contains("Your answer does not match the required JSON schema"));
    QCOMPARE(format(second), wantedFormat);
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Run::endsWithThreeWhenNoAnswerFits()
{
    Program program;
    program.write(u"schema.json"_s, schema);
    program.write(u"answer"_s, "of the last run");
    program.server.play({sse::message("msg_1", "Not JSON.")});
    program.server.play({sse::message("msg_2", "Still not.")});
    const Ended ended =
        program.exec({u"--json"_s, u"--output-schema"_s, u"schema.json"_s, u"-o"_s, u"answer"_s, u"p"_s});
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/schema-mismatch.thread.jsonl"), program.plain(ended.out)));
    QCOMPARE(ended.exitCode, 3);
    QCOMPARE(program.read(u"answer"_s), "of the last run");
}

void tst_Run::showsARefusal()
{
    Program program;
    program.server.play({sse::refusal("msg_1", "I will not do that.")});
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/refusal.thread.jsonl"), program.plain(ended.out)));
    QCOMPARE(ended.exitCode, 0);
}

QTEST_GUILESS_MAIN(tst_Run)
#include "tst_run.moc"
