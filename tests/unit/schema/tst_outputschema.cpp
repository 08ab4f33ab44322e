#include "schema/outputschema.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using schema::OutputSchema;

class tst_OutputSchema : public QObject
{
    Q_OBJECT

private slots:
    void refusesWhatStrictModeDoes_data();
    void refusesWhatStrictModeDoes();
    void keepsTheOrderOfProperties();
    void tellsHowAnAnswerMisses_data();
    void tellsHowAnAnswerMisses();
    void matchesPatternsOfLongTexts();
};

static const char strict[] =
    R"({"type":"object","properties":{"z":{"type":"string"},"a":{"type":"array","items":{"type":"integer"}}},"required":["z","a"],"additionalProperties":false})";

void tst_OutputSchema::refusesWhatStrictModeDoes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *name, const QByteArray &text, const QString &message) {
        QTest::newRow(name) << text << message;
    };
    row("broken JSON", "{bad", u"is not valid JSON: line 1, column 2"_s);
    row("an array", "[]", u"at the root: the schema must be a JSON object"_s);
    row("an open object", R"({"type":"object","properties":{}})", u"at the root: an object needs"_s);
    row("an optional property",
        R"({"type":"object","properties":{"a/b":{"type":"string"}},"required":[],"additionalProperties":false})",
        u"at /properties/a~1b: every property must be listed"_s);
    row("a nested open object",
        R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{}}}},"required":["a"],"additionalProperties":false})",
        u"at /properties/a/items: an object needs"_s);
    row("a keyword outside the rules",
        R"({"type":"object","properties":{},"required":[],"additionalProperties":false,"oneOf":[]})",
        u"at /oneOf: strict schemas cannot use"_s);
    row("an open alternative",
        R"({"type":"object","properties":{"a":{"anyOf":[{"type":"null"},{"type":"object"}]}},"required":["a"],"additionalProperties":false})",
        u"at /properties/a/anyOf/1: an object needs"_s);
    row("a pattern that is none",
        R"({"type":"object","properties":{"a":{"type":"string","pattern":"^)+$"}},"required":["a"],"additionalProperties":false})",
        u"at /properties/a/pattern: it is no regular expression: "_s);
    for (const char *factor : {"0", "-2", "0.0", "\"2\""}) {
        row(factor,
            QByteArray(R"({"type":"object","properties":{"a":{"type":"integer","multipleOf":)")
                .append(factor)
                .append(R"(}},"required":["a"],"additionalProperties":false})"),
            u"at /properties/a/multipleOf: it must be a number above 0"_s);
    }
}

void tst_OutputSchema::refusesWhatStrictModeDoes()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    const auto schema = OutputSchema::parse(text);
    QVERIFY(!schema);
    QVERIFY2(schema.error().message.contains(message), qPrintable(schema.error().message));
}

void tst_OutputSchema::keepsTheOrderOfProperties()
{
    const auto schema = OutputSchema::parse(strict);
    QVERIFY(schema);
    QCOMPARE(schema->json().text, QByteArray(strict));
}

void tst_OutputSchema::tellsHowAnAnswerMisses_data()
{
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("mismatch"); // empty: it matches
    QTest::newRow("matching") << uR"({"z":"x","a":[1,2]})"_s << QString();
    QTest::newRow("prose") << u"Sure! {}"_s << u"it is not JSON"_s;
    QTest::newRow("no object") << u"[]"_s << u"it is JSON, but not an object"_s;
    QTest::newRow("wrong type") << uR"({"z":"x","a":[1,"2"]})"_s << u"at /a/1: "_s;
    QTest::newRow("missing property") << uR"({"z":"x"})"_s << u"at the root: "_s;
    QTest::newRow("extra property") << uR"({"z":"x","a":[],"b":1})"_s << u"at the root: "_s;
}

void tst_OutputSchema::tellsHowAnAnswerMisses()
{
    QFETCH(QString, answer);
    QFETCH(QString, mismatch);
    const auto schema = OutputSchema::parse(strict);
    QVERIFY(schema);
    const auto found = schema->mismatch(answer);
    QCOMPARE(found.has_value(), !mismatch.isEmpty());
    if (found)
        QVERIFY2(found->startsWith(mismatch), qPrintable(*found));
}

void tst_OutputSchema::matchesPatternsOfLongTexts()
{
    const auto schema = schema::OutputSchema::parse(
        R"({"type":"object","properties":{"a":{"type":"string","pattern":"^(a|b)+$"}},"required":["a"],"additionalProperties":false})");
    QVERIFY(schema);
    QCOMPARE(schema->mismatch(u"{\"a\":\""_s + QString(300'000, u'b') + u"\"}"_s), std::nullopt);
    QVERIFY(schema->mismatch(u"{\"a\":\"abc\"}"_s).has_value());
}

QTEST_APPLESS_MAIN(tst_OutputSchema)
#include "tst_outputschema.moc"
