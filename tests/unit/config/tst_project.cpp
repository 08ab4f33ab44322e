#include "config/configfile.h"
#include "configfixture.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Project : public QObject
{
    Q_OBJECT

private slots:
    void settingsOfAProjectMayOnlyTighten_data();
    void settingsOfAProjectMayOnlyTighten();
    void namesWhatAProjectBringsAlong();
    void ignoresAProjectThatIsNotTrusted();
    void findsTheRootByItsMarkers();
    void storesTrustOnce();
};

void tst_Project::settingsOfAProjectMayOnlyTighten_data()
{
    QTest::addColumn<QByteArray>("user");
    QTest::addColumn<QByteArray>("project");
    QTest::addColumn<bool>("taken");
    const auto row = [](const char *name, const char *user, const char *project, bool taken) {
        QTest::newRow(name) << QByteArray(user) << QByteArray(project) << taken;
    };
    row("looser than the default", "", "sandbox_mode = 'workspace-write'", false);
    row("looser sandbox", "sandbox_mode = 'workspace-write'", "sandbox_mode = 'danger-full-access'", false);
    row("same sandbox", "sandbox_mode = 'workspace-write'", "sandbox_mode = 'workspace-write'", true);
    row("stricter sandbox", "sandbox_mode = 'workspace-write'", "sandbox_mode = 'read-only'", true);
    row("network on", "", "sandbox_workspace_write.network_access = true", false);
    row("network off", "sandbox_workspace_write.network_access = true",
        "sandbox_workspace_write.network_access = false", true);
    row("a further root", "", "sandbox_workspace_write.writable_roots = ['/etc']", false);
    row("one root less", "sandbox_workspace_write.writable_roots = ['/a', '/b']",
        "sandbox_workspace_write.writable_roots = ['/a']", true);
    row("git writable", "", "sandbox_workspace_write.git = true", false);
    row("no /tmp", "", "sandbox_workspace_write.exclude_slash_tmp = true", true);
    row("approval asked for", "", "approval_policy = 'on-request'", false);
    row("secrets for commands", "", "shell_environment_policy.ignore_default_excludes = true", false);
    row("less of the environment", "", "shell_environment_policy.inherit = 'core'", true);
    row("more of the environment", "shell_environment_policy.inherit = 'none'",
        "shell_environment_policy.inherit = 'core'", false);
    row("excludes more", "shell_environment_policy.exclude = ['A']", "shell_environment_policy.exclude = ['A', 'B']",
        true);
    row("excludes less", "shell_environment_policy.exclude = ['A']", "shell_environment_policy.exclude = ['B']", false);
    row("includes only some", "", "shell_environment_policy.include_only = ['A']", true);
    row("includes all again", "shell_environment_policy.include_only = ['A']",
        "shell_environment_policy.include_only = []", false);
    row("lower limit", "command_limits.wall_time = '1m'", "command_limits.wall_time = 30", true);
    row("higher limit", "command_limits.wall_time = 30", "command_limits.wall_time = '1m'", false);
    row("limit where there was none", "", "command_limits.memory_bytes = 1000", true);
    row("trust itself", "", "projects.'/'.trust_level = 'trusted'", false);
    row("a model", "model = 'gpt-5.5'", "model = 'gpt-6-sol'", true);
}

void tst_Project::settingsOfAProjectMayOnlyTighten()
{
    QFETCH(QByteArray, user);
    QFETCH(QByteArray, project);
    QFETCH(bool, taken);
    ConfigFixture fixture;
    fixture.write("home/config.toml", user);
    fixture.write("repo/.nightshift/config.toml", project);
    fixture.options.trust = true;
    const auto loaded = fixture.load();
    QVERIFY(loaded);
    const auto written =
        config::parseToml(project, {config::LayerKind::Project, fixture.path("repo/.nightshift/config.toml")});
    const config::Entry &entry = written->front();
    const config::Entry *found = config::find(loaded->values, entry.path);
    QCOMPARE(found && found->origin == entry.origin, taken);
    QStringList notices;
    if (!taken)
        notices += u"%1: `%2` is ignored: a project's own settings may only be stricter than yours"_s.arg(
            entry.origin.text(), entry.key());
    QCOMPARE(loaded->settings.notices, notices);
}

void tst_Project::namesWhatAProjectBringsAlong()
{
    ConfigFixture fixture;
    fixture.trust();
    fixture.write("repo/.codex/config.toml", R"(
model_provider = "theirs"
model = "gpt-5.5"
notify = ["x"]
[model_providers.theirs]
name = "t"
base_url = "http://t"
[mcp_servers.a]
command = "run"
args = ["x"]
)");
    const Settings settings = fixture.settings();
    QCOMPARE(settings.trustedProject, true);
    QCOMPARE(settings.provider.baseUrl, u"http://t"_s);
    QCOMPARE(settings.notices, QStringList());
    QCOMPARE(settings.startupLines.size(), 1);
    QCOMPARE(fixture.shortened(settings.startupLines.first()),
             u"The trusted project file ~/repo/.codex/config.toml sets `model_provider`, `notify`, "
             "`model_providers.theirs`, `mcp_servers.a`"_s);
}

void tst_Project::ignoresAProjectThatIsNotTrusted()
{
    const ConfigFixture fixture;
    fixture.write("repo/.codex/config.toml", "model = \"evil\"\n");
    const Settings settings = fixture.settings();
    QCOMPARE(settings.trustedProject, false);
    QCOMPARE(settings.model, u"gpt-6.1-sol"_s);
    QCOMPARE(settings.startupLines.size(), 1);
    QVERIFY(fixture.shortened(settings.startupLines.first())
                .startsWith(u"The settings in ~/repo/.codex/config.toml are ignored: the project is not trusted."_s));
}

void tst_Project::findsTheRootByItsMarkers()
{
    ConfigFixture fixture;
    fixture.options.cwd = fixture.path("repo/sub");
    QCOMPARE(fixture.settings().projectRoot, fixture.path("repo"));
    fixture.options.overrides = {u"project_root_markers=[\"none\"]"_s};
    QCOMPARE(fixture.settings().projectRoot, fixture.path("repo/sub"));
    fixture.options.overrides = {u"project_root_markers=[\"top\"]"_s};
    fixture.write("top", "");
    QCOMPARE(fixture.settings().projectRoot, fixture.path(""));
}

void tst_Project::storesTrustOnce()
{
    const ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"gpt-5.5\""); // no line end
    for (int i = 0; i < 2; ++i)
        QVERIFY(config::trustProject(fixture.path("home"), fixture.path("repo")));
    QCOMPARE(fixture.settings().trustedProject, true);
    QCOMPARE(fixture.settings().model, u"gpt-5.5"_s);
    QVERIFY(config::trustProject(fixture.path("none"), fixture.path("repo")));
    QCOMPARE(QFile::permissions(fixture.path("none/config.toml")) & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
}

QTEST_APPLESS_MAIN(tst_Project)
#include "tst_project.moc"
