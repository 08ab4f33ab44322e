#include "support/filetree.h"
#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// `nightshift drill`: every ending that a model's server can bring about, rehearsed without one.
class tst_Drill : public QObject
{
    Q_OBJECT

private slots:
    void showsHowItemsEnd_data();
    void showsHowItemsEnd();
    void triesAgainAsInEarnest();
    void takesATable();
    void leavesNothingBehind();
    void namesFaultsThatNeverHappened();
    void refusesFaultsThatAreNone();
};

static const QByteArray schema = R"({ type: "object", additionalProperties: false, required: ["risk", "lines"],
  properties: { risk: { type: "string", enum: ["low", "high"] }, lines: { type: "array", items: { type: "integer", minimum: 1 } } } })";

static void writeScript(const Program &program, const QByteArray &options)
{
    program.write(u"s.js"_s, "import { map, run } from 'nightshift';\n"
                             "const schema = " +
                                 schema +
                                 ";\n"
                                 "export default () => map(['a', 'b'], key => run(Object.assign(\n"
                                 "  { key, prompt: 'Do ' + key, sandbox: 'read-only' }, " +
                                 options + ")));\n");
}

/// "a failed auth 1 1": key, outcome, reason, attempts, requests.
static QStringList rows(const QByteArray &json)
{
    QStringList lines;
    const auto report = JsonDocument::parse(json);
    for (const JsonView &item : report ? report->root()["items"].items() : std::vector<JsonView>())
        lines += u"%1 %2 %3 %4 %5"_s.arg(item["key"].toString(), item["outcome"].toString(), item["reason"].toString())
                     .arg(item["attempts"].toInteger())
                     .arg(item["requests"].toInteger());
    return lines;
}

void tst_Drill::showsHowItemsEnd_data()
{
    QTest::addColumn<QString>("faults");
    QTest::addColumn<QByteArray>("options");
    QTest::addColumn<QString>("first"); // how the item a ends; b does not meet the fault
    QTest::addColumn<int>("exitCode");
    const QByteArray plain = "{}", twice = "{ retries: { max: 1, on: ['bad_request'] } }";
    QTest::newRow("no fault") << u""_s << plain << u"a completed final_message 1 3"_s << 0;
    QTest::newRow("an answer with a schema") << u""_s << "{ schema }"_ba << u"a completed final_message 1 3"_s << 0;
    QTest::newRow("refused once") << u"429@2"_s << plain << u"a completed final_message 1 4"_s << 0;
    QTest::newRow("trouble that passes") << u"500@1,cut@3:40"_s << plain << u"a completed final_message 1 5"_s << 0;
    QTest::newRow("no key") << u"401@1"_s << plain << u"a failed auth 1 1"_s << 1;
    QTest::newRow("no such model") << u"404@1"_s << plain << u"a failed model_not_found 1 1"_s << 1;
    QTest::newRow("a wrong request") << u"400@3"_s << plain << u"a failed bad_request 1 3"_s << 1;
    QTest::newRow("trouble that stays") << u"503@1-30"_s << plain << u"a failed model_unavailable 1 30"_s << 1;
    QTest::newRow("no connection") << u"cut@1-6:20"_s << plain << u"a failed network 1 6"_s << 1;
    QTest::newRow("silence") << u"stall@1-6"_s << plain << u"a failed model_stalled 1 6"_s << 1;
    QTest::newRow("a full context") << u"context@1"_s << plain << u"a failed context_exhausted 1 1"_s << 1;
    QTest::newRow("a model that declines") << u"refusal@2"_s << plain << u"a completed model_refusal 1 2"_s << 1;
    QTest::newRow("no JSON, twice") << u"nonsense@1-2"_s << "{ schema }"_ba << u"a failed schema_mismatch 1 2"_s << 1;
    QTest::newRow("no JSON, once") << u"nonsense@3"_s << "{ schema }"_ba << u"a completed final_message 1 4"_s << 0;
    QTest::newRow("a check that says no")
        << u""_s << "{ check: r => r.key !== 'a' }"_ba << u"a failed check_failed 1 3"_s << 1;
    QTest::newRow("a second attempt") << u"400@1"_s << twice << u"a completed final_message 2 4"_s << 0;
}

void tst_Drill::showsHowItemsEnd()
{
    QFETCH(const QString, faults);
    QFETCH(const QByteArray, options);
    QFETCH(const QString, first);
    QFETCH(const int, exitCode);
    Program program;
    writeScript(program, options);
    program.environment.remove(u"MOCK_KEY"_s);
    const Ended ended = program.run({u"drill"_s, u"s.js"_s, u"--json"_s, u"--fault"_s, faults});
    QVERIFY2(ended.exitCode == exitCode, ended.err);
    QCOMPARE(rows(ended.out), (QStringList{first, u"b completed final_message 1 3"_s}));
    QCOMPARE(program.server.requests().size(), size_t(0));
}

void tst_Drill::triesAgainAsInEarnest()
{
    Program program;
    writeScript(program, "{}");
    const Ended refused = program.run({u"drill"_s, u"s.js"_s, u"--json"_s, u"--fault"_s, u"429@1-"_s});
    QVERIFY2(refused.exitCode == 1, refused.err);
    const QStringList lines = rows(refused.out);
    QVERIFY2(lines.value(0).startsWith(u"a failed rate_limited 1 "_s), refused.out);
    QVERIFY2(lines.value(1).startsWith(u"b failed rate_limited 1 "_s), refused.out);
    const Ended stopped = program.run({u"drill"_s, u"s.js"_s, u"--json"_s, u"--fault"_s, u"stop@2"_s});
    QVERIFY2(stopped.exitCode == 75, stopped.err);
    QCOMPARE(rows(stopped.out).value(0), u"a interrupted interrupted 1 2"_s);
}

void tst_Drill::takesATable()
{
    Program program;
    program.write(u"items.csv"_s, "id\na\nb\n");
    const Ended ended = program.run(
        {u"drill"_s, u"--input"_s, u"items.csv"_s, u"--prompt"_s, u"Do {{id}}"_s, u"--fault"_s, u"404@1"_s});
    QVERIFY2(ended.exitCode == 1, ended.err);
    const QByteArrayList lines = ended.out.split('\n');
    QCOMPARE(lines.size(), 4);
    QCOMPARE(lines[0], QByteArray("KEY  OUTCOME    REASON           ATTEMPTS  REQUESTS  MESSAGE"));
    QVERIFY2(lines[1].startsWith("a    failed     model_not_found  1         1         unexpected status 404"),
             lines[1]);
    QCOMPARE(lines[2], QByteArray("b    completed  final_message    1         3"));
}

void tst_Drill::leavesNothingBehind()
{
    Program program;
    makeTree(program.work(), {{u"kept.txt"_s, "as it was\n"}});
    program.write(u"s.js"_s,
                  "import { run, session, write } from 'nightshift';\n"
                  "export default async () => {\n"
                  "  const r = await run({ prompt: 'x', sandbox: 'danger-full-access', provider: 'openai' });\n"
                  "  const done = await session({ id: r.session }).apply();\n"
                  "  write.text('t.txt', 'x');\n"
                  "  if (done.applied || !r.diff.includes('NIGHTSHIFT-DEMO.md')) throw new Error(r.diff);\n"
                  "};\n");
    const auto before = readTree(program.work());
    const Ended ended = program.run({u"drill"_s, u"s.js"_s, u"--json"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(readTree(program.work()), before);
    QCOMPARE(program.logs(), QStringList());
}

void tst_Drill::namesFaultsThatNeverHappened()
{
    Program program;
    writeScript(program, "{}");
    const Ended ended = program.run({u"drill"_s, u"s.js"_s, u"--fault"_s, u"429@50"_s});
    QVERIFY2(ended.err.contains("the fault 429@50 never happened: there were 6 requests"), ended.err);
}

void tst_Drill::refusesFaultsThatAreNone()
{
    Program program;
    writeScript(program, "{}");
    for (const QString &fault : {u"429@x"_s, u"200@1"_s, u"stall@3-2"_s, u"cut@1:many"_s, u"flood@1"_s}) {
        const Ended ended = program.run({u"drill"_s, u"s.js"_s, u"--fault"_s, fault});
        QVERIFY2(ended.err.contains("Error: the fault `" + fault.toUtf8() + "` is none"), ended.err);
        QCOMPARE(ended.exitCode, 2);
    }
}

QTEST_GUILESS_MAIN(tst_Drill)
#include "tst_drill.moc"
