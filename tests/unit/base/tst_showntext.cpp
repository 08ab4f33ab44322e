#include "base/jsonreader.h"
#include "base/showntext.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

/// What others wrote, as it goes to a terminal and into the log of a CI runner.
class tst_ShownText : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void spellsOutWhatDeceives_data();
    void spellsOutWhatDeceives();
    void guardsWhatARunnerObeys_data();
    void guardsWhatARunnerObeys();
    void leavesAloneWhatNoRunnerObeys_data();
    void leavesAloneWhatNoRunnerObeys();
    void keepsTheMeaningOfJson();
    void knowsRunnersByTheirVariables();
};

constexpr Runner anyRunner{.isThere = true};

void tst_ShownText::initTestCase()
{
    if (runner().isThere)
        QSKIP("this test runs under a CI runner, whose log it would have to guard");
}

void tst_ShownText::spellsOutWhatDeceives_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");    // on a terminal
    QTest::addColumn<QString>("revealed"); // where somebody decides
    const auto row = [](const char *name, const QString &text, const QString &shown, const QString &revealed) {
        QTest::newRow(name) << text << shown << revealed;
    };
    row("plain", u"rm -rf build\n\tx é 中"_s, u"rm -rf build\n\tx é 中"_s, u"rm -rf build\n\tx é 中"_s);
    row("override", u"a\u202Etxt.exe"_s, u"a<U+202E>txt.exe"_s, u"a<U+202E>txt.exe"_s);
    row("embedding and its end", u"\u202Ba\u202C"_s, u"<U+202B>a<U+202C>"_s, u"<U+202B>a<U+202C>"_s);
    row("isolates", u"\u2066a\u2069\u2067\u2068"_s, u"<U+2066>a<U+2069><U+2067><U+2068>"_s,
        u"<U+2066>a<U+2069><U+2067><U+2068>"_s);
    row("zero width space", u"r\u200Bm"_s, u"r<U+200B>m"_s, u"r<U+200B>m"_s);
    row("byte order mark inside", u"r\uFEFFm"_s, u"r<U+FEFF>m"_s, u"r<U+FEFF>m"_s);
    row("direction mark", u"a\u200Fb"_s, u"a\u200Fb"_s, u"a<U+200F>b"_s);
    row("Arabic letter mark", u"a\u061Cb"_s, u"a\u061Cb"_s, u"a<U+061C>b"_s);
    row("joined emoji", u"👩\u200D💻"_s, u"👩\u200D💻"_s, u"👩<U+200D>💻"_s);
    row("tags", u"a\U000E0041\U000E007F"_s, u"a<U+E0041><U+E007F>"_s, u"a<U+E0041><U+E007F>"_s);
    row("soft hyphen", u"a\u00ADb"_s, u"a\u00ADb"_s, u"a<U+00AD>b"_s);
    row("Hangul filler", u"a\u3164b"_s, u"a\u3164b"_s, u"a<U+3164>b"_s);
    row("line separator", u"a\u2028b"_s, u"a<U+2028>b"_s, u"a<U+2028>b"_s);
    row("escape sequence", u"a\x1b[2Jb"_s, u"ab"_s, u"a<U+001B>[2Jb"_s);
    row("C1 control", u"a\u009B2Jb"_s, u"a2Jb"_s, u"a<U+009B>2Jb"_s);
    row("backspaces", u"rm x\b\b\b\bls"_s, u"rm xls"_s, u"rm x<U+0008><U+0008><U+0008><U+0008>ls"_s);
    row("carriage return", u"rm x\rls"_s, u"rm x\nls"_s, u"rm x<U+000D>ls"_s);
    row("lone surrogate", QString(QChar(0xdb40)) + u"a"_s, QString(QChar(0xdb40)) + u"a"_s,
        QString(QChar(0xdb40)) + u"a"_s);
}

void tst_ShownText::spellsOutWhatDeceives()
{
    QFETCH(QString, text);
    QTEST(printable(text), "shown");
    QTEST(revealed(text), "revealed");
}

void tst_ShownText::guardsWhatARunnerObeys_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("safe");
    const auto row = [](const char *name, const QString &text, const QString &safe) {
        QTest::newRow(name) << text << safe;
    };
    row("GitHub", u"::error::x"_s, u"| ::error::x"_s);
    row("second line", u"a\n::add-mask::x\nb"_s, u"a\n| ::add-mask::x\nb"_s);
    row("indented", u"  \t::error::x"_s, u"|   \t::error::x"_s);
    row("indented by a blank of Unicode", u"\u00A0\u2003::error::x"_s, u"| \u00A0\u2003::error::x"_s);
    row("after blank lines", u"\n\n ::error::x"_s, u"\n\n|  ::error::x"_s);
    row("after a carriage return", u"a\r::error::x"_s, u"a\r| ::error::x"_s);
    row("after CR LF", u"a\r\n::error::x"_s, u"a\r\n| ::error::x"_s);
    row("after a line separator", u"a\u2028::error::x"_s, u"a\u2028| ::error::x"_s);
    row("after NEL", u"a\u0085::error::x"_s, u"a\u0085| ::error::x"_s);
    row("after a form feed", u"a\f::error::x"_s, u"a\f| ::error::x"_s);
    row("behind a byte order mark", u"\uFEFF::error::x"_s, u"| \uFEFF::error::x"_s);
    row("older form", u"##[error]x"_s, u"| ## [error]x"_s);
    row("older form within a line", u"a ##[set-env name=A]x"_s, u"a ## [set-env name=A]x"_s);
    row("Azure within a line", u"a ##vso[task.setvariable variable=a]b"_s, u"a ##vso [task.setvariable variable=a]b"_s);
    row("three number signs", u"###[error]x"_s, u"| ### [error]x"_s);
    row("capitals", u"##VSO[task.logissue]x"_s, u"| ##VSO [task.logissue]x"_s);
    row("TeamCity", u"##teamcity[message text='x']"_s, u"| ##teamcity [message text='x']"_s);
    row("GitLab", u"section_start:1:a\r\x1b[0Kb"_s, u"| section_start :1:a\r\x1b[0Kb"_s);
    row("Travis", u"travis_fold:start:a"_s, u"| travis_fold:start:a"_s);
}

void tst_ShownText::guardsWhatARunnerObeys()
{
    QFETCH(QString, text);
    QFETCH(QString, safe);
    QCOMPARE(guarded(text, anyRunner), safe);
    QCOMPARE(guarded(safe, anyRunner), safe);
    QCOMPARE(guarded(text, {}), text);
    QCOMPARE(guarded(text.toUtf8(), anyRunner), safe.toUtf8());
}

void tst_ShownText::leavesAloneWhatNoRunnerObeys_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("C++") << u"std::vector<int> a;\nint b;"_s;
    QTest::newRow("heading") << u"## Result\n\n#[allow(x)]\na[0] ## b"_s;
    QTest::newRow("diff") << u"--- a/x\n+++ b/x\n@@ -1 +1 @@\n"_s;
    QTest::newRow("word") << u"section_start is a word"_s;
    QTest::newRow("nothing") << QString();
}

void tst_ShownText::leavesAloneWhatNoRunnerObeys()
{
    QFETCH(QString, text);
    QCOMPARE(guarded(text, anyRunner), text);
    const Runner buildkite{.isThere = true, .groupsByDashes = true};
    QVERIFY(!guarded(text, buildkite).startsWith(u"---"_s));
}

void tst_ShownText::keepsTheMeaningOfJson()
{
    const QByteArray json = R"({"a":"##vso[x] ##[y] ###","b":"é\n"})";
    const QByteArray deceptive = "{\"a\":\"\xE2\x80\xAE\xC2\x9B\xF3\xA0\x81\x81\x7f\"}";
    const QByteArray guardedText = shownJson(json, Reader::Program, anyRunner);
    QVERIFY(!guardedText.contains("##"));
    QCOMPARE(JsonDocument::parse(guardedText)->root()["a"].toString(), u"##vso[x] ##[y] ###"_s);
    QCOMPARE(shownJson(json, Reader::Program, {}), json);
    QCOMPARE(shownJson(json, Reader::Terminal, {}), json);
    QCOMPARE(shownJson(deceptive, Reader::Terminal, {}), R"({"a":"\u202e\u009b\udb40\udc41\u007f"})"_ba);
    QCOMPARE(shownJson(deceptive, Reader::Program, {}), deceptive);
}

void tst_ShownText::knowsRunnersByTheirVariables()
{
    const auto with = [](const char *name) {
        return runnerOf([name](const char *each) { return qstrcmp(name, each) == 0; });
    };
    for (const char *name : {"GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "CI"})
        QCOMPARE(with(name), anyRunner);
    QCOMPARE(with("BUILDKITE"), (Runner{.isThere = true, .groupsByDashes = true}));
    QCOMPARE(with("HOME"), Runner());
}

QTEST_APPLESS_MAIN(tst_ShownText)
#include "tst_showntext.moc"
