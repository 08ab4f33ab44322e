#include "support/forms.h"
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
    void listsTheServersOfTheSettings();
    void testsAServer();
    void saysWhyAServerFailsItsTest();
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
    addForms();
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

void tst_Mcp::listsTheServersOfTheSettings()
{
    Program program;
    QCOMPARE(program.run({u"mcp"_s, u"list"_s}).out, "No MCP servers: the settings have no table [mcp_servers.NAME]\n");
    program.write(u"../state/config.toml"_s,
                  program.read(u"../state/config.toml"_s) +
                      "[mcp_servers.files]\ncommand = \"serve\"\nargs = [\"a b\"]\n"
                      "sandbox = \"read-only\"\nrequired = true\n"
                      "[mcp_servers.far]\nurl = \"https://far.example/mcp\"\nenabled = false\n"
                      "bearer_token_env_var = \"FAR\"\ntool_timeout_sec = 1.5\n");
    QCOMPARE(program.run({u"mcp"_s, u"list"_s}).out, "far    https://far.example/mcp  (disabled)\n"
                                                     "files  serve 'a b'  (enabled, required, sandbox read-only)\n");
    QVERIFY(
        matchesGolden(QStringLiteral(TEST_DATA "/mcp-list.json"), program.run({u"mcp"_s, u"list"_s, u"--json"_s}).out));
    QCOMPARE(program.run({u"mcp"_s, u"lst"_s}).exitCode, 2);
}

void tst_Mcp::testsAServer()
{
    Program program;
    addServer(program, "s", "disabled_tools = [\"bad\"]\n");
    const Ended ended = program.run({u"mcp"_s, u"test"_s, u"s"_s});
    QVERIFY2(ended.out.startsWith("s is ready: s 1, 13 tools; with sandbox mode read-only:\n"), ended.out);
    for (const QByteArray line :
         {"\n  not offered  mcp__s__bad  Does bad.\n", "\n  runs         mcp__s__echo  Does echo.\n",
          "\n  refused      mcp__s__write_file  Does write-file.\n"})
        QVERIFY2(ended.out.contains(line), ended.out);
    QCOMPARE(ended.exitCode, 0);
    const auto told = JsonDocument::parse(program.run({u"mcp"_s, u"test"_s, u"s"_s, u"--json"_s}).out);
    QVERIFY(told->root()["ready"].toBool());
    QCOMPARE(told->root()["tools"][4].raw().text,
             R"({"name":"mcp__s__echo","tool":"echo","description":"Does echo.","read_only":true,"call":"runs"})"_ba);
}

void tst_Mcp::saysWhyAServerFailsItsTest()
{
    Program program;
    addServer(program, "s", {}, ", \"--die\"");
    const Ended ended = program.run({u"mcp"_s, u"test"_s, u"s"_s});
    QCOMPARE(ended.err, "The MCP server `s` did not start: it ended with exit code 4; its last words: no such luck\n");
    QCOMPARE(ended.exitCode, 1);
    const Ended unknown = program.run({u"mcp"_s, u"test"_s, u"t"_s});
    QCOMPARE(unknown.err, "Error: there is no MCP server `t` in the settings; there are s\n");
    QCOMPARE(unknown.exitCode, 1);
}

QTEST_GUILESS_MAIN(tst_Mcp)
#include "tst_mcp.moc"
