#include "support/service.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// The terms on which a session may be made: who may ask for what, and what can be held.
class tst_ServeTerms : public QObject
{
    Q_OBJECT

private slots:
    void letsOnlyApproversAllowWhatNobodyDecides();
    void importsNoApprovalPolicyThatIsLooser();
    void refusesALimitThatItCannotHold();
};

static QByteArray session(const Service &service, const QByteArray &members)
{
    return R"({"cwd":")" + service.program.work().toUtf8() + "\"," + members + '}';
}

/// The status of an answer, and what is wrong.
static QByteArray verdict(const Reply &reply)
{
    const JsonDocument json = reply.json();
    const QByteArray pointer = json.root()["errors"][qsizetype(0)]["pointer"].utf8().toByteArray();
    return QByteArray::number(reply.status) + (' ' + reply.text("code") + ' ' + pointer).trimmed().prepend(' ');
}

void tst_ServeTerms::letsOnlyApproversAllowWhatNobodyDecides()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s});
    service.start();
    const QByteArray approver =
        service.addToken({u"run"_s, u"read"_s, u"approve"_s, u"--sandbox"_s, u"danger-full-access"_s});
    const QByteArray runner = service.addToken({u"run"_s, u"read"_s});
    const auto approval = [](const char *terms) { return R"("approval":)"_ba + terms; };
    const QByteArray open = approval(R"({"policy":"on-request","wait_s":0,"default":"allow"})");
    service.token = approver;
    const Reply loose = service.post("/v1/sessions", session(service, open));
    QCOMPARE(loose.status, 201);
    const QByteArray fork = "/v1/sessions/" + loose.text("id") + "/fork";
    QCOMPARE(service.post(fork, {}).status, 201);
    service.token = runner;
    QCOMPARE(verdict(service.post("/v1/sessions", session(service, open))), "403 scope_missing /approval/default");
    QCOMPARE(verdict(service.post(fork, {})), "403 scope_missing /approval/default");
    const QByteArray asking = approval(R"({"policy":"on-request","wait_s":60})");
    QCOMPARE(service.post("/v1/sessions", session(service, asking)).status, 201);
    for (const char *terms : {R"({"policy":"on-request"})", R"({"default":"allow"})", R"({"wait_s":1})"}) {
        const QByteArray strict =
            service.create(session(service, R"("approval":{"policy":"never"})").sliced(1).chopped(1));
        QCOMPARE(verdict(service.send("PATCH", "/v1/sessions/" + strict, '{' + approval(terms) + '}')),
                 "403 scope_missing /approval");
    }
}

void tst_ServeTerms::importsNoApprovalPolicyThatIsLooser()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s});
    service.start();
    const QByteArray approver =
        service.addToken({u"run"_s, u"read"_s, u"approve"_s, u"--sandbox"_s, u"danger-full-access"_s});
    const QByteArray runner = service.addToken({u"run"_s, u"read"_s});
    service.token = approver;
    const QByteArray loose = R"({"policy":"on-request","wait_s":0,"default":"allow"})";
    const Reply made = service.post("/v1/sessions", session(service, R"("approval":)" + loose));
    const QByteArray path = "/v1/sessions/" + made.text("id"), bundle = service.get(path + "/bundle").body;
    const auto policyFor = [&](const QByteArray &importer) {
        service.token = approver;
        service.send("DELETE", path);
        service.token = importer;
        const Reply imported = service.post("/v1/sessions/import", bundle, {}, "application/gzip");
        const QByteArray told = imported.json().root()["approval"].raw().text;
        return imported.status == 201 && told == service.get(path).json().root()["approval"].raw().text ? told
                                                                                                        : imported.body;
    };
    for (const QByteArray &importer : {approver, runner})
        QCOMPARE(policyFor(importer), R"({"policy":"never","wait_s":0,"default":"deny"})");
    QCOMPARE(service.post("/v1/sessions/import", bundle, {}, "application/gzip").status, 200);
}

/// Nobody knows what `gpt-5.5` costs here.
void tst_ServeTerms::refusesALimitThatItCannotHold()
{
    Service service({u"-c"_s, u"models.\"gpt-test\".price={input=1, output=1}"_s});
    service.start();
    const QByteArray limits = R"("limits":{"cost_usd":5})", refused = "422 validation_failed /limits/cost_usd";
    const Reply made = service.post("/v1/sessions", session(service, limits));
    QCOMPARE(verdict(made), refused);
    QVERIFY2(made.text("detail").contains("what the model `gpt-5.5` costs at the provider `mock` is not known"),
             made.body);
    const QByteArray there =
        "/v1/sessions/" + service.post("/v1/sessions", session(service, R"("title":"x")")).text("id");
    QCOMPARE(verdict(service.send("PATCH", there, '{' + limits + '}')), refused);
    QCOMPARE(verdict(service.post(there + "/turns", R"({"input":"Go",)" + limits + '}')), refused);
    QCOMPARE(service.get(there).number("turns"), 0);
    QCOMPARE(service.post("/v1/sessions", session(service, R"("model":"gpt-test",)" + limits)).status, 201);
}

QTEST_GUILESS_MAIN(tst_ServeTerms)
#include "tst_serve_terms.moc"
