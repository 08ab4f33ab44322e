#include "batch/csv.h"
#include "batch/glob.h"
#include "batch/outputs.h"
#include "batch/rows.h"
#include "batch/texttemplate.h"
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include "support/filetree.h"

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::batch;

/// What goes into a batch and what comes out of it.
class tst_Tables : public QObject
{
    Q_OBJECT

private slots:
    void readsCsv_data();
    void readsCsv();
    void namesWhatIsWrongInCsv_data();
    void namesWhatIsWrongInCsv();
    void readsBackWhatItWrote();
    void readsRowsOfEveryForm();
    void namesBothLinesOfAKey();
    void fillsTemplates_data();
    void fillsTemplates();
    void multipliesAMatrix();
    void matchesGlobs_data();
    void matchesGlobs();
    void globKeepsToGitignore();
    void writesRowsForSpreadsheets();
    void writesJUnitThatXmlCanHold();
    void writesFindingsForOthers();
    void fitsIntoAStepSummary();
    void judgesByThresholds();
};

using Cells = QList<QStringList>;

void tst_Tables::readsCsv_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Cells>("cells"); // the header first
    QTest::newRow("plain") << "a,b\n1,2\n"_ba << Cells{{u"a"_s, u"b"_s}, {u"1"_s, u"2"_s}};
    QTest::newRow("no last line end") << "a,b\r\n1,2"_ba << Cells{{u"a"_s, u"b"_s}, {u"1"_s, u"2"_s}};
    QTest::newRow("byte order mark") << "\xef\xbb\xbf"
                                        "a\n1\n"_ba
                                     << Cells{{u"a"_s}, {u"1"_s}};
    QTest::newRow("byte order mark in a cell") << "\xef\xbb\xbf"
                                                  "\xef\xbb\xbf"
                                                  "a,\xef\xbb\xbf"
                                                  "b\n1,2\n"_ba
                                               << Cells{{u"\ufeffa"_s, u"\ufeffb"_s}, {u"1"_s, u"2"_s}};
    QTest::newRow("semicolons") << "a;b,c\n1;2\n"_ba.replace("b,c", "b;c").replace("1;2", "1;2;3")
                                << Cells{{u"a"_s, u"b"_s, u"c"_s}, {u"1"_s, u"2"_s, u"3"_s}};
    QTest::newRow("tabs") << "a\tb\n1\t2,3\n"_ba << Cells{{u"a"_s, u"b"_s}, {u"1"_s, u"2,3"_s}};
    QTest::newRow("quotes") << "a,b\n\"x \"\"y\"\", z\",\"two\nlines\"\n"_ba
                            << Cells{{u"a"_s, u"b"_s}, {u"x \"y\", z"_s, u"two\nlines"_s}};
    QTest::newRow("blank lines") << "a\n\n1\n\n"_ba << Cells{{u"a"_s}, {u"1"_s}};
    QTest::newRow("empty cells") << "a,b\n,\n"_ba << Cells{{u"a"_s, u"b"_s}, {QString(), QString()}};
}

void tst_Tables::readsCsv()
{
    QFETCH(const QByteArray, text);
    QFETCH(const Cells, cells);
    const auto table = readCsv(text);
    QVERIFY2(table.has_value(), table ? "" : qPrintable(table.error().message));
    Cells read{table->header.cells};
    for (const CsvTable::Row &row : table->rows)
        read += row.cells;
    QCOMPARE(read, cells);
}

void tst_Tables::namesWhatIsWrongInCsv_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    QTest::newRow("width") << "a,b\n\"two\nlines\",1\nx\n"_ba << u"line 4: 1 cells, expected 2"_s;
    QTest::newRow("quote") << "a,b\n1,\"x\n"_ba << u"line 2: a quote is opened and never closed"_s;
    QTest::newRow("columns") << "a,a\n"_ba << u"line 1: two columns are called `a`"_s;
    QTest::newRow("encoding") << "a\n\xff\n"_ba << u"line 2: this is not UTF-8"_s;
}

void tst_Tables::namesWhatIsWrongInCsv()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, error);
    const auto table = readCsv(text);
    QCOMPARE(table ? QString() : table.error().message, error);
}

void tst_Tables::readsBackWhatItWrote()
{
    const QStringList hard{u"a,b"_s, u"\"q\""_s, u"two\r\nlines"_s, QString(), u" x "_s, u"ü;\t|"_s, u"-5"_s};
    const auto table = readCsv(csvRow(hard) + csvRow(hard), CsvHeader::No);
    QVERIFY(table.has_value());
    QCOMPARE(table->rows.size(), size_t(2));
    QCOMPARE(table->rows[1].cells, hard);
    QCOMPARE(csvRow({u"=1+1"_s, u"+a"_s, u"+1"_s, u"-1.5"_s, u"@x"_s}), "'=1+1,'+a,'+1,-1.5,'@x\r\n");
    QCOMPARE(csvRow({u"=1+1"_s}, CsvCells::AsTheyAre), "=1+1\r\n");
}

void tst_Tables::readsRowsOfEveryForm()
{
    using Rows = std::vector<InputRow>;
    QCOMPARE(readRows("a,b\n1,2\n", InputForm::Csv, u"x"_s), (Rows{{RawJson{R"({"a":"1","b":"2"})"}, 2}}));
    QCOMPARE(readRows("{\"a\": 1}\n\n{\"a\":[2]}\n", InputForm::JsonLines, u"x"_s),
             (Rows{{RawJson{R"({"a":1})"}, 1}, {RawJson{R"({"a":[2]})"}, 3}}));
    QCOMPARE(readRows("[{\"a\":1}]", InputForm::Json, u"x"_s), (Rows{{RawJson{R"({"a":1})"}, 1}}));
    QCOMPARE(readRows("one\r\n\ntwo", InputForm::Lines, u"x"_s),
             (Rows{{RawJson{R"({"line":"one"})"}, 1}, {RawJson{R"({"line":"two"})"}, 3}}));
    const auto wrong = readRows("{}\n[]\n", InputForm::JsonLines, u"x.jsonl"_s);
    QCOMPARE(wrong.error().message, u"x.jsonl: line 2: expected a JSON object"_s);
    QCOMPARE(formOf(u"a/b.TSV"_s), InputForm::Csv);
    QCOMPARE(formOf(u"list"_s), InputForm::Lines);
}

void tst_Tables::namesBothLinesOfAKey()
{
    QVERIFY(checkKeys({{u"a"_s, 2}, {QString(), 3}, {QString(), 4}, {u"b"_s, 5}}, u"x"_s).has_value());
    QCOMPARE(checkKeys({{u"a"_s, 2}, {u"b"_s, 3}, {u"a"_s, 9}}, u"x.csv"_s).error().message,
             u"x.csv: lines 2 and 9 have the same key `a`"_s);
}

void tst_Tables::fillsTemplates_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("filled"); // or the error
    QTest::newRow("text") << u"a {{name}} b {{ name }}"_s << u"a Ann b Ann"_s;
    QTest::newRow("member") << u"{{who.first}} {{list.1}}"_s << u"Bo 2"_s;
    QTest::newRow("a dot in the name") << u"{{a.b}}"_s << u"whole"_s;
    QTest::newRow("number, null, object") << u"{{n}}|{{nothing}}|{{who}}"_s << u"1.50||{\"first\":\"Bo\"}"_s;
    QTest::newRow("json") << u"{{json:name}} {{json:who}}"_s << u"\"Ann\" {\"first\":\"Bo\"}"_s;
    QTest::newRow("file") << u"<{{file:note.txt}}>"_s << u"<written>"_s;
    QTest::newRow("escaped") << u"\\{{name}}"_s << u"{{name}}"_s;
    QTest::newRow("a value is no template") << u"{{braces}}"_s << u"{{name}}"_s;
    QTest::newRow("unknown") << u"x\n\n{{nme}}"_s
                             << u"t.md:3: {{nme}} is not known; there are: a.b, braces, list, n, name, nothing, who"_s;
    QTest::newRow("never closed") << u"{{name"_s << u"t.md:1: {{ is opened and never closed; \\{{ stands for itself"_s;
    QTest::newRow("no file") << u"{{file:none}}"_s
                             << u"t.md:1: the file none cannot be read: No such file or directory"_s;
}

void tst_Tables::fillsTemplates()
{
    QFETCH(const QString, text);
    QFETCH(const QString, filled);
    const QTemporaryDir folder;
    test::makeTree(folder.path(), {{u"note.txt"_s, "written"}});
    const auto variables = JsonDocument::parse(
        R"({"name":"Ann","who":{"first":"Bo"},"a.b":"whole","list":[1,2],"n":1.50,"nothing":null,"braces":"{{name}}"})");
    const auto made = fillTemplate(text, variables->root(), u"t.md"_s, folder.path());
    const QString said = made ? *made : made.error().message;
    QCOMPARE(QString(said).replace(u"1.5|"_s, u"1.50|"_s), filled);
}

void tst_Tables::multipliesAMatrix()
{
    const auto axes = JsonDocument::parse(R"({"os":["a","b"],"n":[1,2]})");
    const auto exclude = JsonDocument::parse(R"([{"os":"b","n":2}])");
    const auto include = JsonDocument::parse(R"([{"os":"c"}])");
    QCOMPARE(matrix(axes->root(), exclude->root(), include->root()),
             (std::vector<RawJson>{
                 {R"({"os":"a","n":1})"}, {R"({"os":"a","n":2})"}, {R"({"os":"b","n":1})"}, {R"({"os":"c"})"}}));
}

void tst_Tables::matchesGlobs_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QStringList>("fits");
    QTest::addColumn<QStringList>("misses");
    const auto row = [](const QString &pattern, const QStringList &fits, const QStringList &misses) {
        QTest::newRow(qPrintable(pattern)) << pattern << fits << misses;
    };
    row(u"*.h"_s, {u"a.h"_s, u".h"_s}, {u"a/b.h"_s, u"a.hh"_s});
    row(u"src/**/*.h"_s, {u"src/a.h"_s, u"src/x/y/a.h"_s}, {u"a.h"_s, u"src/a.c"_s, u"xsrc/a.h"_s});
    row(u"**"_s, {u"a"_s, u"a/b"_s}, {});
    row(u"a?c"_s, {u"abc"_s}, {u"a/c"_s, u"ac"_s});
    row(u"[a-c]x[!0-9]"_s, {u"bxy"_s}, {u"dxy"_s, u"bx1"_s});
    row(u"{src,lib/{x,y}}/*.{h,c}"_s, {u"src/a.h"_s, u"lib/x/a.c"_s, u"lib/y/a.h"_s}, {u"lib/z/a.h"_s, u"lib/a.h"_s});
    row(u"\\*.h"_s, {u"*.h"_s}, {u"a.h"_s});
}

void tst_Tables::matchesGlobs()
{
    QFETCH(const QString, pattern);
    QFETCH(const QStringList, fits);
    QFETCH(const QStringList, misses);
    for (const QString &path : fits)
        QVERIFY2(globMatches(pattern, path), qPrintable(path));
    for (const QString &path : misses)
        QVERIFY2(!globMatches(pattern, path), qPrintable(path));
}

void tst_Tables::globKeepsToGitignore()
{
    const QTemporaryDir folder;
    test::makeTree(folder.path(), {{u".gitignore"_s, "*.o\n/build/\n!keep.o\n# no.h\n"},
                                   {u".git/x.h"_s, ""},
                                   {u"a.h"_s, ""},
                                   {u"a.o"_s, ""},
                                   {u"keep.o"_s, ""},
                                   {u"build/b.h"_s, ""},
                                   {u"src/.gitignore"_s, "gen/\n"},
                                   {u"src/build/c.h"_s, ""},
                                   {u"src/gen/d.h"_s, ""},
                                   {u"src/e.h"_s, ""}});
    QCOMPARE(glob(folder.path(), {u"**/*.h"_s, u"*.o"_s}),
             (QStringList{u"a.h"_s, u"keep.o"_s, u"src/build/c.h"_s, u"src/e.h"_s}));
    QCOMPARE(glob(folder.path(), {u"**/*.h"_s}, {.ignore = {u"src"_s}, .gitignore = false}),
             (QStringList{u".git/x.h"_s, u"a.h"_s, u"build/b.h"_s}));
}

static Report someReport()
{
    ItemResult good{.key = u"a.h"_s,
                    .ok = true,
                    .outcome = u"completed"_s,
                    .reason = u"final_message"_s,
                    .text = u"=HYPERLINK(1), said \"it\""_s,
                    .json = RawJson{R"({"risk":"low","at":{"file":"a.h","line":3,"message":"a: b, c"}})"},
                    .session = u"s1"_s,
                    .usage = {.inputTokens = 100, .outputTokens = 10, .costUsd = 0.5},
                    .attempts = {{.session = u"s1"_s}},
                    .duration = std::chrono::milliseconds(1500),
                    .labels = {}};
    ItemResult bad{.key = u"b"_s,
                   .index = 1,
                   .outcome = u"failed"_s,
                   .reason = u"check_failed"_s,
                   .message = u"the check `make` failed: it ended with code 2\nb.c:1: <error> & more"_s,
                   .text = u"\u0001\u0008 ok \ufffe \x1b[31m"_s,
                   .json = {},
                   .usage = {.inputTokens = 50, .outputTokens = 5, .costUsd = 0.25},
                   .attempts = {{}, {}},
                   .labels = {}};
    ItemResult rest{.key = u"c"_s, .index = 2, .json = {}, .attempts = {}, .labels = {}};
    return {.id = u"id"_s, .name = u"audit"_s, .items = {good, bad, rest}, .duration = std::chrono::milliseconds(2000)};
}

void tst_Tables::writesRowsForSpreadsheets()
{
    const auto table = readCsv(toCsv(someReport()));
    QVERIFY(table.has_value());
    QCOMPARE(table->header.cells.join(u' '),
             u"key ok outcome reason message text session attempts input_tokens output_tokens cost_usd duration_ms "
             "json.risk json.at.file json.at.line json.at.message"_s);
    QCOMPARE(table->rows[0].cells.mid(5, 1), QStringList{u"'=HYPERLINK(1), said \"it\""_s});
    QCOMPARE(table->rows[0].cells.mid(12), (QStringList{u"low"_s, u"a.h"_s, u"3"_s, u"a: b, c"_s}));
    QCOMPARE(table->rows[2].cells.first(4), (QStringList{u"c"_s, u"false"_s, u"not_run"_s, QString()}));
}

/// Every control character, read back by a parser.
void tst_Tables::writesJUnitThatXmlCanHold()
{
    Report report = someReport();
    QString all, expected;
    for (char16_t c = 1; c < 0x20; ++c) {
        all += QChar(c);
        expected += c == 9 || c == 10 || c == 13 ? QChar(c) : QChar(0xfffd);
    }
    report.items[0].text = all + u"<&>\"'"_s + QChar(0xfffe) + QChar(0xd800);
    expected += u"<&>\"'"_s + QChar(0xfffd) + QChar(0xfffd);
    QXmlStreamReader xml(toJUnit(report));
    QString text, suite;
    QStringList cases;
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement())
            continue;
        const QString name = xml.name().toString();
        if (name == "testsuite"_L1)
            suite = u"%1 %2 %3"_s.arg(xml.attributes().value("tests"_L1), xml.attributes().value("failures"_L1),
                                      xml.attributes().value("skipped"_L1));
        else if (name == "testcase"_L1)
            cases += xml.attributes().value("name"_L1).toString();
        else if (name == "failure"_L1 || name == "skipped"_L1)
            cases += name + u' ' + xml.attributes().value("type"_L1).toString();
        else if (name == "system-out"_L1 && text.isEmpty())
            text = xml.readElementText();
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QCOMPARE(suite, u"3 1 1"_s);
    QCOMPARE(cases, (QStringList{u"a.h"_s, u"b"_s, u"failure check_failed"_s, u"c"_s, u"skipped "_s}));
    QCOMPARE(text, expected);
}

/// GitHub shows 1 MiB, or nothing.
void tst_Tables::fitsIntoAStepSummary()
{
    constexpr qint64 most = 1 << 20;
    Report report = someReport();
    const QByteArray whole = toMarkdown(report);
    QCOMPARE(toStepSummary(report, 0), whole);
    QCOMPARE(toStepSummary(report, most - whole.size()), whole);
    QCOMPARE(toStepSummary(report, most), QByteArray());

    const ItemResult item = report.items.front();
    report.items.assign(20'000, item);
    const QByteArray text = toStepSummary(report, 1000);
    const QByteArray head = toMarkdown(report).split('|').front(), last = text.split('\n').rbegin()[1];
    const qsizetype shown = text.count("| a.h |");
    QVERIFY(text.startsWith(head) && text.size() + 1000 <= most && text.size() + 1500 > most);
    QCOMPARE(last, QByteArray::number(20'000 - shown) +
                       " more items are in summary.md, since GitHub shows no more than 1 MiB here.");
    QCOMPARE(text.split('\n').rbegin()[2], QByteArray()); // the table ends before it
}

void tst_Tables::writesFindingsForOthers()
{
    const Report report = someReport();
    QCOMPARE(toGitHubAnnotations(report),
             "::error title=a.h,file=a.h,line=3::a: b, c\n"
             "::error title=b::check_failed: the check `make` failed: it ended with code 2\n");
    const auto sarif = JsonDocument::parse(toSarif(report));
    QVERIFY(sarif.has_value());
    QCOMPARE(sarif->root()["runs"].items()[0]["results"].items()[0]["locations"].raw().text,
             R"([{"physicalLocation":{"artifactLocation":{"uri":"a.h"},"region":{"startLine":3}}}])");
    const auto gitlab = JsonDocument::parse(toGitLabReport(report));
    QCOMPARE(gitlab->root().size(), 2);
    QCOMPARE(gitlab->root().items()[0]["location"].raw().text, R"({"path":"a.h","lines":{"begin":3}})");
    QVERIFY(toMarkdown(report).contains("1 of 3 succeeded, 1 failed, 1 did not run; 165 tokens, 0.75 USD."));
    QCOMPARE(toJsonLines(report).count('\n'), 3);
    const auto line = JsonDocument::parse(toJsonLines(report).split('\n')[0]);
    QCOMPARE(resultFromJson(line->root()), report.items[0]);
}

void tst_Tables::judgesByThresholds()
{
    const Report report = someReport();
    const auto code = [&](const QStringList &texts) {
        std::vector<Threshold> thresholds;
        for (const QString &text : texts)
            thresholds.push_back(parseThreshold(text).value());
        return exitCodeOf(report, thresholds);
    };
    QCOMPARE(code({}), 1);
    QCOMPARE(code({u"success>=0.3"_s, u"cost_usd<1"_s}), 0);
    QCOMPARE(code({u"success>=0.3"_s, u"cost_usd < 0.75"_s}), 1);
    QCOMPARE(code({u"failed==1"_s, u"tokens<=165"_s, u"wall_s>1"_s}), 0);
    QCOMPARE(missed({parseThreshold(u"failed<1"_s).value()}, report), QStringList{u"failed<1: it is 1"_s});
    QVERIFY(!parseThreshold(u"success"_s) && !parseThreshold(u"success>x"_s));
    Report ended = report;
    ended.end = Report::End::Limit;
    QCOMPARE(exitCodeOf(ended, {}), 10);
    ended.end = Report::End::Interrupted;
    QCOMPARE(exitCodeOf(ended, {}), 75);
}

QTEST_GUILESS_MAIN(tst_Tables)
#include "tst_tables.moc"
