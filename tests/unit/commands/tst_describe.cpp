#include "base/jsonreader.h"
#include "bash/parsescript.h"
#include "commands/describe.h"
#include "wire/eventmessage.h"
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Describe : public QObject
{
    Q_OBJECT

private slots:
    void describesAsTheReferenceDoes_data();
    void describesAsTheReferenceDoes();
    void describesAnArgvThatIsNoScript();
    void knowsNothingWithoutAParser();
};

/// What the reference's log said of each script, on lines of [script, parsed_cmd]; but for `cat a\\ b`, which it
/// does not understand, and `ls;`, which it quotes.
void tst_Describe::describesAsTheReferenceDoes_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QByteArray>("expected");
    QFile file(QStringLiteral(TEST_DATA) + u"/parsed_cmd.jsonl"_s);
    QVERIFY(file.open(QIODevice::ReadOnly));
    while (!file.atEnd()) {
        const QByteArray line = file.readLine();
        const auto row = JsonDocument::parse(line);
        QVERIFY(row);
        const QString script = row->root().items()[0].toString();
        QTest::addRow("%s", qPrintable(script)) << script << row->root().items()[1].raw().text;
    }
}

void tst_Describe::describesAsTheReferenceDoes()
{
    QFETCH(const QString, script);
    QFETCH(const QByteArray, expected);
    const auto actions = commands::actionsOf({u"/bin/bash"_s, u"-lc"_s, script}, bash::parseScript);
    QCOMPARE(wire::actionsArray(actions).text, expected);
}

void tst_Describe::describesAnArgvThatIsNoScript()
{
    using Kind = CommandAction::Kind;
    const std::vector<CommandAction> read{
        {.kind = Kind::Read, .command = u"cat 'a b'"_s, .name = u"a b"_s, .path = u"a b"_s}};
    QCOMPARE(commands::actionsOf({u"cat"_s, u"a b"_s}, bash::parseScript), read);
    const std::vector<CommandAction> unknown{{.command = u"python3 -c 'cat a'"_s}};
    QCOMPARE(commands::actionsOf({u"python3"_s, u"-c"_s, u"cat a"_s}, bash::parseScript), unknown);
}

void tst_Describe::knowsNothingWithoutAParser()
{
    const std::vector<CommandAction> unknown{{.command = u"ls"_s}};
    QCOMPARE(commands::actionsOf({u"sh"_s, u"-c"_s, u"ls"_s}, commands::fromModule(u"/no/such.so"_s)), unknown);
}

QTEST_APPLESS_MAIN(tst_Describe)
#include "tst_describe.moc"
