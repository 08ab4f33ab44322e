#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Briefing : public QObject
{
    Q_OBJECT

private slots:
    void tellsOfSkillsAndAddsTheOneThePromptNames();
    void leavesBlocksOutWhenTold();
    void asksInLessThan16Kilobytes();
};

/// The first request's items after the base instructions: the role, and how each part begins.
static QStringList itemsOf(const Program &program)
{
    QStringList items;
    const auto body = JsonDocument::parse(program.server.requests().at(0).body);
    for (const JsonView item : body->root()["input"].items()) {
        QStringList parts{item["role"].toString()};
        for (const JsonView part : item["content"].items())
            parts += part["text"].toString().section(u'\n', 0, 0).section(u" for "_s, 0, 0);
        items += parts.join(u' ');
    }
    return items.sliced(1);
}

void tst_Briefing::tellsOfSkillsAndAddsTheOneThePromptNames()
{
    Program program;
    program.write(u"../state/config.toml"_s,
                  program.read(u"../state/config.toml"_s).prepend("developer_instructions = \"Be brief.\"\n"));
    program.write(u".agents/skills/knit/SKILL.md"_s, "---\nname: knit\ndescription: How to knit\n---\nPurl.\n");
    program.write(u"AGENTS.md"_s, "Hold the needles.\n");
    program.server.play({sse::message("msg_1", "Done.")});
    QCOMPARE(program.exec({u"please $knit"_s}).exitCode, 0);
    QCOMPARE(itemsOf(program).join(u'\n').toUtf8(),
             "developer Be brief. <skills_instructions> <permissions instructions>\n"
             "user # AGENTS.md instructions <environment_context>\n"
             "user please $knit\n"
             "user <skill>"_ba);
}

void tst_Briefing::leavesBlocksOutWhenTold()
{
    Program program;
    program.server.play({sse::message("msg_1", "Done.")});
    QCOMPARE(program
                 .exec({u"-c"_s, u"include_permissions_instructions=false"_s, u"-c"_s,
                        u"include_environment_context=false"_s, u"p"_s})
                 .exitCode,
             0);
    QCOMPARE(itemsOf(program), QStringList{u"user p"_s});
}

void tst_Briefing::asksInLessThan16Kilobytes()
{
    Program program;
    program.server.play({sse::message("msg_1", "Done.")});
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    QVERIFY(program.server.requests().at(0).body.size() < 16 * 1024);
}

QTEST_GUILESS_MAIN(tst_Briefing)
#include "tst_briefing.moc"
