#include "config/rules.h"
#include "configfixture.h"
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

void tst_Rules::refusesEverythingElse_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("error");
    const auto row = [](const char *name, const QString &text, const QString &error) {
        QTest::newRow(name) << text << error;
    };
    const QString literal = u"only strings and lists of strings are understood"_s;
    row("another function", u"\nnetwork_rule(host=\"a\")"_s,
        u"a.rules:2: only calls of prefix_rule() with literal arguments are understood here"_s);
    row("an assignment", u"x = 1"_s, u"a.rules:1: `1` has no place in a rule"_s);
    row("a loop", u"for x in [\"a\"]:\n"_s, u"a.rules:1: `:` has no place in a rule"_s);
    row("a variable", u"prefix_rule(pattern=[x])"_s, u"a.rules:1: "_s + literal + u" here"_s);
    row("a call as argument", u"prefix_rule(\n list())"_s, u"a.rules:2: `list` is no literal: "_s + literal);
    row("a sum", u"prefix_rule(pattern=[\"a\" + \"b\"])"_s, u"a.rules:1: `+` has no place in a rule"_s);
    row("no pattern", u"prefix_rule(decision=\"allow\")"_s, u"a.rules:1: prefix_rule() needs a `pattern`"_s);
    row("an empty pattern", u"prefix_rule(pattern=[])"_s,
        u"a.rules:1: `pattern` must be a list of words that is not empty"_s);
    row("a pattern that is no list", u"prefix_rule(pattern=\"git\")"_s,
        u"a.rules:1: `pattern` must be a list of words that is not empty"_s);
    row("no alternatives", u"prefix_rule(pattern=[\"git\", []])"_s,
        u"a.rules:1: alternatives in `pattern` must not be empty"_s);
    row("a wrong decision", u"prefix_rule(pattern=[\"git\"],\n decision=\"deny\")"_s,
        u"a.rules:2: `decision` must be allow, prompt or forbidden, not `deny`"_s);
    row("an unknown argument", u"prefix_rule(pattern=[\"git\"], foo=\"1\")"_s,
        u"a.rules:1: prefix_rule() has no argument `foo`; it has pattern, decision, match, not_match, justification"_s);
    row("an argument twice", u"prefix_rule([\"git\"], pattern=[\"a\"])"_s, u"a.rules:1: `pattern` is given twice"_s);
    row("an empty justification", u"prefix_rule(pattern=[\"git\"], justification=\"\")"_s,
        u"a.rules:1: `justification` must not be empty"_s);
    row("an example that does not match", u"prefix_rule(pattern=[\"git\"], match=[\"ls -l\"])"_s,
        u"a.rules:1: the example `ls -l` in `match` does not match its rule"_s);
    row("an example that matches", u"prefix_rule(pattern=[\"git\"], not_match=[\"git x\"])"_s,
        u"a.rules:1: the example `git x` in `not_match` matches its rule"_s);
    row("an example with an open quote", u"prefix_rule(pattern=[\"git\"], match=[\"git 'x\"])"_s,
        u"a.rules:1: a quote in the example `git 'x` never closes"_s);
    row("an open string", u"prefix_rule(pattern=[\"git])"_s, u"a.rules:1: a string without end"_s);
    row("an open list", u"prefix_rule(pattern=[\"git\","_s, u"a.rules:1: "_s + literal + u" here"_s);
    row("an open call", u"prefix_rule(pattern=[\"git\"]"_s, u"a.rules:1: expected `,` or `)`"_s);
    row("a bad escape", u"\n\nprefix_rule(pattern=[\"\\q\"])"_s, u"a.rules:3: `\\q` is no escape in a string"_s);
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
