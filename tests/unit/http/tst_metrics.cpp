#include "http/metrics.h"
#include <QHash>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace nightshift::http;
using namespace Qt::StringLiterals;

/// The text that Prometheus reads.
class tst_Metrics : public QObject
{
    Q_OBJECT

private slots:
    void keepsToTheExpositionFormat();
    void countsByLabels();
    void putsValuesIntoBuckets();
    void asksGaugesWhenSomebodyLooks();
    void escapesLabels();
    void boundsWhatStrangersCanName();
};

/// The lines of one metric, without its heading.
static QByteArrayList samples(const Metrics &metrics, const QByteArray &name)
{
    QByteArrayList found;
    for (const QByteArray &line : metrics.text().split('\n')) {
        if (line.startsWith(name))
            found += line;
    }
    return found;
}

void tst_Metrics::keepsToTheExpositionFormat()
{
    Metrics metrics;
    metrics.add(Metric::Turns, {"failed", "limit_cost"});
    metrics.add(Metric::CostUsd, {"m"}, 0.031);
    metrics.observe(Metric::TurnSeconds, 12.5);
    const QByteArray text = metrics.text();
    QVERIFY(text.endsWith('\n'));
    static const QRegularExpression help(u"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \\S.*$"_s),
        type(u"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$"_s),
        sample(u"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\",?)+\\})? "
               "([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN)$"_s);
    QHash<QString, QString> types;
    QSet<QString> seen;
    QString current;
    for (const QString &line : QString::fromUtf8(text).chopped(1).split(u'\n')) {
        if (const auto heading = help.match(line); heading.hasMatch()) {
            current = heading.captured(1);
            QVERIFY2(!types.contains(current), qPrintable(line)); // all of one metric stands together
        } else if (const auto kind = type.match(line); kind.hasMatch()) {
            QCOMPARE(kind.captured(1), current);
            types.insert(current, kind.captured(2));
            QCOMPARE(current.endsWith(u"_total"_s), kind.captured(2) == u"counter"_s);
        } else {
            const auto match = sample.match(line);
            QVERIFY2(match.hasMatch(), qPrintable(line));
            QString name = match.captured(1);
            if (types[current] == u"histogram"_s)
                name.remove(QRegularExpression(u"_(bucket|sum|count)$"_s));
            QCOMPARE(name, current);
            const QString series = match.captured(1) + match.captured(2);
            QVERIFY2(!seen.contains(series), qPrintable(line));
            seen.insert(series);
        }
    }
    for (const QString &name : {u"nightshift_sse_stalled_total"_s, u"process_resident_memory_bytes"_s,
                                u"process_start_time_seconds"_s, u"nightshift_turn_seconds_count"_s})
        QVERIFY2(seen.contains(name), qPrintable(name));
}

void tst_Metrics::countsByLabels()
{
    Metrics metrics;
    metrics.add(Metric::Turns, {"failed", "limit_cost"});
    metrics.add(Metric::Turns, {"completed", "final_message"});
    metrics.add(Metric::Turns, {"completed", "final_message"});
    metrics.add(Metric::Tokens, {"m", "input"}, 1.5e9);
    metrics.add(Metric::CostUsd, {"m"}, 0.031);
    QCOMPARE(samples(metrics, "nightshift_turns_total"),
             (QByteArrayList{"nightshift_turns_total{outcome=\"completed\",reason=\"final_message\"} 2",
                             "nightshift_turns_total{outcome=\"failed\",reason=\"limit_cost\"} 1"}));
    QCOMPARE(samples(metrics, "nightshift_tokens_total").value(0),
             "nightshift_tokens_total{model=\"m\",kind=\"input\"} 1500000000");
    QCOMPARE(samples(metrics, "nightshift_cost_usd_total").value(0), "nightshift_cost_usd_total{model=\"m\"} 0.031");
    QCOMPARE(samples(metrics, "nightshift_sse_stalled_total"), QByteArrayList{"nightshift_sse_stalled_total 0"});
}

void tst_Metrics::putsValuesIntoBuckets()
{
    Metrics metrics;
    for (const double seconds : {0.5, 1.0, 6.0, 10000.0})
        metrics.observe(Metric::TurnSeconds, seconds);
    const QByteArrayList lines = samples(metrics, "nightshift_turn_seconds");
    QCOMPARE(lines.first(3),
             (QByteArrayList{"nightshift_turn_seconds_bucket{le=\"1\"} 2", "nightshift_turn_seconds_bucket{le=\"5\"} 2",
                             "nightshift_turn_seconds_bucket{le=\"15\"} 3"}));
    QCOMPARE(lines.last(3), (QByteArrayList{"nightshift_turn_seconds_bucket{le=\"+Inf\"} 4",
                                            "nightshift_turn_seconds_sum 10007.5", "nightshift_turn_seconds_count 4"}));
}

void tst_Metrics::asksGaugesWhenSomebodyLooks()
{
    Metrics metrics;
    int streams = 1;
    metrics.watch(Metric::SseStreams, [&] { return std::map<Metrics::Labels, double>{{{}, streams}}; });
    streams = 7;
    QCOMPARE(samples(metrics, "nightshift_sse_streams"), QByteArrayList{"nightshift_sse_streams 7"});
    QCOMPARE(samples(metrics, "nightshift_queue_depth"), QByteArrayList()); // nobody knows
}

void tst_Metrics::escapesLabels()
{
    Metrics metrics;
    metrics.add(Metric::CostUsd, {"a\"b\\c\nd"});
    QCOMPARE(samples(metrics, "nightshift_cost_usd_total").value(0),
             "nightshift_cost_usd_total{model=\"a\\\"b\\\\c\\nd\"} 1");
}

void tst_Metrics::boundsWhatStrangersCanName()
{
    Metrics metrics;
    for (int i = 0; i < 2000; ++i)
        metrics.add(Metric::ToolCalls, {QByteArray::number(i), "ok"});
    const QByteArrayList lines = samples(metrics, "nightshift_tool_calls_total");
    QVERIFY(lines.size() <= 501);
    QCOMPARE(lines.last(), "nightshift_tool_calls_total{tool=\"other\",result=\"other\"} 1500");
}

QTEST_APPLESS_MAIN(tst_Metrics)
#include "tst_metrics.moc"
