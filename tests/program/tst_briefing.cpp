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
    void tellsOfAFoldersInstructionsWhenItIsFirstTouched();
    void asksInLessThan16Kilobytes();
};

/// The first request's items after the base instructions: the role, and how each part begins.
static QStringList itemsOf(const Program &program, size_t request = 0)
{
    QStringList items;
    const auto body = JsonDocument::parse(program.server.requests().at(request).body);
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

void tst_Briefing::tellsOfAFoldersInstructionsWhenItIsFirstTouched()
{
    Program program;
    for (const QString &folder : {u""_s, u"a/"_s, u"a/b/"_s, u"c/"_s, u"d/"_s})
        program.write(folder + u"AGENTS.md"_s, "Of " + folder.toUtf8() + '\n');
    program.write(u"a/b/file"_s, "text\n");
    const QByteArray newFile = "*** Begin Patch\n*** Add File: c/new\n+text\n*** End Patch\n";
    program.server.play({sse::command("call_1", "cat a/b/file"), sse::command("call_2", "echo a")});
    program.server.play({sse::command("call_3", "cd a && ls"), sse::patch("call_4", newFile)});
    program.server.play({sse::message("msg_1", "Done.")});
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"p"_s}).exitCode, 0);
    const auto told = [&](size_t request) {
        QStringList folders;
        const auto body = JsonDocument::parse(program.server.requests().at(request).body);
        for (const JsonView item : body->root()["input"].items()) {
            const QString text = item["content"][qsizetype(0)]["text"].toString();
            if (const QString start = u"# AGENTS.md instructions for "_s + program.work(); text.startsWith(start))
                folders += text.section(u'\n', 0, 0).sliced(start.size()) + text.section(u'\n', 3, 3);
        }
        return folders;
    };
    QCOMPARE(told(0), QStringList{u"Of"_s});
    QCOMPARE(told(1), QStringList({u"Of"_s, u"/aOf a/"_s, u"/a/bOf a/b/"_s}));
    QCOMPARE(told(2), QStringList({u"Of"_s, u"/aOf a/"_s, u"/a/bOf a/b/"_s, u"/cOf c/"_s}));

    program.server.play({sse::command("call_5", "ls a/b; cat d/AGENTS.md")});
    program.server.play({sse::message("msg_2", "Done.")});
    QCOMPARE(program.exec({u"-s"_s, u"workspace-write"_s, u"resume"_s, u"--last"_s, u"q"_s}).exitCode, 0);
    QCOMPARE(told(4), told(2) + QStringList{u"/dOf d/"_s});
    QCOMPARE(program.server.violations(), QStringList());
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
