#include "config/context.h"
#include "config/instructions.h"
#include "configfixture.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using config::ProjectInstructions;
using config::readInstructions;

class tst_Instructions : public QObject
{
    Q_OBJECT

private slots:
    void saysNothingWithoutFiles();
    void goesFromTheUserToTheNearestFolder();
    void takesOneFileAFolder();
    void cutsTheProjectsFilesToTheirBudget();
    void neverCutsTheUsersFile();
    void describesWhereTheModelIs();
    void tellsTheModelWhatItMay_data();
    void tellsTheModelWhatItMay();

private:
    static QString block(const Settings &settings, const QString &text)
    {
        return u"# AGENTS.md instructions for %1\n\n<INSTRUCTIONS>\n%2\n</INSTRUCTIONS>"_s.arg(settings.cwd, text);
    }
};

void tst_Instructions::saysNothingWithoutFiles()
{
    QCOMPARE(readInstructions(ConfigFixture().settings()), ProjectInstructions());
}

void tst_Instructions::goesFromTheUserToTheNearestFolder()
{
    ConfigFixture fixture;
    fixture.options.cwd = fixture.path("repo/sub");
    fixture.write("AGENTS.md", "above the root");
    fixture.write("repo/AGENTS.md", "root\n");
    fixture.write("repo/sub/AGENTS.md", "sub\n");
    fixture.write("repo/sub/deeper/AGENTS.md", "below");
    const Settings settings = fixture.settings();
    QCOMPARE(readInstructions(settings).text, block(settings, u"root\n\nsub"_s));
    fixture.write("home/AGENTS.md", "user\n");
    QCOMPARE(readInstructions(settings).text, block(settings, u"user\n\n--- project-doc ---\n\nroot\n\nsub"_s));
    fixture.write("home/AGENTS.override.md", "mine");
    QFile::remove(fixture.path("repo/AGENTS.md"));
    QFile::remove(fixture.path("repo/sub/AGENTS.md"));
    QCOMPARE(readInstructions(settings).text, block(settings, u"mine"_s));
}

void tst_Instructions::takesOneFileAFolder()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", "project_doc_fallback_filenames = [\"CLAUDE.md\", \"OTHER.md\"]\n");
    const Settings settings = fixture.settings();
    const auto read = [&] { return readInstructions(settings).text; };
    fixture.write("repo/OTHER.md", "other");
    QCOMPARE(read(), block(settings, u"other"_s));
    fixture.write("repo/CLAUDE.md", "claude");
    QCOMPARE(read(), block(settings, u"claude"_s));
    fixture.write("repo/AGENTS.md", "agents");
    QCOMPARE(read(), block(settings, u"agents"_s));
    fixture.write("repo/AGENTS.override.md", " \n"); // blank: skipped
    QCOMPARE(read(), block(settings, u"agents"_s));
    fixture.write("repo/AGENTS.override.md", "over\xff");
    QCOMPARE(read(), block(settings, u"over\uFFFD"_s));
}

void tst_Instructions::cutsTheProjectsFilesToTheirBudget()
{
    ConfigFixture fixture;
    QDir().mkpath(fixture.path("repo/sub/deep"));
    fixture.options.cwd = fixture.path("repo/sub/deep");
    fixture.write("repo/AGENTS.md", "12345");
    fixture.write("repo/sub/AGENTS.md", "é€6789");
    fixture.write("repo/sub/deep/AGENTS.md", "dropped");
    fixture.options.overrides = {u"project_doc_max_bytes=8"_s}; // ends inside the €
    Settings settings = fixture.settings();
    const ProjectInstructions instructions = readInstructions(settings);
    QCOMPARE(instructions.text, block(settings, u"12345\n\né"_s));
    QCOMPARE(instructions.notices.size(), 2);
    QCOMPARE(fixture.shortened(instructions.notices[0]),
             u"Only the first 2 of 9 bytes of ~/repo/sub/AGENTS.md are read: all AGENTS.md files of a project share "
             "project_doc_max_bytes = 8"_s);
    QCOMPARE(fixture.shortened(instructions.notices[1]),
             u"Not read, because project_doc_max_bytes = 8 is used up: ~/repo/sub/deep/AGENTS.md"_s);
    settings.projectDocMaxBytes = 0;
    QCOMPARE(readInstructions(settings), ProjectInstructions());
}

void tst_Instructions::neverCutsTheUsersFile()
{
    ConfigFixture fixture;
    fixture.write("home/AGENTS.md", QByteArray(20, 'u'));
    fixture.write("repo/AGENTS.md", "1234");
    fixture.options.overrides = {u"project_doc_max_bytes=10"_s};
    const Settings settings = fixture.settings();
    const ProjectInstructions instructions = readInstructions(settings);
    QCOMPARE(instructions.text, block(settings, QString(20, u'u') + u"\n\n--- project-doc ---\n\n1234"_s));
    QCOMPARE(instructions.notices.size(), 1);
}

void tst_Instructions::describesWhereTheModelIs()
{
    Settings settings;
    settings.cwd = u"/w/a&b"_s;
    settings.sandbox = {.mode = SandboxPolicy::Mode::WorkspaceWrite, .writableRoots = {u"/x"_s}, .git = true};
    QCOMPARE(config::environmentContext(settings, u"bash"_s, u"2026-01-31"_s, u"Europe/Berlin"_s),
             u"<environment_context>\n"
             "  <cwd>/w/a&amp;b</cwd>\n"
             "  <shell>bash</shell>\n"
             "  <current_date>2026-01-31</current_date>\n"
             "  <timezone>Europe/Berlin</timezone>\n"
             "  <filesystem><workspace_roots><root>/w/a&amp;b</root><root>/x</root></workspace_roots>"
             "<permission_profile type=\"managed\"><file_system type=\"restricted\">"
             "<entry access=\"read\"><special>:root</special></entry>"
             "<entry access=\"write\"><path>/w/a&amp;b</path></entry><entry access=\"write\"><path>/x</path></entry>"
             "<entry access=\"write\"><special>:slash_tmp</special></entry>"
             "<entry access=\"write\"><special>:tmpdir</special></entry>"
             "<entry access=\"read\"><path>/w/a&amp;b/.agents</path></entry>"
             "<entry access=\"read\"><path>/x/.agents</path></entry>"
             "<entry access=\"read\"><path>/w/a&amp;b/.codex</path></entry>"
             "<entry access=\"read\"><path>/x/.codex</path></entry>"
             "<entry access=\"read\"><path>/w/a&amp;b/.aws</path></entry>"
             "<entry access=\"read\"><path>/x/.aws</path></entry>"
             "<entry access=\"read\"><path>/w/a&amp;b/.nightshift</path></entry>"
             "<entry access=\"read\"><path>/x/.nightshift</path></entry>"
             "</file_system></permission_profile></filesystem>\n"
             "</environment_context>"_s);
}

void tst_Instructions::tellsTheModelWhatItMay_data()
{
    using enum SandboxPolicy::Mode;
    QTest::addColumn<SandboxPolicy::Mode>("mode");
    QTest::addColumn<bool>("network");
    QTest::addColumn<QString>("says");
    QTest::newRow("reading") << ReadOnly << true << u"There is no network"_s;
    QTest::newRow("writing") << WorkspaceWrite << false << u"write in `/w`, `/tmp`, `$TMPDIR` only"_s;
    QTest::newRow("writing with a network") << WorkspaceWrite << true << u"Commands can use the network."_s;
    QTest::newRow("everything") << DangerFullAccess << false << u"there is no sandbox"_s;
}

void tst_Instructions::tellsTheModelWhatItMay()
{
    QFETCH(SandboxPolicy::Mode, mode);
    QFETCH(bool, network);
    QFETCH(QString, says);
    Settings settings;
    settings.cwd = u"/w"_s;
    settings.sandbox = {.mode = mode, .networkAccess = network};
    const QString text = config::permissionsText(settings);
    QVERIFY(text.contains(says));
    QVERIFY(text.contains(u'`' + QString(sandboxModeName(mode)) + u'`'));
    QVERIFY(text.startsWith(u"<permissions instructions>\n"_s));
    QVERIFY(
        text.endsWith(u"`never`: nobody can lift these limits during the run. Never set `sandbox_permissions`; such "
                      "calls are refused.\n</permissions instructions>"_s));
}

QTEST_APPLESS_MAIN(tst_Instructions)
#include "tst_instructions.moc"
