#include "config/kept.h"
#include "config/sightings.h"
#include "configfixture.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using config::Environment;

class tst_Settings : public QObject
{
    Q_OBJECT

private slots:
    void hasDefaultsWithoutAnyFile();
    void readsWhatTheKeysMean();
    void refusesWrongValues_data();
    void refusesWrongValues();
    void everyLayerBeatsTheOnesBelow();
    void flagsChooseTheSandbox();
    void saysOnceWhichKeysItDoesNotKnow();
    void unknownKeysAreErrorsWhenStrict();
    void findsTheHome();
    void ignoresTheUsersFilesWhenAsked();
    void knowsModels();
    void requirementsBoundTheSandbox();
    void readsMcpServersAndHooks();
    void switchesWebSearchOn_data();
    void switchesWebSearchOn();
    void tellsWhenTheyWouldBeOthers_data();
    void tellsWhenTheyWouldBeOthers();
    void trustsNoFileThatIsBeingWritten();
    void keepsWhatWasMadeUntilAFileChanges();
};

/// Of the built-in providers: never for commands.
static const QStringList credentials{u"NIGHTSHIFT_API_KEY"_s, u"CODEX_API_KEY"_s, u"OPENAI_API_KEY"_s,
                                     u"ANTHROPIC_API_KEY"_s, u"OPENROUTER_API_KEY"_s};

void tst_Settings::hasDefaultsWithoutAnyFile()
{
    const ConfigFixture fixture;
    const Settings settings = fixture.settings();
    QCOMPARE(settings.model, u"gpt-6.1-sol"_s);
    QCOMPARE(settings.provider.id, u"openai"_s);
    QCOMPARE(settings.provider.baseUrl, u"https://api.openai.com/v1"_s);
    QCOMPARE(settings.provider.key.reveal(), "sk-test"_ba);
    QCOMPARE(settings.sandbox, SandboxPolicy());
    QCOMPARE(settings.environment, EnvironmentPolicy{.exclude = credentials});
    QCOMPARE(settings.cwd, fixture.path("repo"));
    QCOMPARE(settings.projectRoot, fixture.path("repo"));
    QCOMPARE(settings.approval, ApprovalPolicy::Never);
    QVERIFY(settings.baseInstructions.contains(u"*** Begin Patch"_s));
    QCOMPARE(settings.notices + settings.startupLines, QStringList());
}

void tst_Settings::readsWhatTheKeysMean()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", R"(
model = "gpt-5.5"
model_provider = "mock"
model_reasoning_effort = "high"
model_reasoning_summary = "none"
service_tier = "fast"
sandbox_mode = "workspace-write"
tools.update_plan.enabled = false
web_search = "live"
notify = ["notify-send", "done"]
model_instructions_file = "prompt.md"
check_for_update_on_startup = false
command_limits.wall_time = "2m30s"
[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:1/v1"
env_key = "MOCK_KEY"
wire_api = "responses"
supports_websockets = false
stream_idle_timeout_ms = 1000
http_headers = { "x-a" = "1" }
env_http_headers = { "x-b" = "B", "x-c" = "C" }
[sandbox_workspace_write]
writable_roots = ["/opt/x", "rel"]
network_access = true
[shell_environment_policy]
inherit = "core"
set = { A = "1" }
[tui]
theme = "dark"
[features]
plugins = false
)");
    fixture.write("home/prompt.md", "Be kind.");
    fixture.options.environment.insert(u"MOCK_KEY"_s, u"k"_s);
    fixture.options.environment.insert(u"B"_s, u"2"_s);
    const Settings settings = fixture.settings();
    QCOMPARE(settings.notices + settings.startupLines, QStringList());
    QCOMPARE(settings.model, u"gpt-5.5"_s);
    QVERIFY(settings.modelInfo.known && settings.modelInfo.freeformPatch);
    QCOMPARE(settings.reasoningEffort, u"high"_s);
    QCOMPARE(settings.reasoningSummary, std::nullopt);
    QCOMPARE(settings.serviceTier, u"priority"_s);
    QCOMPARE(settings.baseInstructions, u"Be kind."_s);
    QCOMPARE(settings.updatePlanTool, false);
    QCOMPARE(settings.webSearch, WebSearch::Live);
    QCOMPARE(settings.notify, QStringList({u"notify-send"_s, u"done"_s}));
    QCOMPARE(settings.commandLimits.wallTime, std::chrono::seconds(150));
    QCOMPARE(settings.provider.key.reveal(), "k"_ba);
    QCOMPARE(settings.provider.streamIdleTimeout, std::chrono::milliseconds(1000));
    QCOMPARE(settings.provider.headers.size(), 2u);
    QCOMPARE(settings.sandbox, (SandboxPolicy{.mode = SandboxPolicy::Mode::WorkspaceWrite,
                                              .writableRoots = {u"/opt/x"_s, fixture.path("home/rel")},
                                              .networkAccess = true}));
    QCOMPARE(settings.environment,
             (EnvironmentPolicy{.inherit = EnvironmentPolicy::Inherit::Core,
                                .exclude = credentials + QStringList{u"MOCK_KEY"_s, u"B"_s, u"C"_s},
                                .set = {{u"A"_s, u"1"_s}}}));
    QCOMPARE(settings.feature(u"plugins", true), false);
}

void tst_Settings::refusesWrongValues_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message");
    const QString at = u"~/home/config.toml:"_s;
    QTest::newRow("syntax") << "model = \n"_ba << at + u"1:9: "_s;
    QTest::newRow("integer for a string")
        << "\nmodel = 3\n"_ba << at + u"2: `model` is an integer, expected a string"_s;
    QTest::newRow("no such choice") << "sandbox_mode = \"foo\"\n"_ba
                                    << at +
                                           u"1: `sandbox_mode` is \"foo\", expected one of read-only, workspace-write, "
                                           "danger-full-access"_s;
    QTest::newRow("untrusted is gone")
        << "approval_policy = \"untrusted\"\n"_ba
        << at + u"1: `approval_policy` is \"untrusted\", expected one of never, on-request, "
                "on-failure"_s;
    QTest::newRow("string for a boolean")
        << "[sandbox_workspace_write]\nnetwork_access = \"yes\"\n"_ba
        << at + u"2: `sandbox_workspace_write.network_access` is a string, expected true or false"_s;
    QTest::newRow("mixed list") << "notify = [\"a\", 1]\n"_ba
                                << at + u"1: `notify` is a list, expected a list of strings"_s;
    QTest::newRow("value for a table") << "sandbox_workspace_write = 3\n"_ba
                                       << at + u"1: `sandbox_workspace_write` is an integer, expected a table"_s;
    QTest::newRow("table for a value") << "[model]\nname = \"x\"\n"_ba
                                       << at + u"2: `model` is a table, expected a string"_s;
    QTest::newRow("negative") << "project_doc_max_bytes = -1\n"_ba
                              << at + u"1: `project_doc_max_bytes` is an integer, expected a whole number from 0 up"_s;
    QTest::newRow("built-in provider")
        << "[model_providers.openai]\nname = \"x\"\n"_ba
        << u"model_providers.openai: the built-in provider `openai` cannot be redefined, "
           "choose another name"_s;
    QTest::newRow("unknown provider")
        << "model_provider = \"nope\"\n"_ba
        << u"Model provider `nope` not found: it is neither built in nor in model_providers"_s;
    QTest::newRow("provider without a model")
        << "model_provider = \"a\"\n[model_providers.a]\nbase_url = \"http://a\"\n"_ba
        << u"No model: name one with -m, or set `model`; the provider `a` has no default"_s;
    QTest::newRow("legacy profile") << "profile = \"x\"\n"_ba
                                    << at + u"1: `profile` is no longer supported; move those settings to "
                                            "~/home/x.config.toml and use --profile x"_s;
    QTest::newRow("missing instructions") << "model_instructions_file = \"no.md\"\n"_ba
                                          << u"model_instructions_file: ~/home/no.md cannot be read: No such file or "
                                             "directory"_s;
    QTest::newRow("server of two kinds")
        << "[mcp_servers.a]\ncommand = \"c\"\nurl = \"http://a\"\n"_ba
        << u"mcp_servers.a: url is not supported for stdio; give either `command` or `url`"_s;
    QTest::newRow("key in the settings")
        << "[mcp_servers.a]\nurl = \"http://a\"\nbearer_token = \"k\"\n"_ba
        << u"mcp_servers.a: bearer_token is not supported; put the key into a variable and name that in "
           "bearer_token_env_var"_s;
    QTest::newRow("server of no kind") << "[mcp_servers.a]\nrequired = true\n"_ba
                                       << u"mcp_servers.a needs either `command` or `url`"_s;
}

void tst_Settings::refusesWrongValues()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    const ConfigFixture fixture;
    fixture.write("home/config.toml", text);
    const QString error = fixture.error();
    if (message.endsWith(u' ')) // the parser's own words follow
        QCOMPARE(error.first(std::min(error.size(), message.size())), message);
    else
        QCOMPARE(error, message);
}

void tst_Settings::everyLayerBeatsTheOnesBelow()
{
    ConfigFixture fixture;
    QStringList models;
    const auto look = [&] { models += fixture.settings().model; };
    fixture.write("etc/config.toml", "model = \"system\"\n");
    look();
    const QByteArray trust = "[projects.\"" + fixture.path("repo").toUtf8() + "\"]\ntrust_level = \"trusted\"\n";
    fixture.write("home/config.toml", "model = \"user\"\n" + trust);
    look();
    fixture.write("home/p.config.toml", "model = \"profile\"\n");
    fixture.options.profile = u"p"_s;
    look();
    fixture.write("repo/.codex/config.toml", "model = \"project\"\n");
    look();
    fixture.write("repo/sub/.nightshift/config.toml", "model = \"below\"\n");
    fixture.options.cwd = fixture.path("repo/sub");
    look();
    fixture.options.overrides = {u"model=one"_s, u"model=override"_s};
    look();
    fixture.write("etc/managed_config.toml", "model = \"managed\"\n");
    look();
    fixture.options.model = u"flag"_s;
    look();
    QCOMPARE(models, u"system user profile project below override managed flag"_s.split(u' '));

    fixture.write("home/config.toml", "openai_base_url = \"http://file/v1\"\n");
    QCOMPARE(fixture.settings().provider.baseUrl, u"http://file/v1"_s);
    fixture.options.environment.insert(u"OPENAI_BASE_URL"_s, u"http://env/v1"_s);
    QCOMPARE(fixture.settings().provider.baseUrl, u"http://env/v1"_s);
    fixture.options.overrides = {u"openai_base_url=http://c/v1"_s};
    QCOMPARE(fixture.settings().provider.baseUrl, u"http://c/v1"_s);
}

void tst_Settings::flagsChooseTheSandbox()
{
    using enum SandboxPolicy::Mode;
    ConfigFixture fixture;
    fixture.options.fullAuto = true;
    QCOMPARE(fixture.settings().sandbox.mode, WorkspaceWrite);
    QVERIFY(fixture.settings().startupLines.join(u'\n').contains(u"--sandbox workspace-write"_s));
    fixture.options.sandbox = ReadOnly;
    QCOMPARE(fixture.settings().sandbox.mode, ReadOnly);
    fixture.options.yolo = true;
    QCOMPARE(fixture.settings().sandbox.mode, DangerFullAccess);
    fixture.options.addDirs = {u"extra"_s, u"/opt/y"_s};
    QCOMPARE(fixture.settings().sandbox.writableRoots, QStringList({fixture.path("repo/extra"), u"/opt/y"_s}));
}

void tst_Settings::saysOnceWhichKeysItDoesNotKnow()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml",
                  "bogus = 1\n[mcp_servers.a]\ncommand = \"a\"\nmodle = 1\n[features]\nnone = true\n");
    fixture.options.overrides = {u"foo.bar=1"_s};
    const QStringList notices = fixture.settings().notices;
    QCOMPARE(notices.size(), 1);
    QCOMPARE(fixture.shortened(notices.first()),
             u"nightshift is ignoring 4 unrecognized configuration settings: `bogus` (~/home/config.toml:1), "
             "`mcp_servers.a.modle` (~/home/config.toml:4), `features.none` (~/home/config.toml:6), `foo` (-c)"_s);
}

void tst_Settings::unknownKeysAreErrorsWhenStrict()
{
    ConfigFixture fixture;
    fixture.options.strict = true;
    fixture.options.overrides = {u"bogus_key=1"_s};
    QCOMPARE(fixture.error(), u"-c: unknown setting `bogus_key`"_s);
    fixture.write("home/config.toml", "bogus = 1\n");
    QCOMPARE(fixture.error(), u"~/home/config.toml:1: unknown setting `bogus`"_s);
}

void tst_Settings::findsTheHome()
{
    ConfigFixture fixture;
    Environment &environment = fixture.options.environment;
    QCOMPARE(fixture.settings().home.config, fixture.path("home"));
    environment[u"CODEX_HOME"_s] = u"/nonexistent"_s;
    QCOMPARE(fixture.error(), u"CODEX_HOME points to \"/nonexistent\", but that path does not exist"_s);
    environment[u"NIGHTSHIFT_HOME"_s] = fixture.path("home");
    QCOMPARE(fixture.settings().home.state, fixture.path("home"));
    environment.remove(u"NIGHTSHIFT_HOME"_s);
    environment.remove(u"CODEX_HOME"_s);
    environment[u"HOME"_s] = fixture.path("");
    QCOMPARE(fixture.settings().home.config, fixture.path(".config/nightshift"));
    QCOMPARE(fixture.settings().home.state, fixture.path(".local/state/nightshift"));
    QDir().mkpath(fixture.path(".codex"));
    QCOMPARE(fixture.settings().home.config, fixture.path(".codex"));
    QCOMPARE(fixture.settings().home.adopted, true);
    QCOMPARE(fixture.settings().startupLines.size(), 1);
    QDir().mkpath(fixture.path(".config/nightshift"));
    QCOMPARE(fixture.settings().home.config, fixture.path(".config/nightshift"));
}

void tst_Settings::ignoresTheUsersFilesWhenAsked()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"user\"\n");
    fixture.write("etc/config.toml", "model = \"system\"\n");
    fixture.options.ignoreUserConfig = true;
    QCOMPARE(fixture.settings().model, u"system"_s);

    fixture.options.ignoreUserConfig = false;
    fixture.options.profile = u"none"_s;
    QCOMPARE(fixture.error(), u"profile `none`: there is no file ~/home/none.config.toml"_s);
    fixture.options.profile = u"../x"_s;
    QCOMPARE(fixture.load().error().kind, Error::Kind::Usage);
}

void tst_Settings::knowsModels()
{
    ConfigFixture fixture;
    fixture.options.model = u"some-model"_s;
    QCOMPARE(fixture.settings().modelInfo, (ModelInfo{.slug = u"some-model"_s}));
    QCOMPARE(
        fixture.settings().notices,
        QStringList{u"Model metadata for `some-model` not found. Defaulting to fallback metadata; this can degrade "
                    "performance and cause issues."_s});
    fixture.write("home/models.json",
                  R"({"models":[{"slug":"some-model","context_window":9000,"apply_patch_tool_type":"freeform"}]})");
    fixture.write("home/config.toml", "model_catalog_json = \"models.json\"\n");
    QCOMPARE(fixture.settings().modelInfo,
             (ModelInfo{.slug = u"some-model"_s, .known = true, .contextWindow = 9000, .freeformPatch = true}));
    QCOMPARE(fixture.settings().notices, QStringList());
}

void tst_Settings::requirementsBoundTheSandbox()
{
    using enum SandboxPolicy::Mode;
    ConfigFixture fixture;
    fixture.write("etc/requirements.toml", "allowed_sandbox_modes = [\"read-only\", \"workspace-write\"]\n");
    QCOMPARE(fixture.settings().notices, QStringList());
    fixture.options.sandbox = DangerFullAccess;
    QCOMPARE(fixture.settings().sandbox.mode, WorkspaceWrite);
    QCOMPARE(fixture.settings().notices.size(), 1);
    fixture.options.yolo = true;
    QCOMPARE(fixture.error(),
             u"~/etc/requirements.toml:1: the sandbox mode danger-full-access is not allowed here, only "
             "read-only, workspace-write"_s);
    fixture.write("etc/requirements.toml", "= 1\n");
    QVERIFY(fixture.error().startsWith(u"~/etc/requirements.toml:1:1: "_s));
}

void tst_Settings::readsMcpServersAndHooks()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", R"(
[mcp_servers.b]
url = "http://b"
bearer_token_env_var = "TOKEN"
[mcp_servers.a]
command = "run"
args = ["x"]
env = { A = "1" }
env_vars = ["SET", { name = "UNSET" }]
tool_timeout_sec = 1.5
tools.t.approval_mode = "approve"
[[hooks.PreToolUse]]
matcher = "Bash"
[[hooks.PreToolUse.hooks]]
type = "command"
command = "check"
timeout = 5
)");
    fixture.options.environment.insert(u"TOKEN"_s, u"t"_s);
    fixture.options.environment.insert(u"SET"_s, u"s"_s);
    const Settings settings = fixture.settings();
    QCOMPARE(settings.mcpServers.size(), 2u);
    const McpServerSettings &a = settings.mcpServers[0];
    QCOMPARE(a.name, u"a"_s);
    QCOMPARE(a.environment, (std::vector<std::pair<QString, QString>>{{u"A"_s, u"1"_s}, {u"SET"_s, u"s"_s}}));
    QCOMPARE(a.toolTimeout, std::chrono::milliseconds(1500));
    QCOMPARE(a.toolApproval[0].second, McpServerSettings::Approval::Approve);
    QCOMPARE(settings.mcpServers[1].bearerToken.reveal(), "t"_ba);
    QCOMPARE(settings.hooks, (std::vector<HookSettings>{{.event = u"PreToolUse"_s,
                                                         .matcher = u"Bash"_s,
                                                         .command = u"check"_s,
                                                         .timeout = std::chrono::seconds(5),
                                                         .source = fixture.path("home/config.toml")}}));
}

void tst_Settings::switchesWebSearchOn_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<WebSearch>("webSearch");
    QTest::addColumn<qsizetype>("notices");
    const QByteArray own = "model = \"gpt-5.5\"\nmodel_provider = \"p\"\n[model_providers.p]\nname = \"p\"\nbase_url = "
                           "\"http://p\"\n";
    QTest::newRow("unasked") << ""_ba << WebSearch::Disabled << qsizetype(0);
    QTest::newRow("setting") << "web_search = \"cached\"\n"_ba << WebSearch::Cached << qsizetype(0);
    QTest::newRow("switch") << "tools.web_search = true\n"_ba << WebSearch::Live << qsizetype(0);
    QTest::newRow("table alone") << "tools.web_search = { context_size = \"low\" }\n"_ba << WebSearch::Disabled
                                 << qsizetype(0);
    QTest::newRow("feature") << "features.web_search_request = true\n"_ba << WebSearch::Live << qsizetype(0);
    QTest::newRow("feature of the cache")
        << "features.web_search_cached = true\n"_ba << WebSearch::Cached << qsizetype(0);
    QTest::newRow("setting beats feature")
        << "web_search = \"disabled\"\nfeatures.web_search_request = true\n"_ba << WebSearch::Disabled << qsizetype(0);
    QTest::newRow("provider that has none") << "web_search = \"live\"\n" + own + "wire_api = \"chat\"\n"
                                            << WebSearch::Live << qsizetype(1);
}

void tst_Settings::switchesWebSearchOn()
{
    QFETCH(const QByteArray, file);
    QFETCH(const WebSearch, webSearch);
    QFETCH(const qsizetype, notices);
    ConfigFixture fixture;
    fixture.write("home/config.toml", file);
    const Settings settings = fixture.settings();
    QCOMPARE(settings.webSearch, webSearch);
    QCOMPARE(settings.notices.filter(u"Web search"_s).size(), notices);
}

void tst_Settings::tellsWhenTheyWouldBeOthers_data()
{
    QTest::addColumn<QByteArray>("file");
    for (const char *file :
         {"etc/config.toml", "etc/managed_config.toml", "etc/requirements.toml", "etc/hooks.json", "home/config.toml",
          "home/hooks.json", "home/auth.json", "home/rules/own.rules", "repo/.codex/config.toml",
          "repo/.nightshift/hooks.json", "repo/.codex/rules/its.rules", "repo/sub/.codex/config.toml", "repo/sub/.git"})
        QTest::newRow(file) << QByteArray(file);
}

void tst_Settings::tellsWhenTheyWouldBeOthers()
{
    QFETCH(const QByteArray, file);
    ConfigFixture fixture;
    fixture.options.cwd = fixture.path("repo/sub");
    fixture.options.trust = true;
    fixture.options.environment.remove(u"OPENAI_API_KEY"_s); // else nobody looks for another key
    config::Sightings sightings;
    {
        const config::Watch watch(sightings);
        QVERIFY(fixture.load());
    }
    QVERIFY(sightings.hold());
    fixture.write("repo/sub/main.cpp", "int main() {}\n"); // of no interest
    QVERIFY(sightings.hold());
    fixture.write(file, "");
    QVERIFY(!sightings.hold());
}

void tst_Settings::trustsNoFileThatIsBeingWritten()
{
    const ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"a\"\n");
    config::Sightings sightings;
    const config::Watch watch(sightings);
    QCOMPARE(fixture.settings().model, u"a"_s);
    QVERIFY(!sightings.hold()); // a `b` in its place need not change its size, nor yet its time
}

void tst_Settings::keepsWhatWasMadeUntilAFileChanges()
{
    const ConfigFixture fixture;
    config::Sightings sightings;
    {
        const config::Watch watch(sightings);
        config::noteSight(fixture.path("repo/notes"));
    }
    config::Kept<QString, int> kept;
    kept.put(u"a"_s, 1, sightings);
    kept.put(u"a"_s, 2, sightings);
    kept.put(u"b"_s, 3, {});
    QCOMPARE(kept.find(u"a"_s) ? *kept.find(u"a"_s) : 0, 2);
    QVERIFY(!kept.find(u"c"_s));
    fixture.write("repo/notes", "");
    QVERIFY(!kept.find(u"a"_s));
    QVERIFY(kept.find(u"b"_s)); // made of no file
    for (int i = 0; i < 1000; ++i)
        kept.put(QString::number(i), i, {});
    QVERIFY(!kept.find(u"0"_s) && kept.find(u"999"_s)); // it is not without bounds
}

QTEST_APPLESS_MAIN(tst_Settings)
#include "tst_settings.moc"
