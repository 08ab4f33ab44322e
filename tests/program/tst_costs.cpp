#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// What a run costs, where it is printed, and `--max-cost`.
class tst_Costs : public QObject
{
    Q_OBJECT

private slots:
    void printsWhatTheSessionCost();
    void goesOnCountingWhenResumed();
    void endsWhenTheLimitIsReached();
    void refusesALimitItCannotWatch();
    void sendsTheModelsOwnDefaults();
};

static const QStringList priced{u"-c"_s, u"models.\"gpt-5.5\".price={input=2, cached_input=0.5, output=10}"_s};

static QByteArray lastLine(const Ended &ended)
{
    return ended.out.trimmed().split('\n').last();
}

// Every answer of the test server: 1000 input tokens, 600 of them cached, and 50 output tokens.
// 400 * 2 + 600 * 0.5 + 50 * 10 = 1600 millionths.

void tst_Costs::printsWhatTheSessionCost()
{
    Program program;
    program.server.play({sse::command("c1", "true")});
    program.server.play({sse::message("m1", "Done.")});
    const Ended ended = program.exec(QStringList{u"--json"_s} + priced + QStringList{u"p"_s});
    QCOMPARE(lastLine(ended),
             R"({"type":"turn.completed","usage":{"input_tokens":2000,"cached_input_tokens":1200,)"
             R"("cache_write_input_tokens":0,"output_tokens":100,"reasoning_output_tokens":20,"cost_usd":0.0032}})"_ba);
}

void tst_Costs::goesOnCountingWhenResumed()
{
    Program program;
    program.server.play({sse::message("m1", "One.")});
    program.server.play({sse::message("m2", "Two.")});
    program.server.play({sse::message("m3", "Three.")});
    const QStringList resume{u"resume"_s, u"--last"_s, u"--json"_s, u"more"_s};
    QCOMPARE(program.exec(priced + QStringList{u"p"_s}).exitCode, 0);
    QVERIFY(lastLine(program.exec(priced + resume)).endsWith(R"("cost_usd":0.0032}})"));
    QVERIFY(!lastLine(program.exec(resume)).contains("cost_usd")); // a part of it is not known any more
}

void tst_Costs::endsWhenTheLimitIsReached()
{
    Program program;
    program.server.play({sse::command("c1", "true")});
    program.server.play({sse::message("m1", "So far.")});
    const Ended ended =
        program.exec(QStringList{u"--json"_s, u"--max-cost"_s, u"0.001"_s} + priced + QStringList{u"p"_s});
    QCOMPARE(lastLine(ended), R"({"type":"turn.failed","error":{"message":"0.0016 of 0.001 USD are used",)"
                              R"("code":"limit_cost"}})"_ba);
    QCOMPARE(ended.exitCode, 10);
    QVERIFY(program.server.requests().at(1).body.contains(R"("tools":[])"));
}

void tst_Costs::refusesALimitItCannotWatch()
{
    Program program;
    const Ended ended = program.exec({u"--max-cost"_s, u"1"_s, u"p"_s});
    QCOMPARE(ended.err, "Error: --max-cost: what the model `gpt-5.5` costs at the provider `mock` is not known; set "
                        "models.\"gpt-5.5\".price.input and .output, in US dollars for a million tokens, or use "
                        "--max-tokens\n");
    QCOMPARE(ended.exitCode, 1);
    QVERIFY(program.server.requests().empty());
}

void tst_Costs::sendsTheModelsOwnDefaults()
{
    Program program;
    program.server.play({sse::message("m1", "One.")});
    program.server.play({sse::message("m2", "Two.")});
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    QVERIFY(program.server.requests().at(0).body.contains(R"("reasoning":{"effort":"medium"})"));
    QVERIFY(program.server.requests().at(0).body.contains(R"("text":{"verbosity":"low"})"));
    QCOMPARE(program.exec({u"-m"_s, u"unheard-of"_s, u"p"_s}).exitCode, 0);
    QVERIFY(!program.server.requests().at(1).body.contains(R"("effort")"));
    QVERIFY(!program.server.requests().at(1).body.contains(R"("verbosity")"));
}

QTEST_GUILESS_MAIN(tst_Costs)
#include "tst_costs.moc"
