#include "api/requestsettings.h"
#include "domain/sandboxbound.h"
#include "support/apidescription.h"
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::api;

/// What bodies may say, against what openapi.json describes, and how a sandbox is kept within a bound.
class tst_Access : public QObject
{
    Q_OBJECT

private slots:
    void describesTheSettingsThatItTakes_data();
    void describesTheSettingsThatItTakes();
    void refusesOthersByName();
    void tellsWhatIsForAdmins();
    void cutsASandboxDown_data();
    void cutsASandboxDown();
};

void tst_Access::describesTheSettingsThatItTakes_data()
{
    QTest::addColumn<int>("in");
    QTest::addColumn<QString>("schema");
    QTest::newRow("new session") << int(RequestSetting::NewSession) << u"NewSession"_s;
    QTest::newRow("turn") << int(RequestSetting::NewTurn) << u"NewTurn"_s;
    QTest::newRow("fork") << int(RequestSetting::Fork) << u"Fork"_s;
    QTest::newRow("change") << int(RequestSetting::Change) << u"SessionChange"_s;
    QTest::newRow("batch") << int(RequestSetting::NewBatch) << u"NewBatch"_s;
    QTest::newRow("what items share") << int(RequestSetting::Shared) << u"BatchSession"_s;
    QTest::newRow("item") << int(RequestSetting::Item) << u"NewBatch"_s;
}

void tst_Access::describesTheSettingsThatItTakes()
{
    QFETCH(const int, in);
    QFETCH(const QString, schema);
    QJsonObject described = test::apiDescription()["components"_L1]["schemas"_L1][schema]["properties"_L1].toObject();
    if (in == RequestSetting::Item)
        described = described["items"_L1]["items"_L1]["properties"_L1].toObject();
    QStringList names = settingNames(RequestSetting::In(in));
    names.sort();
    QCOMPARE(described.keys(), names);
}

void tst_Access::refusesOthersByName()
{
    const auto body = JsonDocument::parse(R"({"cwd":"/","hooks":[],"a/b":1,"title":"t"})");
    std::vector<http::FieldProblem> problems;
    refuseOthers(body->root(), RequestSetting::Fork, u"/x"_s, problems);
    QCOMPARE(problems.size(), 3u);
    QCOMPARE(problems[0],
             (http::FieldProblem{u"/x/hooks"_s,
                                 u"`hooks` is set in the service's own settings only, no request can set it"_s}));
    QCOMPARE(problems[1].pointer, u"/x/a~1b"_s);
    QCOMPARE(problems[2].detail,
             u"`title` is not known here; expected some of cwd, sandbox, network_access, isolation, "
             "at_turn"_s);
}

void tst_Access::tellsWhatIsForAdmins()
{
    const auto script = JsonDocument::parse(R"({"args":null,"script":"x"})");
    QCOMPARE(forAdmins(script->root(), RequestSetting::NewBatch), u"script"_s);
    const auto table = JsonDocument::parse(R"({"prompt":"x"})");
    QCOMPARE(forAdmins(table->root(), RequestSetting::NewBatch), std::nullopt);
}

void tst_Access::cutsASandboxDown_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<bool>("network");
    QTest::addColumn<QString>("most");
    QTest::addColumn<bool>("mostNetwork");
    QTest::addColumn<QString>("result");
    QTest::newRow("within") << u"read-only"_s << false << u"workspace-write"_s << false << u"read-only"_s;
    QTest::newRow("no sandbox") << u"danger-full-access"_s << true << u"workspace-write"_s << false
                                << u"workspace-write"_s;
    QTest::newRow("the network") << u"workspace-write"_s << true << u"workspace-write"_s << true
                                 << u"workspace-write online"_s;
    QTest::newRow("no network") << u"workspace-write"_s << true << u"danger-full-access"_s << false
                                << u"workspace-write"_s;
    QTest::newRow("read only") << u"workspace-write"_s << true << u"read-only"_s << true << u"read-only online"_s;
}

void tst_Access::cutsASandboxDown()
{
    QFETCH(const QString, mode);
    QFETCH(const bool, network);
    QFETCH(const QString, most);
    QFETCH(const bool, mostNetwork);
    const SandboxPolicy kept = bounded({.mode = *sandboxModeFromName(mode), .networkAccess = network},
                                       {*sandboxModeFromName(most), mostNetwork});
    QTEST(sandboxModeName(kept.mode) + (kept.networkAccess ? u" online"_s : QString()), "result");
}

QTEST_GUILESS_MAIN(tst_Access)
#include "tst_access.moc"
