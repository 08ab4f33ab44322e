#include "store/logcheck.h"
#include "support/loggenerator.h"
#include <QCryptographicHash>
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_LogCheck : public QObject
{
    Q_OBJECT

private slots:
    void findsNothingInWholeLogs_data();
    void findsNothingInWholeLogs();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void letsAWriterFinish();
};

static QByteArray eventLine(qint64 ordinal, std::initializer_list<json::Member> members)
{
    return logLine(ordinal, "event_msg", json::object(members));
}

static QByteArray started(qint64 ordinal, const char *turn = "t1")
{
    return eventLine(ordinal, {{"type", "task_started"}, {"turn_id", turn}});
}

static QByteArray completed(qint64 ordinal, const char *turn = "t1")
{
    return eventLine(ordinal, {{"type", "task_complete"}, {"turn_id", turn}, {"last_agent_message", nullptr}});
}

static QByteArray head()
{
    return logLine(0, "session_meta", json::object({{"id", "i"}, {"cwd", "/w"}}));
}

static QByteArray call(qint64 ordinal)
{
    return logLine(ordinal, "response_item", callItem(u"c"_s));
}

static QByteArray answer(qint64 ordinal)
{
    return logLine(ordinal, "response_item", outputItem(u"c"_s, u"done"_s));
}

/// The line with the hash of `before` in it.
static QByteArray chained(const QByteArray &before, QByteArray line)
{
    const QByteArray hash = QCryptographicHash::hash(before.trimmed(), QCryptographicHash::Sha256).toHex();
    return line.insert(1, "\"prev\":\"sha256:" + hash + "\",");
}

void tst_LogCheck::findsNothingInWholeLogs_data()
{
    QTest::addColumn<QByteArray>("log");
    QTest::newRow("one line") << head();
    QTest::newRow("a turn") << head() + started(1) + call(2) + answer(3) + completed(4);
    QTest::newRow("many calls") << longLog(200'000);
    QTest::newRow("kinds nobody knows") << head() + logLine(1, "later", json::object({{"a", 1}})) +
                                               eventLine(2, {{"type", "later"}});
    QTest::newRow("hashes") << head() + chained(head(), started(1)) +
                                   chained(chained(head(), started(1)), completed(2));
    for (const char *name : {"reference.jsonl", "old-2025.jsonl"}) {
        QFile file(QStringLiteral(TEST_DATA "/") + QLatin1StringView(name));
        if (file.open(QIODevice::ReadOnly))
            QTest::newRow(name) << file.readAll();
    }
}

void tst_LogCheck::findsNothingInWholeLogs()
{
    QFETCH(QByteArray, log);
    QStringList sentences;
    for (const store::LogFinding &finding : store::checkLog(log, false))
        sentences += QString::number(finding.line) + u' ' + finding.sentence;
    QCOMPARE(sentences, QStringList());
}

void tst_LogCheck::saysWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("log");
    QTest::addColumn<QStringList>("sentences");
    QTest::newRow("empty") << QByteArray() << QStringList{u"1 is missing: the log is empty"_s};
    QTest::newRow("garbage") << head() + "{\"a\n" + started(2) + completed(3)
                             << QStringList{u"2 is no JSON: line 1, column 4: unexpected end of data"_s};
    QTest::newRow("no record") << head() + "{}\n"
                               << QStringList{u"2 is no line of a log: it lacks timestamp, type or payload"_s};
    QTest::newRow("no beginning") << started(0) + completed(1)
                                  << QStringList{u"1 is no session_meta, which begins every log"_s};
    QTest::newRow("a line is gone") << head() + started(1) + completed(3)
                                    << QStringList{u"3 has the ordinal 3, where 2 is next"_s};
    QTest::newRow("a line is there twice") << head() + started(1) + completed(2) + started(2, "t2") + completed(3, "t2")
                                           << QStringList{u"4 has the ordinal 2, where 3 is next"_s};
    QTest::newRow("a member is missing") << head() + eventLine(1, {{"type", "exec_command_end"}, {"call_id", "c"}})
                                         << QStringList{u"2 exec_command_end has no exit_code"_s};
    QTest::newRow("no answer") << head() + started(1) + call(2) + completed(3)
                               << QStringList{u"3 makes the call c, which has no answer"_s};
    QTest::newRow("no call") << head() + answer(1) << QStringList{u"2 answers the call c, which nobody made"_s};
    QTest::newRow("two answers") << head() + call(1) + answer(2) + answer(3)
                                 << QStringList{u"4 answers the call c again, after line 3"_s};
    QTest::newRow("no ending") << head() + started(1) + started(2, "t2") + completed(3, "t2")
                               << QStringList{u"2 begins turn t1, which has no ending"_s};
    QTest::newRow("two endings") << head() + started(1) + completed(2) + completed(3)
                                 << QStringList{u"4 ends a turn, where none is open"_s};
    QTest::newRow("another's ending") << head() + started(1) + completed(2, "t9")
                                      << QStringList{u"3 ends turn t9, where t1 is open"_s};
    QTest::newRow("torn") << head() + started(1) + completed(2) + "{\"time"
                          << QStringList{u"4 is torn: 6 bytes without a line end, which the next resume cuts off"_s};
    QTest::newRow("a changed line before a hash") << head() + started(1, "t2") + chained(started(1), completed(2, "t2"))
                                                  << QStringList{u"3 has not the hash of the line before it"_s};
}

void tst_LogCheck::saysWhatIsWrong()
{
    QFETCH(QByteArray, log);
    QFETCH(QStringList, sentences);
    QStringList found;
    for (const store::LogFinding &finding : store::checkLog(log, false))
        found += QString::number(finding.line) + u' ' + finding.sentence;
    QCOMPARE(found, sentences);
}

void tst_LogCheck::letsAWriterFinish()
{
    QVERIFY(store::checkLog(head() + started(1) + call(2) + "{\"ti", true).empty());
}

QTEST_APPLESS_MAIN(tst_LogCheck)
#include "tst_logcheck.moc"
