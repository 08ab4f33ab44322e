#include "config/overrides.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::config;

class tst_Overrides : public QObject
{
    Q_OBJECT

private slots:
    void readsKeyAndValue_data();
    void readsKeyAndValue();
    void refusesWhatIsNoOverride_data();
    void refusesWhatIsNoOverride();
    void knowsTheReferencesFeatures();
};

void tst_Overrides::readsKeyAndValue_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("leaves"); // KEY = VALUE, both as TOML
    const auto row = [](const char *name, const QString &text, const QStringList &leaves) {
        QTest::newRow(name) << text << leaves;
    };
    row("bare word", u"model=gpt-5"_s, {u"model = \"gpt-5\""_s});
    row("trimmed", u" model =  gpt-5 "_s, {u"model = \"gpt-5\""_s});
    row("quoted", u"model=\"5\""_s, {u"model = \"5\""_s});
    row("single quotes", u"model='5'"_s, {u"model = \"5\""_s});
    row("integer", u"a=5"_s, {u"a = 5"_s});
    row("number", u"a=5.5"_s, {u"a = 5.5"_s});
    row("boolean", u"a=true"_s, {u"a = true"_s});
    row("list", u"a=[1, \"b\"]"_s, {u"a = [1, \"b\"]"_s});
    row("date", u"a=2024-01-01"_s, {u"a = \"2024-01-01\""_s});
    row("broken list", u"a=[1,"_s, {u"a = \"[1,\""_s});
    row("empty", u"a="_s, {u"a = \"\""_s});
    row("second equals sign", u"a=b=c"_s, {u"a = \"b=c\""_s});
    row("second line", u"a=1\nb=2"_s, {u"a = \"1\\nb=2\""_s});
    row("dotted", u"a.b.c=1"_s, {u"a.b.c = 1"_s});
    row("quoted segment", u"projects.\"/a/b.c\".trust_level=\"trusted\""_s,
        {u"projects.\"/a/b.c\".trust_level = \"trusted\""_s});
    row("equals sign in a segment", u"projects.'/a=b'.trust_level=trusted"_s,
        {u"projects.\"/a=b\".trust_level = \"trusted\""_s});
    row("inline table", u"projects={\"/a/b.c\"={trust_level=\"trusted\"}, x.y=1}"_s,
        {u"projects.\"/a/b.c\".trust_level = \"trusted\""_s, u"projects.x.y = 1"_s});
    row("lone quote", u"a=it's"_s, {u"a = \"it's\""_s});
}

void tst_Overrides::readsKeyAndValue()
{
    QFETCH(QString, text);
    QFETCH(QStringList, leaves);
    const auto entries = parseOverride(text);
    QVERIFY(entries);
    QStringList found;
    for (const Entry &entry : *entries)
        found += entry.key() + u" = "_s + entry.value.toml();
    QCOMPARE(found, leaves);
}

void tst_Overrides::refusesWhatIsNoOverride_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("no equals sign") << u"foo"_s << u"Invalid override (missing '='): foo"_s;
    QTest::newRow("no key") << u"=3"_s << u"Empty key in override: =3"_s;
    QTest::newRow("empty segment") << u"a..b=3"_s << u"Empty key in override: a..b=3"_s;
    QTest::newRow("blank key") << u"  = 3"_s << u"Empty key in override:   = 3"_s;
}

void tst_Overrides::refusesWhatIsNoOverride()
{
    QFETCH(QString, text);
    QFETCH(QString, message);
    const auto entries = parseOverride(text);
    QVERIFY(!entries);
    QCOMPARE(entries.error(), (Error{Error::Kind::Invalid, message}));
}

void tst_Overrides::knowsTheReferencesFeatures()
{
    QVERIFY(isKnownFeature(u"unbounded_connection_retries"));
    QVERIFY(isKnownFeature(u"guardianv2.thread_context"));
    QVERIFY(isKnownFeature(u"agent_message_board"));
    QVERIFY(isKnownFeature(u"write_stdin_approval"));
    QCOMPARE(featureOverride(u"bogus"_s, true).error().message, u"Unknown feature flag: bogus"_s);
    QCOMPARE(featureOverride(u"goals"_s, false)->value, Value{false});
}

QTEST_APPLESS_MAIN(tst_Overrides)
#include "tst_overrides.moc"
