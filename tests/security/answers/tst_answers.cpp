#include "support/program.h"
#include "support/wirespeech.h"
#include <QTcpSocket>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Servers whose answers have no end: models' over both transports, MCP servers' over pipes and HTTP.
class tst_Answers : public QObject
{
    Q_OBJECT

private slots:
    void endsATurnWhoseAnswerHasNoEnd_data();
    void endsATurnWhoseAnswerHasNoEnd();
    void leavesAnMcpServerOutThatHasNoEnd_data();
    void leavesAnMcpServerOutThatHasNoEnd();
    void failsACallWhoseResultHasNoEnd_data();
    void failsACallWhoseResultHasNoEnd();
};

/// Answers every request with a beginning and then the same again and again, until nobody listens or `most` is sent.
class Flood : public QTcpServer
{
public:
    Flood(QByteArray head, QByteArray again)
        : m_head(std::move(head))
        , m_again(std::move(again))
    {
        while (m_again.size() < 64 * 1024 && !m_again.isEmpty())
            m_again += m_again;
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { answer(socket); });
            connect(socket, &QTcpSocket::bytesWritten, socket, [this, socket] { fill(socket); });
        });
        listen(QHostAddress::LocalHost);
    }

    QString url() const { return u"http://127.0.0.1:%1/v1"_s.arg(serverPort()); }
    qint64 sent = 0;
    static constexpr qint64 most = 300 << 20; // far beyond all limits

private:
    void answer(QTcpSocket *socket)
    {
        const QByteArray request = socket->readAll();
        if (!request.contains("\r\n\r\n") || socket->property("answered").toBool())
            return;
        socket->setProperty("answered", true);
        socket->write(m_head);
        fill(socket);
    }

    void fill(QTcpSocket *socket)
    {
        if (!socket->property("answered").toBool() || socket->bytesToWrite() > 256 * 1024)
            return;
        sent += m_again.size();
        if (sent > most || m_again.isEmpty())
            return socket->disconnectFromHost();
        socket->write(m_again);
    }

    const QByteArray m_head;
    QByteArray m_again;
};

static const QByteArray streamed = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

void tst_Answers::endsATurnWhoseAnswerHasNoEnd_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("again");
    QTest::addColumn<QString>("wire");
    QTest::addColumn<QByteArray>("words");
    QTest::addColumn<bool>("tls"); // a transport that could
    const auto row = [](const QByteArray &name, const QByteArray &head, const QByteArray &again,
                        const QByteArray &words, const QString &wire = u"responses"_s) {
        for (const bool tls : {false, true})
            QTest::newRow(name + (tls ? ", libcurl" : ", Qt")) << head << again << wire << words << tls;
    };
    const QByteArray delta = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"words\"}\n\n";
    const QByteArray item =
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"reasoning\",\"id\":\"r\","
        "\"summary\":[]}}\n\n";
    const QByteArray call = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[";
    row("a line", streamed + "data: ", "aaaa", "the limit event_bytes");
    row("a comment", streamed + ": ", "aaaa", "the limit event_bytes");
    row("lines of one event", streamed, "data: a\n", "the limit event_bytes");
    row("deltas", streamed, delta, "the limit answer_bytes");
    row("items", streamed, item, "the limit items");
    row("calls", streamed, call + "{\"id\":\"a\",\"function\":{}},{\"id\":\"b\",\"function\":{}}]}}]}\n\n",
        "the limit ", u"chat"_s);
    row("headers", "HTTP/1.1 200 OK\r\n", "x-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
        "the limit header_");
    row("a header", "HTTP/1.1 200 OK\r\nx-a: ", "aaaa", "the limit header_");
    row("a status line", "HTTP/1.1 200 ", "aaaa", "the limit header_");
    row("an error's text", "HTTP/1.1 400 Bad Request\r\n\r\n", "aaaa", "aaaaaaaa");
}

static const QStringList low{u"-c"_s, u"model_providers.mock.request_max_retries=0"_s, u"-c"_s,
                             u"model_providers.mock.stream_max_retries=0"_s};

void tst_Answers::endsATurnWhoseAnswerHasNoEnd()
{
    QFETCH(const QByteArray, head);
    QFETCH(const QByteArray, again);
    QFETCH(const QString, wire);
    QFETCH(const QByteArray, words);
    QFETCH(const bool, tls);
    Flood flood(head, again);
    Program program;
    QStringList args = low + QStringList{u"-c"_s, u"model_providers.mock.base_url=\"%1\""_s.arg(flood.url()), u"-c"_s,
                                         u"model_providers.mock.wire_api=\"%1\""_s.arg(wire)};
    if (tls) // a server that is not used, but could be
        args += {u"-c"_s, u"mcp_servers.s={url=\"https://127.0.0.1:1/\",enabled=false}"_s};
    const Ended ended = program.exec(args + QStringList{u"p"_s});
    QVERIFY2(ended.exitCode == 1 && ended.err.contains(words), ended.err.right(2000));
    QVERIFY2(flood.sent < Flood::most, QByteArray::number(flood.sent));
}

static QString toml(const QByteArray &script)
{
    return u"mcp_servers.m={command=\"python3\",args=[\"-c\",'''%1'''],startup_timeout_sec=20,required=true}"_s.arg(
        QString::fromUtf8(script));
}

/// An MCP server in Python: `listed` answers tools/list, `called` tools/call; both see the message as m.
static QByteArray server(const QByteArray &listed, const QByteArray &called = "pass")
{
    return "import sys,json\n"
           "w=lambda t:(sys.stdout.write(t),sys.stdout.flush())\n"
           "reply=lambda m,r:w(json.dumps({\"jsonrpc\":\"2.0\",\"id\":m[\"id\"],\"result\":r})+\"\\n\")\n"
           "tool=lambda "
           "i:{\"name\":\"t%d\"%i,\"inputSchema\":{\"type\":\"object\"},\"annotations\":{\"readOnlyHint\":True}}\n"
           "for l in sys.stdin:\n"
           "  m=json.loads(l); k=m.get(\"method\")\n"
           "  if k==\"initialize\": reply(m,{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
           "\"serverInfo\":{\"name\":\"x\",\"version\":\"1\"}})\n"
           "  elif k==\"tools/list\": " +
           listed +
           "\n"
           "  elif k==\"tools/call\": " +
           called + "\n";
}

static const QByteArray lines = "[w(\"a\"*65536) for _ in range(1100)]";

void tst_Answers::leavesAnMcpServerOutThatHasNoEnd_data()
{
    QTest::addColumn<QByteArray>("listed");
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("a line") << lines << "the limit mcp_message_bytes"_ba;
    QTest::newRow("tools") << "reply(m,{\"tools\":[tool(i) for i in range(2001)]})"_ba << "the limit mcp_tools"_ba;
    QTest::newRow("tools on pages")
        << "n=int(m[\"params\"].get(\"cursor\",0)); reply(m,{\"tools\":[tool(n*100+i) for i in range(100)],\"nextCursor\":str(n+1)})"_ba
        << "the limit mcp_tools"_ba;
    QTest::newRow("pages")
        << "n=int(m[\"params\"].get(\"cursor\",0)); reply(m,{\"tools\":[],\"nextCursor\":str(n+1)})"_ba
        << "the limit mcp_pages"_ba;
    QTest::newRow("words about tools")
        << "n=int(m[\"params\"].get(\"cursor\",0)); reply(m,{\"tools\":[dict(tool(n),description=\"d\"*35000000)],\"nextCursor\":str(n+1)})"_ba
        << "the limit mcp_message_bytes"_ba;
}

void tst_Answers::leavesAnMcpServerOutThatHasNoEnd()
{
    QFETCH(const QByteArray, listed);
    QFETCH(const QByteArray, words);
    Program program;
    const Ended ended = program.exec(low + QStringList{u"-c"_s, toml(server(listed)), u"p"_s});
    QVERIFY2(ended.exitCode == 1 && ended.err.contains(words), ended.err.right(2000));
}

void tst_Answers::failsACallWhoseResultHasNoEnd_data()
{
    QTest::addColumn<bool>("http");
    QTest::addColumn<QByteArray>("head"); // of the call's answer over HTTP
    QTest::newRow("over a pipe") << false << QByteArray();
    QTest::newRow("as JSON") << true << "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"_ba;
    QTest::newRow("as a stream") << true << streamed + "data: ";
}

void tst_Answers::failsACallWhoseResultHasNoEnd()
{
    QFETCH(const bool, http);
    QFETCH(const QByteArray, head);
    Program program;
    int asked = 0;
    program.server.script = [&asked](const ScriptedServer::Request &) -> ScriptedServer::Answer {
        const QByteArray item = asked++ == 0 ? sse::call("c1", "mcp__m__t1", "{}") : sse::message("m", "done");
        return {.body = sse::stream({sse::created(), item, sse::completed(1, 0, 1, 0)})};
    };
    if (http) {
        Flood flood(head, "aaaa");
        const Ended ended = program.exec(
            low + QStringList{u"-c"_s, u"mcp_servers.m={url=\"%1\",required=true}"_s.arg(flood.url()), u"p"_s});
        QVERIFY2(ended.exitCode == 1 && ended.err.contains("the limit mcp_message_bytes"), ended.err.right(2000));
        QVERIFY2(flood.sent < Flood::most, QByteArray::number(flood.sent));
        return;
    }
    const QString config = toml(server("reply(m,{\"tools\":[tool(1)]})", lines));
    const Ended ended = program.exec(low + QStringList{u"--json"_s, u"-c"_s, config, u"p"_s});
    QVERIFY2(ended.exitCode == 0 && ended.out.contains("the limit mcp_message_bytes"),
             ended.out.right(2000) + ended.err);
}

QTEST_GUILESS_MAIN(tst_Answers)
#include "tst_answers.moc"
