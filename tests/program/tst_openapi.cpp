#include "http/problem.h"
#include "support/apidescription.h"
#include "support/serviceclient.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What openapi.json says, against what there is.
class tst_OpenApi : public QObject
{
    Q_OBJECT

private slots:
    void describesEveryRouteAndNoOther();
    void namesEveryProblem();
    void isShownToEverybody();
    void foretellsAnswersOfEveryRoute();
    void givesExamplesThatWork();
};

/// "GET /v1/info for read"
static QStringList describedRoutes()
{
    QStringList routes;
    const QJsonObject paths = apiDescription()["paths"_L1].toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject operations = path->toObject();
        for (auto each = operations.begin(); each != operations.end(); ++each) {
            if (each.key() == "parameters"_L1)
                continue;
            const QString scope = (*each)["x-scope"_L1].toString(u"everybody"_s);
            routes += u"%1 %2 for %3"_s.arg(each.key().toUpper(), path.key(), scope);
        }
    }
    routes.sort();
    return routes;
}

void tst_OpenApi::describesEveryRouteAndNoOther()
{
    Program program;
    program.environment.insert(u"NIGHTSHIFT_LOG"_s, u"http=debug"_s);
    ServiceClient client(program);
    QStringList routes;
    for (const QByteArray &line : client.run().err().split('\n')) {
        if (const qsizetype at = line.indexOf(": route "); at >= 0)
            routes += QString::fromUtf8(line.sliced(at + 8)).replace(u"*}"_s, u"}"_s);
    }
    routes.sort();
    QStringList undescribed, unbuilt;
    for (const QString &route : routes) {
        if (!describedRoutes().contains(route))
            undescribed += route;
    }
    for (const QString &route : describedRoutes()) {
        if (!routes.contains(route))
            unbuilt += route;
    }
    QCOMPARE(undescribed, QStringList()); // describe them in resources/openapi.json
    QCOMPARE(unbuilt, QStringList());
    QVERIFY(routes.contains(u"GET /v1/info for read"_s));
}

void tst_OpenApi::namesEveryProblem()
{
    QStringList codes, described;
    for (int code = 0; code <= int(http::ProblemCode::DiskFull); ++code)
        codes += QLatin1StringView(http::kindOf(http::ProblemCode(code)).name);
    const QJsonObject problem = apiDescription()["components"_L1]["schemas"_L1]["Problem"_L1].toObject();
    for (const QJsonValue &code : problem["properties"_L1]["code"_L1]["enum"_L1].toArray())
        described += code.toString();
    QCOMPARE(described, codes);
}

void tst_OpenApi::isShownToEverybody()
{
    Program program;
    ServiceClient client(program, {u"--listen"_s, u"127.0.0.1:0"_s});
    client.token.clear();
    const Reply reply = client.get("/openapi.json");
    QCOMPARE(reply.status, 200);
    QCOMPARE(QJsonDocument::fromJson(reply.body).object(), apiDescription());
    QCOMPARE(client.get("/v1/info").status, 401);
}

void tst_OpenApi::foretellsAnswersOfEveryRoute()
{
    Program program;
    ServiceClient client(program);
    for (const QString &route : describedRoutes()) {
        const QByteArrayList words =
            route.toUtf8().replace("{id}", "nobody").replace("{", "").replace("}", "").split(' ');
        const Reply reply = client.ask(words[0], words[1], words[0] == "GET" || words[0] == "DELETE" ? "" : "{}",
                                       {"Accept: application/json, text/plain, */*;q=0.1"});
        QVERIFY2(reply.status != 0 && reply.status < 500, qPrintable(route));
    }
}

/// The examples of a request's body.
static QByteArrayList examples(const QJsonObject &operation)
{
    QByteArrayList bodies;
    const QJsonObject content = operation["requestBody"_L1]["content"_L1]["application/json"_L1].toObject();
    const QJsonObject examples = content["examples"_L1].toObject();
    for (const QJsonValue &example : examples)
        bodies += QJsonDocument(example["value"_L1].toObject()).toJson(QJsonDocument::Compact);
    return bodies;
}

/// Something that there is, for the path of an operation.
static QByteArray existing(ServiceClient &client, const QByteArray &path)
{
    if (!path.contains("{id}"))
        return path;
    const bool isWebhook = path.startsWith("/v1/webhooks");
    const Reply made = isWebhook ? client.post("/v1/webhooks", json::object({{"url", "http://127.0.0.1:9/"}}).text)
                                 : client.post("/v1/sessions", json::object({{"provider", "demo"}}).text);
    const JsonDocument object = made.json();
    return QByteArray(path).replace("{id}", object.root()["id"].utf8().toByteArray());
}

void tst_OpenApi::givesExamplesThatWork()
{
    Program program;
    ServiceClient client(program);
    const QJsonObject paths = apiDescription()["paths"_L1].toObject();
    int count = 0;
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        for (const char *method : {"post", "patch"}) {
            for (QByteArray body : examples(path.value()[QLatin1StringView(method)].toObject())) {
                body.replace("/src/app", program.work().toUtf8());
                // Each waits, for no two sessions work in one tree at the same time.
                const QByteArray target = existing(client, path.key().toUtf8());
                const Reply reply = client.ask(QByteArray(method).toUpper(), target, body, {"Prefer: wait=60"});
                QVERIFY2(reply.status >= 200 && reply.status < 300, target + ' ' + body + '\n' + reply.body);
                ++count;
            }
        }
    }
    QVERIFY(count >= 8);
}

QTEST_GUILESS_MAIN(tst_OpenApi)
#include "tst_openapi.moc"
