#include "config/configfile.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Toml : public QObject
{
    Q_OBJECT

private slots:
    void namesThePlaceOfWhatIsNoToml_data();
    void namesThePlaceOfWhatIsNoToml();
    void takesLettersOfAllScripts();
};

void tst_Toml::namesThePlaceOfWhatIsNoToml_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("place");
    QTest::newRow("letter in a bare key") << "a = 1\nmod\xC3\xA8le = 1\n"_ba << u"config.toml:2:4: "_s;
    QTest::newRow("letter as a value") << "a = \xC3\xA8\n"_ba << u"config.toml:1:5: "_s;
    QTest::newRow("letter behind a value") << "a = 1 \xC3\xA8\n"_ba << u"config.toml:1:7: "_s;
    QTest::newRow("letter in a table's name") << "[\xC2\xB7x]\n"_ba << u"config.toml:1:2: "_s;
    QTest::newRow("control character in a table's name") << "[\x03"_ba << u"config.toml:1:2: "_s;
    QTest::newRow("no UTF-8") << "a = \"\xB7\"\n"_ba << u"config.toml:1:"_s;
}

void tst_Toml::namesThePlaceOfWhatIsNoToml()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, place);
    const auto entries = config::parseToml(text, {config::LayerKind::User, u"config.toml"_s});
    QVERIFY(!entries);
    QVERIFY2(entries.error().message.startsWith(place), qPrintable(entries.error().message));
}

void tst_Toml::takesLettersOfAllScripts()
{
    const auto entries = config::parseToml("\"mod\xC3\xA8le\" = \"\"\"\\\n \xC3\xA9t\xC3\xA9\"\"\""_ba,
                                           {config::LayerKind::User, u"config.toml"_s});
    QVERIFY(entries);
    QCOMPARE(entries->size(), 1);
    QCOMPARE(entries->front().path, QStringList{u"modèle"_s});
    QCOMPARE(entries->front().value, config::Value{u"été"_s});
}

QTEST_APPLESS_MAIN(tst_Toml)
#include "tst_toml.moc"
