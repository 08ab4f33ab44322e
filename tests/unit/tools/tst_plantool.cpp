#include "base/jsonreader.h"
#include "tools/plantool.h"
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_PlanTool : public QObject
{
    Q_OBJECT

private slots:
    void tellsThePlanAndAnswersLater();
    void explainsWhatIsWrong_data();
    void explainsWhatIsWrong();
    void closesThePlanAsItStands();
    void closesNothingWithoutAPlan();
    void offersTheReferencesParameters();
};

using Events = std::vector<Event>;

static QByteArray answerTo(PlanTool &tool, const QByteArray &arguments)
{
    QObject parent;
    ToolJob *job = tool.start({u"call_1"_s, u"update_plan"_s, arguments}, &parent);
    QSignalSpy finished(job, &ToolJob::finished);
    if (!finished.wait())
        return "no answer";
    return finished.first().first().value<ToolAnswer>().output.text;
}

void tst_PlanTool::tellsThePlanAndAnswersLater()
{
    Events events;
    PlanTool tool([&events](const Event &event) { events.push_back(event); });
    QObject parent;
    const QByteArray arguments = R"({"explanation":"why","plan":[{"step":"look","status":"completed"},)"
                                 R"({"step":"fix","status":"in_progress"},{"step":"test","status":"in_progress"},)"
                                 R"({"step":"tell","status":"pending"}],"unknown":1})";
    ToolJob *job = tool.start({u"call_1"_s, u"update_plan"_s, arguments}, &parent);
    QSignalSpy finished(job, &ToolJob::finished);
    QCOMPARE(finished.size(), 0);
    QVERIFY(finished.wait());
    QCOMPARE(finished.size(), 1);
    QCOMPARE(finished.first().first().value<ToolAnswer>(), (ToolAnswer{u"call_1"_s, {"\"Plan updated\""}}));
    const PlanChanged expected{u"why"_s,
                               {{u"look"_s, PlanStep::Status::Completed},
                                {u"fix"_s, PlanStep::Status::InProgress},
                                {u"test"_s, PlanStep::Status::InProgress},
                                {u"tell"_s, PlanStep::Status::Pending}}};
    QCOMPARE(events, Events{expected});
}

void tst_PlanTool::explainsWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QByteArray>("answer");
    const QByteArray prefix = "\"failed to parse function arguments: ";
    QTest::newRow("no JSON") << "{\"plan\":"_ba << prefix + "line 1, column 9: unexpected end of data\"";
    QTest::newRow("no object") << "[]"_ba << prefix + "expected a JSON object\"";
    QTest::newRow("no plan") << "{\"explanation\":\"x\"}"_ba << prefix + "missing field `plan`\"";
    QTest::newRow("plan of the wrong type")
        << "{\"plan\":\"x\"}"_ba << prefix + "`plan` must be a list of steps, not \\\"x\\\"\"";
    QTest::newRow("unknown status") << R"({"plan":[{"step":"a","status":"pending"},{"step":"b","status":"done"}]})"_ba
                                    << prefix + "`plan[1].status` must be pending, in_progress or completed, "
                                                "not \\\"done\\\"\"";
    QTest::newRow("step of the wrong type")
        << R"({"plan":[{"step":7,"status":"pending"}]})"_ba << prefix + "`plan[0].step` must be a string, not 7\"";
}

void tst_PlanTool::explainsWhatIsWrong()
{
    QFETCH(QByteArray, arguments);
    Events events;
    PlanTool tool([&events](const Event &event) { events.push_back(event); });
    QTEST(answerTo(tool, arguments), "answer");
    QCOMPARE(events, Events());
}

void tst_PlanTool::closesThePlanAsItStands()
{
    Events events;
    PlanTool tool([&events](const Event &event) { events.push_back(event); });
    answerTo(tool, R"({"plan":[{"step":"a","status":"pending"}]})");
    answerTo(tool, R"({"plan":[{"step":"a","status":"completed"}]})");
    tool.close();
    tool.close();
    const std::vector<PlanStep> done{{u"a"_s, PlanStep::Status::Completed}};
    QCOMPARE(events,
             (Events{PlanChanged{{}, {{u"a"_s, PlanStep::Status::Pending}}}, PlanChanged{{}, done}, PlanClosed{done}}));
}

void tst_PlanTool::closesNothingWithoutAPlan()
{
    Events events;
    PlanTool tool([&events](const Event &event) { events.push_back(event); });
    tool.close();
    QCOMPARE(events, Events());
}

void tst_PlanTool::offersTheReferencesParameters()
{
    const auto document = JsonDocument::parse(PlanTool({}).definition().text);
    QVERIFY(document);
    const JsonView parameters = document->root()["parameters"];
    QCOMPARE(document->root()["name"].toString(), u"update_plan"_s);
    QCOMPARE(parameters["required"].raw().text, "[\"plan\"]"_ba);
    const JsonView step = parameters["properties"]["plan"]["items"];
    QCOMPARE(step["required"].raw().text, "[\"step\",\"status\"]"_ba);
    QCOMPARE(step["properties"]["status"]["enum"].raw().text, "[\"pending\",\"in_progress\",\"completed\"]"_ba);
    QCOMPARE(parameters["properties"]["explanation"]["type"].toString(), u"string"_s);
}

QTEST_GUILESS_MAIN(tst_PlanTool)
#include "tst_plantool.moc"
