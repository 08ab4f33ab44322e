#include "script/inspectsource.h"
#include "script/scriptthread.h"
#include "support/filetree.h"
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::script;

/// What surrounds a script: how it ends, what it may call, how it is stopped.
class tst_Runtime : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void givesWhatTheDefaultFunctionReturns();
    void endsForReasonsInTheUsersWords_data();
    void endsForReasonsInTheUsersWords();
    void runsPlainScriptsWithoutEsbuild();
    void saysWhatNeedsEsbuild_data();
    void saysWhatNeedsEsbuild();
    void printsWhatItIsTold();
    void callsTheProgram();
    void interruptsACallAndAnswersTheNext();
    void cancelsAnEndlessLoop();
    void stopsAScriptThatTakesTooMuchMemory();
    void keepsItsOwnThreadBusyOnly();
    void readsTheConfigWithoutRunning_data();
    void readsTheConfigWithoutRunning();

private:
    Outcome run(const QByteArray &source, HostModule host = {});
    ScriptPlan plan(const QByteArray &source, HostModule host = {});
    std::optional<Outcome> m_outcome;
    QStringList m_printed;
    QTemporaryDir m_folder;
};

/// Takes esbuild away.
class WithoutPath
{
public:
    WithoutPath() { qputenv("PATH", "/nowhere"); }
    ~WithoutPath() { qputenv("PATH", m_path); }

private:
    const QByteArray m_path = qgetenv("PATH");
};

void tst_Runtime::init()
{
    QVERIFY(QDir::setCurrent(m_folder.path()));
    m_printed.clear();
    m_outcome.reset();
}

ScriptPlan tst_Runtime::plan(const QByteArray &source, HostModule host)
{
    test::makeTree(m_folder.path(), {{u"a.js"_s, source}, {u"own.mjs"_s, "export const own = 3;\n"}});
    return {.path = m_folder.path() + u"/a.js"_s,
            .args = {"{\"x\":4}"},
            .host = std::move(host),
            .print = [this](const QString &line) { m_printed += line; }};
}

Outcome tst_Runtime::run(const QByteArray &source, HostModule host)
{
    ScriptThread script(plan(source, std::move(host)));
    connect(&script, &ScriptThread::finished, this, [this](const Outcome &outcome) { m_outcome = outcome; });
    script.start();
    if (!QTest::qWaitFor([this] { return m_outcome.has_value(); }, 30'000))
        return failed(Failure::Kind::Deadline, u"the test's own"_s);
    return *m_outcome;
}

void tst_Runtime::givesWhatTheDefaultFunctionReturns()
{
    QCOMPARE(run("import { own } from './own.mjs';\nexport default async ({ args }) => ({ sum: own + args.x, z: "
                 "undefined });"),
             Outcome(RawJson{"{\"sum\":7}"}));
    m_outcome.reset();
    QCOMPARE(run("export default () => {};"), Outcome(RawJson{"null"}));
}

void tst_Runtime::endsForReasonsInTheUsersWords_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QString>("message");
    const QString wrong = u"the script engine would silently get named groups and lookbehind in regular expressions "
                          u"wrong: use numbered groups, and match what stands before instead"_s;
    QTest::newRow("nothing to call")
        << QByteArray("export const x = 1;")
        << u"a.js: a script exports a default function: export default function ({ args }) { … }"_s;
    QTest::newRow("an error of grammar") << QByteArray("const a = 1;\nfunction (")
                                         << u"a.js:2: Expected identifier but found \"(\""_s;
    QTest::newRow("at the top") << QByteArray("const a = null;\na.b;\nexport default () => 1;")
                                << u"a.js:2: TypeError: Cannot read property 'b' of null"_s;
    QTest::newRow("a missing file") << QByteArray("import './gone.js';\nexport default () => 1;")
                                    << u"a.js:1: Could not resolve \"./gone.js\""_s;
    QTest::newRow("a rejection that nobody handles")
        << QByteArray("const later = async () => {\n  await null;\n  throw new RangeError('lost');\n};\n"
                      "export default async () => {\n  later();\n  await new Promise(() => {});\n};")
        << u"a.js:3: RangeError: lost"_s;
    QTest::newRow("a timer that throws")
        << QByteArray("export default () => new Promise(() => setTimeout(() => {\n  throw new Error('tick');\n}, 1));")
        << u"a.js:2: Error: tick"_s;
    QTest::newRow("no error") << QByteArray("export default async () => { throw 42; };") << u"thrown: 42"_s;
    QTest::newRow("endless recursion") << QByteArray("const f = () => 1 + f();\nexport default () => f();")
                                       << u"a.js:1: RangeError: Maximum call stack size exceeded."_s;
    QTest::newRow("a named group") << QByteArray("export default s =>\n  /(?<year>\\d+)/.test(s);")
                                   << u"a.js:2: "_s + wrong;
    QTest::newRow("lookbehind") << QByteArray("const s = a / b / /[(?<]\\/(?<=x)/;") << u"a.js:1: "_s + wrong;
    QTest::newRow("a named group made later")
        << QByteArray("export default () => {\n  return new RegExp('(?<y>a)');\n};")
        << u"a.js:2: SyntaxError: "_s + wrong + u": (?<y>a)"_s;
    QTest::newRow("a cycle") << QByteArray("export default () => { const a = {}; a.a = a; return a; };")
                             << u"TypeError: Cannot convert circular structure to JSON"_s;
}

void tst_Runtime::endsForReasonsInTheUsersWords()
{
    QFETCH(QByteArray, source);
    const Outcome outcome = run(source);
    QVERIFY(!outcome);
    QTEST(outcome.error().message, "message");
}

void tst_Runtime::runsPlainScriptsWithoutEsbuild()
{
    const WithoutPath bare;
    QCOMPARE(run("import { own } from './own.mjs';\nimport { args } from 'nightshift';\n"
                 "export default given => own + args.x + given.args.x;"),
             Outcome(RawJson{"11"}));
    m_outcome.reset();
    const Outcome thrown = run("export default () => {\n  throw new Error('here');\n};");
    QVERIFY(!thrown);
    QCOMPARE(thrown.error().text(), u"a.js:2: Error: here\n    at default (a.js:2)"_s);
}

void tst_Runtime::saysWhatNeedsEsbuild_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QString>("message");
    QTest::newRow("async")
        << QByteArray("export default 1;\nasync function f() {}")
        << u"a.js:2: SyntaxError: Expected token `,': esbuild makes it something that the script engine "
           u"can run, and is not installed: apt install esbuild, or npm install --global esbuild"_s;
    QTest::newRow("what the engine loses") << QByteArray("let n;\nexport default x => n = String(x);")
                                           << u"a.js:2: the script engine would silently lose the assignment in what "
                                              u"is returned here: give it a statement "
                                              u"of its own, or install esbuild"_s;
}

void tst_Runtime::saysWhatNeedsEsbuild()
{
    QFETCH(QByteArray, source);
    const WithoutPath bare;
    const Outcome outcome = run(source);
    QVERIFY(!outcome);
    QTEST(outcome.error().message, "message");
}

void tst_Runtime::printsWhatItIsTold()
{
    QVERIFY(
        run("export default () => {\n  console.log('one', 2, { a: [1, 'x'], 'b c': new Map([[1, new Set('q')]]) });\n"
            "  console.error(new TypeError('bad'), null, undefined, [], x => x);\n};"));
    QCOMPARE(m_printed,
             QStringList(
                 {u"one 2 { a: [1, \"x\"], \"b c\": Map {1 => Set {\"q\"}} }"_s,
                  u"a.js:3: TypeError: bad\n    at a_default (a.js:3) null undefined [] [function without a name]"_s}));
}

void tst_Runtime::callsTheProgram()
{
    HostModule host;
    host.source =
        "(function (host) { return { twice: x => host.now('twice', x), wait: x => host.later('wait', x) }; })";
    host.now["twice"] = [](JsonView x) -> Result<RawJson> {
        return x.isNumber() ? Result<RawJson>(json::number(2 * x.toInteger()))
                            : fail(Error::Kind::Invalid, u"twice() takes a number"_s);
    };
    host.later["wait"] = [](const RawJson &x, const Answer &answer) {
        if (x.text == "0")
            return answer(fail(Error::Kind::Invalid, u"nothing to wait for"_s));
        answer(RawJson{"[" + x.text + "]"});
    };
    QCOMPARE(run("import { twice, wait } from 'nightshift';\nexport default async () => {\n  const said = [];\n"
                 "  try {\n    twice('x');\n  } catch (e) { said.push(e.message); }\n"
                 "  return [twice(4), await wait(5), said];\n};",
                 host),
             Outcome(RawJson{"[8,[5],[\"twice() takes a number\"]]"}));
    m_outcome.reset();
    const Outcome outcome = run("import { wait } from 'nightshift';\nexport default async () => {\n  await wait(1);\n"
                                "  await wait(0);\n};",
                                host);
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().message, u"a.js:4: Error: nothing to wait for"_s);
}

static HostModule offering()
{
    HostModule host;
    host.source = "(function (host) { return { offer: host.offer }; })";
    return host;
}

void tst_Runtime::interruptsACallAndAnswersTheNext()
{
    ScriptThread script(
        plan("import { offer } from 'nightshift';\nexport default () => {\n"
             "  offer('loop', () => { try { for (;;) {} } catch (e) { return 'kept going'; } });\n"
             "  offer('never', () => new Promise(() => {}));\n  offer('add', async (a, b) => a + b);\n};",
             offering()));
    std::vector<Outcome> answers;
    const auto keep = [&answers](const Outcome &outcome) { answers.push_back(outcome); };
    script.start();
    script.call("loop", {"[]"}, std::chrono::milliseconds(500), keep);
    script.call("never", {"[]"}, std::chrono::milliseconds(600), keep);
    script.call("add", {"[1,2]"}, std::chrono::minutes(1), keep);
    script.call("gone", {"[]"}, std::chrono::minutes(1), keep);
    QTRY_COMPARE_WITH_TIMEOUT(answers.size(), 4, 30'000);
    const Outcome late = failed(Failure::Kind::Deadline, u"the script gave no answer in time"_s);
    QCOMPARE(answers[0], late);
    QVERIFY(std::ranges::find(answers, Outcome(RawJson{"3"})) != answers.end());
    QCOMPARE(std::ranges::count(answers, late), 2);
}

void tst_Runtime::cancelsAnEndlessLoop()
{
    ScriptThread script(plan("import { offer } from 'nightshift';\nconsole.log('begun');\nfor (;;) {}\n"
                             "export default () => 1;",
                             offering()));
    connect(&script, &ScriptThread::finished, this, [this](const Outcome &outcome) { m_outcome = outcome; });
    script.start();
    QTRY_COMPARE_WITH_TIMEOUT(m_printed, QStringList(u"begun"_s), 30'000);
    script.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(m_outcome, 30'000);
    QCOMPARE(*m_outcome, failed(Failure::Kind::Canceled, u"the script was cancelled"_s));
}

void tst_Runtime::stopsAScriptThatTakesTooMuchMemory()
{
    ScriptPlan bomb = plan("import { offer } from 'nightshift';\nexport default () => {\n"
                           "  offer('bomb', () => { for (const all = [];;) all.push(new Array(1e5).fill(7)); });\n"
                           "  return new Promise(() => {});\n};",
                           offering());
    bomb.memoryBytes = qint64(300) << 20; // the sanitizers' own is in it, too
    ScriptThread script(std::move(bomb));
    connect(&script, &ScriptThread::finished, this, [this](const Outcome &outcome) { m_outcome = outcome; });
    script.start();
    std::vector<Outcome> answers;
    const auto ask = [&] {
        script.call("bomb", {"[]"}, std::chrono::minutes(1),
                    [&answers](const Outcome &answer) { answers.push_back(answer); });
    };
    ask();
    QTRY_COMPARE_WITH_TIMEOUT(answers.size(), size_t(1), 30'000);
    ask(); // of what is no more
    QTRY_COMPARE_WITH_TIMEOUT(answers.size(), size_t(2), 30'000);
    const Outcome expected = failed(Failure::Kind::Memory, u"the script's process holds more than 300 MiB of memory"_s);
    QCOMPARE(answers, (std::vector{expected, expected}));
    QCOMPARE(m_outcome, expected);
}

void tst_Runtime::keepsItsOwnThreadBusyOnly()
{
    HostModule host = offering();
    host.later["tick"] = [](const RawJson &, const Answer &answer) { answer(json::null()); };
    ScriptThread script(plan("for (;;) {}\nexport default () => 1;", host));
    script.start();
    int turns = 0;
    while (turns < 100) // the main loop goes on, and the destructor stops the script
        QTRY_VERIFY(++turns > 0);
}

void tst_Runtime::readsTheConfigWithoutRunning_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("config");
    QTest::newRow("none") << u"export default () => 1;"_s << u"nothing"_s;
    QTest::newRow("literal")
        << u"// config\nexport const config = { name: 'a\\n\\u00e9', 'b-c': [1, -2.5, 1_000, true, null,],"
           u" limits: { cost_usd: 20, }, t: `x` };\nthrow 1;"_s
        << u"{\"name\":\"a\\né\",\"b-c\":[1,-2.5,1000,true,null],\"limits\":{\"cost_usd\":20},\"t\":\"x\"}"_s;
    QTest::newRow("TypeScript") << u"export const config: Config = { name: \"t\" } as const;"_s
                                << u"{\"name\":\"t\"}"_s;
    QTest::newRow("computed")
        << u"const a = 1;\nexport const config = {\n  name: 'a' + a };"_s
        << u"a.js:3: config must be a literal of plain values, for it is read without running the script"_s;
    QTest::newRow("variable")
        << u"export const config = { a: b };"_s
        << u"a.js:1: config must be a literal of plain values, for it is read without running the script"_s;
}

void tst_Runtime::readsTheConfigWithoutRunning()
{
    QFETCH(QString, source);
    const auto read = readConfig(source, u"a.js"_s);
    const QString config = !read ? read.error().message : *read ? QString::fromUtf8((*read)->text) : u"nothing"_s;
    QTEST(config, "config");
}

QTEST_GUILESS_MAIN(tst_Runtime)
#include "tst_runtime.moc"
