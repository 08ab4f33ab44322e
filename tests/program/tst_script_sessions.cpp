#include "support/badhooks.h"
#include "support/program.h"
#include "support/scriptbatch.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What scripts do with sessions that they hold, with batch(), and with what was done in earlier runs.
class tst_ScriptSessions : public QObject
{
    Q_OBJECT

private slots:
    void decidesWhatIsSaidToABusySession_data();
    void decidesWhatIsSaidToABusySession();
    void endsATurnAtOnceOrWithGrace();
    void boundsTheTurnsOfASession();
    void saysPartsAndRefusesWrongOnes_data();
    void saysPartsAndRefusesWrongOnes();
    void decidesWhatTheFailureOfAHookMeans_data();
    void decidesWhatTheFailureOfAHookMeans();
    void answersApprovalsItself();
    void runsABatchAsHttpWould();
    void boundsABatchOnItsOwn();
    void stopsBeforeMostIsThrownAway_data();
    void stopsBeforeMostIsThrownAway();
    void runsAgainWhatLittleIsStale();
    void plansWithoutAsking();
    void plansTwice();
};

using Answer = ScriptedServer::Answer;
using Request = ScriptedServer::Request;

static Ended runScript(Program &program, const QByteArray &body, const QStringList &more = {})
{
    program.write(u"s.js"_s, script(body));
    return program.run(QStringList{u"batch"_s, u"s.js"_s} + more);
}

/// The first turn runs a command that waits until the second send was called, and is told of it.
static const QByteArray busy = "const s = n.session({ sandbox: 'workspace-write' });\n"
                               "let second;\n"
                               "s.on('item.started', e => {\n"
                               "  if (e.item.type === 'command_execution') second = s.send('Second', how)\n"
                               "    .then(r => [r.outcome, r.reason, r.text], error => error.message);\n"
                               "});\n"
                               "const first = await s.send('First');\n"
                               "return [first.outcome, first.reason, first.text, await second, s.status];";

void tst_ScriptSessions::decidesWhatIsSaidToABusySession_data()
{
    QTest::addColumn<QByteArray>("how");
    QTest::addColumn<QByteArray>("output");
    QTest::newRow("queue")
        << "{}"_ba
        << R"(["completed","final_message","On First",["completed","final_message","On Second"],"idle"])"_ba;
    QTest::newRow("steer")
        << "{ when_busy: 'steer' }"_ba
        << R"(["completed","final_message","On Second",["completed","final_message","On Second"],"idle"])"_ba;
    QTest::newRow("replace") << "{ when_busy: 'replace' }"_ba
                             << R"(["cancelled","superseded","",["completed","final_message","On Second"],"idle"])"_ba;
    QTest::newRow("reject")
        << "{ when_busy: 'reject' }"_ba
        << R"(["completed","final_message","On First","send(): a turn is running or waits","idle"])"_ba;
    QTest::newRow("nonsense") << "{ when_busy: 'shout' }"_ba
                              << R"(["completed","final_message","On First",)"
                                 R"("send(): /when_busy: expected queue, steer, replace or reject","idle"])"_ba;
}

void tst_ScriptSessions::decidesWhatIsSaidToABusySession()
{
    QFETCH(const QByteArray, how);
    Program program;
    program.server.script = [](const Request &request) {
        const QByteArray asked = prompt(request);
        return asked == "First" && !hasRun(request) ? answer(sse::command("c1", "true")) : saying("On " + asked);
    };
    const Ended ended = runScript(program, "const how = " + how + ";\n" + busy);
    QVERIFY2(ended.exitCode == 0, ended.err);
    QTEST(ended.out.trimmed(), "output");
}

/// The command notes that it was asked to end; it is not when nothing is left of it at once.
void tst_ScriptSessions::endsATurnAtOnceOrWithGrace()
{
    for (const auto &[how, isAsked] : {std::pair("{ grace_s: 30 }", true), std::pair("{ mode: 'kill' }", false)}) {
        Program program;
        program.server.otherwise =
            answer(sse::command("c1", "trap 'touch asked; exit' TERM; echo up; while :; do sleep 0.02; done"));
        const Ended ended = runScript(program, "const s = n.session({ sandbox: 'workspace-write' });\n"
                                               "s.on('item.started', e => { if (e.item.type === 'command_execution')\n"
                                               "  n.sleep(500).then(() => s.cancel(" +
                                                   QByteArray(how) +
                                                   ")); });\n"
                                                   "const r = await s.send('x');\n"
                                                   "return [r.outcome, r.reason];");
        QVERIFY2(ended.exitCode == 0, ended.err);
        QCOMPARE(ended.out, QByteArray("[\"cancelled\",\"cancelled_by_user\"]\n"));
        if (!isAsked)
            QVERIFY(!QFile::exists(program.work() + u"/asked"_s));
    }
}

void tst_ScriptSessions::boundsTheTurnsOfASession()
{
    Program program;
    program.server.otherwise = saying("said");
    const Ended ended = runScript(program, "const s = n.session({ limits: { turns: 2 } }), all = [];\n"
                                           "for (let i = 0; i < 3; ++i) all.push(await s.send('x'));\n"
                                           "return [all.map(r => r.reason), all[2].limits_hit];");
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(ended.out, QByteArray("[[\"final_message\",\"final_message\",\"limit_turns\"],[\"session.turns\"]]\n"));
    QCOMPARE(program.server.requests().size(), size_t(2));
}

void tst_ScriptSessions::saysPartsAndRefusesWrongOnes_data()
{
    QTest::addColumn<QByteArray>("parts");
    QTest::addColumn<QByteArray>("outcome");
    QTest::newRow("text and file") << "[{ type: 'text', text: 'Look:' }, { type: 'file', path: 'a.txt' }]"_ba
                                   << "Look:\n\n<file path=\"a.txt\">\nof a\n</file>"_ba;
    QTest::newRow("no parts") << "[]"_ba << "send(): /input: expected a text, or a list of parts"_ba;
    QTest::newRow("a part of no kind") << "[{ type: 'sound' }]"_ba
                                       << "send(): /input/0/type: expected text, image or file"_ba;
    QTest::newRow("a file of others") << "[{ type: 'file', path: '/etc/passwd' }]"_ba
                                      << "allow it with --allow-read DIR"_ba;
}

void tst_ScriptSessions::saysPartsAndRefusesWrongOnes()
{
    QFETCH(const QByteArray, parts);
    QFETCH(const QByteArray, outcome);
    Program program;
    program.write(u"a.txt"_s, "of a");
    program.server.script = [](const Request &request) { return saying(prompt(request)); };
    const Ended ended = runScript(program, "try { n.log((await n.session().send(" + parts +
                                               ")).text); } catch (error) { n.log(error.message); }");
    QVERIFY2(ended.err.contains(outcome), ended.err);
}

void tst_ScriptSessions::decidesWhatTheFailureOfAHookMeans_data()
{
    QTest::addColumn<QByteArray>("hooks");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QByteArray>("output");
    QTest::addColumn<bool>("runs");
    const QByteArray goesOn = R"([true,"final_message","Tried."])", ends = R"([false,"hook_denied",""])";
    const QStringList none, abort{u"--hook-on-failure"_s, u"abort"_s};
    for (const BadHook &bad : badHooks) {
        if (bad.name == "a memory bomb"_ba) // the script has no process of its own that could die of it
            continue;
        const auto row = [&bad](const char *said, const QStringList &options, const QByteArray &output, bool runs) {
            QTest::addRow("%s, %s%s", bad.name, said, options.isEmpty() ? "" : " but abort")
                << said + QByteArray(" onCommand() { ") + bad.body + " }" << options << output << runs;
        };
        row("", none, goesOn, false);
        row("on_failure: 'deny',", none, goesOn, false);
        row("on_failure: 'abort',", none, ends, false);
        row("on_failure: 'allow',", none, goesOn, true);
        row("", abort, ends, false);
        row("on_failure: 'allow',", abort, goesOn, true);
    }
}

void tst_ScriptSessions::decidesWhatTheFailureOfAHookMeans()
{
    QFETCH(const QByteArray, hooks);
    QFETCH(const QStringList, options);
    QFETCH(const QByteArray, output);
    QFETCH(const bool, runs);
    Program program;
    program.server.script = [](const Request &request) {
        return hasRun(request) ? saying("Tried.") : answer(sse::command("c1", "touch made"));
    };
    const Ended ended = runScript(program,
                                  "n.hooks({ " + hooks +
                                      " });\nconst r = await n.run('x', { sandbox: 'workspace-write' });\n"
                                      "return [r.ok, r.reason, r.text];",
                                  QStringList{u"--hook-timeout"_s, u"1s"_s} + options);
    QVERIFY2(ended.out.trimmed() == output, ended.err + ended.out);
    QCOMPARE(ended.exitCode, output.startsWith("[true") ? 0 : 1);
    QCOMPARE(QFile::exists(program.work() + u"/made"_s), runs);
    if (ended.exitCode == 0)
        QCOMPARE(program.server.requests().back().body.contains("It did not run: touch made"), !runs);
    const QByteArrayList known = kinds(program.log());
    QVERIFY2(known.contains("event_msg hook_decided"), known.join('\n'));
}

void tst_ScriptSessions::answersApprovalsItself()
{
    Program program;
    const QByteArray outside = program.home().toUtf8() + "/made";
    const QByteArray arguments = json::object({{"cmd", "touch " + outside},
                                               {"sandbox_permissions", "require_escalated"},
                                               {"justification", "it belongs there"}})
                                     .text;
    program.server.script = [&](const Request &request) {
        return hasRun(request) ? saying("Done.") : answer(sse::call("c1", "exec_command", arguments));
    };
    const Ended ended = runScript(program,
                                  "n.hooks({ onApproval: a => n.allow() });\n"
                                  "return (await n.run('x', { approval: 'on-request' })).text;",
                                  {u"--allow-exec"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QVERIFY(QFile::exists(QString::fromUtf8(outside)));
    const Ended wrong = runScript(program, "return n.run('x', { approval: 'always' });");
    QVERIFY2(wrong.err.contains("approval: always is neither never nor on-request"), wrong.err);
}

void tst_ScriptSessions::runsABatchAsHttpWould()
{
    Program program;
    program.server.script = [](const Request &request) { return saying("On " + prompt(request)); };
    const QByteArray body = "const items = [{ key: 'one', vars: { w: 'a' } }, { w: 'b {{x}}', id: 'two' }];\n"
                            "const r = await n.batch({ name: 'b', items, session: { labels: { of: 'us' } },\n"
                            "  prompt: (v, i) => `Say ${v.w} ${i}`, check: r => r.key === 'one' || 'no',\n"
                            "  retries: { max: 1, backoff_s: 0.01 } });\n"
                            "return [r.name, r.end, r.counts, r.items.map(i => [i.key, i.index, i.reason, i.text,\n"
                            "  i.attempts.length, i.labels.of, i.orThrow !== undefined])];";
    const Ended ended = runScript(program, body);
    QCOMPARE(ended.exitCode, 1); // one failed
    QCOMPARE(ended.out.trimmed(), QByteArray(R"(["b","done",{"total":2,"succeeded":1,"failed":1,"cancelled":0},)"
                                             R"([["one",0,"final_message","On Say a 0",1,"us",true],)"
                                             R"(["two",1,"check_failed","On Say b {{x}} 1",2,"us",true]]])"));
    QVERIFY(program.read(u"out/results.jsonl"_s).contains("\"key\":\"two\""));
    QCOMPARE(program.server.requests().size(), size_t(3));
    const Ended wrong = runScript(program, "return n.batch({ items: [{}], prompt: 'x', limits: { cost: 1 } });");
    QVERIFY2(wrong.err.contains("batch(): /limits/cost: no such option"), wrong.err);
}

void tst_ScriptSessions::boundsABatchOnItsOwn()
{
    Program program;
    program.server.otherwise = saying("said");
    const Ended ended =
        runScript(program, "const words = list => list.split(',').map(w => ({ w }));\n"
                           "const bound = await n.batch({ items: words('a,b,c,d,e,f,g,h'), prompt: 'Say {{w}}',\n"
                           "  limits: { tokens: 700, concurrency: 1 } });\n"
                           "const free = await n.batch({ items: words('x,y'), prompt: 'Say {{w}}' });\n"
                           "return [bound.end, bound.end_reason, bound.counts.succeeded, free.counts.succeeded];");
    QVERIFY2(ended.out == "[\"limit\",\"batch.tokens\",7,2]\n", ended.err + ended.out);
    QVERIFY2(ended.err.contains("warning: at this rate the batch takes 880 tokens; its limit is 700"), ended.err);
}

void tst_ScriptSessions::stopsBeforeMostIsThrownAway_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("paid"); // before it was clear
    QTest::newRow("map") << "return n.map(keys, key => n.run({ key, prompt: word + key }));"_ba << 0;
    QTest::newRow("batch") << "return n.batch({ items: keys.map(key => ({ key })), prompt: word });"_ba << 0;
    QTest::newRow("all at once") << "return Promise.all(keys.map(key => n.run(word, { key })));"_ba << 0;
    QTest::newRow("one by one") << "for (const key of keys) await n.run(word, { key });"_ba << 2;
}

void tst_ScriptSessions::stopsBeforeMostIsThrownAway()
{
    QFETCH(const QByteArray, body);
    QFETCH(const int, paid);
    Program program;
    program.server.otherwise = saying("said");
    const auto run = [&](const char *word, const QStringList &more) {
        return runScript(program, "const keys = ['a', 'b', 'c', 'd'], word = '" + QByteArray(word) + "';\n" + body,
                         more);
    };
    QCOMPARE(run("Say ", {}).exitCode, 0);
    const Ended ended = run("Shout ", {});
    QVERIFY2(ended.exitCode == 2, ended.err);
    QVERIFY2(ended.err.contains("of 4 finished items are stale, most often because: prompt changed. It stops here: "),
             ended.err);
    QCOMPARE(program.server.requests().size(), size_t(4 + paid));
    QCOMPARE(run("Whisper ", {u"--stale"_s, u"keep"_s}).exitCode, 0);
    QCOMPARE(program.server.requests().size(), size_t(4 + paid));
    QCOMPARE(run("Shout ", {u"--stale"_s, u"rerun"_s}).exitCode, 0);
    QCOMPARE(program.server.requests().size(), size_t(8));
}

void tst_ScriptSessions::runsAgainWhatLittleIsStale()
{
    Program program;
    program.server.otherwise = saying("said");
    const auto run = [&](const char *first) {
        return runScript(program, "const words = ['" + QByteArray(first) +
                                      "', 'b', 'c', 'd'];\n"
                                      "return (await n.map(words, (w, i) => n.run('Say ' + w, { key: 'k' + i })))"
                                      ".map(r => r.from);");
    };
    QCOMPARE(run("a").out, QByteArray("[\"run\",\"run\",\"run\",\"run\"]\n"));
    const Ended ended = run("other");
    QCOMPARE(ended.out, QByteArray("[\"run\",\"journal\",\"journal\",\"journal\"]\n"));
    QVERIFY2(ended.err.contains("k0: stale, prompt changed; it runs again\n"), ended.err);
}

/// "a missing": key and state of each item of a plan in JSON.
static QStringList states(const QByteArray &plan)
{
    QStringList lines;
    const auto document = JsonDocument::parse(plan);
    for (const JsonView &item : document ? document->root()["items"].items() : std::vector<JsonView>())
        lines += item["key"].toString() + u' ' + item["state"].toString();
    return lines;
}

void tst_ScriptSessions::plansWithoutAsking()
{
    Program program;
    program.server.otherwise = saying(R"({"name":"x"})");
    const auto body = [](const QByteArray &word) -> QByteArray {
        return "const schema = { type: 'object', additionalProperties: false, required: ['name'],\n"
               "  properties: { name: { type: 'string' } } };\n"
               "const first = await n.run({ key: 'a', prompt: '" +
               word +
               "', schema });\n"
               "await n.batch({ items: [{ key: 'b' }], prompt: 'Use ' + first.json.name });\n"
               "await n.session().send('x');\n"
               "n.write.text('t.txt', (await n.exec(['touch', 'made'])).stdout);\n"
               "return first.ok;";
    };
    const QStringList plan{u"batch"_s, u"plan"_s, u"s.js"_s, u"--json"_s, u"--allow-exec"_s};
    program.write(u"s.js"_s, script(body("Say")));
    const Ended planned = program.run(plan);
    QVERIFY2(planned.exitCode == 0, planned.err);
    QCOMPARE(states(planned.out), (QStringList{u"a missing"_s, u"b missing"_s}));
    QVERIFY2(planned.err.contains("and 1 turns of sessions"), planned.err);
    QVERIFY(!QFile::exists(program.work() + u"/out"_s) && !QFile::exists(program.work() + u"/made"_s));
    QCOMPARE(program.server.requests().size(), size_t(0));
    QCOMPARE(runScript(program, body("Say"), {u"--allow-exec"_s}).exitCode, 0);
    QCOMPARE(states(program.run(plan).out), (QStringList{u"a done"_s, u"b done"_s}));
    program.write(u"s.js"_s, script(body("Shout")));
    QCOMPARE(states(program.run(plan).out), (QStringList{u"a stale"_s, u"b done"_s}));
}

void tst_ScriptSessions::plansTwice()
{
    Program program;
    const QStringList plan{u"batch"_s, u"plan"_s, u"s.js"_s, u"--twice"_s};
    program.write(u"s.js"_s, script("return n.run(`Say ${n.random()}`, { key: 'a' });"));
    const Ended same = program.run(plan);
    QVERIFY2(same.exitCode == 0, same.err);
    QVERIFY2(same.out.startsWith("missing  a\n0 of 1 are done; 1 would ask, with "), same.out);
    program.write(u"s.js"_s, script("return n.run(`Say ${Math.random()}`, { key: 'a' });"));
    const Ended other = program.run(plan);
    QCOMPARE(other.exitCode, 1);
    QVERIFY2(other.err.contains("not the same twice: a: prompt changed"), other.err);
}

QTEST_GUILESS_MAIN(tst_ScriptSessions)
#include "tst_script_sessions.moc"
