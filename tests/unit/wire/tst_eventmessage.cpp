#include "support/golden.h"
#include "wire/eventmessage.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using namespace nightshift::wire;

/// An instance or more of every kind of event, with every member filled and with as few as there may be.
static const std::vector<Event> everyEvent{
    SessionStarted{u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s, u"m"_s, u"p"_s, u"/w"_s, u"/s/r.jsonl"_s, u"high"_s,
                   u"auto"_s, u"never"_s, u"read-only"_s},
    SessionStarted{u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s, u"m"_s, u"p"_s, u"/w"_s, {}, {}},
    Notice{u"unknown key \"x\""_s},
    QuestionAnswered{json::object({{"type", "conversation_path"}, {"conversation_id", "i"}, {"path", "/s/i"}})},
    TurnStarted{u"t1"_s, 258400},
    TurnStarted{u"t1"_s, 0},
    UserSaid{{u"do it"_s, {u"/w/a.png"_s}}},
    MessageDelta{u"Do"_s},
    MessageCompleted{u"Done.\n"_s, false},
    MessageCompleted{u"No."_s, true},
    ReasoningDelta{u"Hm"_s},
    RawReasoningDelta{u"raw "_s},
    ReasoningPartBegan{},
    ReasoningCompleted{u"**Looking**"_s, {}},
    ReasoningCompleted{{}, u"raw thoughts"_s},
    CommandStarted{u"c1"_s, {{u"/bin/bash"_s, u"-lc"_s, u"ls; exit 3"_s}, u"/w"_s}},
    CommandOutput{u"c1"_s, "a\xC3"},
    CommandFinished{u"c1"_s, {{u"/bin/bash"_s, u"-lc"_s, u"ls; exit 3"_s}, u"/w"_s}, u"out\n"_s, 3, 1534ms},
    CommandFinished{u"c2"_s, {{u"ls"_s, u"a b"_s}, u"/w"_s}, {}, {}, 0ms},
    CommandFinished{u"c2"_s, {{u"ls"_s}, u"/w"_s}, u"it never ran"_s, -1, 0ms},
    PatchStarted{u"c3"_s,
                 {{u"/w/a"_s, FileChange::Kind::Add, u"new\n"_s, {}, {}},
                  {u"/w/b"_s, FileChange::Kind::Delete, u"old\n"_s, {}, {}},
                  {u"/w/c"_s, FileChange::Kind::Update, {}, u"@@ -1 +1 @@\n-x\n+y\n"_s, u"/w/d"_s}}},
    PatchFinished{u"c3"_s, {{u"/w/c"_s, FileChange::Kind::Update, {}, u"@@\n"_s, {}}}, true, u"Success.\n"_s},
    PatchFinished{u"c3"_s, {{u"/w/c"_s, FileChange::Kind::Update, {}, u"@@\n"_s, {}}}, false, u"no such line"_s},
    PlanChanged{u"why"_s,
                {{u"a"_s, PlanStep::Status::Completed},
                 {u"b"_s, PlanStep::Status::InProgress},
                 {u"c"_s, PlanStep::Status::Pending}}},
    DiffChanged{u"diff --git a/a b/a\n"_s},
    ReviewStarted{u"Review the current changes"_s, u"current changes"_s},
    ReviewFinished{RawJson{R"({"findings":[],"overall_explanation":"fine"})"}},
    ReviewFinished{{}},
    PlanChanged{{}, {}},
    PlanClosed{{{u"a"_s, PlanStep::Status::Completed}}},
    McpCallStarted{u"c4"_s, {u"t"_s, u"echo"_s, {R"({"text":"hi"})"}}},
    McpCallStarted{u"c4"_s, {u"t"_s, u"echo"_s, {}}},
    McpCallFinished{u"c4"_s,
                    {u"t"_s, u"echo"_s, {R"({"text":"hi"})"}},
                    RawJson{R"({"content":[],"structuredContent":{"b":1,"a":2}})"},
                    {},
                    false,
                    6ms},
    McpCallFinished{u"c4"_s, {u"t"_s, u"echo"_s, {"{}"}}, RawJson{R"({"content":[],"isError":true})"}, {}, true, 6ms},
    McpCallFinished{u"c4"_s, {u"t"_s, u"echo"_s, {"{}"}}, {}, u"server gone"_s, true, 6ms},
    McpCallFinished{u"c4"_s, {u"t"_s, u"echo"_s, {"{}"}}, {}, {}, true, 0ms},
    SearchStarted{u"ws_1"_s},
    SearchFinished{u"ws_1"_s, u"qt6 json"_s, {R"({"type":"search","query":"qt6 json"})"}},
    SearchFinished{u"ws_1"_s, {}, {}},
    UsageReported{{1000, 600, 5, 50, 10}, {3000, 1800, 15, 150, 30}, 258400},
    ContextCompacted{244800, 12345},
    ApprovalRequested{{.id = u"a1"_s,
                       .call = u"c5"_s,
                       .kind = Approval::Kind::Sandbox,
                       .reason = u"needs the network"_s,
                       .command = CommandLine{{u"curl"_s, u"x y"_s}, u"/w"_s, {}},
                       .requestedAt = 1795225968123,
                       .expiresAt = 1795226568123}},
    ApprovalRequested{{.id = u"a2"_s,
                       .call = u"c6"_s,
                       .kind = Approval::Kind::Patch,
                       .reason = u"outside"_s,
                       .changes = {{.path = u"/w/new.txt"_s, .kind = FileChange::Kind::Add, .content = u"n\n"_s}},
                       .requestedAt = 1795225968000}},
    ApprovalRequested{{.id = u"a3"_s,
                       .call = u"c7"_s,
                       .kind = Approval::Kind::Tool,
                       .reason = {},
                       .tool = u"mcp__t__echo"_s,
                       .arguments = {R"({"text":"hi"})"},
                       .requestedAt = 1795225968000}},
    ApprovalResolved{.approvalId = u"a1"_s,
                     .call = u"c5"_s,
                     .decision = ApprovalResolved::Decision::Rewrite,
                     .by = u"token ci"_s,
                     .scope = ApprovalResolved::Scope::Session,
                     .message = u"use the mirror"_s,
                     .command = u"curl mirror"_s},
    ApprovalResolved{.approvalId = u"a2"_s,
                     .call = u"c6"_s,
                     .decision = ApprovalResolved::Decision::Expired,
                     .by = u"timeout"_s,
                     .message = {},
                     .command = {}},
    HookDecided{.source = u"h.mjs"_s,
                .hook = u"onCommand"_s,
                .decision = u"deny"_s,
                .failed = true,
                .reason = u"no answer within 5 s"_s,
                .call = u"c8"_s,
                .what = u"git push"_s,
                .duration = 5000ms},
    HookDecided{.source = u"h.mjs"_s,
                .hook = u"onTurnEnd"_s,
                .decision = u"again"_s,
                .reason = {},
                .call = {},
                .what = {},
                .duration = 1ms},
    RetryScheduled{u"Reconnecting... 1/5 (rate limit)"_s},
    LimitWarning{{FailureCode::LimitCost, 0.8125, 1}},
    LimitReached{{FailureCode::LimitRequests, 5, 5}, u"the limit of 5 model requests is reached"_s},
    WaitStarted{u"rate_limit"_s, u"slow down"_s, 1795225968123},
    WaitStarted{u"budget"_s, {}},
    WaitEnded{u"rate_limit"_s, 1204ms},
    ErrorReported{u"rate limit"_s},
    TurnCompleted{{3000, 1800, 15, 150, 30}, u"Done."_s, true, 432ms},
    TurnCompleted{{}, {}, false, 0ms},
    TurnFailed{{FailureCode::LimitTokens, u"the budget is used up"_s}, 12ms},
    TurnFailed{{FailureCode::Interrupted, u"interrupted"_s}, 0ms},
};

class tst_EventMessage : public QObject
{
    Q_OBJECT

private slots:
    void knowsEveryKindOfEvent();
    void readsBackWhatItWrote();
    void writesTheProtocolsShapes();
    void tellsTheReferenceWhenATurnRan();
    void readsTheReferencesLaterShapeOfChanges();
    void takesAForeignAbortAsAnInterruption();
    void leavesUnknownTypesAlone();
    void writesOneLineWhateverIsSpliced();
};

void tst_EventMessage::knowsEveryKindOfEvent()
{
    QSet<size_t> kinds;
    for (const Event &event : everyEvent)
        kinds += event.index();
    QCOMPARE(size_t(kinds.size()), std::variant_size_v<Event>);
}

void tst_EventMessage::readsBackWhatItWrote()
{
    for (const Event &event : everyEvent) {
        const RawJson message = toMessage(event, {u"t1"_s, 1795225968, 1795225969});
        const auto read = JsonDocument::parse(message.text);
        QVERIFY2(read, message.text.constData());
        QVERIFY2(fromMessage(read->root()) == event, message.text.constData());
    }
}

void tst_EventMessage::writesTheProtocolsShapes()
{
    QByteArray lines;
    for (const Event &event : everyEvent)
        lines += toMessage(event).text + '\n';
    QVERIFY(test::matchesGolden(QStringLiteral(TEST_DATA "/every-event.messages.jsonl"), lines));
}

void tst_EventMessage::tellsTheReferenceWhenATurnRan()
{
    const MessageContext context{u"t1"_s, 1795225968, 1795225969};
    QByteArray lines;
    for (const Event &event : {Event(TurnStarted{u"t1"_s, 258400}), Event(TurnCompleted{{}, u"x"_s, false, 521ms}),
                               Event(TurnFailed{{FailureCode::ProcessLost, u"gone"_s}, 0ms})})
        lines += toMessage(event, context).text + '\n';
    QVERIFY(test::matchesGolden(QStringLiteral(TEST_DATA "/turn-times.messages.jsonl"), lines));
}

void tst_EventMessage::readsTheReferencesLaterShapeOfChanges()
{
    const auto read = JsonDocument::parse(
        "{\"type\":\"patch_apply_end\",\"call_id\":\"c\",\"success\":true,\"stdout\":\"ok\",\"changes\":{\"/w/b\":"
        "{\"type\":\"add\",\"content\":\"hi\"},\"/w/"
        "a\":{\"type\":\"update\",\"unified_diff\":\"@@\",\"move_path\":null}}}");
    QVERIFY(read);
    const Event expected = PatchFinished{
        u"c"_s,
        {{u"/w/a"_s, FileChange::Kind::Update, {}, u"@@"_s, {}}, {u"/w/b"_s, FileChange::Kind::Add, u"hi"_s, {}, {}}},
        true,
        u"ok"_s};
    QVERIFY(fromMessage(read->root()) == expected);
}

void tst_EventMessage::takesAForeignAbortAsAnInterruption()
{
    const auto read = JsonDocument::parse("{\"type\":\"turn_aborted\",\"turn_id\":\"t\",\"reason\":\"replaced\"}");
    QVERIFY(read);
    const Event expected = TurnFailed{{FailureCode::Interrupted, u"the turn was interrupted"_s}, 0ms};
    QVERIFY(fromMessage(read->root()) == expected);
}

void tst_EventMessage::leavesUnknownTypesAlone()
{
    const auto read = JsonDocument::parse("{\"type\":\"thread_settings_applied\"}");
    QVERIFY(read);
    QVERIFY(!fromMessage(read->root()));
    QVERIFY(!fromMessage(JsonView()));
}

void tst_EventMessage::writesOneLineWhateverIsSpliced()
{
    const RawJson message = toMessage(McpCallStarted{u"c"_s, {u"s"_s, u"t"_s, {"{\n \"a\": 1\n}"}}});
    QVERIFY2(!message.text.contains('\n'), message.text.constData());
}

QTEST_APPLESS_MAIN(tst_EventMessage)
#include "tst_eventmessage.moc"
