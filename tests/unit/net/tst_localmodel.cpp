#include "llm/localmodel.h"
#include "net/networkclient.h"
#include "support/scriptedserver.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::llm;

/// The questions to the model server of this machine, before a run relies on it.
class tst_LocalModel : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void isContentWithAModelThatIsThere_data();
    void isContentWithAModelThatIsThere();
    void pullsAModelThatIsMissing();
    void endsWithTheServersError();
    void endsWhenThePullIsCutShort();
    void namesTheModelsOfLmStudio();
    void saysHowToStartAServer_data();
    void saysHowToStartAServer();
    void takesNobodyElseForAServer();
    void readsLinesOfAPull_data();
    void readsLinesOfAPull();

private:
    Result<> prepare(const QString &model);

    std::unique_ptr<ScriptedServer> m_server;
    ProviderSettings m_provider;
    std::vector<PullProgress> m_shown;
    net::NetworkClient m_http{NetworkOptions{}};
};

void tst_LocalModel::init()
{
    m_server = std::make_unique<ScriptedServer>();
    m_provider = {.id = u"ollama"_s, .name = u"Ollama"_s, .baseUrl = m_server->url(), .wireApi = WireApi::Chat};
    m_shown.clear();
    m_server->routes["GET /v1/models"].body = R"({"object":"list","data":[{"id":"llama3:latest"},{"id":"qwen3:8b"}]})";
}

Result<> tst_LocalModel::prepare(const QString &model)
{
    LocalModel job(m_http, m_provider, model, nullptr);
    std::vector<Result<>> outcomes;
    connect(&job, &LocalModel::pulling, this, [&](const PullProgress &progress) { m_shown.push_back(progress); });
    connect(&job, &LocalModel::finished, this, [&](const Result<> &outcome) { outcomes.push_back(outcome); });
    [&] { QTRY_COMPARE(outcomes.size(), 1u); }();
    return outcomes.empty() ? fail(Error::Kind::Timeout, u"never finished"_s) : outcomes[0];
}

void tst_LocalModel::isContentWithAModelThatIsThere_data()
{
    QTest::addColumn<QString>("model");
    QTest::newRow("as it is listed") << u"qwen3:8b"_s;
    QTest::newRow("without :latest") << u"llama3"_s;
    QTest::newRow("with :latest") << u"llama3:latest"_s;
}

void tst_LocalModel::isContentWithAModelThatIsThere()
{
    QFETCH(const QString, model);
    QCOMPARE(prepare(model), Result<>());
    QCOMPARE(m_server->routed(), QByteArrayList{"GET /v1/models"});
    QVERIFY(m_shown.empty());
}

void tst_LocalModel::pullsAModelThatIsMissing()
{
    m_server->routes["POST /api/pull"].body = R"({"status":"pulling manifest"}
{"status":"pulling 6a07","digest":"sha256:6a07","total":200,"completed":50}
{"status":"pulling 6a07","digest":"sha256:6a07","total":200,"completed":200}
{"status":"success"})"; // the last line has no end
    QCOMPARE(prepare(u"gpt-oss:20b"_s), Result<>());
    QCOMPARE(m_server->routed(),
             (QByteArrayList{"GET /v1/models", R"(POST /api/pull {"model":"gpt-oss:20b","stream":true})"}));
    const std::vector<PullProgress> expected{{u"pulling manifest"_s, {}, 0, 0},
                                             {u"pulling 6a07"_s, u"sha256:6a07"_s, 200, 50},
                                             {u"pulling 6a07"_s, u"sha256:6a07"_s, 200, 200},
                                             {u"success"_s, {}, 0, 0}};
    QVERIFY(m_shown == expected);
}

void tst_LocalModel::endsWithTheServersError()
{
    m_server->routes["POST /api/pull"].body = "{\"status\":\"pulling manifest\"}\n"
                                              "{\"error\":\"pull model manifest: file does not exist\"}\n";
    QCOMPARE(prepare(u"no-such"_s),
             Result<>(fail(Error::Kind::NotFound,
                           u"Ollama could not pull the model `no-such`: pull model manifest: file does not exist"_s)));
}

void tst_LocalModel::endsWhenThePullIsCutShort()
{
    m_server->routes["POST /api/pull"].body = "{\"status\":\"pulling manifest\"}\n";
    QCOMPARE(prepare(u"m"_s).error().message,
             u"Ollama could not pull the model `m`: its answer ended before the model was complete"_s);
    m_server->routes["POST /api/pull"] = {.status = 500, .body = "oops"};
    QVERIFY(!prepare(u"m"_s));
}

void tst_LocalModel::namesTheModelsOfLmStudio()
{
    m_provider.id = u"lmstudio"_s;
    m_provider.name = u"LM Studio"_s;
    QCOMPARE(
        prepare(u"openai/gpt-oss-20b"_s).error().message,
        u"LM Studio has no model `openai/gpt-oss-20b`; get it with `lms get openai/gpt-oss-20b`, or take one it has "
        "with -m: llama3:latest, qwen3:8b"_s);
    m_server->routes["GET /v1/models"].body = R"({"data":[]})";
    QVERIFY(prepare(u"m"_s).error().message.endsWith(u"with -m: (none)"_s));
}

void tst_LocalModel::saysHowToStartAServer_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("advice");
    QTest::newRow("ollama") << u"ollama"_s << u"start it with `ollama serve`"_s;
    QTest::newRow("lmstudio") << u"lmstudio"_s << u"start it with `lms server start`"_s;
}

void tst_LocalModel::saysHowToStartAServer()
{
    QFETCH(const QString, id);
    QFETCH(const QString, advice);
    m_provider.id = id;
    m_server.reset(); // its port is free now
    const Result<> outcome = prepare(u"m"_s);
    QCOMPARE(outcome.error().kind, Error::Kind::Network);
    QVERIFY(outcome.error().message.startsWith(u"No running Ollama server was found at "_s + m_provider.baseUrl));
    QVERIFY2(outcome.error().message.contains(advice), qPrintable(outcome.error().message));
}

void tst_LocalModel::takesNobodyElseForAServer()
{
    m_server->routes.clear();
    QVERIFY(prepare(u"m"_s).error().message.contains(u"(what is there answers 404)"_s));
}

void tst_LocalModel::readsLinesOfAPull_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QString>("problem");
    QTest::newRow("progress") << R"({"status":"verifying"})"_ba << QString();
    QTest::newRow("error") << R"({"error":"no space left"})"_ba << u"no space left"_s;
    QTest::newRow("other")
        << "<html>"_ba << u"an unexpected line: line 1, column 1: unexpected character, expected a valid root value"_s;
}

void tst_LocalModel::readsLinesOfAPull()
{
    QFETCH(const QByteArray, line);
    QFETCH(const QString, problem);
    const auto read = readPullLine(line);
    QCOMPARE(read ? QString() : read.error().message, problem);
}

QTEST_GUILESS_MAIN(tst_LocalModel)
#include "tst_localmodel.moc"
