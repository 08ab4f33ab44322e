#include "script/scriptthread.h"
#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::script;

/// What scripts may be written in. Each file of tests/data/script/language runs to a throw, whose line is marked
/// "// here: " and what it must say.
class tst_Language : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void namesTheUsersOwnLine_data();
    void namesTheUsersOwnLine();
};

struct Planted
{
    QString place;
    QString words;
};

static Planted planted(const QString &name)
{
    static const QString mark = u"// here: "_s;
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    int line = 1;
    for (const QString &text : QString::fromUtf8(file.readAll()).split(u'\n')) {
        if (const qsizetype at = text.indexOf(mark); at >= 0)
            return {u"%1:%2"_s.arg(name).arg(line), text.sliced(at + mark.size())};
        ++line;
    }
    return {};
}

void tst_Language::initTestCase()
{
    QVERIFY(QDir::setCurrent(QStringLiteral(TEST_DATA) + u"/language"_s));
}

void tst_Language::namesTheUsersOwnLine_data()
{
    QTest::addColumn<QString>("source");
    for (const QString &name : QDir().entryList({u"*.js"_s, u"*.ts"_s}, QDir::Files)) {
        if (name != u"failing.js" && !planted(name).place.isEmpty())
            QTest::newRow(qPrintable(name)) << name;
    }
    QTest::newRow("inhelper.js") << u"failing.js"_s;
}

void tst_Language::namesTheUsersOwnLine()
{
    QFETCH(QString, source);
    const QString entry = QString::fromLatin1(QTest::currentDataTag());
    std::optional<Outcome> outcome;
    ScriptThread script({.path = QDir().absoluteFilePath(entry), .args = {"{\"start\":7}"}});
    connect(&script, &ScriptThread::finished, this, [&outcome](const Outcome &ended) { outcome = ended; });
    script.start();
    QTRY_VERIFY_WITH_TIMEOUT(outcome, 30'000);
    QVERIFY2(!outcome->has_value(), outcome->value_or(RawJson()).text);
    const Planted expected = planted(source);
    QCOMPARE(outcome->error().message, expected.place + u": Error: "_s + expected.words);
    QVERIFY2(outcome->error().stack.first().contains(expected.place), qPrintable(outcome->error().text()));
}

QTEST_GUILESS_MAIN(tst_Language)
#include "tst_language.moc"
