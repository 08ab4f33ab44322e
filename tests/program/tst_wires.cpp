#include "support/program.h"
#include "support/wirespeech.h"
#include <QStandardPaths>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// One run over every wire.
class tst_Wires : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void runsAlikeOnEveryWire_data();
    void runsAlikeOnEveryWire();
};

static const QByteArray png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

void tst_Wires::initTestCase()
{
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted MCP server needs it");
}

void tst_Wires::runsAlikeOnEveryWire_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("image"); // how the last request shows it
    QTest::newRow("responses") << "/v1/responses"_ba << "\"image_url\":\"data:image/png;base64,"_ba;
    QTest::newRow("chat") << "/v1/chat/completions"_ba << "\"image_url\":{\"url\":\"data:image/png;base64,"_ba;
    QTest::newRow("messages") << "/v1/messages"_ba << "\"media_type\":\"image/png\",\"data\":\""_ba;
}

/// What stdout told, an item a line; the chat wire's chain of thought is shown to nobody.
static QByteArrayList told(const QByteArray &out)
{
    QByteArrayList told;
    for (const QByteArray &line : out.split('\n')) {
        const auto event = JsonDocument::parse(line);
        if (!event)
            continue;
        const JsonView item = event->root()["item"];
        const QByteArray type = item["type"].utf8().toByteArray();
        if (type == "reasoning")
            continue;
        QByteArrayList words{
            event->root()["type"].utf8().toByteArray(), type,
            item["text"].utf8().toByteArray(),          item["aggregated_output"].utf8().toByteArray().trimmed(),
            item["tool"].utf8().toByteArray(),          item["status"].utf8().toByteArray()};
        words.removeAll({});
        told += words.join(' ');
    }
    return told;
}

/// What must hold of a request: each call has its answer, and each answer its call before it.
static QByteArray imbalance(const QByteArray &body)
{
    const auto document = JsonDocument::parse(body);
    QByteArrayList open;
    QByteArray fault;
    const auto call = [&](JsonView id) { open += id.utf8().toByteArray(); };
    const auto answer = [&](JsonView id) {
        if (!open.removeOne(id.utf8().toByteArray()))
            fault += id.utf8().toByteArray() + " was not called; ";
    };
    for (const JsonView message : document->root()["messages"].items()) {
        if (message["role"].utf8() == "tool")
            answer(message["tool_call_id"]);
        else if (!open.isEmpty() && message["role"].utf8() == "assistant")
            fault += open.join(' ') + " is open; ";
        for (const JsonView made : message["tool_calls"].items())
            call(made["id"]);
        for (const JsonView block : message["content"].items()) {
            if (block["type"].utf8() == "tool_use")
                call(block["id"]);
            if (block["type"].utf8() == "tool_result")
                answer(block["tool_use_id"]);
        }
    }
    return fault + open.join(' ');
}

void tst_Wires::runsAlikeOnEveryWire()
{
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, image);
    const QByteArray wire = QTest::currentDataTag();
    Program program;
    program.write(u"a.png"_s, QByteArray::fromBase64(png));
    const QString schema = program.write(
        u"schema.json"_s,
        R"({"type":"object","properties":{"done":{"type":"boolean"}},"required":["done"],"additionalProperties":false})");
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s).replace("responses", wire) +
                                                 "[mcp_servers.s]\ncommand = \"node\"\nargs = [\"" MCP_SERVER "\"]\n");
    const Speech speeches[]{
        // The first waits for the second: only side by side can both end.
        {.thought = "Look first.",
         .text = "I look.",
         .calls = {{"call_1", "exec_command", R"({"cmd":"until test -e second; do sleep 0.01; done; echo one"})"},
                   {"call_2", "exec_command", R"({"cmd":"echo two; touch second"})"}}},
        {.calls = {{"call_3", "apply_patch", "*** Begin Patch\n*** Add File: notes.md\n+n\n*** End Patch\n"}}},
        {.thought = "And then?", .calls = {{"call_4", "view_image", R"({"path":"a.png"})"}}},
        {.calls = {{"call_5", "mcp__s__echo", R"({"text":"hi"})"}}},
        {.text = R"({"done":true})"},
    };
    for (const Speech &speech : speeches)
        program.server.play(ScriptedServer::Answer{.body = spoken(wire, speech)});
    const Ended ended =
        program.exec({u"--json"_s, u"-s"_s, u"workspace-write"_s, u"--output-schema"_s, schema, u"p"_s});
    const QByteArrayList expected{
        "thread.started",
        "turn.started",
        "item.completed agent_message I look.",
        "item.started command_execution in_progress",
        "item.started command_execution in_progress",
        "item.completed command_execution one completed",
        "item.completed command_execution two completed",
        "item.started file_change in_progress",
        "item.completed file_change completed",
        "item.started mcp_tool_call echo in_progress",
        "item.completed mcp_tool_call echo completed",
        R"(item.completed agent_message {"done":true})",
        "turn.completed",
    };
    QByteArrayList lines = told(ended.out);
    QVERIFY2(lines.size() > 6, ended.out + ended.err);
    std::sort(lines.begin() + 5, lines.begin() + 7); // the two commands end in either order
    QCOMPARE(lines, expected);
    QVERIFY2(ended.out.contains(R"("input_tokens":500,"cached_input_tokens":200,"cache_write_input_tokens":0,)"
                                R"("output_tokens":25,"reasoning_output_tokens":10)"),
             ended.out);
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.read(u"notes.md"_s), "n\n");
    QCOMPARE(program.server.violations(), QStringList());
    QCOMPARE(program.server.requests().size(), std::size(speeches));
    for (const ScriptedServer::Request &request : program.server.requests()) {
        QCOMPARE(request.path, path);
        QCOMPARE(imbalance(request.body), QByteArray());
        QVERIFY(request.body.contains("\"done\":{\"type\":\"boolean\"}"));
    }
    const QByteArray &last = program.server.requests().back().body;
    for (const QByteArray &shown : {"Look first."_ba, "And then?"_ba, "one\\n"_ba, "two\\n"_ba, "ECHO:hi"_ba, image})
        QVERIFY2(last.contains(shown), shown.constData());
}

QTEST_GUILESS_MAIN(tst_Wires)
#include "tst_wires.moc"
