#include "mcp/servers.h"
#include "net/networkclient.h"
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::mcp;
using namespace std::chrono_literals;

/// Servers behind a URL.
class tst_Http : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void callsTools_data();
    void callsTools();
    void sendsKeysAndHeadersAlways();
    void asksAServerAgainThatIsStillStarting();
    void saysWhyAServerDidNotStart_data();
    void saysWhyAServerDidNotStart();
    void beginsANewSessionOnceWhenItIsForgotten();
    void answersWhatServersAsk();
    void endsItsSession();

private:
    QString serve(const QStringList &options);
    bool start();
    QByteArray ask(const QString &tool, const QByteArray &arguments);
    QByteArrayList recorded() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QProcess> m_process;
    std::unique_ptr<net::NetworkClient> m_http;
    McpServerSettings m_server;
    std::unique_ptr<Servers> m_servers;
    std::vector<std::unique_ptr<tools::Tool>> m_tools;
};

static constexpr int patience = 30'000; // ms; for machines that are busy

void tst_Http::initTestCase()
{
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted server needs it");
}

void tst_Http::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_http = std::make_unique<net::NetworkClient>(llm::NetworkOptions{});
    m_server = {.name = u"h"_s};
}

void tst_Http::cleanup()
{
    m_tools.clear();
    m_servers.reset();
    m_http.reset();
    if (m_process) {
        m_process->closeWriteChannel();
        m_process->waitForFinished();
    }
    m_process.reset();
}

QString tst_Http::serve(const QStringList &options)
{
    m_process = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"RECORD"_s, m_folder->filePath(u"record"_s));
    m_process->setProcessEnvironment(environment);
    m_process->start(u"node"_s, QStringList{QStringLiteral(MCP_SERVER)} + options);
    while (!m_process->canReadLine() && m_process->waitForReadyRead(patience)) {
    }
    return QString::fromUtf8(m_process->readLine()).trimmed();
}

bool tst_Http::start()
{
    Settings settings;
    settings.cwd = m_folder->path();
    settings.mcpServers = {m_server};
    m_servers = std::make_unique<Servers>(settings, Servers::Surroundings{{}, m_http.get()});
    QSignalSpy settled(m_servers.get(), &Servers::settled);
    m_servers->start();
    const bool done = settled.wait(patience);
    for (auto &tool : m_servers->takeTools([](const Event &) {}))
        m_tools.push_back(std::move(tool));
    return done;
}

QByteArray tst_Http::ask(const QString &name, const QByteArray &arguments)
{
    QObject owner;
    for (const auto &tool : m_tools) {
        if (tool->name() != name)
            continue;
        QSignalSpy finished(tool->start({u"c1"_s, name, arguments}, &owner), &tools::ToolJob::finished);
        if (!finished.wait(patience))
            return "no answer";
        const auto answer = JsonDocument::parse(finished.first().first().value<ToolAnswer>().output.text);
        const JsonView root = answer->root();
        return (root.isString() ? root : root[1]["text"]).toString().toUtf8();
    }
    return "no such tool";
}

QByteArrayList tst_Http::recorded() const
{
    QFile file(m_folder->filePath(u"record"_s));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().split('\n') : QByteArrayList();
}

void tst_Http::callsTools_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::newRow("streams") << QStringList();
    QTest::newRow("plain answers") << QStringList{u"--json"_s};
    QTest::newRow("no sessions") << QStringList{u"--sessionless"_s};
    QTest::newRow("has moved") << QStringList{u"--redirect"_s};
}

void tst_Http::callsTools()
{
    QFETCH(const QStringList, options);
    m_server.url = serve(options);
    QVERIFY(start());
    QCOMPARE(m_servers->notices(), QStringList());
    QCOMPARE(ask(u"mcp__h__echo"_s, R"({"text":"hi"})"), "ECHO:hi");
    QVERIFY(ask(u"mcp__h__error"_s, "{}").endsWith("Mcp error: -32000: boom({\"d\":1})"));
    const QByteArray read = R"({"server":"h","uri":"note:1","contents":[{"uri":"note:1","text":"read"}]})";
    QCOMPARE(ask(u"read_mcp_resource"_s, R"({"server":"h","uri":"note:1"})"), read);
}

void tst_Http::sendsKeysAndHeadersAlways()
{
    m_server.url = serve({u"--auth"_s});
    m_server.bearerTokenEnvVar = u"KEY"_s;
    m_server.bearerToken = Secret("right");
    m_server.headers = {{u"X-Own"_s, u"1"_s}};
    QVERIFY(start());
    QCOMPARE(ask(u"mcp__h__echo"_s, R"({"text":"hi"})"), "ECHO:hi");
    // Its own stream is asked for at some time after `initialized`, beside the rest.
    QTRY_COMPARE_WITH_TIMEOUT(recorded().size(), 5, patience);
    QByteArrayList requests = recorded();
    QByteArray get;
    requests.removeIf([&get](const QByteArray &request) {
        const bool isGet = request.contains("GET");
        if (isGet)
            get = request;
        return isGet;
    });
    const QByteArray both = R"("accept":"text/event-stream, application/json",)";
    const QByteArray rest = R"("authorization":"Bearer right","agent":"nightshift-mcp-client/)" NIGHTSHIFT_VERSION "\"";
    const auto line = [](const char *method, const QByteArray &rpc, bool session, const QByteArray &more) {
        return QByteArray("{\"method\":\"") + method + R"(","url":"/mcp",)" + rpc +
               "\"session\":" + (session ? "true," : "false,") + more + R"("own":"1"})";
    };
    const QByteArray version = rest + R"(,"version":"2025-06-18",)";
    QCOMPARE(requests, QByteArrayList({line("POST", R"("rpc":"initialize",)", false, both + rest + ','),
                                       line("POST", R"("rpc":"notifications/initialized",)", true, both + version),
                                       line("POST", R"("rpc":"tools/list",)", true, both + version),
                                       line("POST", R"("rpc":"tools/call",)", true, both + version)}));
    QCOMPARE(get, line("GET", {}, true, R"("accept":"text/event-stream",)" + version));
}

void tst_Http::asksAServerAgainThatIsStillStarting()
{
    m_server.url = serve({u"--late"_s});
    QVERIFY(start());
    QCOMPARE(m_servers->notices(), QStringList());
    QCOMPARE(recorded().join().count("initialize\""), 3);
}

void tst_Http::saysWhyAServerDidNotStart_data()
{
    QTest::addColumn<QString>("url"); // empty for a server that wants a key
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("why");
    QTest::newRow("no key") << QString() << QString()
                            << u"Auth required: URL answered HTTP 401; put a key into a variable and name that in "
                               "bearer_token_env_var, OAuth logins are not supported"_s;
    QTest::newRow("variable that is not set")
        << u"http://127.0.0.1:1/mcp"_s << u"KEY"_s << u"Environment variable KEY for MCP server 'h' is not set"_s;
    QTest::newRow("nobody there") << u"http://127.0.0.1:1/mcp"_s << QString() << u"URL: Connection refused"_s;
    QTest::newRow("no address") << u"localhost"_s << QString() << u"its url localhost is not of http or https"_s;
}

void tst_Http::saysWhyAServerDidNotStart()
{
    QFETCH(const QString, url);
    QFETCH(const QString, variable);
    QFETCH(QString, why);
    m_server.url = url.isEmpty() ? serve({u"--auth"_s}) : url;
    m_server.bearerTokenEnvVar = variable;
    QVERIFY(start());
    why.replace(u"URL"_s, m_server.url);
    QCOMPARE(m_servers->notices(), QStringList(u"The MCP server `h` did not start: "_s + why));
}

void tst_Http::beginsANewSessionOnceWhenItIsForgotten()
{
    m_server.url = serve({u"--forget"_s});
    QVERIFY(start());
    const QByteArray echo = R"({"text":"hi"})";
    QCOMPARE(ask(u"mcp__h__echo"_s, echo), "ECHO:hi");
    QCOMPARE(ask(u"mcp__h__echo"_s, echo), "ECHO:hi");
    QCOMPARE(ask(u"mcp__h__echo"_s, echo),
             "tool call error: tool call failed for `h/echo`\n\nCaused by:\n    Transport closed: the MCP server `h` "
             "has forgotten the session: " +
                 m_server.url.toUtf8() +
                 " answered HTTP 404: Session not found; it is started again for the next call");
    QCOMPARE(ask(u"mcp__h__echo"_s, echo), "ECHO:hi");
}

void tst_Http::answersWhatServersAsk()
{
    m_server.url = serve({});
    QVERIFY(start());
    QCOMPARE(ask(u"mcp__h__ask"_s, R"({"method":"elicitation/create"})"), R"({"action":"decline"})");
}

void tst_Http::endsItsSession()
{
    m_server.url = serve({});
    QVERIFY(start());
    QSignalSpy closed(m_servers.get(), &Servers::closed);
    m_servers->close();
    QVERIFY(closed.wait(patience));
    const QByteArray farewell = R"({"method":"DELETE","url":"/mcp","session":true)";
    QTRY_VERIFY_WITH_TIMEOUT(recorded().last().startsWith(farewell), patience);
}

QTEST_GUILESS_MAIN(tst_Http)
#include "tst_http.moc"
