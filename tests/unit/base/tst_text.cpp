#include "base/ids.h"
#include "base/outputwindow.h"
#include "base/shellwords.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Text : public QObject
{
    Q_OBJECT

private slots:
    void quotesWordsAsTheReferenceDoes_data();
    void quotesWordsAsTheReferenceDoes();
    void keepsShortOutputWhole();
    void keepsHeadAndTailOfLongOutput();
    void neverCutsACharacterInTwo();
    void keepsTheSameHoweverTheOutputArrives();
    void makesIdsThatSortByTime();
};

void tst_Text::quotesWordsAsTheReferenceDoes_data()
{
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("quoted");
    // Printed by the reference as the last word of `/bin/bash -c WORD`.
    QTest::newRow("apostrophe") << u"echo it's"_s << u"\"echo it's\""_s;
    QTest::newRow("both quotes") << u"echo \"a'b\""_s << u"\"echo \\\"a'b\\\"\""_s;
    QTest::newRow("dollar") << u"echo $HOME"_s << u"'echo $HOME'"_s;
    QTest::newRow("everything") << u"a'b\"c$d`e\\f!g"_s << u"\"a'b\\\"c\"'$d`e'\"\\\\f\"'!g'"_s;
    QTest::newRow("plain") << u"ls"_s << u"ls"_s;
    QTest::newRow("at sign") << u"a@b"_s << u"a@b"_s;
    QTest::newRow("closing bracket") << u"a]b"_s << u"a]b"_s;
    QTest::newRow("percent") << u"a%b"_s << u"'a%b'"_s;
    QTest::newRow("caret") << u"a^b"_s << u"a'^b'"_s;
    QTest::newRow("apostrophe and exclamation mark") << u"a'!x"_s << u"\"a'\"'!x'"_s;
    QTest::newRow("backslash") << u"a\\b"_s << u"\"a\\\\b\""_s;
    QTest::newRow("line end") << u"x\ny"_s << u"'x\ny'"_s;
    QTest::newRow("letter beyond ASCII") << u"é"_s << u"'é'"_s;
    QTest::newRow("nothing") << u""_s << u"''"_s;
}

void tst_Text::quotesWordsAsTheReferenceDoes()
{
    QFETCH(QString, word);
    QFETCH(QString, quoted);
    QCOMPARE(shellQuoted({u"/bin/bash"_s, u"-c"_s, word}), u"/bin/bash -c "_s + quoted);
}

void tst_Text::keepsShortOutputWhole()
{
    OutputWindow window(10);
    window.feed("12345");
    window.feed("67890");
    QCOMPARE(window.text(), "1234567890"_ba);
    QCOMPARE(window.omittedBytes(), 0);
}

void tst_Text::keepsHeadAndTailOfLongOutput()
{
    OutputWindow window(8);
    for (char c = 'a'; c <= 'z'; ++c)
        window.feed(QByteArray(1, c));
    QCOMPARE(window.text(), "abcd\n... 18 bytes omitted ...\nwxyz"_ba);
    QCOMPARE(window.totalBytes(), 26);
    OutputWindow atOnce(8);
    atOnce.feed("abcdefghijklmnopqrstuvwxyz");
    QCOMPARE(atOnce.text(), window.text());
}

void tst_Text::neverCutsACharacterInTwo()
{
    OutputWindow window(6);
    window.feed("aé€€é"); // 1 + 2 + 3 + 3 + 2 bytes; the tail starts with the last byte of a €
    QCOMPARE(window.text(), "aé\n... 6 bytes omitted ...\né"_ba);
}

void tst_Text::keepsTheSameHoweverTheOutputArrives()
{
    const QByteArray output = QByteArray("aé€b€é\U0001F600c").repeated(5);
    for (qsizetype budget = 0; budget <= output.size() + 2; ++budget) {
        OutputWindow atOnce(budget);
        atOnce.feed(output);
        for (qsizetype piece = 1; piece < output.size(); ++piece) {
            OutputWindow window(budget);
            for (qsizetype at = 0; at < output.size(); at += piece)
                window.feed(QByteArrayView(output).sliced(at, qMin(piece, output.size() - at)));
            QCOMPARE(window.text(), atOnce.text());
            QCOMPARE(window.omittedBytes(), atOnce.omittedBytes());
        }
        if (budget >= 8)
            QCOMPARE(QString::fromUtf8(atOnce.text()).toUtf8(), atOnce.text());
    }
}

void tst_Text::makesIdsThatSortByTime()
{
    const QString first = newId();
    QVERIFY(isUuid(first));
    QCOMPARE(first[14], u'7');
    QTRY_VERIFY(newId().first(13) > first.first(13));
    QVERIFY(!isUuid(u"not an id"));
}

QTEST_APPLESS_MAIN(tst_Text)
#include "tst_text.moc"
