#include "app/runstatus.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using namespace nightshift::app;

class tst_RunStatus : public QObject
{
    Q_OBJECT

private slots:
    void tellsWhatRuns();
    void countsTheTime_data();
    void countsTheTime();
    void isHarmlessAndShort();
};

static CommandStarted started(const QString &id, const QString &script)
{
    return {id, {{u"/bin/bash"_s, u"-lc"_s, script}, u"/w"_s}};
}

void tst_RunStatus::tellsWhatRuns()
{
    RunStatus status;
    QStringList told;
    const auto tell = [&](const Event &event) {
        status.onEvent(event, 10s);
        told += status.text(12s);
    };
    tell(SessionStarted{});
    tell(TurnStarted{});
    tell(UsageReported{.last = {}, .total = {.inputTokens = 3000, .cachedInputTokens = 1000, .outputTokens = 5}});
    tell(started(u"1"_s, u"make"_s));
    tell(started(u"2"_s, u"npm test"_s));
    tell(CommandFinished{.call = u"2"_s, .command = {}, .output = {}, .exitCode = 0});
    tell(PatchStarted{.call = u"3"_s, .changes = {}});
    tell(PatchFinished{.call = u"3"_s, .changes = {}, .success = true, .output = {}});
    tell(CommandFinished{.call = u"1"_s, .command = {}, .output = {}, .exitCode = 0});
    tell(McpCallStarted{u"4"_s, {u"server"_s, u"tool"_s, {}}});
    tell(McpCallFinished{.call = u"4"_s, .invocation = {}, .result = {}, .error = {}});
    tell(RetryScheduled{});
    tell(TurnCompleted{});
    const QStringList expected{u""_s,
                               u"thinking · 2s"_s,
                               u"thinking · 2s · 2,005 tokens"_s,
                               u"exec make · 2s · 2,005 tokens"_s,
                               u"exec npm test (+1) · 2s · 2,005 tokens"_s,
                               u"exec make · 2s · 2,005 tokens"_s,
                               u"apply patch (+1) · 2s · 2,005 tokens"_s,
                               u"exec make · 2s · 2,005 tokens"_s,
                               u"thinking · 2s · 2,005 tokens"_s,
                               u"mcp: server/tool · 2s · 2,005 tokens"_s,
                               u"thinking · 2s · 2,005 tokens"_s,
                               u"waiting to ask again · 2s · 2,005 tokens"_s,
                               u""_s};
    QCOMPARE(told, expected);
}

void tst_RunStatus::countsTheTime_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<QString>("shown");
    QTest::newRow("seconds") << 59 << u"thinking · 59s"_s;
    QTest::newRow("minutes") << 125 << u"thinking · 2m05s"_s;
    QTest::newRow("hours") << 3725 << u"thinking · 1h02m"_s;
}

void tst_RunStatus::countsTheTime()
{
    QFETCH(const int, seconds);
    QFETCH(const QString, shown);
    RunStatus status;
    status.onEvent(TurnStarted{}, 0s);
    QCOMPARE(status.text(std::chrono::seconds(seconds)), shown);
}

void tst_RunStatus::isHarmlessAndShort()
{
    RunStatus status;
    status.onEvent(TurnStarted{}, 0s);
    status.onEvent(started(u"1"_s, u"a\n\x1b[2Jb"_s), 0s);
    QCOMPARE(status.text(1s), u"exec a b · 1s"_s);
    status.onEvent(started(u"2"_s, QString(100, u'x')), 0s);
    QCOMPARE(status.text(1s), u"exec "_s + QString(54, u'x') + u"… (+1) · 1s"_s);
}

QTEST_APPLESS_MAIN(tst_RunStatus)
#include "tst_runstatus.moc"
