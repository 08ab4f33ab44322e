#include "mcp/servers.h"
#include <QFile>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::mcp;
using namespace std::chrono_literals;

/// Real servers as child processes, and what their tools do and tell.
class tst_Servers : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void offersToolsInOneOrder();
    void readsEveryPageOfTools();
    void saysWhyAServerDidNotStart_data();
    void saysWhyAServerDidNotStart();
    void namesRequiredServersThatAreMissing();
    void doesNotWaitForOptionalServers();
    void addsAnOptionalServerThatComesLate();
    void tellsOfACallAndItsResult();
    void tellsOfACallThatFails_data();
    void tellsOfACallThatFails();
    void refusesAToolThatWritesInReadOnly();
    void asksOneAfterTheOther();
    void letsCallsOverlapWhereTheServerCan();
    void tellsTheServerOfATimeout();
    void tellsTheServerOfACallThatIsCalledOff();
    void answersWhatServersAsk_data();
    void answersWhatServersAsk();
    void startsADeadServerAgainOnce();
    void passesNoKeysOn();
    void containsAServer();
    void leavesNothingAlive();
    void listsAndReadsResources();

private:
    McpServerSettings &add(const QString &name, const QStringList &options = {});
    bool start();
    QStringList toolNames();
    /// What the model is told, without the wall time.
    QByteArray ask(const QString &tool, const QByteArray &arguments = "{}");
    tools::ToolJob *begin(const QString &tool, const QByteArray &arguments, QObject *parent);
    QByteArrayList recorded() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    Settings m_settings;
    QStringList m_environment;
    std::unique_ptr<Servers> m_servers;
    std::vector<std::unique_ptr<tools::Tool>> m_tools;
    std::vector<Event> m_events;
};

static constexpr int patience = 30'000; // ms; for machines that are busy

void tst_Servers::initTestCase()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted server needs it");
}

void tst_Servers::init()
{
    m_folder = std::make_unique<QTemporaryDir>(QDir::homePath() + u"/nightshift-XXXXXX"_s); // /tmp is writable
    m_settings = {};
    m_settings.cwd = QFileInfo(m_folder->path()).canonicalFilePath();
    m_environment = {u"PATH="_s + qEnvironmentVariable("PATH"), u"HOME="_s + m_settings.cwd, u"A_SECRET_KEY=k"_s};
    m_events.clear();
}

void tst_Servers::cleanup()
{
    m_tools.clear();
    if (m_servers) {
        QSignalSpy closed(m_servers.get(), &Servers::closed);
        m_servers->close();
        QVERIFY(closed.wait(patience));
    }
    m_servers.reset();
}

McpServerSettings &tst_Servers::add(const QString &name, const QStringList &options)
{
    m_settings.mcpServers.push_back({.name = name,
                                     .command = u"node"_s,
                                     .args = QStringList{QStringLiteral(MCP_SERVER)} + options,
                                     .environment = {{u"RECORD"_s, m_settings.cwd + u"/record"_s}}});
    return m_settings.mcpServers.back();
}

bool tst_Servers::start()
{
    m_servers = std::make_unique<Servers>(m_settings, Servers::Surroundings{m_environment, nullptr});
    QSignalSpy settled(m_servers.get(), &Servers::settled);
    m_servers->start();
    const bool done = settled.wait(patience);
    for (auto &tool : m_servers->takeTools([this](const Event &event) { m_events.push_back(event); }))
        m_tools.push_back(std::move(tool));
    return done;
}

QStringList tst_Servers::toolNames()
{
    QStringList names;
    for (const auto &tool : m_tools)
        names += tool->name();
    return names;
}

tools::ToolJob *tst_Servers::begin(const QString &tool, const QByteArray &arguments, QObject *parent)
{
    for (const auto &each : m_tools) {
        if (each->name() == tool)
            return each->start({u"c1"_s, tool, arguments}, parent);
    }
    qFatal("there is no %s", qPrintable(tool));
}

static QByteArray withoutWallTime(QByteArray reply)
{
    const QByteArray label = "Wall time: ";
    if (const qsizetype at = reply.indexOf(label); at >= 0)
        reply.replace(at + label.size(), reply.indexOf(' ', at + label.size()) - at - label.size(), "T");
    return reply;
}

static QByteArray answerOf(tools::ToolJob *job)
{
    QSignalSpy finished(job, &tools::ToolJob::finished);
    if (!finished.wait(patience))
        return "no answer";
    return withoutWallTime(finished.first().first().value<ToolAnswer>().output.text);
}

QByteArray tst_Servers::ask(const QString &tool, const QByteArray &arguments)
{
    QObject owner;
    return answerOf(begin(tool, arguments, &owner));
}

QByteArrayList tst_Servers::recorded() const
{
    QFile file(m_settings.cwd + u"/record"_s);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().split('\n') : QByteArrayList();
}

static QByteArray texts(const QByteArrayList &parts)
{
    std::vector<RawJson> told;
    for (const QByteArray &part : QByteArrayList{"Wall time: T seconds\nOutput:"} + parts)
        told.push_back(json::object({{"type", "input_text"}, {"text", part}}));
    return json::array(told).text;
}

static const QStringList resourceTools{u"list_mcp_resources"_s, u"list_mcp_resource_templates"_s,
                                       u"read_mcp_resource"_s};

void tst_Servers::offersToolsInOneOrder()
{
    add(u"a-1"_s).enabledTools = QStringList{u"write-file"_s, u"echo"_s, u"bad"_s, u"unknown"_s};
    m_settings.mcpServers[0].disabledTools = {u"bad"_s};
    QVERIFY(start());
    QCOMPARE(toolNames(), QStringList({u"mcp__a_1__echo"_s, u"mcp__a_1__write_file"_s}) + resourceTools);
    QCOMPARE(m_tools[0]->definition().text,
             R"({"type":"function","name":"mcp__a_1__echo","description":"Does echo.","strict":false,"parameters":)"
             R"({"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}})"_ba);
    QCOMPARE(m_tools[1]->definition().text,
             R"({"type":"function","name":"mcp__a_1__write_file","description":"Does write-file.","strict":false,)"
             R"("parameters":{"type":"object","properties":{}}})"_ba);
    // Neither telemetry nor anything else that no server needs
    const QByteArrayList said{
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\","
        "\"capabilities\":{\"elicitation\":{\"form\":{},\"url\":{}}},\"clientInfo\":{\"name\":\"nightshift-mcp-"
        "client\","
        "\"title\":\"nightshift\",\"version\":\"" NIGHTSHIFT_VERSION "\"}}}",
        R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})"};
    QCOMPARE(recorded(), said);
}

void tst_Servers::readsEveryPageOfTools()
{
    add(u"a"_s);
    QVERIFY(start());
    const QStringList all = toolNames();
    cleanup();
    init();
    add(u"a"_s, {u"--pages"_s, u"--noise"_s});
    QVERIFY(start());
    QCOMPARE(toolNames(), all);
}

void tst_Servers::saysWhyAServerDidNotStart_data()
{
    QTest::addColumn<McpServerSettings>("server");
    QTest::addColumn<QString>("why");
    const QString script = QStringLiteral(MCP_SERVER);
    const auto node = [&](const QString &option) {
        return McpServerSettings{.name = u"s"_s, .command = u"node"_s, .args = {script, option}};
    };
    McpServerSettings mute = node(u"--mute"_s);
    mute.startupTimeout = 400ms;
    McpServerSettings lost = node(u"--noise"_s);
    lost.cwd = u"/nowhere"_s;
    QTest::newRow("no such program") << McpServerSettings{.name = u"s"_s, .command = u"/nowhere/server"_s}
                                     << u"it could not be started: /nowhere/server: No such file or directory"_s;
    QTest::newRow("ends at once") << node(u"--die"_s) << u"it ended with exit code 4; its last words: no such luck"_s;
    QTest::newRow("says nothing") << mute << u"timed out handshaking with MCP server after 0.4s"_s;
    QTest::newRow("refuses") << node(u"--refuse"_s) << u"Mcp error: -32602: not today"_s;
    QTest::newRow("no such folder") << lost << u"its working folder /nowhere does not exist"_s;
    QTest::newRow("a name of its own") << McpServerSettings{.name = u"s.t"_s, .command = u"node"_s}
                                       << u"its name may hold only letters, digits, `_` and `-`"_s;
}

void tst_Servers::saysWhyAServerDidNotStart()
{
    QFETCH(const McpServerSettings, server);
    QFETCH(const QString, why);
    m_settings.mcpServers.push_back(server);
    QVERIFY(start());
    QCOMPARE(m_servers->notices(), QStringList(u"The MCP server `%1` did not start: %2"_s.arg(server.name, why)));
    QCOMPARE(m_servers->missing(), QString());
    QCOMPARE(toolNames(), QStringList());
}

void tst_Servers::namesRequiredServersThatAreMissing()
{
    add(u"a"_s);
    add(u"b"_s, {u"--refuse"_s}).required = true;
    add(u"c"_s, {u"--refuse"_s});
    QVERIFY(start());
    QCOMPARE(m_servers->missing(), u"required MCP servers failed to initialize: b: Mcp error: -32602: not today"_s);
}

void tst_Servers::doesNotWaitForOptionalServers()
{
    m_settings.mcpOptionalStartupGrace = 1ms;
    add(u"a"_s);
    add(u"b"_s, {u"--mute"_s}).optional = true;
    QVERIFY(start());
    QCOMPARE(m_servers->ready().size(), 1u);
    QCOMPARE(m_servers->notices(), QStringList());
}

void tst_Servers::addsAnOptionalServerThatComesLate()
{
    m_settings.mcpOptionalStartupGrace = 0ms;
    McpServerSettings &server = add(u"late"_s);
    server.optional = true;
    server.enabledTools = QStringList{u"echo"_s};
    QVERIFY(start());
    QCOMPARE(toolNames(), QStringList());
    QSignalSpy late(m_servers.get(), &Servers::lateSettled);
    QVERIFY(late.wait(patience));
    QCOMPARE(late.first().first().toString(), QString());
    for (auto &tool : m_servers->takeTools({}))
        m_tools.push_back(std::move(tool));
    QCOMPARE(toolNames(), QStringList{u"mcp__late__echo"_s} + resourceTools);
}

/// How long it took is nobody's promise.
static Event timeless(const Event &event)
{
    McpCallFinished finished = std::get<McpCallFinished>(event);
    finished.duration = {};
    return finished;
}

void tst_Servers::tellsOfACallAndItsResult()
{
    add(u"a-1"_s);
    QVERIFY(start());
    QCOMPARE(ask(u"mcp__a_1__echo"_s, "{\n\"text\": \"hi\"\n}"), texts({"ECHO:hi"}));
    const McpCall call{u"a-1"_s, u"echo"_s, {"{ \"text\": \"hi\" }"}};
    QCOMPARE(m_events.size(), 2u);
    QVERIFY(m_events[0] == Event(McpCallStarted{u"c1"_s, call}));
    QVERIFY(timeless(m_events[1]) ==
            Event(McpCallFinished{.call = u"c1"_s,
                                  .invocation = call,
                                  .result = RawJson{R"({"content":[{"type":"text","text":"ECHO:hi"}]})"},
                                  .error = {}}));
    const QByteArray asked = R"({"jsonrpc":"2.0","id":2,"method":"tools/call",)"
                             R"("params":{"name":"echo","arguments":{ "text": "hi" }}})";
    QCOMPARE(recorded().last(), asked);
}

void tst_Servers::tellsOfACallThatFails_data()
{
    QTest::addColumn<QString>("tool");
    QTest::addColumn<QByteArray>("told");
    QTest::addColumn<std::optional<RawJson>>("result");
    QTest::addColumn<std::optional<QString>>("error");
    QTest::newRow("the server says so") << u"bad"_s << "bad"_ba
                                        << std::optional(
                                               RawJson{R"({"content":[{"type":"text","text":"bad"}],"isError":true})"})
                                        << std::optional<QString>();
    const QString error =
        u"tool call error: tool call failed for `a/error`\n\nCaused by:\n    Mcp error: -32000: boom({\"d\":1})"_s;
    QTest::newRow("the call itself") << u"error"_s << error.toUtf8() << std::optional<RawJson>()
                                     << std::optional(error);
}

void tst_Servers::tellsOfACallThatFails()
{
    QFETCH(const QString, tool);
    QFETCH(const QByteArray, told);
    QFETCH(const std::optional<RawJson>, result);
    QFETCH(const std::optional<QString>, error);
    add(u"a"_s);
    QVERIFY(start());
    QCOMPARE(ask(u"mcp__a__"_s + tool), texts({told}));
    QVERIFY(
        timeless(m_events.back()) ==
        Event(McpCallFinished{
            .call = u"c1"_s, .invocation = {u"a"_s, tool, {"{}"}}, .result = result, .error = error, .failed = true}));
}

void tst_Servers::refusesAToolThatWritesInReadOnly()
{
    add(u"a"_s);
    QVERIFY(start());
    const QByteArray refusal = "MCP tool call requires approval, but approval policy is never";
    QCOMPARE(ask(u"mcp__a__write_file"_s, R"({"path":"f"})"), texts({refusal}));
    QVERIFY(timeless(m_events.back()) ==
            Event(McpCallFinished{.call = u"c1"_s,
                                  .invocation = {u"a"_s, u"write-file"_s, {R"({"path":"f"})"}},
                                  .result = {},
                                  .error = QString::fromUtf8(refusal),
                                  .failed = true}));
    QCOMPARE(ask(u"mcp__a__echo"_s, "[1]"), R"("failed to parse function arguments: expected an object")"_ba);
    QCOMPARE(m_events.size(), 2u); // arguments that are none are no call
}

void tst_Servers::asksOneAfterTheOther()
{
    add(u"a"_s).toolTimeout = 200ms; // of the one that is never answered; the other may be late, too
    QVERIFY(start());
    QObject owner;
    tools::ToolJob *first = begin(u"mcp__a__never"_s, {}, &owner);
    tools::ToolJob *second = begin(u"mcp__a__echo"_s, R"({"text":"2"})", &owner);
    QSignalSpy finished(second, &tools::ToolJob::finished);
    QVERIFY(answerOf(first).contains("timed out awaiting tools/call after 200 ms"));
    QVERIFY(finished.isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(recorded().size() > 5, patience);
    QVERIFY(recorded()[4].contains("notifications/cancelled"));
    QVERIFY(recorded()[5].contains("echo"));
}

void tst_Servers::letsCallsOverlapWhereTheServerCan()
{
    add(u"a"_s).parallelToolCalls = true;
    QVERIFY(start());
    QObject owner;
    tools::ToolJob *first = begin(u"mcp__a__meet"_s, {}, &owner);
    QSignalSpy finished(first, &tools::ToolJob::finished);
    QCOMPARE(answerOf(begin(u"mcp__a__meet"_s, {}, &owner)), texts({"met"}));
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, patience);
}

void tst_Servers::tellsTheServerOfATimeout()
{
    add(u"a"_s).toolTimeout = 50ms;
    QVERIFY(start());
    const QByteArray told = "tool call error: tool call failed for `a/never`\n\nCaused by:\n    timed out awaiting "
                            "tools/call after 50 ms";
    QCOMPARE(ask(u"mcp__a__never"_s), texts({told}));
    QTRY_COMPARE_WITH_TIMEOUT(
        recorded().last(),
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"timed out"}})"_ba,
        patience);
}

void tst_Servers::tellsTheServerOfACallThatIsCalledOff()
{
    add(u"a"_s);
    QVERIFY(start());
    QObject owner;
    tools::ToolJob *job = begin(u"mcp__a__never"_s, {}, &owner);
    QTRY_COMPARE_WITH_TIMEOUT(recorded().size(), 4, patience);
    job->cancel();
    const QByteArray told = answerOf(job);
    QVERIFY2(told.contains("aborted by user"), told);
    QCOMPARE(std::get<McpCallFinished>(m_events.back()).error, u"aborted by user"_s);
    QTRY_COMPARE_WITH_TIMEOUT(recorded().last(),
                              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,)"
                              R"("reason":"the caller gave up"}})"_ba,
                              patience);
    QCOMPARE(ask(u"mcp__a__echo"_s, R"({"text":"after"})"), texts({"ECHO:after"}));
}

void tst_Servers::answersWhatServersAsk_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("answer");
    QTest::newRow("a question to a person") << "elicitation/create"_ba << R"({"action":"decline"})"_ba;
    QTest::newRow("whether we live") << "ping"_ba << "{}"_ba;
    QTest::newRow("our model") << "sampling/createMessage"_ba
                               << R"({"code":-32601,"message":"this client has no method sampling/createMessage"})"_ba;
}

void tst_Servers::answersWhatServersAsk()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, answer);
    add(u"a"_s);
    QVERIFY(start());
    QCOMPARE(ask(u"mcp__a__ask"_s, "{\"method\":\"" + method + "\"}"), texts({answer}));
}

void tst_Servers::startsADeadServerAgainOnce()
{
    add(u"a"_s);
    QVERIFY(start());
    const QByteArray failure = "tool call error: tool call failed for `a/die`\n\nCaused by:\n    Transport closed: the "
                               "MCP server `a` ended with exit code 3; its last words: first words; last words; ";
    QCOMPARE(ask(u"mcp__a__die"_s), texts({failure + "it is started again for the next call"}));
    QCOMPARE(ask(u"mcp__a__echo"_s, R"({"text":"back"})"), texts({"ECHO:back"}));
    const QByteArray gone = failure + "it was started again once already and stays down";
    QCOMPARE(ask(u"mcp__a__die"_s), texts({gone}));
    QCOMPARE(ask(u"mcp__a__echo"_s, R"({"text":"x"})"), texts({QByteArray(gone).replace("a/die", "a/echo")}));
    const QByteArray list = R"("method":"tools/list")";
    QCOMPARE(recorded().join().count(list), 1); // its tools are known, and must stay as they are
}

void tst_Servers::passesNoKeysOn()
{
    add(u"a"_s).environment.emplace_back(u"HOME"_s, u"/elsewhere"_s);
    QVERIFY(start());
    const QByteArray told = ask(u"mcp__a__env"_s);
    QVERIFY2(!told.contains("A_SECRET_KEY"), told);
    QVERIFY2(told.contains("\\\"HOME\\\":\\\"/elsewhere\\\""), told);
    QVERIFY2(told.contains("\\\"PATH\\\":"), told);
}

void tst_Servers::containsAServer()
{
    m_settings.sandbox.mode = SandboxPolicy::Mode::WorkspaceWrite;
    McpServerSettings &server = add(u"a"_s);
    server.sandbox = McpServerSettings::Containment::ReadOnly;
    server.environment.clear(); // it could not write its record
    QVERIFY(start());
    const QByteArray told = ask(u"mcp__a__write_file"_s, R"({"path":"f"})");
    QVERIFY2(told.contains("read-only file system"), told);
    QVERIFY(!QFile::exists(m_settings.cwd + u"/f"_s));
}

static bool isAlive(const QByteArray &marker)
{
    for (const QString &entry : QDir(u"/proc"_s).entryList(QDir::Dirs)) {
        QFile file(u"/proc/"_s + entry + u"/cmdline"_s);
        if (entry[0].isDigit() && file.open(QIODevice::ReadOnly) && file.readAll().contains(marker))
            return true;
    }
    return false;
}

void tst_Servers::leavesNothingAlive()
{
    const QByteArray mark = QByteArray::number(QCoreApplication::applicationPid());
    McpServerSettings &server = add(u"a"_s, {u"--stubborn"_s, u"mark-"_s + QString::fromLatin1(mark)});
    server.environment.emplace_back(u"MARK"_s, QString::fromLatin1(mark));
    QVERIFY(start());
    QVERIFY(isAlive("86400." + mark));
    m_tools.clear();
    QSignalSpy closed(m_servers.get(), &Servers::closed);
    m_servers->close();
    QVERIFY(closed.wait(patience));
    QVERIFY(!isAlive("86400." + mark));
    QVERIFY(!isAlive("mark-" + mark));
    m_servers.reset();
}

void tst_Servers::listsAndReadsResources()
{
    add(u"a"_s, {u"--resources"_s});
    add(u"b"_s);
    QVERIFY(start());
    const auto asText = [](const QByteArray &json) { return json::string(QByteArrayView(json)).text; };
    QCOMPARE(
        ask(u"list_mcp_resources"_s),
        asText(
            R"({"resources":[{"server":"a","uri":"note:1","name":"one"},{"server":"a","uri":"note:2","name":"two"}]})"));
    QCOMPARE(std::get<McpCallFinished>(m_events.back()).invocation.server, u"codex"_s);
    QCOMPARE(ask(u"list_mcp_resources"_s, R"({"server":"a"})"),
             asText(R"({"server":"a","resources":[{"server":"a","uri":"note:1","name":"one"}],"nextCursor":"more"})"));
    QCOMPARE(ask(u"list_mcp_resources"_s, R"({"server":"a","cursor":"more"})"),
             asText(R"({"server":"a","resources":[{"server":"a","uri":"note:2","name":"two"}]})"));
    QCOMPARE(ask(u"list_mcp_resource_templates"_s),
             asText(R"({"resourceTemplates":[{"server":"a","uriTemplate":"note:{n}","name":"any"}]})"));
    QCOMPARE(ask(u"read_mcp_resource"_s, R"({"server":"a","uri":"note:1"})"),
             asText(R"({"server":"a","uri":"note:1","contents":[{"uri":"note:1","text":"read"}]})"));
    QCOMPARE(std::get<McpCallFinished>(m_events.back()).invocation.server, u"a"_s);
    QCOMPARE(ask(u"read_mcp_resource"_s, R"({"server":"c","uri":"note:1"})"), asText("unknown MCP server 'c'"));
    QCOMPARE(m_events.size(), 10u);
}

QTEST_GUILESS_MAIN(tst_Servers)
#include "tst_servers.moc"
