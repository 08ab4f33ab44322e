#include "tools/linediff.h"
#include <QStringList>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::tools;

class tst_LineDiff : public QObject
{
    Q_OBJECT

private slots:
    void showsWhatChanged_data();
    void showsWhatChanged();
    void patchesTheOldTextIntoTheNew();
    void givesUpOnBeingMinimalInLargeChanges();
};

static QString numbers(int from, int to)
{
    QString text;
    for (int i = from; i <= to; ++i)
        text += QString::number(i) + u'\n';
    return text;
}

void tst_LineDiff::showsWhatChanged_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::addColumn<QString>("diff");
    QTest::newRow("nothing") << u"a\n"_s << u"a\n"_s << u""_s;
    QTest::newRow("one line") << u"a\n"_s << u"A\n"_s << u"@@ -1 +1 @@\n-a\n+A\n"_s;
    QTest::newRow("in the middle") << numbers(1, 10) << numbers(1, 4) + u"five\n"_s + numbers(6, 10)
                                   << u"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"_s;
    QTest::newRow("at the start") << numbers(1, 10) << u"0\n"_s + numbers(1, 10)
                                  << u"@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n"_s;
    QTest::newRow("at the end") << numbers(1, 10) << numbers(1, 11) << u"@@ -8,3 +8,4 @@\n 8\n 9\n 10\n+11\n"_s;
    QTest::newRow("all gone") << u"a\n"_s << u""_s << u"@@ -1 +0,0 @@\n-a\n"_s;
    QTest::newRow("from nothing") << u""_s << u"x\ny\n"_s << u"@@ -0,0 +1,2 @@\n+x\n+y\n"_s;
    QTest::newRow("final line end added")
        << u"a\nb"_s << u"a\nB\n"_s << u"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+B\n"_s;
    QTest::newRow("carriage returns are kept")
        << u"a\r\nb\r\n"_s << u"a\r\nB\r\n"_s << u"@@ -1,2 +1,2 @@\n a\r\n-b\r\n+B\r\n"_s;
    QTest::newRow("six lines between make one hunk") << numbers(1, 8) << u"x\n"_s + numbers(2, 7) + u"y\n"_s
                                                     << u"@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n"_s;
    QTest::newRow("seven lines between make two")
        << numbers(1, 9) << u"x\n"_s + numbers(2, 8) + u"y\n"_s
        << u"@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n"_s;
    QTest::newRow("a moved line") << u"a\nb\nc\n"_s << u"b\nc\na\n"_s << u"@@ -1,3 +1,3 @@\n-a\n b\n c\n+a\n"_s;
}

void tst_LineDiff::showsWhatChanged()
{
    QFETCH(QString, before);
    QFETCH(QString, after);
    QTEST(unifiedDiff(before, after), "diff");
}

/// The new text that a diff leads to, for texts that end with a line end and differ within three lines
/// of each other all along.
static QString newTextOf(const QString &diff)
{
    QString text;
    const QStringList lines = diff.split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : lines.sliced(1)) {
        if (!line.startsWith(u'-'))
            text += line.sliced(1) + u'\n';
    }
    return text;
}

void tst_LineDiff::patchesTheOldTextIntoTheNew()
{
    quint32 seed = 7; // any sequence will do, as long as it is the same every time
    const auto next = [&seed](quint32 below) { return (seed = seed * 1664525 + 1013904223) / 65536 % below; };
    for (int round = 0; round < 300; ++round) {
        QString before = u"start\n"_s, after = u"START\n"_s;
        for (quint32 i = next(12); i > 0; --i) {
            const QString line = QString::number(next(4)) + u'\n';
            before += next(3) ? line : QString();
            after += next(3) ? line : QString();
        }
        before += u"end\n"_s;
        after += u"END\n"_s;
        const QString diff = unifiedDiff(before, after);
        if (diff.count(u"@@ -"_s) == 1)
            QCOMPARE(newTextOf(diff), after);
    }
}

void tst_LineDiff::givesUpOnBeingMinimalInLargeChanges()
{
    const QString diff = unifiedDiff(numbers(1, 2000), numbers(10001, 12000));
    QVERIFY(diff.startsWith(u"@@ -1,2000 +1,2000 @@\n-1\n"));
    QCOMPARE(diff.count(u'\n'), 4001);
}

QTEST_APPLESS_MAIN(tst_LineDiff)
#include "tst_linediff.moc"
