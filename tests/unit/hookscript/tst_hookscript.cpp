#include "hookscript/hookscript.h"
#include "support/filetree.h"
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::hookscript;

/// Files of hooks, in their real process.
class tst_HookScript : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void answers_data();
    void answers();
    void hasTheHooksThatTheFileHas();
    void saysWhatIsWrongWithTheFile_data();
    void saysWhatIsWrongWithTheFile();
    void survivesAMemoryBomb();
    void survivesAnEndlessLoop();
    void stopsWhatIsWithdrawn();
    void asksTheOthersOfANewProcess();
    void keepsItsVariables();

private:
    Result<std::unique_ptr<HookScript>> open(const QByteArray &source);
    HookReply ask(HookScript &script, const RawJson &event = {"{}"});
    QTemporaryDir m_folder;
    QStringList m_said;
    std::chrono::milliseconds m_deadline{30'000};
};

void tst_HookScript::init()
{
    QVERIFY(QDir::setCurrent(m_folder.path()));
    m_said.clear();
    m_deadline = std::chrono::seconds(30);
}

Result<std::unique_ptr<HookScript>> tst_HookScript::open(const QByteArray &source)
{
    test::makeTree(m_folder.path(), {{u"h.js"_s, "import * as n from 'nightshift';\n" + source}});
    return HookScript::open({.path = m_folder.path() + u"/h.js"_s,
                             .deadline = m_deadline,
                             .say = [this](const QString &line) { m_said += line; }},
                            QStringLiteral(HOOK_RUNNER));
}

HookReply tst_HookScript::ask(HookScript &script, const RawJson &event)
{
    std::optional<HookReply> reply;
    const auto job = script.ask({HookMoment::Command, event}, [&reply](const HookReply &answer) { reply = answer; });
    if (!QTest::qWaitFor([&reply] { return reply.has_value(); }, 60'000))
        return fail(Error::Kind::Timeout, u"the test's own"_s);
    return *reply;
}

void tst_HookScript::answers_data()
{
    QTest::addColumn<QByteArray>("hook");
    QTest::addColumn<QString>("answer");
    QTest::newRow("allow") << QByteArray("() => n.allow()") << u"{\"decision\":\"allow\"}"_s;
    QTest::newRow("deny") << QByteArray(
                                 "c => { if (/git\\s+push/.test(c.command)) return n.deny('pushing is for CI'); }")
                          << u"{\"decision\":\"deny\",\"reason\":\"pushing is for CI\"}"_s;
    QTest::newRow("no opinion") << QByteArray("c => { if (c.command === 'x') return n.deny('x'); }") << u"null"_s;
    QTest::newRow("rewrite") << QByteArray("c => n.rewrite({ argv: ['uv', ...c.argv] })")
                             << u"{\"decision\":\"rewrite\",\"argv\":[\"uv\",\"git\",\"push\"]}"_s;
    QTest::newRow("ask") << QByteArray("() => n.ask({ wait_s: 600 })") << u"{\"decision\":\"ask\",\"wait_s\":600}"_s;
    QTest::newRow("again") << QByteArray("() => n.again('Do the work.')")
                           << u"{\"decision\":\"again\",\"message\":\"Do the work.\"}"_s;
    // What JSON would leave out must not turn a denial into no opinion.
    const auto refused = [](const char *name, const char *hook, const char *why) {
        QTest::newRow(name) << QByteArray(hook) << u"TypeError: the answer makes no sense: "_s + QLatin1StringView(why);
    };
    refused("an inherited decision", "() => Object.create({ decision: 'deny' })", "it is no plain object");
    refused("a getter of a class", "() => new (class { get decision() { return 'deny'; } })", "it is no plain object");
    refused("a getter", "() => ({ get decision() { return 'deny'; } })", "it.decision is not a plain member");
    refused("hidden", "() => Object.defineProperty({}, 'decision', { value: 'deny' })",
            "it.decision is not a plain member");
    refused("a prototype in its literal", "() => ({ __proto__: { decision: 'deny' } })",
            "it.__proto__ is no member of an answer");
    refused("a member called __proto__",
            "() => JSON.parse('{\"__proto__\":{\"decision\":\"deny\"},\"context\":\"x\"}')",
            "it.__proto__ is no member of an answer");
    refused("a proxy that invents",
            "() => new Proxy({}, { get: (t, name) => name === 'decision' ? 'deny' : undefined })",
            "it.decision is not its own member");
    refused("what all objects inherit", "() => { Object.prototype.decision = 'deny'; return { context: 'x' }; }",
            "it.decision is not its own member");
    refused("toJSON", "() => ({ decision: 'deny', toJSON() { return {}; } })", "it.toJSON is no member of an answer");
    refused("a function", "() => () => n.deny('x')", "it is a function");
    refused("a promise of something inherited", "async () => Object.create({ decision: 'deny' })",
            "it is no plain object");
    refused("deeper", "() => ({ hookSpecificOutput: Object.create({ permissionDecision: 'deny' }) })",
            "it.hookSpecificOutput is no plain object");
    refused("a date", "() => n.rewrite({ arguments: { when: new Date(0) } })", "it.arguments.when is no plain object");
    QTest::newRow("asks a command")
        << QByteArray("async c => {\n  const said = await n.exec(['sh', '-c', 'cat; exit 3'], { stdin: c.command });\n"
                      "  return n.deny(said.stdout + said.exit_code);\n}")
        << u"{\"decision\":\"deny\",\"reason\":\"git push3\"}"_s;
    QTest::newRow("throws") << QByteArray("c => {\n  return c.nothing.at;\n}")
                            << u"h.js:3: TypeError: Cannot read property 'at' of undefined"_s;
    QTest::newRow("rejects") << QByteArray("async () => {\n  await n.exec(['/no/such/program']);\n}")
                             << u"h.js:3: Error: exec(): there is no program /no/such/program"_s;
    QTest::newRow("nonsense") << QByteArray("() => 'sure'") << u"\"sure\""_s;
    QTest::newRow("null, which is no missing opinion") << QByteArray("() => null") << u"\"null\""_s;
    QTest::newRow("null, later") << QByteArray("async () => null") << u"\"null\""_s;
}

void tst_HookScript::answers()
{
    QFETCH(QByteArray, hook);
    const auto script = open("n.hooks({ onCommand: " + hook + " });");
    QVERIFY2(script, qPrintable(script ? QString() : script.error().message));
    const HookReply reply =
        ask(**script, {"{\"hook\":\"onCommand\",\"command\":\"git push\",\"argv\":[\"git\",\"push\"]}"});
    QTEST(reply ? QString::fromUtf8(*reply) : reply.error().message, "answer");
}

void tst_HookScript::hasTheHooksThatTheFileHas()
{
    const auto script =
        open("n.log('hello', n.args);\nn.hooks({ on_failure: 'abort', onPatch() {}, onTurnEnd() {} });");
    QVERIFY(script);
    QStringList wanted;
    for (int moment = 0; moment <= int(HookMoment::Result); ++moment) {
        if ((*script)->wants(HookMoment(moment)))
            wanted += hookName(HookMoment(moment));
    }
    QCOMPARE(wanted, QStringList({u"onPatch"_s, u"onTurnEnd"_s}));
    QCOMPARE((*script)->onFailure(), HookFailure::Abort);
    QCOMPARE((*script)->name(), m_folder.path() + u"/h.js"_s);
    QCOMPARE(m_said, QStringList(u"hello {}"_s));
}

void tst_HookScript::saysWhatIsWrongWithTheFile_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QString>("message");
    QTest::newRow("no hooks") << QByteArray("n.allow();")
                              << u"Error: it must call hooks({ … }), which it imports from \"nightshift\""_s;
    QTest::newRow("a name that is none")
        << QByteArray("n.hooks({ onComand() {} });")
        << u"h.js:2: TypeError: hooks(): there is no onComand; there are onSessionStart, onSessionEnd, onPrompt, "
           u"onCommand, "
           u"onPatch, onTool, onToolEnd, onApproval, onTurnEnd, onEvent, onResult\n    at h.js:2"_s;
    QTest::newRow("no function") << QByteArray("n.hooks({ onTool: 1 });")
                                 << u"h.js:2: TypeError: hooks(): onTool must be a function\n    at h.js:2"_s;
    QTest::newRow("grammar") << QByteArray("n.hooks({{});") << u"h.js:2: Expected identifier but found \"{\""_s;
    QTest::newRow("a crash") << QByteArray("let s = 'x';\nfor (;;) s += s;")
                             << m_folder.path() + u"/h.js: its process ended before it was loaded"_s;
}

void tst_HookScript::saysWhatIsWrongWithTheFile()
{
    QFETCH(QByteArray, source);
    const auto script = open(source);
    QVERIFY(!script);
    QTEST(script.error().message, "message");
}

static const QByteArray bombs =
    "n.hooks({ onCommand(c) {\n  if (c.command === 'bomb') for (const all = [];;) all.push(new "
    "Array(100000).fill(7));\n"
    "  if (c.command === 'loop') for (;;) { try { for (;;) {} } catch {} }\n  return n.allow();\n} });";

void tst_HookScript::survivesAMemoryBomb()
{
    const auto script = open(bombs);
    QVERIFY(script);
    QCOMPARE(ask(**script, {"{\"command\":\"bomb\"}"}),
             HookReply(fail(Error::Kind::Internal,
                            m_folder.path() + u"/h.js: its process ended: out of memory, or a crash"_s)));
    QCOMPARE(ask(**script), HookReply("{\"decision\":\"allow\"}"));
}

void tst_HookScript::survivesAnEndlessLoop()
{
    m_deadline = std::chrono::milliseconds(2'000);
    const auto script = open(bombs);
    QVERIFY(script);
    QCOMPARE(ask(**script, {"{\"command\":\"loop\"}"}),
             HookReply(fail(Error::Kind::Internal, u"the script gave no answer in time"_s)));
    QCOMPARE(ask(**script), HookReply("{\"decision\":\"allow\"}"));
}

void tst_HookScript::stopsWhatIsWithdrawn()
{
    const auto script = open(bombs);
    QVERIFY(script);
    bool answered = false;
    (*script)->ask({HookMoment::Command, {"{\"command\":\"loop\"}"}},
                   [&answered](const HookReply &) { answered = true; });
    QCOMPARE(ask(**script), HookReply("{\"decision\":\"allow\"}"));
    QVERIFY(!answered);
}

/// A process that does not even take the withdrawal is killed, and nobody else's question with it.
void tst_HookScript::asksTheOthersOfANewProcess()
{
    const auto script = open(bombs);
    QVERIFY(script);
    QFile children(u"/proc/self/task/%1/children"_s.arg(::getpid()));
    QVERIFY(children.open(QIODevice::ReadOnly));
    QCOMPARE(::kill(children.readAll().trimmed().toInt(), SIGSTOP), 0);
    bool answered = false;
    (*script)->ask({HookMoment::Command, {"{\"command\":\"loop\"}"}},
                   [&answered](const HookReply &) { answered = true; });
    QCOMPARE(ask(**script), HookReply("{\"decision\":\"allow\"}"));
    QVERIFY(!answered);
}

void tst_HookScript::keepsItsVariables()
{
    const auto script = open("let count = 0;\nn.hooks({ onCommand: async () => n.again(++count) });");
    QVERIFY(script);
    std::vector<HookReply> replies;
    std::vector<std::unique_ptr<HookJob>> jobs;
    for (int i = 0; i < 3; ++i)
        jobs.push_back((*script)->ask({HookMoment::Command, {"{}"}},
                                      [&replies](const HookReply &reply) { replies.push_back(reply); }));
    QTRY_COMPARE_WITH_TIMEOUT(replies.size(), 3, 30'000);
    QCOMPARE(replies[2], HookReply("{\"decision\":\"again\",\"message\":\"3\"}"));
}

QTEST_GUILESS_MAIN(tst_HookScript)
#include "tst_hookscript.moc"
