#include "batch/budget.h"
#include "batch/claims.h"
#include "batch/planview.h"
#include "batch/shard.h"
#include "batch/submit.h"
#include "support/golden.h"
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using namespace nightshift::batch;

/// How a batch is divided: among processes and machines, and what it may use among its items.
class tst_Spreading : public QObject
{
    Q_OBJECT

private slots:
    void knowsItsShard_data();
    void knowsItsShard();
    void readsHowManyShardsThereAreToBe();
    void claimsAnItemOnce();
    void showsSignsOfLifeToOthers();
    void takesOverFromTheDead();
    void writesJobFiles_data();
    void writesJobFiles();
    void smallestLimitCounts();
    void namesTheLevelOfALimit();
    void readsConsumption();
};

void tst_Spreading::knowsItsShard_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("environment");
    QTest::addColumn<QString>("shard"); // "index of count", or the error
    const auto row = [](const char *name, const QString &text, const QStringList &environment, const QString &shard) {
        QTest::newRow(name) << text << environment << shard;
    };
    row("given", u"2/8"_s, {}, u"1 of 8"_s);
    row("too far", u"9/8"_s, {}, u"--shard 9/8: there is no part 9 of 8"_s);
    row("nonsense", u"x"_s, {}, u"--shard x: expected I/N, auto or auto/N"_s);
    row("slurm", u"auto"_s, {u"SLURM_ARRAY_TASK_ID=7"_s, u"SLURM_ARRAY_TASK_COUNT=4"_s, u"SLURM_ARRAY_TASK_MIN=5"_s},
        u"2 of 4"_s);
    row("kubernetes", u"auto/3"_s, {u"JOB_COMPLETION_INDEX=2"_s}, u"2 of 3"_s);
    row("kubernetes without a count", u"auto"_s, {u"JOB_COMPLETION_INDEX=2"_s},
        u"--shard auto: JOB_COMPLETION_INDEX is set, but not how many there are; say auto/N"_s);
    row("grid engine outside of an array", u"auto/2"_s, {u"SGE_TASK_ID=undefined"_s, u"CI_NODE_INDEX=2"_s},
        u"1 of 2"_s);
    row("aws", u"auto"_s, {u"AWS_BATCH_JOB_ARRAY_INDEX=0"_s, u"AWS_BATCH_JOB_ARRAY_SIZE=9"_s}, u"0 of 9"_s);
    row("ci", u"auto"_s, {u"CI_NODE_INDEX=3"_s, u"CI_NODE_TOTAL=3"_s}, u"2 of 3"_s);
    row("nothing", u"auto"_s, {u"PATH=/bin"_s},
        u"--shard auto: no array job is recognised; set for example SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT, "
        "or say I/N"_s);
}

void tst_Spreading::knowsItsShard()
{
    QFETCH(const QString, text);
    QFETCH(const QStringList, environment);
    QFETCH(const QString, shard);
    const auto read = parseShard(text, environment);
    QCOMPARE(read ? u"%1 of %2"_s.arg(read->index).arg(read->count) : read.error().message, shard);
}

void tst_Spreading::readsHowManyShardsThereAreToBe()
{
    for (const QString &text : {u"auto/16"_s, u"3/16"_s, u"16"_s})
        QCOMPARE(shardCount(text), Result<int>(16));
    QCOMPARE(shardCount(u"auto"_s).error().message, u"--shard auto: expected how many there are to be, as in auto/8"_s);
}

void tst_Spreading::claimsAnItemOnce()
{
    const QTemporaryDir folder;
    Claims one(folder.path(), {}), two(folder.path(), {});
    QCOMPARE(one.take(u"a/b"_s), Result<bool>(true));
    QCOMPARE(two.take(u"a/b"_s), Result<bool>(false));
    QCOMPARE(two.take(u"c"_s), Result<bool>(true));
    one.settle(u"a/b"_s);
    QCOMPARE(two.take(u"a/b"_s), Result<bool>(false));
    QCOMPARE(Claims(folder.filePath(u"deep/er"_s), {}).take(u"a"_s), Result<bool>(true));
}

void tst_Spreading::showsSignsOfLifeToOthers()
{
    const QTemporaryDir folder;
    Claims one(folder.path(), {.renew = 20ms}), two(folder.path(), {});
    QCOMPARE(two.othersSign(u"a"_s), std::nullopt);
    QCOMPARE(one.take(u"a"_s), Result<bool>(true));
    QCOMPARE(one.othersSign(u"a"_s), std::nullopt);
    const auto sign = two.othersSign(u"a"_s);
    QVERIFY(sign.has_value());
    QTRY_VERIFY(two.othersSign(u"a"_s) > sign);
    one.settle(u"a"_s);
    QCOMPARE(two.othersSign(u"a"_s), std::nullopt);
}

void tst_Spreading::takesOverFromTheDead()
{
    const QTemporaryDir folder;
    const Claims::Times quick{.renew = 20ms, .stale = 200ms};
    {
        Claims dead(folder.path(), quick);
        QCOMPARE(dead.take(u"left"_s), Result<bool>(true));
        QCOMPARE(dead.take(u"done"_s), Result<bool>(true));
        dead.settle(u"done"_s);
    }
    Claims alive(folder.path(), quick), other(folder.path(), quick);
    QTRY_COMPARE(alive.take(u"left"_s), Result<bool>(true));
    QTest::qWait(300); // longer than a claim stays without being renewed
    QCOMPARE(other.take(u"left"_s), Result<bool>(false));
    QCOMPARE(other.take(u"done"_s), Result<bool>(false));
}

void tst_Spreading::writesJobFiles_data()
{
    QTest::addColumn<QByteArray>("text");
    const ClusterJob job{.name = u"Audit the headers!"_s,
                         .program = u"/opt/night shift/nightshift"_s,
                         .words = {u"batch"_s, u"--input"_s, u"items.csv"_s, u"--check"_s, u"make -C {{cwd}} check"_s},
                         .folder = u"/data/project"_s,
                         .out = u"/data/project/out"_s,
                         .shards = 4};
    QTest::newRow("slurm.sh") << slurmScript(job);
    QTest::newRow("parallel.sh") << parallelScript(job);
    QTest::newRow("k8s.json") << kubernetesManifest(job);
}

void tst_Spreading::writesJobFiles()
{
    QFETCH(const QByteArray, text);
    QVERIFY(test::matchesGolden(QStringLiteral(TEST_DATA "/") + QString::fromUtf8(QTest::currentDataTag()), text));
}

void tst_Spreading::smallestLimitCounts()
{
    Budget batch(u"batch"_s, {.requests = 10, .tokens = 1000, .wall = 9s});
    Budget item(u"item"_s, {.requests = 8, .wall = 5s}, &batch);
    QCOMPARE(item.left(), (TurnLimits{.requests = 8, .tokens = 1000, .time = 5000ms}));
    batch.charge({.inputTokens = 100, .outputTokens = 100}, 5);
    QCOMPARE(item.left(), (TurnLimits{.requests = 5, .tokens = 800, .time = 5000ms}));
    item.charge({.inputTokens = 700, .outputTokens = 0}, 1);
    QCOMPARE(item.left(), (TurnLimits{.requests = 4, .tokens = 100, .time = 5000ms}));
    item.countPaid({.inputTokens = 500}, 4); // of which the batch knows since an earlier run
    QCOMPARE(item.left(), (TurnLimits{.requests = 3, .tokens = 100, .time = 5000ms}));
    QCOMPARE(batch.requests(), 6);
    QCOMPARE(item.exhausted().has_value(), false);
}

void tst_Spreading::namesTheLevelOfALimit()
{
    Budget batch(u"batch"_s, {.costUsd = 1});
    Budget item(u"item"_s, {.requests = 2}, &batch);
    QCOMPARE(item.limitBehind(FailureCode::Network), QString());
    QCOMPARE(item.limitBehind(FailureCode::LimitTime), u"item.wall_s"_s);
    Budget session(u"session"_s, {.wall = 5s}, &batch), turn(u"turn"_s, {}, &session),
        quick(u"turn"_s, {.wall = 1s}, &session);
    QCOMPARE(turn.left().time, 5000ms);
    QCOMPARE(turn.limitBehind(FailureCode::LimitTime), u"session.wall_s"_s);
    QCOMPARE(quick.left().time, 1000ms);
    QCOMPARE(quick.limitBehind(FailureCode::LimitTime), u"turn.wall_s"_s);
    item.charge({.inputTokens = 1, .costUsd = 1.25}, 1);
    QCOMPARE(item.exhausted()->limit, u"batch.cost_usd"_s);
    QCOMPARE(item.limitBehind(FailureCode::LimitCost), u"batch.cost_usd"_s);
}

void tst_Spreading::readsConsumption()
{
    QCOMPARE(parseConsumption(u"20k/1.5K"_s), (Result<Consumption>(Consumption{20'000, 1'500})));
    QCOMPARE(parseConsumption(u"1m/300"_s), (Result<Consumption>(Consumption{1'000'000, 300})));
    QVERIFY(!parseConsumption(u"20k"_s));
}

QTEST_GUILESS_MAIN(tst_Spreading)
#include "tst_spreading.moc"
