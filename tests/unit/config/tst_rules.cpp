#include "config/rules.h"
#include "configfixture.h"
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using Decision = CommandRule::Decision;

class tst_Rules : public QObject
{
    Q_OBJECT

private slots:
    void readsRules();
    void refusesEverythingElse_data();
    void refusesEverythingElse();
    void findsTheFilesOfHomeAndTrustedProject();
    void wrongRulesEndTheStart();
};

void tst_Rules::readsRules()
{
    const auto rules = config::parseRules(uR"PY(# a comment
prefix_rule(pattern=["git", ["push", 'fetch']], decision="prompt", justification = "ask\x21 \u00e9",
    match = ["git push 'a b'", ["git", "fetch"]],
    not_match = [
        "git pull", # with a comment
    ],
)
prefix_rule(["ls"]); prefix_rule(["rm"], "forbidden")
prefix_rule(pattern = [r"C:\rm"], decision = """forbidden""")
)PY"_s,
                                          u"a.rules"_s);
    QVERIFY2(rules, qPrintable(rules ? QString() : rules.error().message));
    const std::vector<CommandRule> expected{
        {{{u"git"_s}, {u"push"_s, u"fetch"_s}}, Decision::Prompt, u"ask! é"_s, u"a.rules"_s, 2},
        {{{u"ls"_s}}, Decision::Allow, {}, u"a.rules"_s, 8},
        {{{u"rm"_s}}, Decision::Forbidden, {}, u"a.rules"_s, 8},
        {{{u"C:\\rm"_s}}, Decision::Forbidden, {}, u"a.rules"_s, 9},
    };
    QCOMPARE(*rules, expected);
}

/// "# name", the text, "=> error"; a blank line between.
void tst_Rules::refusesEverythingElse_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("error");
    QFile file(QStringLiteral(TEST_DATA "/refused-rules.txt"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    for (const QString &part : QString::fromUtf8(file.readAll().trimmed()).sliced(2).split(u"\n\n# "_s)) {
        const qsizetype text = part.indexOf(u'\n') + 1, error = part.indexOf(u"\n=> "_s);
        QTest::newRow(qPrintable(part.first(text - 1))) << part.sliced(text, error - text) << part.sliced(error + 4);
    }
}

void tst_Rules::refusesEverythingElse()
{
    QFETCH(const QString, text);
    QFETCH(const QString, error);
    const auto rules = config::parseRules(text, u"a.rules"_s);
    QVERIFY(!rules);
    QCOMPARE(rules.error().message, error);
}

static QStringList programs(const Settings &settings)
{
    QStringList programs;
    for (const CommandRule &rule : settings.commandRules)
        programs += rule.pattern[0];
    return programs;
}

void tst_Rules::findsTheFilesOfHomeAndTrustedProject()
{
    ConfigFixture fixture;
    fixture.write("home/rules/b.rules", "prefix_rule([\"b\"])");
    fixture.write("home/rules/a.rules", "prefix_rule([\"a\"])");
    fixture.write("home/rules/readme.txt", "no rule");
    fixture.write("repo/.codex/rules/c.rules", "prefix_rule([\"c\"])");
    fixture.write("repo/sub/.nightshift/rules/d.rules", "prefix_rule([\"d\"])");
    fixture.options.cwd = fixture.path("repo/sub");
    QCOMPARE(programs(fixture.settings()), (QStringList{u"a"_s, u"b"_s}));
    fixture.trust();
    QCOMPARE(programs(fixture.settings()), (QStringList{u"a"_s, u"b"_s, u"c"_s, u"d"_s}));
    fixture.options.ignoreRules = true;
    QCOMPARE(programs(fixture.settings()), QStringList());
}

void tst_Rules::wrongRulesEndTheStart()
{
    const ConfigFixture fixture;
    fixture.write("home/rules/a.rules", "prefix_rule([\"a\"])\nx");
    const auto loaded = fixture.load();
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().message,
             u"loading rules: %1:2: only calls of prefix_rule() with literal arguments are understood here"_s.arg(
                 fixture.path("home/rules/a.rules")));
}

QTEST_APPLESS_MAIN(tst_Rules)
#include "tst_rules.moc"
