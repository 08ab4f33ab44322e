#include "support/lines.h"
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
    void schemasDescribeEveryTypeThatIsPrinted();
    void everyTypeIsPrinted_data();
    void everyTypeIsPrinted();
    void plainLinesTellOfNoWaits();
    void answersQuestionsBeforeTheRun();
    void refusesWhatIsNoQuestion();
};

using Types = QSet<QByteArray>;

/// A type of the two vocabularies, "item …" for an item's; where runs do not print it, why.
struct Word
{
    const char *form;
    const char *type;
    const char *whyNot = nullptr;
};

static constexpr const char *deltas = "its text comes whole, the old writer left it out";

static constexpr Word words[] = {
    {"thread", "thread.started"},
    {"thread", "turn.started"},
    {"thread", "turn.completed"},
    {"thread", "turn.failed"},
    {"thread", "item.started"},
    {"thread", "item.updated"},
    {"thread", "item.completed"},
    {"thread", "item.delta"},
    {"thread", "output.delta"},
    {"thread", "error"},
    {"thread", "item agent_message"},
    {"thread", "item reasoning"},
    {"thread", "item command_execution"},
    {"thread", "item file_change"},
    {"thread", "item mcp_tool_call"},
    {"thread", "item web_search"},
    {"thread", "item todo_list"},
    {"thread", "item context_compaction"},
    {"thread", "item error"},
    {"thread", "item.plan.delta", "not built"},
    {"thread", "request_user_input", "not built"},
    {"thread", "item collab_tool_call", "not built"},
    {"thread", "item.snapshot", "for who joins in the midst, over HTTP"},
    {"thread", "turn.queued", "a run has one turn; over HTTP"},
    {"thread", "input.accepted", "a run takes no input; over HTTP"},
    {"thread", "approval.requested"},
    {"thread", "approval.resolved"},
    {"thread", "hook.decided"},
    {"thread", "limit.warning"},
    {"thread", "limit.reached"},
    {"thread", "wait.started"},
    {"thread", "wait.ended"},
    {"thread", "session.closed", "over HTTP"},

    {"protocol", "session_configured"},
    {"protocol", "task_started"},
    {"protocol", "task_complete"},
    {"protocol", "token_count"},
    {"protocol", "user_message"},
    {"protocol", "agent_message"},
    {"protocol", "agent_reasoning"},
    {"protocol", "agent_reasoning_raw_content"},
    {"protocol", "agent_reasoning_raw_content_delta"},
    {"protocol", "agent_reasoning_section_break"},
    {"protocol", "exec_command_begin"},
    {"protocol", "exec_command_output_delta"},
    {"protocol", "exec_command_end"},
    {"protocol", "patch_apply_begin"},
    {"protocol", "patch_apply_end"},
    {"protocol", "turn_diff"},
    {"protocol", "mcp_tool_call_begin"},
    {"protocol", "mcp_tool_call_end"},
    {"protocol", "web_search_begin"},
    {"protocol", "web_search_end"},
    {"protocol", "plan_update"},
    {"protocol", "background_event"},
    {"protocol", "stream_error"},
    {"protocol", "error"},
    {"protocol", "turn_aborted"},
    {"protocol", "shutdown_complete"},
    {"protocol", "entered_review_mode"},
    {"protocol", "exited_review_mode"},
    {"protocol", "context_compacted"},
    {"protocol", "agent_message_delta", deltas},
    {"protocol", "agent_reasoning_delta", deltas},
    {"protocol", "exec_approval_request"},
    {"protocol", "apply_patch_approval_request"},
    {"protocol", "get_history_entry_response"},
    {"protocol", "mcp_list_tools_response"},
    {"protocol", "list_custom_prompts_response"},
    {"protocol", "conversation_path"},
};

static Types vocabulary(const QString &form, bool printed)
{
    Types types;
    for (const Word &word : words) {
        if (form == QLatin1StringView(word.form) && (!printed || !word.whyNot))
            types += word.type;
    }
    return types;
}

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

/// The types that a schema describes.
static Types described(const QString &form)
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

static const QByteArray thoughtPart =
    R"({"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0})";
static const QByteArray rawDelta =
    R"({"type":"response.reasoning_text.delta","item_id":"rs_2","output_index":1,"content_index":0,"delta":"raw"})";
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
    server.play({thoughtPart, sse::reasoning("rs_1", "**Looking**"), rawDelta, rawThought,
                 sse::call("call_1", "update_plan", plan), sse::call("call_2", "update_plan", plan),
                 sse::command("call_3", "echo out"), searching, search});
    server.play({sse::call("call_4", "mcp__s__echo", R"({"text":"hi"})"), sse::patch("call_5", newFile)});
    const QByteArray full = sse::completed(270'000);
    server.play(
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::command("call_6", "echo more"), full})});
    server.play({sse::message("msg_2", "What was done so far.")});
    server.play({delta, sse::message("msg_1", "All done.")});
}

/// A run in which the model asks for more than it has, and a hook says no.
static Ended askInVain(Program &program, const QString &option)
{
    const QString hook =
        program.write(u"hook.sh"_s, "#!/bin/sh\nread event\ncase $event in *'\"hook\":\"onApproval\"'*)\n"
                                    "  echo '{\"decision\":\"deny\"}';;\nesac\n");
    QFile::setPermissions(hook, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    program.server.play(
        {sse::call("call_1", "exec_command", R"({"cmd":"true","sandbox_permissions":"require_escalated"})"),
         sse::patch("call_2", newFile)});
    program.server.play({sse::message("msg_1", "So be it.")});
    return program.exec({option, u"-a"_s, u"on-request"_s, u"--hooks"_s, hook, u"p"_s});
}

/// A run that its server and its own limit hold up.
static Ended runShort(Program &program, const QString &option)
{
    program.server.play(ScriptedServer::Answer{.status = 429, .body = "slower", .headers = {{"retry-after", "0.02"}}});
    program.server.play({sse::command("call_1", "true")});
    program.server.play({sse::message("msg_1", "So far.")});
    return program.exec({option, u"--max-requests"_s, u"1"_s, u"p"_s});
}

void tst_Events::initTestCase()
{
    if (QStandardPaths::findExecutable(u"node"_s).isEmpty())
        QSKIP("node is not installed: the scripted MCP server needs it");
}

/// And what is described is a word, so that nobody forgets to print it.
void tst_Events::schemasDescribeEveryTypeThatIsPrinted()
{
    for (const QString &form : {u"thread"_s, u"protocol"_s}) {
        QCOMPARE(sorted(vocabulary(form, true) - described(form)).join(", "), QByteArray());
        QCOMPARE(sorted(described(form) - vocabulary(form, false)).join(", "), QByteArray());
    }
}

void tst_Events::everyTypeIsPrinted_data()
{
    QTest::addColumn<QString>("form");
    for (const char *form : {"thread", "protocol"})
        QTest::newRow(form) << QString::fromLatin1(form);
}

void tst_Events::everyTypeIsPrinted()
{
    QFETCH(const QString, form);
    const QString option = form == u"thread"_s ? u"--json=deltas"_s : u"--json=protocol"_s;
    Program program;
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) +
                                                 "[mcp_servers.s]\ncommand = \"node\"\nargs = [\"" MCP_SERVER "\"]\n");
    playEverything(program.server);
    QStringList words{option, u"-s"_s, u"workspace-write"_s, u"-c"_s, u"no_such_key=1"_s, u"p"_s};
    if (form == u"protocol"_s) {
        for (const QString &question : {u"history:0"_s, u"tools"_s, u"prompts"_s, u"path"_s})
            words += {u"--query"_s, question};
    }
    const Ended good = program.exec(words);
    QVERIFY2(good.exitCode == 0, good.out + good.err);
    program.server.play({sse::message("msg_1", R"({"findings":[],"overall_explanation":"Fine."})")});
    const Ended review = program.exec({option, u"review"_s, u"--uncommitted"_s});
    QVERIFY2(review.exitCode == 0, review.out + review.err);
    const Ended asked = askInVain(program, option);
    QVERIFY2(asked.exitCode == 0, asked.out + asked.err);
    program.server.play(
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::failed("invalid_prompt", "bad")})});
    const Ended bad = program.exec({option, u"p"_s});
    QCOMPARE(bad.exitCode, 1);
    const Ended limited = runShort(program, option);
    QCOMPARE(limited.exitCode, 10);
    const Types had = printed(good.out + review.out + asked.out + bad.out + limited.out);
    QCOMPARE(sorted(vocabulary(form, true) - had).join(", "), QByteArray());
    QCOMPARE(sorted(had - described(form)).join(", "), QByteArray());
}

/// Where the reference has a line for it there is no other.
void tst_Events::plainLinesTellOfNoWaits()
{
    Program program;
    const Ended ended = runShort(program, u"--json"_s);
    QByteArrayList types;
    for (const QByteArray &line : ended.out.trimmed().split('\n'))
        types += line.sliced(9, line.indexOf('"', 9) - 9);
    QCOMPARE(linesWith(types, "limit.").join(' '), "limit.warning limit.reached");
    QCOMPARE(linesWith(types, "wait."), QByteArrayList());
}

void tst_Events::answersQuestionsBeforeTheRun()
{
    Program program;
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) +
                                                 "[mcp_servers.s]\ncommand = \"node\"\nargs = [\"" MCP_SERVER
                                                 "\"]\nenabled_tools = [\"echo\"]\n");
    program.write(u"../state/history.jsonl"_s, "{}\n{\"session_id\":\"i\",\"ts\":7,\"text\":\"earlier\"}\n");
    program.write(u"../state/prompts/b.md"_s, "---\ndescription: \"How to\"\n---\nDo $1\n");
    program.write(u"../state/prompts/a.md"_s, "Plain\n");
    program.write(u"../state/prompts/c.txt"_s, "no prompt");
    program.server.play({sse::message("m1", "Done.")});
    QStringList words{u"--json=protocol"_s, u"p"_s};
    for (const char *question : {"path", "history:1", "history:9", "prompts", "tools"})
        words += {u"--query"_s, QLatin1StringView(question)};
    const QByteArrayList lines = program.plain(program.exec(words).out).split('\n');
    const QByteArray log = program.plain(program.logs().value(0).toUtf8());
    const QByteArrayList expected{
        R"({"id":"0","msg":{"type":"conversation_path","conversation_id":"ID","path":")" + log + "\"}}",
        R"({"id":"0","msg":{"type":"get_history_entry_response","offset":1,"log_id":0,"entry":)"
        R"({"conversation_id":"i","ts":7,"text":"earlier"}}})",
        R"({"id":"0","msg":{"type":"get_history_entry_response","offset":9,"log_id":0}})",
        R"({"id":"0","msg":{"type":"list_custom_prompts_response","custom_prompts":[)"
        R"({"name":"a","path":"STATE/prompts/a.md","content":"Plain\n","description":null},)"
        R"({"name":"b","path":"STATE/prompts/b.md","content":"Do $1\n","description":"How to"}]}})"};
    QCOMPARE(lines.mid(3, 4), expected);
    const auto tools = JsonDocument::parse(lines.value(7));
    QVERIFY(tools);
    const auto listed = tools->root()["msg"]["tools"].members();
    QCOMPARE(listed.size(), size_t(1));
    QCOMPARE(listed[0].first, u"mcp__s__echo"_s);
    QVERIFY2(lines.value(8).contains("task_started"), lines.value(8));
}

void tst_Events::refusesWhatIsNoQuestion()
{
    Program program;
    const QStringList form{u"--json=protocol"_s, u"p"_s, u"--query"_s};
    for (const char *question : {"history", "history:-1", "history:x", "models", ""}) {
        const Ended ended = program.exec(form + QStringList{QLatin1StringView(question)});
        QCOMPARE(ended, (Ended{{},
                               "Error: --query " + QByteArray(question) +
                                   ": expected history:N with N from 0, tools, prompts or path\n",
                               1,
                               0}));
    }
    const Ended nowhere = program.exec(form + QStringList{u"path"_s, u"--ephemeral"_s});
    QCOMPARE(nowhere.err, "Error: --query path: with --ephemeral the session is recorded nowhere\n");
    QVERIFY(program.logs().isEmpty());
}

QTEST_GUILESS_MAIN(tst_Events)
#include "tst_events.moc"
