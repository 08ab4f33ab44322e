#include "configfixture.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using Mode = SandboxPolicy::Mode;

/// Permission profiles and granular approval.
class tst_Permissions : public QObject
{
    Q_OBJECT

private slots:
    void aProfileIsAPolicy_data();
    void aProfileIsAPolicy();
    void refusesWhatCannotBeEnforced_data();
    void refusesWhatCannotBeEnforced();
    void sandboxModeBeatsAProfile();
    void aProjectCannotChooseAProfile();
    void granularApprovalIsApproval_data();
    void granularApprovalIsApproval();
};

/// Absolute paths in the texts below start with ~.
static QByteArray inFolder(const ConfigFixture &fixture, QByteArray text)
{
    return text.replace('~', fixture.path(".").chopped(2).toUtf8());
}

void tst_Permissions::aProfileIsAPolicy_data()
{
    QTest::addColumn<QByteArray>("settings");
    QTest::addColumn<SandboxPolicy>("expected");
    const auto row = [](const char *name, const QByteArray &settings, const SandboxPolicy &expected) {
        QTest::newRow(name) << settings << expected;
    };
    row("read-only", "default_permissions = ':read-only'", {.excludeSlashTmp = true, .excludeTmpdirEnvVar = true});
    row("workspace", "default_permissions = ':workspace'", {.mode = Mode::WorkspaceWrite});
    row("everything", "default_permissions = ':danger-full-access'", {.mode = Mode::DangerFullAccess});
    row("one more folder, git and the network",
        "default_permissions = 'mine'\n[permissions.mine]\nextends = ':workspace'\ndescription = 'd'\n"
        "network.enabled = true\n[permissions.mine.filesystem]\n'~/extra' = 'write'\n"
        "':workspace_roots' = {'.git' = 'write'}\n':slash_tmp' = 'read'\n",
        {.mode = Mode::WorkspaceWrite,
         .writableRoots = {u"~/extra"_s},
         .networkAccess = true,
         .excludeSlashTmp = true,
         .git = true});
    row("from nothing",
        "default_permissions = 'mine'\n[permissions.mine.filesystem]\n':root' = 'read'\n"
        "':project_roots' = {'.' = 'write', 'out' = 'write'}\n",
        {.mode = Mode::WorkspaceWrite,
         .writableRoots = {u"~/repo/out"_s},
         .excludeSlashTmp = true,
         .excludeTmpdirEnvVar = true});
    row("from another profile",
        "default_permissions = 'b'\n[permissions.a]\nextends = ':workspace'\nworkspace_roots = ['~/x']\n"
        "[permissions.b]\nextends = 'a'\n[permissions.b.filesystem]\n':tmpdir' = 'read'\n",
        {.mode = Mode::WorkspaceWrite, .writableRoots = {u"~/x"_s}, .excludeTmpdirEnvVar = true});
}

void tst_Permissions::aProfileIsAPolicy()
{
    QFETCH(const QByteArray, settings);
    QFETCH(const SandboxPolicy, expected);
    ConfigFixture fixture;
    fixture.write("home/config.toml", inFolder(fixture, settings));
    SandboxPolicy policy = fixture.settings().sandbox;
    for (QString &root : policy.writableRoots)
        root = fixture.shortened(root);
    QCOMPARE(policy, expected);
    QCOMPARE(fixture.settings().notices, QStringList());
}

void tst_Permissions::refusesWhatCannotBeEnforced_data()
{
    QTest::addColumn<QByteArray>("profile");
    QTest::addColumn<QString>("error");
    const QString start = u"the permission profile `mine` cannot be enforced: "_s;
    const auto row = [](const char *name, const QByteArray &profile, const QString &error) {
        QTest::newRow(name) << profile << error;
    };
    row("a profile that is missing", "",
        u"there is no permission profile `mine`: expected :read-only, :workspace, :danger-full-access, or the name of "
        u"a "
        "table permissions.NAME"_s);
    row("deny", "extends = ':workspace'\nfilesystem = {'/secret' = 'deny'}",
        u"~/home/config.toml:4: `permissions.mine.filesystem.\"/secret\"` cannot be enforced: the sandbox lets "
        u"commands "
        "read everything"_s);
    row("a word that is none", "extends = ':workspace'\nfilesystem = {'/secret' = 'wirte'}",
        u"~/home/config.toml:4: `permissions.mine.filesystem.\"/secret\"` is \"wirte\", expected \"read\" or "
        "\"write\""_s);
    row("reading only a part", "filesystem = {':minimal' = 'read'}",
        start + u"the sandbox lets commands read everything; say so with filesystem.\":root\" = \"read\", or extend "
                ":read-only"_s);
    row("writing only elsewhere", "extends = ':read-only'\nfilesystem = {'/out' = 'write'}",
        start + u"where anything is writable, the working folder is; say so with filesystem.\":workspace_roots\" = "
                "\"write\""_s);
    row("a network for readers", "extends = ':read-only'\nnetwork.enabled = true",
        start + u"a run that may write nothing has no network"_s);
    row("a list of hosts", "extends = ':workspace'\nnetwork.domains = ['a']",
        u"~/home/config.toml:4: `permissions.mine.network.domains` cannot be enforced: the sandbox knows only "
        "network.enabled"_s);
    row("a part that stays as it is", "extends = ':workspace'\nfilesystem = {':workspace_roots' = {docs = 'read'}}",
        start + u"~/repo/docs is to be read only, inside a folder that is writable"_s);
    row("a circle", "extends = 'mine'", u"the permission profile `mine` extends itself"_s);
}

void tst_Permissions::refusesWhatCannotBeEnforced()
{
    QFETCH(const QByteArray, profile);
    QFETCH(const QString, error);
    ConfigFixture fixture;
    fixture.write("home/config.toml", "default_permissions = 'mine'\n" +
                                          (profile.isEmpty() ? profile : "[permissions.mine]\n" + profile) + '\n');
    QCOMPARE(fixture.error(), error);
}

void tst_Permissions::sandboxModeBeatsAProfile()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", "default_permissions = ':danger-full-access'\n");
    fixture.options.sandbox = Mode::ReadOnly;
    QCOMPARE(fixture.settings().sandbox, SandboxPolicy());
}

void tst_Permissions::aProjectCannotChooseAProfile()
{
    ConfigFixture fixture;
    fixture.trust();
    fixture.write("repo/.nightshift/config.toml", "default_permissions = ':danger-full-access'\n");
    QCOMPARE(fixture.settings().sandbox, SandboxPolicy());
    QCOMPARE(fixture.settings().notices.size(), 1);
}

void tst_Permissions::granularApprovalIsApproval_data()
{
    QTest::addColumn<QByteArray>("settings");
    QTest::addColumn<bool>("mayAsk");
    QTest::newRow("sandbox") << "approval_policy = {granular = {sandbox_approval = true, rules = false}}"_ba << true;
    QTest::newRow("not the sandbox") << "approval_policy = {granular = {sandbox_approval = false}}"_ba << false;
    QTest::newRow("something else") << "approval_policy = {granular = {rules = true}}"_ba << false;
}

void tst_Permissions::granularApprovalIsApproval()
{
    QFETCH(const QByteArray, settings);
    QFETCH(const bool, mayAsk);
    ConfigFixture fixture;
    fixture.write("home/config.toml", settings + '\n');
    fixture.options.answerable = true;
    QCOMPARE(fixture.settings().approval == ApprovalPolicy::OnRequest, mayAsk);
    fixture.options.answerable = false;
    QCOMPARE(fixture.settings().approval, ApprovalPolicy::Never);
}

QTEST_APPLESS_MAIN(tst_Permissions)
#include "tst_permissions.moc"
