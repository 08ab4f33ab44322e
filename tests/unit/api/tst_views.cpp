#include "api/objects.h"
#include "api/outwardevents.h"
#include "api/sessionlog.h"
#include "api/tombstones.h"
#include "base/ids.h"
#include "store/rollout.h"
#include "wire/eventmessage.h"
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::api;
using std::chrono::milliseconds;

/// What the service makes of requests and of logs, line by line: FieldReader, SessionView, OutwardEvents.
class tst_Views : public QObject
{
    Q_OBJECT

private slots:
    void readsFieldsAndNamesWhatIsWrong_data();
    void readsFieldsAndNamesWhatIsWrong();
    void readsWhatASessionIsAskedToBe();
    void followsATurnFromItsInputToItsEnd();
    void countsWhatAForkUsesItself();
    void countsWaitsByWhatIsWaitedFor();
    void showsOneWaitAtATime();
    void waitsForTheBudgetOfTheNextTurn();
    void putsWhatReplacesFirst();
    void tellsWhoseTurnAnEventIs();
    void numbersDeltasAsTheirItems();
    void snapshotsWhatIsUnderWay();
    void remembersWhatWasDeleted();
    void forgetsWhatWasDeletedLongAgo();
    void readsWhatIsWrittenWhileItTells();
};

/// The lines of a log as readers give them, at one second from each other.
class Log
{
public:
    LoggedEvent line(const Event &event)
    {
        LoggedEvent logged = next(wire::toMessage(event));
        logged.event = event;
        return logged;
    }
    LoggedEvent fact(const QByteArray &object) { return next({object}); }

private:
    LoggedEvent next(const RawJson &payload)
    {
        const QByteArray second = QByteArray::number(++m_seq).rightJustified(2, '0');
        return {.seq = m_seq,
                .time = "2026-11-21T00:00:" + second + ".000Z",
                .payload = *JsonDocument::parse(payload.text)};
    }
    qint64 m_seq = 0;
};

static LoggedEvent queued(Log &log, const char *turn, int position)
{
    return log.fact("{\"type\":\"turn.queued\",\"position\":" + QByteArray::number(position) + ",\"turn_id\":\"" +
                    turn + "\"}");
}

static const QByteArray accepted =
    R"({"type":"input.accepted","as":"queue","input":[{"type":"text","text":"Go"}],"turn_id":"a"})";

void tst_Views::readsFieldsAndNamesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("wrong");
    QTest::newRow("nothing") << "{}"_ba << QString();
    QTest::newRow("all of it") << R"({"name":"n","on":true,"count":3,"share":0.5,"way":"left","of":{"a":"b"}})"_ba
                               << QString();
    QTest::newRow("null is missing") << R"({"name":null,"on":null})"_ba << QString();
    QTest::newRow("types") << R"({"name":1,"on":"yes","count":"3","share":[],"of":"x"})"_ba
                           << u"/name /on /count /share /of"_s;
    QTest::newRow("bounds") << R"({"count":0,"share":-1,"way":"up"})"_ba << u"/count /share /way"_s;
    QTest::newRow("in an object") << R"({"of":{"a":1}})"_ba << u"/of/a"_s;
    QTest::newRow("in a list") << R"({"list":[{"name":"n"},{"name":2,"b":1}]})"_ba << u"/list/1/name /list/1/b"_s;
    QTest::newRow("unknown") << R"({"a~/b":1})"_ba << u"/a~0~1b"_s;
}

void tst_Views::readsFieldsAndNamesWhatIsWrong()
{
    QFETCH(QByteArray, body);
    QFETCH(QString, wrong);
    const auto document = readBody(body);
    QVERIFY(document);
    std::vector<http::FieldProblem> problems;
    FieldReader fields(document->root(), problems);
    fields.string("name");
    fields.boolean("on");
    fields.integer("count");
    fields.positive("share");
    fields.word("way", {u"left"_s, u"right"_s});
    fields.strings("of");
    for (FieldReader &each : fields.objects("list")) {
        each.string("name");
        each.finish();
    }
    fields.finish();
    QStringList pointers;
    for (const http::FieldProblem &problem : problems)
        pointers += problem.pointer;
    QCOMPARE(pointers.join(u' '), wrong);
    QCOMPARE(judge(problems).has_value(), wrong.isEmpty());
}

void tst_Views::readsWhatASessionIsAskedToBe()
{
    const auto document = readBody(
        R"({"cwd":"/w","sandbox":"read-only","approval":{"policy":"on-request","wait_s":60},"on_restart":"resume",)"
        R"("limits":{"turns":5,"cost_usd":0.5},"input":"Go","when_busy":"steer"})");
    std::vector<http::FieldProblem> problems;
    FieldReader fields(document->root(), problems);
    const SessionOptions options = readSessionOptions(fields);
    const TurnOptions turn = readTurnOptions(fields);
    fields.finish();
    QVERIFY(problems.empty());
    SessionOptions expected{.cwd = u"/w"_s, .sandbox = u"read-only"_s, .onRestart = u"resume"_s};
    expected.approval = {u"on-request"_s, 60, u"deny"_s};
    expected.limits = {.turns = 5, .costUsd = 0.5};
    QCOMPARE(options, expected);
    TurnOptions asked;
    asked.input = {{InputPart::Kind::Text, u"Go"_s}};
    asked.whenBusy = u"steer"_s;
    QCOMPARE(turn, asked);
    QVERIFY(!readBody("{"));
}

void tst_Views::followsATurnFromItsInputToItsEnd()
{
    Log log;
    SessionView view{.id = u"s"_s};
    const auto statusAfter = [&](const LoggedEvent &line) {
        view.follow(line);
        return QByteArray(view.status());
    };
    QCOMPARE(statusAfter(log.fact(R"({"type":"session.created","cwd":"/w","model":"m","provider":"p"})")), "idle");
    QCOMPARE(statusAfter(log.fact(accepted)), "idle");
    QCOMPARE(statusAfter(queued(log, "a", 1)), "queued");
    QCOMPARE(statusAfter(log.line(TurnStarted{u"a"_s, 0})), "running");
    view.follow(log.line(CommandFinished{u"c"_s, {{u"false"_s}, u"/w"_s}, {}, 1, {}}));
    view.follow(log.line(UsageReported{{100, 0, 0, 10, 0}, {100, 0, 0, 10, 0}, 0}));
    view.follow(log.line(UsageReported{{}, {100, 0, 0, 10, 0}, 0})); // the server did not say
    QCOMPARE(statusAfter(log.line(TurnCompleted{{100, 0, 0, 10, 0}, u"Done."_s, false, milliseconds(7)})), "idle");
    const TurnView *turn = view.find(u"last"_s);
    QVERIFY(turn && turn == view.find(u"t_1"_s) && turn == view.find(u"A"_s));
    QCOMPARE(turn->lastMessage.value_or(QString()), u"Done."_s);
    QCOMPARE((QList<qint64>{turn->firstSeq, turn->lastSeq, turn->requests, turn->toolsFailed, turn->durationMs}),
             (QList<qint64>{2, 8, 2, 1, 7}));
    QCOMPARE(view.usage.inputTokens, 100);
    QCOMPARE(view.requests, 2);
    QCOMPARE(statusAfter(log.fact(R"({"type":"session.closed","reason":"deleted"})")), "closed");
    QVERIFY(!view.find(u"t_2"_s));
}

void tst_Views::countsWhatAForkUsesItself()
{
    Log log;
    SessionView view{.id = u"s"_s};
    view.follow(log.line(UsageReported{{}, {100, 60, 0, 10, 0}, 0}));
    QCOMPARE(view.usage, Usage());
    view.follow(log.line(TurnStarted{u"a"_s, 0}));
    view.follow(log.line(UsageReported{{7, 0, 0, 1, 0}, {107, 60, 0, 11, 0}, 0}));
    QCOMPARE(view.usage, (Usage{7, 0, 0, 1, 0}));
    QCOMPARE(view.usage, view.running()->after);
    QCOMPARE(view.requests, 1);
}

static Approval approval(const QString &id)
{
    return {.id = id, .call = u"c"_s, .reason = {}, .requestedAt = 1, .expiresAt = 2};
}

static ApprovalResolved resolved(const QString &id, ApprovalResolved::Decision decision)
{
    return {.approvalId = id, .call = u"c"_s, .decision = decision, .by = {}, .message = {}, .command = {}};
}

void tst_Views::countsWaitsByWhatIsWaitedFor()
{
    Log log;
    SessionView view;
    view.follow(log.line(TurnStarted{u"a"_s, 0}));
    view.follow(log.line(WaitStarted{u"rate_limit"_s, {}}));
    QCOMPARE(QByteArray(view.status()), "waiting");
    QCOMPARE(view.waitingFor, u"rate_limit"_s);
    QVERIFY(view.waits(*view.running()));
    log.line(Notice{}); // a second passes
    view.follow(log.line(WaitEnded{u"rate_limit"_s, milliseconds(2000)}));
    QCOMPARE(QByteArray(view.status()), "running");
    view.follow(log.line(ApprovalRequested{approval(u"x"_s)}));
    view.follow(log.line(ApprovalRequested{approval(u"y"_s)}));
    view.follow(log.line(resolved(u"x"_s, ApprovalResolved::Decision::Allow)));
    QCOMPARE(view.waitingFor, u"approval"_s);
    view.follow(log.line(resolved(u"y"_s, ApprovalResolved::Decision::Deny)));
    const TurnView turn = *view.running();
    QCOMPARE((QList<qint64>{turn.waitedForRateLimitMs, turn.waitedForApprovalMs, turn.toolsDenied}),
             (QList<qint64>{2000, 3000, 1}));
}

void tst_Views::showsOneWaitAtATime()
{
    Log log;
    SessionView view;
    view.follow(log.line(TurnStarted{u"a"_s, 0}));
    view.follow(log.line(ApprovalRequested{approval(u"x"_s)}));
    view.follow(log.line(WaitStarted{u"rate_limit"_s, {}}));
    view.follow(log.line(WaitEnded{u"rate_limit"_s, {}}));
    QCOMPARE(view.waitingFor, u"approval"_s);
    view.follow(log.line(TurnFailed{{FailureCode::ProcessLost, {}}, {}}));
    QCOMPARE(QByteArray(view.status()), "idle");
    QCOMPARE(view.pendingApprovals, 0);
}

void tst_Views::waitsForTheBudgetOfTheNextTurn()
{
    Log log;
    SessionView view;
    view.follow(queued(log, "a", 1));
    view.follow(queued(log, "b", 2));
    view.follow(log.fact(R"({"type":"wait.started","for":"budget","turn_id":"a"})"));
    QCOMPARE(QByteArray(view.status()), "waiting");
    QVERIFY(view.waits(*view.turn(u"a"_s)) && !view.waits(*view.turn(u"b"_s)));
    view.follow(log.fact(R"({"type":"wait.ended","for":"budget","turn_id":"a"})"));
    QCOMPARE(QByteArray(view.status()), "queued");
}

void tst_Views::putsWhatReplacesFirst()
{
    Log log;
    SessionView view;
    view.follow(queued(log, "a", 1));
    view.follow(queued(log, "b", 2));
    view.follow(queued(log, "c", 1));
    QCOMPARE(view.queue, (std::vector<QString>{u"c"_s, u"a"_s, u"b"_s}));
    view.follow(
        log.fact(R"({"type":"turn.failed","error":{"message":"no","code":"cancelled_by_user"},"turn_id":"a"})"));
    QCOMPARE(view.queue, (std::vector<QString>{u"c"_s, u"b"_s}));
    QCOMPARE(QByteArray(outcomeOf(*view.turn(u"a"_s))), "cancelled");
}

/// "type turn_id" of what lines come to.
static QByteArray told(OutwardEvents &events, const LoggedEvent &line)
{
    const auto event = events.recorded(line);
    if (!event)
        return {};
    return event->type + ' ' + JsonDocument::parse(event->data)->root()["turn_id"].raw().text;
}

void tst_Views::tellsWhoseTurnAnEventIs()
{
    Log log;
    OutwardEvents events(u"s"_s);
    QCOMPARE(told(events, log.fact(R"({"type":"session.created","cwd":"/w"})")), "session.created null");
    QCOMPARE(told(events, log.fact(accepted)), "input.accepted \"a\"");
    QCOMPARE(told(events, queued(log, "a", 1)), "turn.queued \"a\"");
    QCOMPARE(told(events, queued(log, "b", 2)), "turn.queued \"b\"");
    QCOMPARE(told(events, log.line(Notice{u"unknown key"_s})), "item.completed \"a\""); // before the turn it belongs to
    QCOMPARE(told(events, log.line(TurnStarted{u"a"_s, 0})), "turn.started \"a\"");
    QCOMPARE(told(events, log.line(WaitStarted{u"rate_limit"_s, {}})), "wait.started \"a\"");
    QCOMPARE(told(events, log.line(UserSaid{{u"Go"_s, {}}})), QByteArray());
    QCOMPARE(told(events, log.line(TurnCompleted{})), "turn.completed \"a\"");
    QCOMPARE(told(events, log.line(Notice{u"again"_s})), "item.completed \"b\"");
    const auto closed = events.recorded(log.fact(R"({"type":"session.closed","reason":"deleted"})"));
    QCOMPARE(closed->data, R"({"type":"session.closed","reason":"deleted","seq":11,"time":"2026-11-21T00:00:11.000Z",)"
                           R"("session_id":"s","turn_id":"b"})");
}

void tst_Views::numbersDeltasAsTheirItems()
{
    Log log;
    OutwardEvents events(u"s"_s);
    events.recorded(log.line(TurnStarted{u"a"_s, 0}));
    const auto itemOf = [](const std::optional<http::FeedEvent> &event, const char *member) {
        const auto document = JsonDocument::parse(event->data);
        return document->root()[member].isString() ? document->root()[member].toString()
                                                   : document->root()[member]["id"].toString();
    };
    const auto delta = events.fleeting(MessageDelta{u"Do"_s});
    QVERIFY(!delta->seq);
    QCOMPARE(itemOf(delta, "item_id"), u"item_0"_s);
    QCOMPARE(itemOf(events.recorded(log.line(MessageCompleted{u"Done."_s, false})), "item"), u"item_0"_s);
    events.recorded(log.line(CommandStarted{u"c"_s, {{u"ls"_s}, u"/w"_s}}));
    QCOMPARE(itemOf(events.fleeting(CommandOutput{u"c"_s, "out"}), "item_id"), u"item_1"_s);
}

void tst_Views::snapshotsWhatIsUnderWay()
{
    Log log;
    OutwardEvents events(u"s"_s);
    events.recorded(log.line(TurnStarted{u"a"_s, 0}));
    events.recorded(log.line(CommandStarted{u"c"_s, {{u"ls"_s}, u"/w"_s}}));
    std::ignore = events.fleeting(CommandOutput{u"c"_s, "half"});
    std::ignore = events.fleeting(MessageDelta{u"Me"_s});
    const auto texts = [&] {
        QByteArrayList all;
        for (const http::FeedEvent &event : events.snapshots()) {
            const auto document = JsonDocument::parse(event.data);
            const JsonView item = document->root()["item"];
            all += item["id"].utf8().toByteArray() + ' ' + item["aggregated_output"].utf8().toByteArray() +
                   item["text"].utf8().toByteArray();
        }
        return all;
    };
    QCOMPARE(texts(), (QByteArrayList{"item_0 half", "item_1 Me"}));
    events.recorded(log.line(MessageCompleted{u"Message"_s, false}));
    QCOMPARE(texts(), QByteArrayList{"item_0 half"});
    events.recorded(log.line(TurnFailed{{FailureCode::ProcessLost, {}}, {}}));
    QCOMPARE(texts(), QByteArrayList());
}

void tst_Views::remembersWhatWasDeleted()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"deleted.jsonl"_s), one = newId(), two = newId();
    {
        Tombstones stones(path);
        stones.add(one, u"/w"_s);
        stones.add(two, u"/x"_s);
        QCOMPARE(stones.folderOf(one).value_or(QString()), u"/w"_s);
    }
    const Tombstones stones(path);
    QCOMPARE(stones.folderOf(two).value_or(QString()), u"/x"_s);
    QVERIFY(!stones.folderOf(newId()));
}

void tst_Views::forgetsWhatWasDeletedLongAgo()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"deleted.jsonl"_s);
    const QString first = newId(), second = newId();
    Tombstones stones(path);
    stones.add(first, u"/first"_s);
    stones.add(second, u"/second"_s);
    for (int i = 0; i < 9'999; ++i)
        stones.add(newId(), u"/%1"_s.arg(i % 300));
    QVERIFY(!stones.folderOf(first));
    QCOMPARE(stones.folderOf(second).value_or(QString()), u"/second"_s);
    const Tombstones again(path); // and makes the file shorter
    QVERIFY(!again.folderOf(first));
    QCOMPARE(again.folderOf(second).value_or(QString()), u"/second"_s);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().count('\n'), 10'000);
}

void tst_Views::readsWhatIsWrittenWhileItTells()
{
    const QTemporaryDir state;
    auto rollout = store::Rollout::create(state.path(), {.id = u"s"_s, .cwd = u"/w"_s});
    QVERIFY(rollout);
    const auto log = SessionLog::open(u"s"_s, rollout->path(), {});
    QVERIFY(log);
    QByteArrayList told;
    connect(log->get(), &SessionLog::recorded, this, [&](const http::FeedEvent &event) {
        told += event.type;
        if (event.type == "turn.queued")
            QVERIFY(rollout->append("event_msg", {R"({"type":"session.closed","reason":"x"})"}));
        (*log)->readOn();
    });
    (*log)->readOn();
    QCOMPARE(told, QByteArrayList());
    QVERIFY(rollout->append("event_msg", {R"({"type":"turn.queued","position":1,"turn_id":"a"})"}));
    (*log)->readOn();
    QCOMPARE(told.join(' '), "turn.queued session.closed");
    QVERIFY((*log)->view().isClosed());
    QVERIFY(rollout->append("event_msg", {R"({"type":"session.updated","title":"Late"})"}));
    (*log)->readOn();
    QCOMPARE((*log)->view().options.title, u"Late"_s);
}

QTEST_GUILESS_MAIN(tst_Views)
#include "tst_views.moc"
