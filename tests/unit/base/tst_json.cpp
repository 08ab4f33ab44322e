#include "base/jsonreader.h"
#include <QRandomGenerator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Json : public QObject
{
    Q_OBJECT

private slots:
    void keepsMemberOrderAndEscapes();
    void writesStringsOfAllKinds_data();
    void writesStringsOfAllKinds();
    void leavesAbsentMembersOutAndWritesNullWhenAsked();
    void readsBackWhatItWrote();
    void repairsBytesThatAreNotUtf8();
    void namesLineAndColumnOfAnError();
    void forgivesMissingKeysAndWrongTypes();
    void splicesASubtreeWithItsOrderKept();
    void putsAPrettyPrintedValueOnOneLine();
};

void tst_Json::keepsMemberOrderAndEscapes()
{
    const RawJson written =
        json::object({{"z", 1}, {"a", u"“x”\n\"\\\x01"_s}, {"m", json::array(QStringList{u"b"_s, u"a"_s})}});
    QCOMPARE(written.text, QByteArray("{\"z\":1,\"a\":\"“x”\\n\\\"\\\\\\u0001\",\"m\":[\"b\",\"a\"]}"));
}

void tst_Json::writesStringsOfAllKinds_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("empty") << u""_s << R"("")"_ba;
    QTest::newRow("null") << QString() << R"("")"_ba;
    QTest::newRow("plain") << u"a/b c~!"_s << R"("a/b c~!")"_ba;
    QTest::newRow("quote") << u"a\"b"_s << R"("a\"b")"_ba;
    QTest::newRow("backslash") << u"a\\"_s << R"("a\\")"_ba;
    QTest::newRow("line end") << u"a\n"_s << R"("a\n")"_ba;
    QTest::newRow("delete") << u"\x7F"_s << "\"\x7F\""_ba;
    QTest::newRow("beyond ASCII") << u"é😀"_s << "\"é😀\""_ba;
    QTest::newRow("half a pair") << QString(QChar(0xD83D)) << R"("?")"_ba;
}

void tst_Json::writesStringsOfAllKinds()
{
    QFETCH(const QString, text);
    QFETCH(const QByteArray, written);
    QCOMPARE(json::string(QStringView(text)).text, written);
    QCOMPARE(json::string(QByteArrayView(text.toUtf8())).text, written);
}

void tst_Json::leavesAbsentMembersOutAndWritesNullWhenAsked()
{
    const RawJson written = json::object({{"n", std::optional<int>()}, {"x", json::orNull(std::optional<int>())}});
    QCOMPARE(written.text, QByteArray("{\"x\":null}"));
}

void tst_Json::readsBackWhatItWrote()
{
    QRandomGenerator random(20261121);
    for (int round = 0; round < 500; ++round) {
        QString text;
        for (int i = random.bounded(20); i > 0; --i)
            text += QString::fromUcs4(std::initializer_list<char32_t>{char32_t(random.bounded(0x1FFF))}.begin(), 1);
        const qint64 number = qint64(random.generate64());
        const RawJson written = json::object({{"text", text}, {"number", number}, {"yes", round % 2 == 0}});
        const auto read = JsonDocument::parse(written.text);
        QVERIFY(read);
        QCOMPARE(read->root()["text"].toString(), text);
        QCOMPARE(read->root()["number"].toInteger(), number);
        QCOMPARE(read->root()["yes"].toBool(), round % 2 == 0);
    }
}

void tst_Json::repairsBytesThatAreNotUtf8()
{
    QCOMPARE(json::string(QByteArrayView("a\xC3")).text, QByteArray("\"a\xEF\xBF\xBD\""));
}

void tst_Json::namesLineAndColumnOfAnError()
{
    const auto read = JsonDocument::parse("{\n  \"a\": x}");
    QVERIFY(!read);
    QVERIFY2(read.error().message.startsWith(u"line 2, column 8: "_s), qPrintable(read.error().message));
}

void tst_Json::forgivesMissingKeysAndWrongTypes()
{
    const auto read = JsonDocument::parse(R"({"a":[1,2.0,"x"],"b":{}})");
    QVERIFY(read);
    const JsonView root = read->root();
    QCOMPARE(root["nope"]["deeper"][qsizetype(3)].toString(u"otherwise"_s), u"otherwise"_s);
    QCOMPARE(root["a"][qsizetype(1)].toInteger(), 2);
    QCOMPARE(root["a"][qsizetype(2)].toInteger(-1), -1);
    QCOMPARE(root["a"].items().size(), size_t(3));
    QVERIFY(!root["c"].exists());
    QCOMPARE(JsonView().members().size(), 0);
    QCOMPARE(JsonView().items().size(), 0);
}

void tst_Json::splicesASubtreeWithItsOrderKept()
{
    const auto read = JsonDocument::parse(R"({ "item": { "z": 1, "a": ["\u00e9"] } })");
    QVERIFY(read);
    QCOMPARE(read->root()["item"].raw().text, QByteArray("{\"z\":1,\"a\":[\"é\"]}"));
}

void tst_Json::putsAPrettyPrintedValueOnOneLine()
{
    QCOMPARE(json::onOneLine({"{\n\"a\": \"x\\ny\"\r\n}"}).text, QByteArray("{ \"a\": \"x\\ny\"  }"));
}

QTEST_APPLESS_MAIN(tst_Json)
#include "tst_json.moc"
