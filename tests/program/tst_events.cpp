#include "support/program.h"
#include <QSet>
#include <QStandardPaths>
#include <QTest>
#include <algorithm>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// The vocabularies of the schemas, against what runs of the built program print.
class tst_Events : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void everyTypeOfTheSchemaIsPrinted_data();
    void everyTypeOfTheSchemaIsPrinted();
};

using Types = QSet<QByteArray>;

static QByteArrayList sorted(const Types &types)
{
    QByteArrayList list(types.begin(), types.end());
    std::ranges::sort(list);
    return list;
}

/// Of the definitions' names, those that begin so, without that beginning.
static Types definitions(JsonView schema, const QString &beginning)
{
    Types types;
    for (const auto &[name, definition] : schema["definitions"].members()) {
        if (name.startsWith(beginning))
            types += definition["properties"]["type"]["const"].utf8().toByteArray();
    }
    return types;
}

static Types wanted(const QString &form)
{
    QFile file(QStringLiteral(EVENT_SCHEMAS "/%1-event.json").arg(form));
    const auto schema = JsonDocument::parse(file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    if (!schema)
        return {"no schema"};
    if (form == "protocol"_L1)
        return definitions(schema->root(), u"msg_"_s);
    Types types;
    for (const QByteArray &item : definitions(schema->root(), u"item_"_s))
        types += "item " + item;
    for (const JsonView event : schema->root()["oneOf"].items())
        types += event["properties"]["type"]["const"].utf8().toByteArray();
    return types;
}

static Types printed(const QByteArray &out)
{
    Types types;
    for (const QByteArray &line : out.split('\n')) {
        const auto read = JsonDocument::parse(line);
        const JsonView root = read ? read->root() : JsonView();
        for (const JsonView type : {root["type"], root["msg"]["type"]}) {
            if (type.exists())
                types += type.utf8().toByteArray();
        }
        if (const JsonView item = root["item"]["type"]; item.exists())
            types += "item " + item.utf8().toByteArray();
    }
    return types;
}

static QByteArray item(const QByteArray &json)
{
    return R"({"type":"response.output_item.done","output_index":0,"item":)" + json + '}';
}

static const QByteArray rawThought =
    item(R"({"type":"reasoning","id":"rs_2","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]})");
static const QByteArray search =
    item(R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"night"}})");
static const QByteArray searching =
    R"({"type":"response.output_item.added","output_index":0,"item":{"type":"web_search_call","id":"ws_1"}})";
static const QByteArray delta =
    R"({"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"All "})";
static const QByteArray newFile = "*** Begin Patch\n*** Add File: notes.md\n+of the night\n*** End Patch\n";

/// All that can happen in a good turn, with a repeated request and a conversation that grows too long.
static void playEverything(ScriptedServer &server)
{
    const QByteArray plan = R"({"plan":[{"step":"look","status":"in_progress"}]})";
    server.play(ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::failed("server_error", "not now")})});
    server.play({sse::reasoning("rs_1", "**Looking**"), rawThought, sse::call("call_1", "update_plan", plan),
                 sse::call("call_2", "update_plan", plan), sse::command("call_3", "echo out"), searching, search});
    server.play({sse::call("call_4", "mcp__s__echo", R"({"text":"hi"})"), sse::patch("call_5", newFile)});
    const QByteArray full = sse::completed(270'000);
    server.play(
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::command("call_6", "echo more"), full})});
    server.play({sse::message("msg_2", "What was done so far.")});
    server.play({delta, sse::message("msg_1", "All done.")});
}

void tst_Events::initTestCase()
{
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted MCP server needs it");
}

void tst_Events::everyTypeOfTheSchemaIsPrinted_data()
{
    QTest::addColumn<QString>("form");
    QTest::addColumn<QString>("option");
    QTest::newRow("thread") << u"thread"_s << u"--json=deltas"_s;
    QTest::newRow("protocol") << u"protocol"_s << u"--json=protocol"_s;
}

void tst_Events::everyTypeOfTheSchemaIsPrinted()
{
    QFETCH(const QString, form);
    QFETCH(const QString, option);
    Program program;
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) +
                                                 "[mcp_servers.s]\ncommand = \"node\"\nargs = [\"" MCP_SERVER "\"]\n");
    playEverything(program.server);
    const Ended good = program.exec({option, u"-s"_s, u"workspace-write"_s, u"-c"_s, u"no_such_key=1"_s, u"p"_s});
    QVERIFY2(good.exitCode == 0, good.out + good.err);
    program.server.play({sse::message("msg_1", R"({"findings":[],"overall_explanation":"Fine."})")});
    const Ended review = program.exec({option, u"review"_s, u"--uncommitted"_s});
    QVERIFY2(review.exitCode == 0, review.out + review.err);
    program.server.play(
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::failed("invalid_prompt", "bad")})});
    const Ended bad = program.exec({option, u"p"_s});
    QCOMPARE(bad.exitCode, 1);
    const Types had = printed(good.out + review.out + bad.out);
    QCOMPARE(sorted(wanted(form) - had).join(", "), QByteArray());
    QCOMPARE(sorted(had - wanted(form)).join(", "), QByteArray());
}

QTEST_GUILESS_MAIN(tst_Events)
#include "tst_events.moc"
