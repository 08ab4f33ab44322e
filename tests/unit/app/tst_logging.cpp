#include "app/logging.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::app;

class tst_Logging : public QObject
{
    Q_OBJECT

private slots:
    void readsWhatIsWanted_data();
    void readsWhatIsWanted();
};

static QString rules(const QString &category, const char *debug, const char *info, const char *warning)
{
    return u"%1.debug=%2\n%1.info=%3\n%1.warning=%4\n%1.critical=true\n"_s.arg(
        category, QLatin1StringView(debug), QLatin1StringView(info), QLatin1StringView(warning));
}

void tst_Logging::readsWhatIsWanted_data()
{
    QTest::addColumn<QString>("wanted");
    QTest::addColumn<LogRules>("expected");
    const QString all = rules(u"nightshift.*"_s, "true", "true", "true");
    QTest::newRow("a level for all") << u"debug"_s << LogRules{all, {}};
    QTest::newRow("quieter than usual") << u"error"_s
                                        << LogRules{rules(u"nightshift.*"_s, "false", "false", "false"), {}};
    QTest::newRow("categories, with and without the program's name")
        << u"llm=info, nightshift.tools=debug"_s
        << LogRules{rules(u"nightshift.llm"_s, "false", "true", "true") +
                        rules(u"nightshift.tools"_s, "true", "true", "true"),
                    {}};
    QTest::newRow("nonsense beside sense") << u"loud,debug,llm=7"_s << LogRules{all, {u"loud"_s, u"llm=7"_s}};
    QTest::newRow("nothing") << u","_s << LogRules{};
}

void tst_Logging::readsWhatIsWanted()
{
    QFETCH(const QString, wanted);
    QFETCH(const LogRules, expected);
    const LogRules read = logRules(wanted);
    QCOMPARE(read.rules, expected.rules);
    QCOMPARE(read.unknown, expected.unknown);
}

QTEST_APPLESS_MAIN(tst_Logging)
#include "tst_logging.moc"
