#include "config/authfile.h"
#include "config/describesettings.h"
#include "configfixture.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Providers : public QObject
{
    Q_OBJECT

private slots:
    void takesTheFirstKeyThereIs();
    void saysWhichKeyIsMissing();
    void aMissingVariableFailsTheTurnOnly();
    void takesTokensFromAProgram();
    void localProvidersNeedAName();
    void hasOurOwnProviders_data();
    void hasOurOwnProviders();
    void keepsLoginsToTheUser();
    void showsEveryValueWithItsOrigin();
    void theReferencePageNamesEveryKey();
};

void tst_Providers::takesTheFirstKeyThereIs()
{
    ConfigFixture fixture;
    fixture.options.environment.remove(u"OPENAI_API_KEY"_s);
    QByteArrayList keys;
    const auto look = [&] { keys += fixture.settings().provider.key.reveal(); };
    look();
    fixture.write("home/auth.json", R"({"OPENAI_API_KEY":"file"})");
    look();
    for (const QString &name : {u"OPENAI_API_KEY"_s, u"CODEX_API_KEY"_s, u"NIGHTSHIFT_API_KEY"_s}) {
        fixture.options.environment.insert(name, name.first(2));
        look();
    }
    QCOMPARE(keys, (QByteArrayList{"", "file", "OP", "CO", "NI"}));
    fixture.write(
        "home/config.toml",
        "model_provider = \"a\"\n[model_providers.a]\nbase_url = \"http://a\"\nrequires_openai_auth = true\n");
    QCOMPARE(fixture.settings().provider.key.reveal(), "NI"_ba);
    QCOMPARE(fixture.settings().model, u"gpt-6.1-sol"_s);
}

void tst_Providers::saysWhichKeyIsMissing()
{
    ConfigFixture fixture;
    QCOMPARE(fixture.settings().provider.keyProblem, QString());
    fixture.options.environment.remove(u"OPENAI_API_KEY"_s);
    QCOMPARE(fixture.settings().provider.keyProblem,
             u"There is no key for the provider `openai`: set NIGHTSHIFT_API_KEY or OPENAI_API_KEY, or run `nightshift "
             "login --with-api-key`; `--provider demo` works without a key"_s);
    fixture.options.provider = u"anthropic"_s;
    QCOMPARE(
        fixture.settings().provider.keyProblem,
        u"There is no key for the provider `anthropic`: set ANTHROPIC_API_KEY; `--provider demo` works without a key"_s);
    fixture.options.provider = u"openai"_s;
    fixture.options.overrides = {u"openai_base_url=http://here/v1"_s};
    QCOMPARE(fixture.settings().provider.keyProblem, QString());
}

void tst_Providers::aMissingVariableFailsTheTurnOnly()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"gpt-5.5\"\nmodel_provider = \"a\"\n[model_providers.a]\n"
                                      "base_url = \"http://a\"\nenv_key = \"A_KEY\"\n");
    const ProviderSettings provider = fixture.settings().provider;
    QCOMPARE(provider.keyProblem, QString());
    QCOMPARE(provider.missingKey, u"Missing environment variable: `A_KEY`."_s);
    fixture.options.environment.insert(u"A_KEY"_s, u"a"_s);
    QCOMPARE(fixture.settings().provider.missingKey, QString());
}

void tst_Providers::takesTokensFromAProgram()
{
    const ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"gpt-5.5\"\nmodel_provider = \"a\"\n[model_providers.a]\n"
                                      "base_url = \"http://a\"\n[model_providers.a.auth]\ncommand = \"token\"\n"
                                      "args = [\"-x\"]\nrefresh_interval_ms = 0\n");
    QCOMPARE(fixture.settings().provider.tokenCommand, (TokenCommand{.argv = {u"token"_s, u"-x"_s},
                                                                     .cwd = fixture.path("repo"),
                                                                     .refreshInterval = std::chrono::milliseconds(0)}));
}

void tst_Providers::localProvidersNeedAName()
{
    ConfigFixture fixture;
    fixture.options.oss = true;
    QCOMPARE(fixture.error(),
             u"--oss needs to know where: add --local-provider lmstudio or --local-provider ollama, or set "
             "oss_provider to one of them"_s);
    fixture.write("home/config.toml", "oss_provider = \"lmstudio\"\n");
    QCOMPARE(fixture.settings().provider.id, u"lmstudio"_s);
    fixture.options.localProvider = u"ollama"_s;
    QCOMPARE(fixture.settings().provider.id, u"ollama"_s);
    QCOMPARE(fixture.settings().model, u"gpt-oss:20b"_s);
    fixture.options.environment.insert(u"CODEX_OSS_PORT"_s, u"1"_s);
    QCOMPARE(fixture.settings().provider.baseUrl, u"http://localhost:1/v1"_s);
    fixture.options.localProvider = u"other"_s;
    QCOMPARE(fixture.error(), u"--local-provider: `oss_provider` is \"other\", expected one of lmstudio, ollama"_s);
}

void tst_Providers::hasOurOwnProviders_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<WireApi>("wireApi");
    QTest::addColumn<QString>("model");
    QTest::newRow("openai") << u"openai"_s << WireApi::Responses << u"gpt-6.1-sol"_s;
    QTest::newRow("ollama") << u"ollama"_s << WireApi::Chat << u"gpt-oss:20b"_s;
    QTest::newRow("lmstudio") << u"lmstudio"_s << WireApi::Chat << u"openai/gpt-oss-20b"_s;
    QTest::newRow("anthropic") << u"anthropic"_s << WireApi::Messages << u"claude-sonnet-5-5"_s;
    QTest::newRow("demo") << u"demo"_s << WireApi::Responses << u"demo"_s;
}

void tst_Providers::hasOurOwnProviders()
{
    QFETCH(QString, id);
    QFETCH(WireApi, wireApi);
    QFETCH(QString, model);
    ConfigFixture fixture;
    fixture.options.provider = id;
    const Settings settings = fixture.settings();
    QCOMPARE(settings.provider.id, id);
    QCOMPARE(settings.provider.wireApi, wireApi);
    QCOMPARE(settings.model, model);
    QVERIFY(settings.modelInfo.known);
    QCOMPARE(settings.notices, QStringList());
}

void tst_Providers::keepsLoginsToTheUser()
{
    using namespace config;
    const ConfigFixture fixture;
    const QString home = fixture.path("new/home");
    QVERIFY(writeLogin(home, Secret(" sk-1\n")));
    QCOMPARE(readLogin(home).apiKey.reveal(), "sk-1"_ba);
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QCOMPARE(QFile::permissions(home) & others, QFile::Permissions());
    QCOMPARE(QFile::permissions(home + u"/auth.json"_s) & others, QFile::Permissions());
    QCOMPARE(removeLogin(home), Result<bool>(true));
    QCOMPARE(removeLogin(home), Result<bool>(false));
    QVERIFY(!writeLogin(home, Secret(" \n")));
    fixture.write("home/auth.json", "{broken");
    QVERIFY(readLogin(fixture.path("home")).apiKey.isEmpty());
}

void tst_Providers::showsEveryValueWithItsOrigin()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"gpt-5.5\"\nmodel_provider = \"a\"\n[model_providers.a]\n"
                                      "base_url = \"http://a\"\nexperimental_bearer_token = \"sk-secret\"\n");
    fixture.options.sandbox = SandboxPolicy::Mode::WorkspaceWrite;
    const QStringList lines = fixture.shortened(config::describeSettings(*fixture.load())).split(u'\n');
    const auto shows = [&](const QString &setting, const QString &origin) {
        return std::ranges::any_of(lines, [&](const QString &line) {
            return line.section(u"  # "_s, 0, 0).trimmed() == setting && line.section(u"  # "_s, 1) == origin;
        });
    };
    QVERIFY(shows(u"model = \"gpt-5.5\""_s, u"user (~/home/config.toml:1)"_s));
    QVERIFY(shows(u"model_providers.a.experimental_bearer_token = \"********\""_s, u"user (~/home/config.toml:5)"_s));
    QVERIFY(shows(u"sandbox_mode = \"workspace-write\""_s, u"flag (-s)"_s));
    QVERIFY(shows(u"project_doc_max_bytes = 32768"_s, u"default"_s));
    QVERIFY(!lines.join(u'\n').contains(u"sk-secret"_s));
}

void tst_Providers::theReferencePageNamesEveryKey()
{
    const QString page = config::describeKeys();
    QVERIFY(page.contains(
        u"| `sandbox_mode` | `read-only`, `workspace-write`, `danger-full-access` | `\"read-only\"` |"_s));
    QVERIFY(!page.contains(u"|  |\n"_s)); // a key without help
}

QTEST_APPLESS_MAIN(tst_Providers)
#include "tst_providers.moc"
