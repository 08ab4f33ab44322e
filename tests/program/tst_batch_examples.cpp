#include "support/filetree.h"
#include "support/program.h"
#include "support/scriptbatch.h"
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// `nightshift batch SCRIPT`: the examples of resources/examples as they stand, and what surrounds scripts.
class tst_BatchExamples : public QObject
{
    Q_OBJECT

private slots:
    void audits();
    void portsReviewsAndApplies();
    void steersAndBundles();
    void asksManyQuestionsFromOneStart();
    void takesTheSmallestPatchThatPasses();
    void paysNothingTwice();
    void endsForReasonsOfTheScript_data();
    void endsForReasonsOfTheScript();
    void printsWhatAScriptReturns_data();
    void printsWhatAScriptReturns();
    void asksItsOwnHooks();
    void stopsAtASignal();
    void namesTheUsersLineBesideAPackage();
    void printsTheTypes();
};

using Answer = ScriptedServer::Answer;
using Request = ScriptedServer::Request;

static void copyExample(const Program &program, const QString &name)
{
    QFile file(QStringLiteral(EXAMPLES) + u'/' + name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    program.write(name, file.readAll());
}

static void git(const Program &program, const QStringList &words)
{
    QProcess::execute(u"git"_s,
                      QStringList{u"-C"_s, program.work(), u"-c"_s, u"user.name=n"_s, u"-c"_s, u"user.email=e@x"_s} +
                          words);
}

/// A repository on the branch main, with a `make` that is content with every task that left a file.
static void makeRepository(Program &program, const FileTree &files)
{
    makeTree(program.work(), files);
    makeTree(program.home(), {{u"bin/make"_s, "x:#!/bin/sh\n[ \"$1\" != check ] || ls *.txt\n"}});
    program.environment.insert(u"PATH"_s, program.home() + u"/bin:"_s + program.environment.value(u"PATH"_s));
    git(program, {u"init"_s, u"-q"_s});
    git(program, {u"checkout"_s, u"-qb"_s, u"main"_s});
    git(program, {u"add"_s, u"-A"_s});
    git(program, {u"commit"_s, u"-qm"_s, u"start"_s});
}

void tst_BatchExamples::audits()
{
    Program program;
    copyExample(program, u"audit.js"_s);
    makeTree(program.work(), {{u"src/a.h"_s, "int a;\n"}, {u"src/b/c.h"_s, "int c;\n"}, {u"src/d.cpp"_s, ""}});
    program.server.script = [](const Request &request) {
        return saying(prompt(request).contains("src/a.h") ? R"({"risk":"low","why":"no state"})"
                                                          : R"({"risk":"high","why":"a \"global\", shared"})");
    };
    const Ended ended = program.run({u"batch"_s, u"audit.js"_s});
    QVERIFY2(ended.exitCode == 1, ended.err);
    QCOMPARE(ended.out, QByteArray("{\"failed\":1}\n"));
    QCOMPARE(program.read(u"out/audit.csv"_s),
             QByteArray("file,ok,reason,risk,why\r\n"
                        "src/a.h,true,final_message,low,no state\r\n"
                        "src/b/c.h,true,final_message,high,\"a \"\"global\"\", shared\"\r\n"));
    const QByteArray report = program.read(u"out/audit.xml"_s);
    QVERIFY2(report.contains("tests=\"2\" failures=\"0\""), report);
    QCOMPARE(program.server.requests().size(), size_t(2));
}

void tst_BatchExamples::portsReviewsAndApplies()
{
    Program program;
    copyExample(program, u"port.js"_s);
    makeRepository(program,
                   {{u"port.md"_s, "Make {{id}}.txt of {{from}}"}, {u"tasks.csv"_s, "id,from\none,a\ntwo,b\n"}});
    program.server.script = [](const Request &request) {
        const QByteArray asked = prompt(request);
        if (asked.startsWith("Review"))
            return saying(asked.contains("one.txt") ? R"({"accept":true})" : R"({"accept":false})");
        if (hasRun(request))
            return saying("Ported.");
        return answer(sse::command("c1", asked.contains("one.txt") ? "echo 1 > one.txt" : "echo 2 > two.txt"));
    };
    const Ended ended = program.run({u"batch"_s, u"port.js"_s, u"--arg"_s, u"input=tasks.csv"_s});
    QVERIFY2(ended.exitCode == 1, ended.err);
    QCOMPARE(ended.out,
             QByteArray(
                 "{\"applied\":[{\"key\":\"one\",\"applied\":true,\"message\":\"1 files changed\"}],\"failed\":1}\n"));
    QCOMPARE(program.read(u"one.txt"_s), QByteArray("1\n"));
    QVERIFY(!QFile::exists(program.work() + u"/two.txt"_s));
    QCOMPARE(program.server.requests().size(), size_t(6));
}

void tst_BatchExamples::steersAndBundles()
{
    Program program;
    copyExample(program, u"steer.js"_s);
    program.server.script = [](const Request &request) {
        if (prompt(request).startsWith("That tool"))
            return saying("They pass, with python3.");
        return hasRun(request) ? saying("Nobody told me.") : answer(sse::command("c1", "no-such-tool"));
    };
    const Ended ended = program.run({u"batch"_s, u"steer.js"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(ended.out, QByteArray("{\"ok\":true,\"text\":\"They pass, with python3.\"}\n"));
    QVERIFY(program.read(u"out/fix.tar.gz"_s).startsWith("\x1f\x8b"));
    QCOMPARE(program.server.requests().size(), size_t(2));
}

void tst_BatchExamples::asksManyQuestionsFromOneStart()
{
    Program program;
    copyExample(program, u"questions.js"_s);
    program.write(u"questions.txt"_s, "Where?\nWhy?\nWhen?\n");
    program.server.script = [](const Request &request) {
        return prompt(request) == "Why?" ? Answer{.status = 400, .body = R"({"error":{"message":"no"}})"}
                                         : saying("On " + prompt(request));
    };
    const Ended ended = program.run({u"batch"_s, u"questions.js"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(program.read(u"out/answers.jsonl"_s),
             QByteArray("{\"text\":\"On Where?\"}\n{\"text\":\"\"}\n{\"text\":\"On When?\"}\n"));
    QCOMPARE(program.server.requests().size(), size_t(4));
    for (size_t i = 1; i < 4; ++i)
        QVERIFY(program.server.requests()[i].body.contains("On Read docs/ and src/ and learn the structure."));
}

void tst_BatchExamples::takesTheSmallestPatchThatPasses()
{
    Program program;
    copyExample(program, u"bestof.js"_s);
    makeRepository(program, {{u"README"_s, "read\n"}});
    int tries = 0;
    program.server.script = [&tries](const Request &request) {
        if (hasRun(request))
            return saying("Fixed.");
        static constexpr const char *fixes[]{"echo a long fix > fix.txt", "true", "echo fix > fix.txt"};
        return answer(sse::command("c1", fixes[tries++ % 3]));
    };
    const Ended ended = program.run({u"batch"_s, u"bestof.js"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QVERIFY2(ended.err.contains("final_message 20\n"), ended.err);
    const auto out = JsonDocument::parse(ended.out);
    QVERIFY2(out, ended.out);
    QVERIFY2(out->root()["diff"].toString().endsWith(u"+fix\n"), ended.out);
}

void tst_BatchExamples::paysNothingTwice()
{
    Program program;
    program.server.otherwise = saying("said");
    const QByteArray body =
        "return n.map(args.list.split(','), (w, i) => n.run({ prompt: 'Say ' + w }).then(r => r.from + i));";
    program.write(u"s.js"_s, script(body));
    const Ended first = program.run({u"batch"_s, u"s.js"_s, u"--arg"_s, u"list=a,b,a"_s});
    QCOMPARE(first.out, QByteArray("[\"run0\",\"run1\",\"run2\"]\n"));
    const Ended second = program.run({u"batch"_s, u"s.js"_s, u"--arg"_s, u"list=c,a,b,a"_s});
    QCOMPARE(second.out, QByteArray("[\"run0\",\"journal1\",\"journal2\",\"journal3\"]\n"));
    QCOMPARE(program.server.requests().size(), size_t(4));
}

void tst_BatchExamples::endsForReasonsOfTheScript_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("words");
    const QStringList none;
    QTest::newRow("a throw") << script("null.x;") << none << 70
                             << "Error: s.js:3: TypeError: Cannot read property 'x' of null\n"_ba;
    QTest::newRow("a throw that no threshold excuses")
        << script("null.x;") << QStringList{u"s.js"_s, u"--threshold"_s, u"success>=0"_s} << 70
        << "Error: s.js:3: TypeError: Cannot read property 'x' of null\n"_ba;
    QTest::newRow("grammar") << "const a = ;"_ba << none << 70 << "Error: s.js:1: Unexpected \";\"\n"_ba;
    QTest::newRow("a wrong call") << script("await n.run('x', { modle: 'y' });") << none << 70
                                  << "Error: s.js:3: Error: run(): /modle: no such option"_ba;
    QTest::newRow("nobody waits for it") << script("n.run({});\nawait n.sleep(60000);") << none << 70
                                         << "Error: s.js:3: Error: run(): /prompt: expected a text\n"_ba;
    QTest::newRow("exec is not allowed") << script("await n.exec(['true']);") << none << 70
                                         << "Error: s.js:3: Error: exec() needs --allow-exec\n"_ba;
    QTest::newRow("outside of its folder")
        << script("n.read.text('/etc/passwd');") << none << 70 << "allow it with --allow-read DIR"_ba;
    QTest::newRow("outside of the output")
        << script("n.write.text('../x', '');") << none << 70 << "../x lies outside of "_ba;
    QTest::newRow("a variable") << script("n.env('HOME');") << none << 70
                                << "Error: s.js:3: Error: env(): the script may see HOME with --env HOME\n"_ba;
    QTest::newRow("no such file") << QByteArray() << QStringList{u"gone.js"_s} << 2 << "Error: gone.js: "_ba;
    QTest::newRow("a failed agent") << script("await n.run('fail');") << none << 1 << "bad_request"_ba;
    QTest::newRow("an exception in map") << script("await n.map([1], x => x.y.z);") << none << 1
                                         << "0: script_error, TypeError: Cannot read property 'z' of undefined\n"_ba;
    QTest::newRow("too many failures") << "export const config = { limits: { max_failures: 2, concurrency: 1 } };\n" +
                                              script("await n.map([1, 2, 3, 4], () => n.run('fail'));")
                                       << none << 10 << "the script ends at its limit script.max_failures\n"_ba;
    QTest::newRow("too much time") << "export const config = { limits: { wall_s: 1 } };\n" +
                                          script("await n.sleep(60000);")
                                   << none << 10 << "the script ends at its limit script.wall_s\n"_ba;
    QTest::newRow("too much time, said later") << script("n.limits.set({ wall_s: 0.2 }); await n.sleep(60000);") << none
                                               << 10 << "the script ends at its limit script.wall_s\n"_ba;
    QTest::newRow("a template of a file outside")
        << script("n.template('{{file:/etc/passwd}}', {});") << none << 70 << "allow it with --allow-read DIR"_ba;
    QTest::newRow("an attachment from outside") << script("await n.run('x', { attachments: ['/etc/passwd'] });") << none
                                                << 70 << "allow it with --allow-read DIR"_ba;
    QTest::newRow("a check that says no")
        << script("await n.run('x', { check: r => r.text === 'said' ? 'not enough' : true });") << none << 1
        << "check_failed, not enough\n"_ba;
}

void tst_BatchExamples::endsForReasonsOfTheScript()
{
    QFETCH(QByteArray, source);
    QFETCH(QStringList, options);
    QFETCH(QByteArray, words);
    Program program;
    program.server.script = [](const Request &request) {
        return prompt(request) == "fail" ? Answer{.status = 400, .body = R"({"error":{"message":"no"}})"}
                                         : saying("said");
    };
    program.write(u"s.js"_s, source);
    const Ended ended = program.run(QStringList{u"batch"_s} + (options.isEmpty() ? QStringList{u"s.js"_s} : options));
    QVERIFY2(ended.err.contains(words), ended.err);
    QTEST(ended.exitCode, "exitCode");
    QCOMPARE(ended.out, QByteArray());
}

void tst_BatchExamples::printsWhatAScriptReturns_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("output");
    QTest::newRow("arguments") << "return args;"_ba << R"({"deep":{"a":1},"name":"x=y"})"_ba;
    QTest::newRow("files") << "n.write.csv('t.csv', [{ a: 1, b: 'x,y' }, { a: '=1', c: null }]);\n"
                              "n.write.jsonl('t.jsonl', [{ a: 1 }]);\n"
                              "return [n.read.csv('out/t.csv'), n.read.jsonl('out/t.jsonl'), n.glob('*.js')];"_ba
                           << R"([[{"a":"1","b":"x,y","c":""},{"a":"'=1","b":"","c":""}],[{"a":1}],["s.js"]])"_ba;
    QTest::newRow("texts")
        << "return [n.template('{{a.b}} {{json:a}}', { a: { b: 1 } }), n.matrix({ a: [1, 2], b: ['x'] })];"_ba
        << R"(["1 {\"b\":1}",[{"a":1,"b":"x"},{"a":2,"b":"x"}]])"_ba;
    QTest::newRow("commands")
        << "const r = await n.exec(['sh', '-c', 'cat; exit 4'], { stdin: 'in' });\nreturn [r.exit_code, r.stdout];"_ba
        << R"([4,"in"])"_ba;
    QTest::newRow("variables") << "return n.env('SHOWN');"_ba << R"("yes")"_ba;
    QTest::newRow("pipeline") << "return n.pipeline([1, 2], x => x + 1, async x => x * 2);"_ba << "[4,6]"_ba;
    QTest::newRow("semaphore") << "let most = 0, now = 0;\nconst s = n.semaphore(2);\n"
                                  "await Promise.all([1, 2, 3, 4].map(() => s.use(async () => {\n"
                                  "  most = Math.max(most, ++now); await n.sleep(1); --now; })));\nreturn most;"_ba
                               << "2"_ba;
    QTest::newRow("random numbers, the same each time")
        << "const a = [n.random(), n.random()];\nreturn a.every(x => x >= 0 && x < 1) && a[0] !== a[1];"_ba
        << "true"_ba;
    QTest::newRow("orThrow") << "const r = await n.run('x');\nreturn r.orThrow().text;"_ba << R"("said")"_ba;
    QTest::newRow("batch")
        << "const r = await n.batch({ items: [{ key: 'k', vars: { w: 'a' } }], prompt: 'Say {{w}}' });\n"
           "return [r.counts, r.items[0].key];"_ba
        << R"([{"total":1,"succeeded":1,"failed":0,"cancelled":0},"k"])"_ba;
    QTest::newRow("limits")
        << "await n.run('x');\nn.limits.set({ tokens: 1000 });\nreturn [n.limits.spent().tokens, n.limits.left().tokens];"_ba
        << "[110,890]"_ba;
    QTest::newRow("findings")
        << "const rows = [{ file: 'a.c', line: 2, message: 'm' }, { file: 'b.c', line: 0, message: 'n' }];\n"
           "n.write.sarif('rows.sarif', rows);\n"
           "n.write.sarif('picked.sarif', rows, row => ({ ...row, message: row.message + '!' }));\n"
           "return ['rows', 'picked'].map(x => n.read.json(`out/${x}.sarif`).runs[0].results.map(r => r.message.text));"_ba
        << R"([["m","n"],["m!","n!"]])"_ba;
    QTest::newRow("no diff") << "return (await n.run('x')).diff;"_ba << R"("")"_ba;
    QTest::newRow("checks")
        << "const r = await n.run('x', { check: async r => r.text === 'said' });\nreturn [r.ok, r.attempts.length];"_ba
        << "[true,1]"_ba;
}

void tst_BatchExamples::printsWhatAScriptReturns()
{
    QFETCH(QByteArray, body);
    Program program;
    program.server.otherwise = saying("said");
    program.environment.insert(u"SHOWN"_s, u"yes"_s);
    program.write(u"s.js"_s, script(body));
    const Ended ended = program.run({u"batch"_s, u"s.js"_s, u"--allow-exec"_s, u"--env"_s, u"SHOWN"_s, u"--args"_s,
                                     u"{\"deep\":{\"a\":1},\"name\":1}"_s, u"--arg"_s, u"name=x=y"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QTEST(ended.out.trimmed(), "output");
}

void tst_BatchExamples::asksItsOwnHooks()
{
    Program program;
    program.server.script = [](const Request &request) {
        return hasRun(request) ? saying("Well.") : answer(sse::command("c1", prompt(request)));
    };
    program.write(u"s.js"_s, script("n.hooks({ onCommand: async c => { await n.sleep(1); if (/one/.test(c.command)) "
                                    "return n.deny('not one'); },\n"
                                    "  onResult: r => ({ ...r, labels: { of: 'us' } }) });\n"
                                    "const rs = await n.map(['one', 'two'], w => n.run({ prompt: `touch ${w}`, "
                                    "sandbox: 'workspace-write' }));\n"
                                    "return rs.map(r => [r.text, r.labels.of]);"));
    const Ended ended = program.run({u"batch"_s, u"s.js"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(ended.out, QByteArray("[[\"Well.\",\"us\"],[\"Well.\",\"us\"]]\n"));
    QVERIFY(!QFile::exists(program.work() + u"/one"_s));
    QVERIFY(QFile::exists(program.work() + u"/two"_s));
    const auto isTold = [](const Request &request) { return request.body.contains("not one"); };
    QVERIFY(std::ranges::any_of(program.server.requests(), isTold));
}

void tst_BatchExamples::stopsAtASignal()
{
    Program program;
    program.server.otherwise = Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Stall};
    program.write(u"s.js"_s, script("n.onCancel(() => n.log('going'));\nn.log('begun');\nconst r = await n.run('x');\n"
                                    "n.log(r.outcome, n.cancelled());"));
    const auto run = program.launch({u"batch"_s, u"s.js"_s});
    QTRY_COMPARE_WITH_TIMEOUT(program.server.requests().size(), size_t(1), 30'000);
    run->send(SIGTERM);
    const Ended ended = run->wait();
    QVERIFY2(ended.err.contains("going\n") && ended.err.contains("interrupted true\n"), ended.err);
    QCOMPARE(ended.exitCode, 75);
}

void tst_BatchExamples::namesTheUsersLineBesideAPackage()
{
    Program program;
    makeTree(program.work(),
             {{u"node_modules/small/package.json"_s, R"({"name":"small","version":"1.0.0","main":"at.js"})"},
              {u"node_modules/small/at.js"_s, "// twice\nexports.twice = x => x * 2;\n"},
              {u"s.ts"_s, "import { log } from 'nightshift';\n"
                          "import { twice } from 'small';\n"
                          "interface Row { n: number }\n"
                          "\n"
                          "export default async function () {\n"
                          "  const row: Row = { n: twice(7) };\n"
                          "  log(row.n);\n"
                          "  throw new Error(`on purpose ${row.n}`);\n"
                          "}\n"}});
    const Ended ended = program.run({u"batch"_s, u"s.ts"_s});
    QCOMPARE(ended.exitCode, 70);
    QVERIFY2(ended.err.contains("14\n") && ended.err.contains("Error: s.ts:8: Error: on purpose 14\n"), ended.err);
}

void tst_BatchExamples::printsTheTypes()
{
    Program program;
    const Ended ended = program.run({u"batch"_s, u"types"_s});
    QCOMPARE(ended.exitCode, 0);
    QFile types(QStringLiteral(EXAMPLES) + u"/../js/nightshift.d.ts"_s);
    QVERIFY(types.open(QIODevice::ReadOnly));
    QCOMPARE(ended.out, types.readAll());
}

QTEST_GUILESS_MAIN(tst_BatchExamples)
#include "tst_batch_examples.moc"
