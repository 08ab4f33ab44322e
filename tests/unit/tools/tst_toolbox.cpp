#include "support/toolsession.h"
#include "tools/answerjob.h"

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_ToolBox : public QObject
{
    Q_OBJECT

private slots:
    void offersWhatTheModelCanUse_data();
    void offersWhatTheModelCanUse();
    void takesTheReferencesArguments_data();
    void takesTheReferencesArguments();
    void staysSmallInARequest();
    void answersUnknownNames_data();
    void answersUnknownNames();
    void neverFinishesInsideItsOwnStart();
    void findsToolsByNamespace_data();
    void findsToolsByNamespace();
    void settlesQueuedWithNothingToDo();
    void completesWhatStillRuns();
    void forgetsAllSessionsWhenSettled();
    void closesThePlanLast();
    void endsSilentlyWhenDeleted();
};

using Events = std::vector<Event>;

static QStringList namesOf(const ToolBox &box)
{
    QStringList names;
    for (const RawJson &definition : box.definitions()) {
        const auto document = JsonDocument::parse(definition.text);
        names += document ? document->root()["name"].toString() : u"no JSON"_s;
    }
    return names;
}

/// Answers with its own name.
class NamedTool : public Tool
{
public:
    explicit NamedTool(QString name)
        : m_name(std::move(name))
    {}
    QString name() const override { return m_name; }
    RawJson definition() const override { return json::object({{"name", m_name}}); }
    ToolJob *start(const ToolCall &call, QObject *parent) override { return answerText(call, m_name, parent); }

private:
    QString m_name;
};

void tst_ToolBox::offersWhatTheModelCanUse_data()
{
    QTest::addColumn<bool>("plan");
    QTest::addColumn<bool>("images");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("everything") << true << true
                                << QStringList{u"exec_command"_s, u"write_stdin"_s, u"apply_patch"_s, u"update_plan"_s,
                                               u"view_image"_s};
    QTest::newRow("the least") << false << false << QStringList{u"exec_command"_s, u"write_stdin"_s, u"apply_patch"_s};
}

void tst_ToolBox::offersWhatTheModelCanUse()
{
    QFETCH(bool, plan);
    QFETCH(bool, images);
    ToolSession session;
    session.settings.updatePlanTool = plan;
    session.settings.modelInfo.images = images;
    QTEST(namesOf(session.box()), "names");
}

void tst_ToolBox::takesTheReferencesArguments_data()
{
    QTest::addColumn<int>("tool");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("required");
    QTest::newRow("exec_command") << 0 << QStringList{u"cmd"_s,         u"justification"_s,
                                                      u"login"_s,       u"max_output_tokens"_s,
                                                      u"prefix_rule"_s, u"sandbox_permissions"_s,
                                                      u"shell"_s,       u"tty"_s,
                                                      u"workdir"_s,     u"yield_time_ms"_s}
                                  << R"(["cmd"])"_ba;
    QTest::newRow("write_stdin") << 1
                                 << QStringList{u"chars"_s, u"max_output_tokens"_s, u"session_id"_s, u"yield_time_ms"_s}
                                 << R"(["session_id"])"_ba;
    QTest::newRow("update_plan") << 3 << QStringList{u"explanation"_s, u"plan"_s} << R"(["plan"])"_ba;
    QTest::newRow("view_image") << 4 << QStringList{u"path"_s} << R"(["path"])"_ba;
}

void tst_ToolBox::takesTheReferencesArguments()
{
    QFETCH(int, tool);
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, required);
    ToolSession session;
    const auto document = JsonDocument::parse(session.box().definitions().at(size_t(tool)).text);
    QVERIFY(document);
    const JsonView parameters = document->root()["parameters"];
    QStringList names;
    for (const auto &[name, schema] : parameters["properties"].members())
        names += name;
    names.sort();
    QCOMPARE(names, arguments);
    QCOMPARE(parameters["required"].raw().text, required);
    QCOMPARE(parameters["additionalProperties"].raw().text, "false"_ba);
}

void tst_ToolBox::staysSmallInARequest()
{
    ToolSession session;
    session.settings.modelInfo.freeformPatch = true;
    const QByteArray tools = json::array(session.box().definitions()).text;
    QVERIFY2(tools.size() < 5000, QByteArray::number(tools.size()));
}

void tst_ToolBox::answersUnknownNames_data()
{
    QTest::addColumn<ToolCall>("call");
    QTest::addColumn<QByteArray>("answer");
    const QByteArray names = "; there are exec_command, write_stdin, apply_patch, update_plan, view_image";
    QTest::newRow("function") << ToolCall{u"c"_s, u"nope"_s, "{}"} << "unsupported call: nope" + names;
    QTest::newRow("free text") << ToolCall{u"c"_s, u"nope"_s, "hi", ToolCall::Kind::Custom}
                               << "unsupported custom tool call: nope" + names;
    QTest::newRow("free text to a function") << ToolCall{u"c"_s, u"exec_command"_s, "ls", ToolCall::Kind::Custom}
                                             << "unsupported custom tool call: exec_command" + names;
}

void tst_ToolBox::answersUnknownNames()
{
    QFETCH(ToolCall, call);
    QFETCH(QByteArray, answer);
    ToolSession session;
    QCOMPARE(session.ask(call), answer);
    QCOMPARE(session.events, Events());
}

void tst_ToolBox::neverFinishesInsideItsOwnStart()
{
    ToolSession session;
    QObject owner;
    for (const auto &[tool, arguments] :
         std::initializer_list<std::pair<QString, QByteArray>>{{u"nope"_s, "{}"},
                                                               {u"exec_command"_s, "{"},
                                                               {u"exec_command"_s, R"({"cmd":"ls","workdir":"nope"})"},
                                                               {u"write_stdin"_s, R"({"session_id":1})"},
                                                               {u"update_plan"_s, R"({"plan":[]})"},
                                                               {u"view_image"_s, R"({"path":"nope.png"})"},
                                                               {u"apply_patch"_s, R"({"input":"nonsense"})"}}) {
        QSignalSpy finished(session.box().call({u"c"_s, tool, arguments}, &owner), &ToolJob::finished);
        QCOMPARE(finished.size(), 0);
        QTRY_COMPARE(finished.size(), 1);
    }
}

void tst_ToolBox::findsToolsByNamespace_data()
{
    QTest::addColumn<QString>("nameSpace");
    QTest::addColumn<QString>("name");
    QTest::newRow("apart") << u"mcp__docs"_s << u"find"_s;
    QTest::newRow("in one") << QString() << u"mcp__docs__find"_s;
    QTest::newRow("a namespace of the server's own") << u"functions"_s << u"mcp__docs__find"_s;
}

void tst_ToolBox::findsToolsByNamespace()
{
    QFETCH(QString, nameSpace);
    QFETCH(QString, name);
    ToolSession session;
    session.box().add(std::make_unique<NamedTool>(u"mcp__docs__find"_s));
    QCOMPARE(namesOf(session.box()).last(), u"mcp__docs__find"_s);
    QCOMPARE(session.ask({u"c"_s, name, "{}", ToolCall::Kind::Function, nameSpace}), "mcp__docs__find"_ba);
}

void tst_ToolBox::settlesQueuedWithNothingToDo()
{
    ToolSession session;
    QSignalSpy settled(&session.box(), &ToolBox::settled);
    session.box().settle();
    QCOMPARE(settled.size(), 0);
    QVERIFY(settled.wait());
    QCOMPARE(session.events, Events());
}

void tst_ToolBox::completesWhatStillRuns()
{
    ToolSession session;
    session.ask(u"exec_command"_s, R"({"cmd":"echo a; sleep 1000","yield_time_ms":1})");
    QTRY_COMPARE(session.streamed, "a\n"_ba);
    QSignalSpy settled(&session.box(), &ToolBox::settled);
    session.box().settle();
    QVERIFY(settled.wait());
    QCOMPARE(session.events.size(), 2);
    const auto finished = std::get<CommandFinished>(session.events.back());
    QCOMPARE(finished.output, u"a\n"_s);
    QCOMPARE(finished.exitCode, std::nullopt);
}

void tst_ToolBox::forgetsAllSessionsWhenSettled()
{
    ToolSession session;
    const QByteArray reply = session.ask(u"exec_command"_s, R"({"cmd":"sleep 1000","yield_time_ms":1})");
    const QByteArray number = reply.mid(reply.indexOf("session ID ") + 11, 5).trimmed();
    QSignalSpy settled(&session.box(), &ToolBox::settled);
    session.box().settle();
    QVERIFY(settled.wait());
    QCOMPARE(session.ask(u"write_stdin"_s, R"({"session_id":)" + number + '}'),
             "write_stdin failed: Unknown process id " + number);
    QCOMPARE(session.ask(u"exec_command"_s, R"({"cmd":"echo again"})"), replyOf("exited with code 0", "again\n"));
}

void tst_ToolBox::closesThePlanLast()
{
    ToolSession session;
    session.ask(u"update_plan"_s, R"({"plan":[{"step":"a","status":"pending"}]})");
    session.ask(u"exec_command"_s, R"({"cmd":"sleep 1000","yield_time_ms":1})");
    session.events.clear();
    QSignalSpy settled(&session.box(), &ToolBox::settled);
    session.box().settle();
    QVERIFY(settled.wait());
    QCOMPARE(session.events.size(), 2);
    QVERIFY(std::holds_alternative<CommandFinished>(session.events.front()));
    QCOMPARE(session.events.back(), Event(PlanClosed{{{u"a"_s, PlanStep::Status::Pending}}}));
}

void tst_ToolBox::endsSilentlyWhenDeleted()
{
    ToolSession session;
    QObject owner;
    ToolJob *waiting =
        session.box().call({u"c"_s, u"exec_command"_s, R"({"cmd":"echo $$ $PPID; exec sleep 1000"})"}, &owner);
    QSignalSpy finished(waiting, &ToolJob::finished);
    QTRY_VERIFY(session.streamed.endsWith('\n'));
    session.close();
    for (const QByteArray &process : session.streamed.simplified().split(' '))
        QTRY_VERIFY(!QFile::exists("/proc/"_L1 + QLatin1StringView(process)));
    QCOMPARE(finished.size(), 0);
    QCOMPARE(session.events.size(), 1);
}

QTEST_GUILESS_MAIN(tst_ToolBox)
#include "tst_toolbox.moc"
