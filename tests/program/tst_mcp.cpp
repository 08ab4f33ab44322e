#include "support/golden.h"
#include "support/program.h"
#include <QStandardPaths>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Runs of the built program with MCP servers.
class tst_Mcp : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void tellsOfCallsInEveryForm_data();
    void tellsOfCallsInEveryForm();
    void keepsTheToolsAsTheyAre();
    void goesOnWithoutAServerThatFailed();
    void endsWithoutAServerThatIsRequired();
    void endsAtASignalWhileServersStart();
    void leavesNoServerBehindWhenItIsKilled();
};

static void addServer(Program &program, const QByteArray &name, const QByteArray &more = {},
                      const QByteArray &options = {})
{
    const QByteArray settings = program.read(u"../state/config.toml"_s) + "[mcp_servers." + name +
                                "]\ncommand = \"node\"\nargs = [\"" MCP_SERVER "\"" + options + "]\n" + more;
    program.write(u"../state/config.toml"_s, settings);
}

void tst_Mcp::initTestCase()
{
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted server needs it");
}

void tst_Mcp::tellsOfCallsInEveryForm_data()
{
    QTest::addColumn<QString>("form");
    QTest::newRow("thread") << u"--json"_s;
    QTest::newRow("protocol") << u"--json=protocol"_s;
}

void tst_Mcp::tellsOfCallsInEveryForm()
{
    QFETCH(const QString, form);
    Program program;
    addServer(program, "s");
    program.server.play({sse::call("c1", "mcp__s__echo", R"({"text":"hi"})")});
    program.server.play({sse::call("c2", "mcp__s__bad", "{}")});
    program.server.play({sse::call("c3", "mcp__s__write_file", R"({"path":"f"})")});
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended ended = program.exec({form, u"p"_s});
    // What a call costs is told in between, sometimes before its end and sometimes after.
    QByteArrayList lines = program.plain(ended.out).split('\n');
    lines.removeIf([](const QByteArray &line) { return line.contains("token_count"); });
    QVERIFY(matchesGolden(QStringLiteral(TEST_DATA "/mcp.%1.jsonl").arg(QLatin1StringView(QTest::currentDataTag())),
                          lines.join('\n')));
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(ended.err, "Reading additional input from stdin...\nmcp: starting s\nmcp: s is ready, with 13 tools\n");
    QCOMPARE(program.server.violations(), QStringList());
    const QByteArrayList logged = kinds(program.log());
    QCOMPARE(logged.count("event_msg mcp_tool_call_begin"), 3);
    QCOMPARE(logged.count("event_msg mcp_tool_call_end"), 3);
}

/// The list of tools stands in front of every request: a byte that changes costs the whole cached prefix.
void tst_Mcp::keepsTheToolsAsTheyAre()
{
    Program program;
    addServer(program, "b");
    addServer(program, "a");
    program.server.play({sse::call("c1", "mcp__a__die", "{}")});
    program.server.play({sse::call("c2", "mcp__a__echo", R"({"text":"again"})")});
    program.server.play({sse::message("msg_1", "Done.")});
    QCOMPARE(program.exec({u"--json"_s, u"p"_s}).exitCode, 0);
    program.server.play({sse::message("msg_2", "Done again.")});
    QCOMPARE(program.exec({u"--json"_s, u"resume"_s, u"--last"_s, u"p"_s}).exitCode, 0);
    QCOMPARE(program.server.requests().size(), 4u);
    QByteArrayList tools;
    for (const ScriptedServer::Request &request : program.server.requests()) {
        const auto body = JsonDocument::parse(request.body);
        tools += body->root()["tools"].raw().text;
    }
    QVERIFY(tools[0].indexOf("mcp__a__echo") < tools[0].indexOf("mcp__b__audio"));
    QCOMPARE(tools, QByteArrayList(4, tools[0]));
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Mcp::goesOnWithoutAServerThatFailed()
{
    Program program;
    addServer(program, "s", {}, ", \"--die\"");
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    const QByteArray item = R"({"type":"item.completed","item":{"id":"item_0","type":"error","message":"The MCP )"
                            R"(server `s` did not start: it ended with exit code 4; its last words: no such luck"}})";
    QCOMPARE(ended.out.split('\n').value(1), item);
    QCOMPARE(ended.exitCode, 0);
}

void tst_Mcp::endsWithoutAServerThatIsRequired()
{
    Program program;
    addServer(program, "s", "required = true\n", ", \"--refuse\"");
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QCOMPARE(ended.out, "");
    QVERIFY2(ended.err.endsWith("Error: required MCP servers failed to initialize: s: Mcp error: -32602: not today\n"),
             ended.err);
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(program.logs(), QStringList());
    QCOMPARE(program.server.requests().size(), 0u);
}

/// Something of a server's command line that no other test has.
static QByteArray marker()
{
    return "mark-" + QByteArray::number(QCoreApplication::applicationPid());
}

void tst_Mcp::endsAtASignalWhileServersStart()
{
    Program program;
    addServer(program, "s", {}, ", \"--mute\", \"" + marker() + '"');
    const auto run = program.start({u"--json"_s, u"p"_s});
    QVERIFY(run->says("mcp: starting s"));
    run->send(SIGTERM);
    const Ended ended = run->wait();
    QCOMPARE(ended.exitCode, 143);
    QCOMPARE(ended.out, "");
    QTRY_COMPARE_WITH_TIMEOUT(processesWith(marker()), QByteArrayList(), 30'000);
}

void tst_Mcp::leavesNoServerBehindWhenItIsKilled()
{
    Program program;
    addServer(program, "s", "env = { MARK = \"1\" }\n", ", \"--stubborn\", \"" + marker() + '"');
    program.server.play({sse::call("c1", "mcp__s__never", "{}")});
    const auto run = program.start({u"--json"_s, u"p"_s});
    QVERIFY(run->prints("mcp_tool_call"));
    QVERIFY(!processesWith(marker()).isEmpty());
    run->send(SIGKILL);
    QCOMPARE(run->wait().signal, SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(processesWith(marker()), QByteArrayList(), 30'000);
}

QTEST_GUILESS_MAIN(tst_Mcp)
#include "tst_mcp.moc"
