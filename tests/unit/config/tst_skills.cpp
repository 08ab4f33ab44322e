#include "config/frontmatter.h"
#include "config/skills.h"
#include "configfixture.h"
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using config::Skill;

class tst_Skills : public QObject
{
    Q_OBJECT

private slots:
    void readsFrontMatter_data();
    void readsFrontMatter();
    void findsTheProjectsSkillsBeforeTheUsers();
    void leavesOutWhatIsNoSkill();
    void settingsSwitchSkillsOff();
    void listsSkillsByTheirRoots();
    void addsTheFilesOfSkillsThatThePromptNames();
};

static QByteArray skill(const QByteArray &name, const QByteArray &description)
{
    return "---\nname: " + name + "\ndescription: " + description + "\n---\nBody of " + name + "\n";
}

static QStringList names(const std::vector<Skill> &skills)
{
    QStringList names;
    for (const Skill &skill : skills)
        names += skill.name + u": "_s + skill.description;
    return names;
}

void tst_Skills::readsFrontMatter_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("description");
    const auto row = [](const char *name, const QString &written, const QString &description) {
        QTest::newRow(name) << u"---\nname: x\n"_s + written + u"\nmetadata:\n  short: y\n---\nbody: z\n"_s
                            << description;
    };
    row("plain", u"description: a b # c"_s, u"a b"_s);
    row("with a colon", u"description: a: b"_s, u"a: b"_s);
    row("double quotes", u"description: \"a \\\"b\\\": #c\""_s, u"a \"b\": #c"_s);
    row("single quotes", u"description: 'it''s'"_s, u"it's"_s);
    row("going on", u"description: a\n  b\n  c"_s, u"a b c"_s);
    row("folded", u"description: >-\n  a\n\n  b"_s, u"a b"_s);
    row("literal", u"description: |\n  a\n  b"_s, u"a b"_s);
    row("none", u"other: a"_s, QString());
}

void tst_Skills::readsFrontMatter()
{
    QFETCH(const QString, text);
    QFETCH(const QString, description);
    const auto values = config::frontMatter(text);
    QVERIFY(values);
    QCOMPARE(values->value(u"name"_s), u"x"_s);
    QCOMPARE(values->value(u"description"_s), description);
    QVERIFY(!config::frontMatter(text.sliced(1)));
    QVERIFY(!config::frontMatter(u"---\nname: x\n"_s));
}

void tst_Skills::findsTheProjectsSkillsBeforeTheUsers()
{
    ConfigFixture fixture;
    fixture.options.cwd = fixture.path("repo/sub");
    fixture.write("home/skills/alpha/SKILL.md", skill("alpha", "home"));
    fixture.write("home/skills/nest/deep/SKILL.md", skill("deep", "nested"));
    fixture.write("home/skills/.hidden/SKILL.md", skill("hidden", "no"));
    fixture.write(".agents/skills/own/SKILL.md", skill("own", "user"));
    fixture.write("repo/.codex/skills/c/SKILL.md", skill("zz", "codex"));
    fixture.write("repo/.agents/skills/p/SKILL.md", skill("p", "root"));
    fixture.write("repo/sub/.agents/skills/alpha/SKILL.md", skill("alpha", "sub"));
    fixture.write("repo/.claude/skills/no/SKILL.md", skill("no", "no"));
    QCOMPARE(names(config::findSkills(fixture.settings())),
             (QStringList{u"alpha: sub"_s, u"p: root"_s, u"zz: codex"_s, u"alpha: home"_s, u"deep: nested"_s,
                          u"own: user"_s}));
}

void tst_Skills::leavesOutWhatIsNoSkill()
{
    const ConfigFixture fixture;
    fixture.write("home/skills/bare/SKILL.md", "no front matter");
    fixture.write("home/skills/long/SKILL.md", skill(QByteArray(65, 'n'), "d"));
    fixture.write("home/skills/mute/SKILL.md", "---\nname: mute\n---\n");
    fixture.write("home/skills/named/SKILL.md", "---\ndescription: " + QByteArray(1025, 'd') + "\n---\n");
    fixture.write("home/skills/other/skill.md", skill("other", "lower case"));
    for (const char *words : {"front matter between", "more than 64", "no `description`"})
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromUtf8(words)));
    QCOMPARE(names(config::findSkills(fixture.settings())),
             (QStringList{u"named: "_s + QString(1024, u'd') + u"..."_s}));
}

void tst_Skills::settingsSwitchSkillsOff()
{
    const ConfigFixture fixture;
    for (const char *name : {"a", "b", "c"})
        fixture.write(qPrintable(u"home/skills/%1/SKILL.md"_s.arg(QString::fromUtf8(name))), skill(name, "d"));
    fixture.write("home/config.toml", "[[skills.config]]\nname = \"a\"\nenabled = false\n[[skills.config]]\npath = \"" +
                                          fixture.path("home/skills/b").toUtf8() + "\"\nenabled = false\n");
    QCOMPARE(names(config::findSkills(fixture.settings())), (QStringList{u"c: d"_s}));
}

void tst_Skills::listsSkillsByTheirRoots()
{
    QCOMPARE(config::skillsText({}), QString());
    const QString text =
        config::skillsText({{u"a"_s, u"First"_s, u"/p/.agents/skills"_s, u"/p/.agents/skills/a/SKILL.md"_s},
                            {u"b"_s, u"Second"_s, u"/h/skills"_s, u"/h/skills/x/b/SKILL.md"_s}});
    QVERIFY(text.startsWith(u"<skills_instructions>\n## Skills\n"_s));
    QVERIFY(text.endsWith(
        u"### Skill roots\n- `r0` = `/p/.agents/skills`\n- `r1` = `/h/skills`\n### Available skills\n"
        "- a: First (file: r0/a/SKILL.md)\n- b: Second (file: r1/x/b/SKILL.md)\n</skills_instructions>"_s));
    const std::vector<Skill> many(100, {u"n"_s, QString(1000, u'd'), u"/r"_s, u"/r/n/SKILL.md"_s});
    QVERIFY(config::skillsText(many).size() < 14'000);
}

void tst_Skills::addsTheFilesOfSkillsThatThePromptNames()
{
    const ConfigFixture fixture;
    fixture.write("home/skills/a/SKILL.md", skill("a-1", "d"));
    fixture.write("home/skills/b/SKILL.md", skill("b", "d"));
    fixture.write("repo/.agents/skills/b/SKILL.md", skill("b", "d"));
    const auto skills = config::findSkills(fixture.settings());
    QCOMPARE(config::mentionedSkills(u"use $a-1, $b and $HOME; a-1"_s, skills),
             (QStringList{u"<skill>\n<name>a-1</name>\n<path>%1</path>\n%2\n</skill>"_s.arg(
                 fixture.path("home/skills/a/SKILL.md"), QString::fromUtf8(skill("a-1", "d")))}));
    QCOMPARE(config::mentionedSkills(u"$a-12 $ $"_s, skills), QStringList());
}

QTEST_APPLESS_MAIN(tst_Skills)
#include "tst_skills.moc"
