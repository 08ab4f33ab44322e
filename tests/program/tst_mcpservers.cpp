#include "support/program.h"
#include <QDir>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Runs with the servers that the protocol's own people publish.
class tst_McpServers : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void callsPrograms();
    void keepsAContainedServerFromWriting();
    void callsAServerBehindAUrl();
};

static QByteArray script(const char *package)
{
    return QByteArray(MCP_SERVERS "/") + package + "/dist/index.js";
}

static void addSettings(Program &program, const QByteArray &settings)
{
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) + settings);
}

static QByteArray table(const QByteArray &name, const char *package, const QByteArray &more = {})
{
    return "[mcp_servers." + name + "]\ncommand = \"node\"\nargs = [\"" + script(package) + "\"" + more + "]\n";
}

/// "TOOL STATUS TEXT" of each call that ended, of the text its first characters.
static QByteArrayList calls(const QByteArray &out)
{
    QByteArrayList calls;
    for (const QByteArray &line : out.split('\n')) {
        const auto event = JsonDocument::parse(line);
        if (!event || event->root()["type"].toString() != u"item.completed"_s)
            continue;
        const JsonView item = event->root()["item"];
        if (item["type"].toString() != u"mcp_tool_call"_s)
            continue;
        const JsonView first = item["result"]["content"][qsizetype(0)];
        const QString text = first["text"].toString(first["type"].toString(item["error"]["message"].toString()));
        calls += (item["tool"].toString() + u' ' + item["status"].toString() + u' ' + text.left(60)).toUtf8();
    }
    return calls;
}

void tst_McpServers::initTestCase()
{
    if (QStandardPaths::findExecutable(u"npm"_s).isEmpty())
        QSKIP("npm is not installed: it fetches the servers");
    QVERIFY2(QFile::exists(QFile::decodeName(script("server-everything"))), "run packaging/mcp-servers first");
}

void tst_McpServers::callsPrograms()
{
    Program program;
    program.write(u"a.txt"_s, "what it says\n");
    const QByteArray path = (program.work() + u"/a.txt"_s).toUtf8();
    addSettings(program, table("every", "server-everything") +
                             table("files", "server-filesystem", ", \"" + program.work().toUtf8() + "\""));
    program.server.play({sse::call("c1", "mcp__every__echo", R"({"message":"hello"})")});
    program.server.play({sse::call("c2", "mcp__every__get_sum", R"({"a":2,"b":3})")});
    program.server.play({sse::call("c3", "mcp__every__get_structured_content", R"({"location":"Chicago"})")});
    program.server.play({sse::call("c4", "mcp__every__echo", R"({"massage":1})")});
    program.server.play({sse::call("c5", "mcp__every__get_tiny_image", "{}")});
    program.server.play({sse::call("c6", "mcp__files__read_text_file", R"({"path":")" + path + "\"}")});
    program.server.play({sse::call("c7", "mcp__files__write_file", R"({"path":")" + path + R"(","content":"x"})")});
    program.server.play({sse::call("c8", "list_mcp_resources", R"({"server":"every"})")});
    program.server.play({sse::message("m1", "Done.")});
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    const QByteArrayList told = calls(ended.out);
    QCOMPARE(told.size(), 8);
    QCOMPARE(told[0], "echo completed Echo: hello");
    QCOMPARE(told[1], "get-sum completed The sum of 2 and 3 is 5.");
    QVERIFY2(told[2].startsWith("get-structured-content completed {\"temperature\":"), told[2]);
    QVERIFY2(told[3].startsWith("echo failed "), told[3]);
    QVERIFY2(told[4].startsWith("get-tiny-image completed "), told[4]);
    QCOMPARE(told[5], "read_text_file completed what it says\n");
    QVERIFY2(told[6].startsWith("write_file failed MCP tool call requires approval"), told[6]);
    QVERIFY2(told[7].startsWith("list_mcp_resources completed {\"server\":\"every\",\"resources\":[{"), told[7]);
    QVERIFY(program.server.requests().back().body.contains("data:image/png;base64,"));
    QCOMPARE(program.read(u"a.txt"_s), "what it says\n");
    QCOMPARE(program.server.violations(), QStringList());
    QTRY_COMPARE_WITH_TIMEOUT(processesWith(program.work().toUtf8()), QByteArrayList(), 30'000);
}

void tst_McpServers::keepsAContainedServerFromWriting()
{
    Program program;
    const QByteArray work = program.work().toUtf8();
    addSettings(program, table("free", "server-filesystem", ", \"" + work + "\"") +
                             table("contained", "server-filesystem", ", \"" + work + "\"") +
                             "sandbox = \"read-only\"\n");
    const QByteArray rest = R"(/new.txt","content":"x"})";
    program.server.play({sse::call("c1", "mcp__contained__write_file", R"({"path":")" + work + rest)});
    program.server.play({sse::call("c2", "mcp__free__write_file", R"({"path":")" + work + rest)});
    program.server.play({sse::message("m1", "Done.")});
    const Ended ended = program.exec({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"p"_s});
    const QByteArrayList told = calls(ended.out);
    QCOMPARE(told.size(), 2);
    QVERIFY2(told[0].startsWith("write_file failed EROFS"), told[0]);
    QVERIFY2(told[1].startsWith("write_file completed Successfully"), told[1]);
    QCOMPARE(program.read(u"new.txt"_s), "x");
}

void tst_McpServers::callsAServerBehindAUrl()
{
    QTcpServer probe;
    QVERIFY(probe.listen(QHostAddress::LocalHost));
    const QString port = QString::number(probe.serverPort());
    probe.close();
    QProcess server;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"PORT"_s, port);
    server.setProcessEnvironment(environment);
    server.setProcessChannelMode(QProcess::MergedChannels);
    server.start(u"node"_s, {QFile::decodeName(script("server-everything")), u"streamableHttp"_s});
    QByteArray said;
    while (!said.contains("listening") && server.waitForReadyRead(30'000))
        said += server.readAll();
    QVERIFY2(said.contains("listening"), said);

    Program program;
    addSettings(program, "[mcp_servers.every]\nurl = \"http://127.0.0.1:" + port.toUtf8() + "/mcp\"\n");
    program.server.play({sse::call("c1", "mcp__every__echo", R"({"message":"hello"})")});
    program.server.play({sse::call("c2", "mcp__every__trigger_elicitation_request", "{}")});
    program.server.play(
        {sse::call("c3", "mcp__every__trigger_long_running_operation", R"({"duration":0.2,"steps":2})")});
    program.server.play({sse::message("m1", "Done.")});
    const Ended ended = program.exec({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"p"_s});
    server.kill();
    server.waitForFinished();
    const QByteArrayList told = calls(ended.out);
    QCOMPARE(told.size(), 3);
    QCOMPARE(told[0], "echo completed Echo: hello");
    QVERIFY2(told[1].startsWith("trigger-elicitation-request completed "), told[1]);
    QVERIFY2(told[1].contains("declined"), told[1]);
    QVERIFY2(told[2].startsWith("trigger-long-running-operation completed "), told[2]);
}

QTEST_GUILESS_MAIN(tst_McpServers)
#include "tst_mcpservers.moc"
