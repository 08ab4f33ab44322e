#include "engine/engine.h"
#include "net/networkclient.h"
#include "store/recording.h"
#include "support/lines.h"
#include "support/scriptedserver.h"
#include "wire/threadencoder.h"
#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using Answer = ScriptedServer::Answer;

/// Sessions of the real engine, with real commands, against a scripted server.
class tst_Turn : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void runsToolsUntilTheModelCallsNone();
    void answersCallsInTheOrderTheyWereMade();
    void runsACommandOnceItIsOnRecord();
    void runsNoCommandThatCannotBeRecorded();
    void repeatsACutAnswerAndKeepsWhatWasShown();
    void runsACallOnceThoughItsAnswerWasCut();
    void failsWithTheServersOwnWords();
    void tellsTheModelWhichToolsThereAre();
    void offersWebSearchWhereItIsSwitchedOn();
    void asksOnceMoreForTheSchema();
    void failsWhenTheSchemaIsMissedTwice();
    void concludesWhenALimitIsReached_data();
    void concludesWhenALimitIsReached();
    void warnsOnceOfALimitThatIsNear();
    void warnsOfItsTimeBeforeThatIsUp();
    void asksForNothingThatNobodyPays();
    void countsRequestsThatTheServerSaysNothingOf();
    void tellsTheModelWhatChangedBetweenSessions_data();
    void tellsTheModelWhatChangedBetweenSessions();
    void tellsWhenItWaitsForARateLimit();
    void endsAnInterruptedTurnInBalance();
    void completesACommandThatOutlivesTheTurn();
    void goesOnWhereARecordedSessionEnded();
    void closesWhatALostProcessLeftOpen();
    void failsBeforeAnyRequestWithoutAKey();
    void sumsUpWhatGrewTooLong();
    void sumsUpWhatTheServerFoundTooLong();
    void leavesOutTheOlderHalfOfWhatIsTooLongToSumUp();
    void takesASummaryThatCameWholeBeforeTheCut();
    void failsWhenNothingIsLeftToSumUp();
    void failsWithoutASummary();
    void asksWithoutToolsWhenOneIsCalledInsteadOfSummingUp();
    void sumsUpAfterTheAnswerWhereAsked();
    void goesOnThroughManySummaries();

private:
    engine::Session *session(engine::Persist persist = engine::Persist::Yes);
    void run(engine::Session *session, const QString &prompt, engine::Session::Wishes wishes = {});
    QByteArrayList itemLines() const;
    QString log() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<net::NetworkClient> m_http;
    std::unique_ptr<engine::Engine> m_engine;
    Settings m_settings;
    QByteArrayList m_lines;
};

void tst_Turn::init()
{
    qputenv("NIGHTSHIFT_SANDBOX_HELPER", SANDBOX_HELPER);
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<ScriptedServer>();
    m_http = std::make_unique<net::NetworkClient>(llm::NetworkOptions{});
    m_engine = std::make_unique<engine::Engine>(*m_http, QStringList{u"PATH=/usr/bin:/bin"_s, u"SHELL=/bin/sh"_s},
                                                store::Decompress());
    m_settings = {};
    m_settings.home.state = m_folder->path();
    m_settings.cwd = m_folder->path();
    m_settings.model = u"m"_s;
    m_settings.modelInfo.freeformPatch = true;
    m_settings.compactPrompt = u"The conversation has grown too long for your context."_s;
    m_settings.allowLoginShell = false; // profiles of the machine would print into the tests
    m_settings.provider = {.id = u"mock"_s, .baseUrl = m_server->url(), .requestMaxRetries = 0, .streamMaxRetries = 1};
    m_settings.sandbox.mode = SandboxPolicy::Mode::DangerFullAccess;
    m_lines.clear();
}

void tst_Turn::cleanup()
{
    QCOMPARE(m_server->violations(), QStringList());
    m_engine.reset();
}

engine::Session *tst_Turn::session(engine::Persist persist)
{
    auto created = m_engine->create(m_settings, persist);
    return created ? *created : nullptr;
}

void tst_Turn::run(engine::Session *session, const QString &prompt, engine::Session::Wishes wishes)
{
    QVERIFY(session);
    wire::ThreadEncoder encoder;
    QEventLoop loop; // rather than QTRY_…, which looks every 50 ms
    const auto events = connect(session, &engine::Session::event, this, [&](const Event &event) {
        if (const auto line = encoder.encode(event))
            m_lines += line->text;
    });
    connect(session, &engine::Session::turnEnded, &loop, [&loop] { loop.exit(1); });
    QTimer::singleShot(20'000, &loop, &QEventLoop::quit);
    session->submit({.text = prompt}, std::move(wishes));
    QCOMPARE(loop.exec(), 1);
    disconnect(events);
}

/// The lines between the turn's first and last.
QByteArrayList tst_Turn::itemLines() const
{
    return m_lines.mid(1, m_lines.size() - 2);
}

QString tst_Turn::log() const
{
    QDirIterator files(m_folder->path() + u"/sessions"_s, QDir::Files, QDirIterator::Subdirectories);
    return files.hasNext() ? files.next() : QString();
}

static QByteArray message(int item, const char *text)
{
    return R"({"type":"item.completed","item":{"id":"item_)" + QByteArray::number(item) +
           R"(","type":"agent_message","text":")" + text + R"("}})";
}

static QByteArray command(const char *event, int item, const char *cmd, const char *output, const char *end)
{
    return QByteArray(R"({"type":"item.)") + event + R"(","item":{"id":"item_)" + QByteArray::number(item) +
           R"(","type":"command_execution","command":"/bin/sh -c )" + cmd + R"(","aggregated_output":")" + output +
           R"(","exit_code":)" + end + "}}";
}

void tst_Turn::runsToolsUntilTheModelCallsNone()
{
    m_server->play({sse::reasoning("rs", "**Looking**"), sse::command("c1", "true")});
    m_server->play({sse::message("m1", "Done.")});
    run(session(), u"go"_s);
    const QByteArrayList expected{
        R"({"type":"turn.started"})",
        R"({"type":"item.completed","item":{"id":"item_0","type":"reasoning","text":"**Looking**"}})",
        command("started", 1, "true", "", R"(null,"status":"in_progress")"),
        command("completed", 1, "true", "", R"(0,"status":"completed")"),
        message(2, "Done."),
        R"({"type":"turn.completed","usage":{"input_tokens":2000,"cached_input_tokens":1200,"cache_write_input_tokens":0,"output_tokens":100,"reasoning_output_tokens":20}})",
    };
    QCOMPARE(m_lines, expected);
    QCOMPARE(m_server->requests().size(), size_t(2));
}

void tst_Turn::answersCallsInTheOrderTheyWereMade()
{
    // The first waits for the second: only side by side can both end.
    m_server->play({sse::command("c1", "until test -e second; do :; done; echo first"),
                    sse::command("c2", "touch second; echo second")});
    m_server->play({sse::message("m1", "x")});
    run(session(), u"go"_s);
    const QByteArray input = m_server->requests()[1].input();
    const qsizetype first = input.indexOf(R"("type":"function_call_output","call_id":"c1")");
    const qsizetype second = input.indexOf(R"("type":"function_call_output","call_id":"c2")");
    QVERIFY(first > 0 && second > first);
}

void tst_Turn::runsACommandOnceItIsOnRecord()
{
    const QString made = m_folder->filePath(u"made"_s);
    QStringList seen; // while somebody waited for the disk
    m_engine->setSync([&](const QString &path, QObject *context, const std::function<void(const Result<> &)> &done) {
        QFile log(path);
        const bool isRecorded = log.open(QIODevice::ReadOnly) && log.readAll().contains("touch made");
        seen += (isRecorded ? u"recorded"_s : u"unknown"_s) + (QFile::exists(made) ? u", run"_s : u", not run"_s);
        QTimer::singleShot(0, context, [done] { done({}); });
    });
    m_server->play({sse::command("c1", "touch made")});
    m_server->play({sse::message("m1", "Made.")});
    run(session(), u"Make it."_s);
    QCOMPARE(seen, (QStringList{u"recorded, not run"_s, u"recorded, run"_s}));
}

void tst_Turn::runsNoCommandThatCannotBeRecorded()
{
    m_engine->setSync([](const QString &, QObject *context, const std::function<void(const Result<> &)> &done) {
        QTimer::singleShot(0, context, [done] { done(fail(Error::Kind::DiskFull, u"the disk is full"_s)); });
    });
    m_server->play({sse::command("c1", "touch made")});
    run(session(), u"Make it."_s);
    QVERIFY(!QFile::exists(m_folder->filePath(u"made"_s)));
    QVERIFY2(m_lines.back().contains("the disk is full"), m_lines.back().constData());
    QCOMPARE(m_server->requests().size(), size_t(1));
}

void tst_Turn::repeatsACutAnswerAndKeepsWhatWasShown()
{
    m_server->play(ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::message("m1", "half")})});
    m_server->play({sse::message("m2", "whole")});
    run(session(), u"go"_s);
    const QByteArrayList expected{
        message(0, "half"),
        R"-({"type":"error","message":"Reconnecting... 1/1 (stream disconnected before completion: stream closed before response.completed)"})-",
        message(1, "whole"),
    };
    QCOMPARE(itemLines(), expected);
    QVERIFY(m_server->requests()[1].input().contains("half"));
}

void tst_Turn::runsACallOnceThoughItsAnswerWasCut()
{
    m_server->play(ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::command("c1", "echo x >> ran")})});
    m_server->play({sse::message("m1", "ok")});
    run(session(), u"go"_s);
    QFile ran(m_folder->filePath(u"ran"_s));
    QVERIFY(ran.open(QIODevice::ReadOnly));
    QCOMPARE(ran.readAll(), "x\n"_ba);
    QCOMPARE(m_server->requests().size(), size_t(2));
}

void tst_Turn::failsWithTheServersOwnWords()
{
    m_server->play({sse::message("m1", "part"), sse::failed("invalid_prompt", "bad prompt")});
    run(session(), u"go"_s);
    const QByteArrayList expected{
        R"({"type":"turn.started"})",
        message(0, "part"),
        R"({"type":"error","message":"bad prompt"})",
        R"({"type":"turn.failed","error":{"message":"bad prompt","code":"bad_request"}})",
    };
    QCOMPARE(m_lines, expected);
}

void tst_Turn::tellsTheModelWhichToolsThereAre()
{
    m_server->play({sse::call("c1", "teleport", "{}")});
    m_server->play({sse::message("m1", "ok")});
    run(session(), u"go"_s);
    QCOMPARE(itemLines(), QByteArrayList{message(0, "ok")});
    QVERIFY(m_server->requests()[1].body.contains(
        R"("output":"unsupported call: teleport; there are exec_command, write_stdin, apply_patch, update_plan, view_image")"));
}

void tst_Turn::offersWebSearchWhereItIsSwitchedOn()
{
    m_settings.webSearch = WebSearch::Live;
    m_settings.webSearchOptions = {.allowedDomains = {u"qt.io"_s}, .country = u"DE"_s};
    m_server->play({sse::message("m1", "ok")});
    run(session(), u"go"_s);
    QVERIFY(m_server->requests()[0].body.contains(
        R"({"type":"web_search","external_web_access":true,"filters":{"allowed_domains":["qt.io"]},)"
        R"("user_location":{"type":"approximate","country":"DE"}}],"input")"));
    m_settings.modelInfo.known = true;
    m_settings.webSearch = WebSearch::Cached;
    m_settings.webSearchOptions = {};
    m_server->play({sse::message("m1", "ok")});
    run(session(), u"go"_s);
    QVERIFY(m_server->requests()[1].body.contains(
        R"({"type":"web_search","external_web_access":false,"search_content_types":["text","image"]}],"input")"));
}

static engine::Session::Wishes wishesFor(const QString &wanted)
{
    return {.outputSchema = RawJson{"{}"}, .mismatch = [wanted](const QString &message) -> std::optional<QString> {
                return message == wanted ? std::nullopt : std::optional(u"it is \"%1\""_s.arg(message));
            }};
}

void tst_Turn::asksOnceMoreForTheSchema()
{
    m_server->play({sse::message("m1", "bad")});
    m_server->play({sse::message("m2", "good")});
    run(session(), u"go"_s, wishesFor(u"good"_s));
    QCOMPARE(itemLines(), (QByteArrayList{message(0, "bad"), message(1, "good")}));
    QVERIFY(m_server->requests()[1].body.contains("it is \\\"bad\\\""));
}

void tst_Turn::failsWhenTheSchemaIsMissedTwice()
{
    m_server->play({sse::message("m1", "bad")});
    m_server->play({sse::message("m2", "worse")});
    run(session(), u"go"_s, wishesFor(u"good"_s));
    QCOMPARE(
        m_lines.last(),
        R"({"type":"turn.failed","error":{"message":"the answer does not match the output schema: it is \"worse\"","code":"schema_mismatch"}})"_ba);
}

void tst_Turn::concludesWhenALimitIsReached_data()
{
    QTest::addColumn<TurnLimits>("limits");
    QTest::addColumn<QByteArray>("cmd");
    QTest::addColumn<QByteArray>("code");
    QTest::newRow("requests") << TurnLimits{.requests = 1} << "true"_ba << "limit_requests"_ba;
    QTest::newRow("tokens") << TurnLimits{.tokens = 1000} << "true"_ba << "limit_tokens"_ba;
    QTest::newRow("cost") << TurnLimits{.costUsd = 0.001} << "true"_ba << "limit_cost"_ba;
    QTest::newRow("time, while a command runs")
        << TurnLimits{.time = std::chrono::milliseconds(100)} << "sleep 1000"_ba << "limit_time"_ba;
}

void tst_Turn::concludesWhenALimitIsReached()
{
    QFETCH(TurnLimits, limits);
    QFETCH(QByteArray, cmd);
    QFETCH(QByteArray, code);
    m_settings.modelInfo.prices = ModelPrices{.input = 2, .output = 10};
    m_server->play({sse::command("c1", cmd)});
    m_server->play({sse::command("c2", "echo never > never"), sse::message("m1", "so far")});
    run(session(), u"go"_s, {.limits = limits});
    QCOMPARE(m_server->requests().size(), size_t(2));
    QVERIFY(m_server->requests()[1].body.contains(R"("tools":[])"));
    QVERIFY(m_lines.contains(message(1, "so far")));
    const QByteArray reached = R"({"type":"limit.reached","limit":")" + code + '"';
    QCOMPARE(std::ranges::count_if(m_lines, [&](const auto &line) { return line.startsWith(reached); }), 1);
    QVERIFY2(m_lines.last().endsWith("\"code\":\"" + code + "\"}}"), m_lines.last().constData());
    QVERIFY(!QFile::exists(m_folder->filePath(u"never"_s)));
}

void tst_Turn::warnsOnceOfALimitThatIsNear()
{
    for (const char *call : {"c1", "c2", "c3"})
        m_server->play({sse::command(call, "true")});
    m_server->play({sse::message("m1", "done")});
    run(session(), u"go"_s, {.limits = {.requests = 3, .before = {.requests = 7}}});
    const QByteArrayList limits = test::linesWith(m_lines, "\"limit.");
    QCOMPARE(limits, (QByteArrayList{R"({"type":"limit.warning","limit":"limit_requests","used":8,"max":10})",
                                     R"({"type":"limit.reached","limit":"limit_requests","used":10,"max":10,)"
                                     R"("message":"the limit of 10 model requests is reached"})"}));
}

void tst_Turn::warnsOfItsTimeBeforeThatIsUp()
{
    m_server->play({sse::command("c1", "sleep 1000")});
    m_server->play({sse::message("m1", "so far")});
    run(session(), u"go"_s, {.limits = {.time = std::chrono::milliseconds(200)}});
    QByteArrayList types;
    for (const QByteArray &line : test::linesWith(m_lines, "\"limit."))
        types += line.first(line.indexOf(",\"used\""));
    QCOMPARE(types, (QByteArrayList{R"({"type":"limit.warning","limit":"limit_time")",
                                    R"({"type":"limit.reached","limit":"limit_time")"}));
}

void tst_Turn::asksForNothingThatNobodyPays()
{
    m_settings.modelInfo.prices = ModelPrices{.input = 2, .output = 10};
    m_server->play({sse::command("c1", "true")});
    std::vector<bool> costs;
    run(session(), u"go"_s, {.refusal = [&](double costUsd) {
            costs.push_back(costUsd > 0);
            return costs.size() == 1 ? std::nullopt
                                     : std::optional(LimitReached{{FailureCode::LimitCost, 2, 2}, u"2 of 2 USD"_s});
        }});
    QCOMPARE(costs, (std::vector<bool>{true, true}));
    QCOMPARE(m_server->requests().size(), size_t(1));
    QCOMPARE(m_lines.mid(m_lines.size() - 3),
             (QByteArrayList{R"({"type":"limit.reached","limit":"limit_cost","used":2,"max":2,"message":"2 of 2 USD"})",
                             R"({"type":"error","message":"2 of 2 USD"})",
                             R"({"type":"turn.failed","error":{"message":"2 of 2 USD","code":"limit_cost"}})"}));
}

void tst_Turn::countsRequestsThatTheServerSaysNothingOf()
{
    const QByteArray silent = R"({"type":"response.completed","response":{"id":"r"}})";
    m_server->play({sse::command("c1", "true")});
    m_server->play(Answer{.body = sse::stream({sse::created(), sse::message("m1", "Done."), silent})});
    engine::Session *asking = session();
    std::vector<UsageReported> reports;
    connect(asking, &engine::Session::event, this, [&](const Event &event) {
        if (const auto *report = std::get_if<UsageReported>(&event))
            reports.push_back(*report);
    });
    run(asking, u"go"_s);
    QCOMPARE(reports.size(), size_t(2));
    QCOMPARE(reports[1], (UsageReported{{}, reports[0].total, reports[0].contextWindow}));
}

void tst_Turn::tellsTheModelWhatChangedBetweenSessions_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("told");
    QTest::newRow("instructions") << u"AGENTS.md"_s << "Be kind."_ba << "Be kind."_ba;
    QTest::newRow("a skill") << u".agents/skills/a/SKILL.md"_s << "---\nname: a\ndescription: Sings.\n---\n"_ba
                             << "- a: Sings."_ba;
    QTest::newRow("the commit") << u".git/HEAD"_s << "0123456789012345678901234567890123456789\n"_ba
                                << "0123456789012345678901234567890123456789"_ba;
}

void tst_Turn::tellsTheModelWhatChangedBetweenSessions()
{
    QFETCH(const QString, file);
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, told);
    const auto toldToTheNext = [this] {
        m_server->play({sse::message("m1", "Done.")});
        engine::Session *next = session();
        run(next, u"go"_s);
        QFile log(next->path());
        const QByteArray meta = log.open(QIODevice::ReadOnly) ? log.readLine() : QByteArray();
        return meta + m_server->requests().back().body;
    };
    QVERIFY(!toldToTheNext().contains(told)); // nothing of it is kept
    QVERIFY(!toldToTheNext().contains(told)); // of this one it is,
    QVERIFY(!toldToTheNext().contains(told)); // and serves this one
    const QString path = m_folder->filePath(file);
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile written(path);
    QVERIFY(written.open(QIODevice::WriteOnly) && written.write(text) == text.size());
    written.close();
    QVERIFY(toldToTheNext().contains(told));
}

void tst_Turn::tellsWhenItWaitsForARateLimit()
{
    m_server->play(Answer{.status = 429, .body = "slower", .headers = {{"retry-after", "0.02"}}});
    m_server->play({sse::message("m1", "Done.")});
    engine::Session *limited = session();
    std::vector<Event> waits;
    connect(limited, &engine::Session::event, this, [&](const Event &event) {
        if (std::holds_alternative<WaitStarted>(event) || std::holds_alternative<WaitEnded>(event))
            waits.push_back(event);
    });
    run(limited, u"go"_s);
    QCOMPARE(waits.size(), size_t(2));
    const auto started = std::get<WaitStarted>(waits[0]);
    QCOMPARE(started.reason, u"rate_limit"_s);
    QVERIFY(started.until > 0);
    QCOMPARE(started.message, u"exceeded retry limit, last status: 429 Too Many Requests"_s);
    const auto ended = std::get<WaitEnded>(waits[1]);
    QCOMPARE(ended.reason, u"rate_limit"_s);
    QVERIFY(ended.duration >= std::chrono::milliseconds(20));
    QCOMPARE(test::linesWith(m_lines, "\"wait."), QByteArrayList()); // plain lines tell it with `error`
}

void tst_Turn::endsAnInterruptedTurnInBalance()
{
    m_server->play({sse::command("c1", "echo begun; sleep 1000")});
    engine::Session *interrupted = session();
    connect(interrupted, &engine::Session::event, this, [&](const Event &event) {
        if (std::holds_alternative<CommandOutput>(event))
            interrupted->interrupt({FailureCode::Interrupted, u"stopped"_s});
    });
    run(interrupted, u"go"_s);
    const QByteArrayList expected{
        R"({"type":"turn.started"})",
        command("started", 0, "'echo begun; sleep 1000'", "", R"(null,"status":"in_progress")"),
        command("completed", 0, "'echo begun; sleep 1000'", R"(begun\n)", R"(null,"status":"failed")"),
        R"({"type":"turn.failed","error":{"message":"stopped","code":"interrupted"}})",
    };
    QCOMPARE(m_lines, expected);
    m_server->play({sse::message("m1", "ok")});
    run(interrupted, u"go on"_s); // the server checks that the call has its answer
    QVERIFY(m_server->requests()[1].input().contains("<turn_aborted>"));
}

void tst_Turn::completesACommandThatOutlivesTheTurn()
{
    m_server->play({sse::call("c1", "exec_command", R"({"cmd":"echo a; sleep 1000","yield_time_ms":250})")});
    m_server->play({sse::message("m1", "early")});
    run(session(), u"go"_s);
    const QByteArrayList expected{
        command("started", 0, "'echo a; sleep 1000'", "", R"(null,"status":"in_progress")"),
        message(1, "early"),
        command("completed", 0, "'echo a; sleep 1000'", R"(a\n)", R"(null,"status":"failed")"),
    };
    QCOMPARE(itemLines(), expected);
}

void tst_Turn::goesOnWhereARecordedSessionEnded()
{
    m_server->play({sse::reasoning("rs", "thought"), sse::command("c1", "true")});
    m_server->play({sse::message("m1", "first")});
    run(session(), u"one"_s);
    delete m_engine->children().value(0); // the session's end gives the log free
    const auto resumed = m_engine->resume(log(), m_settings, engine::Persist::Yes);
    QVERIFY2(resumed, resumed ? "" : qPrintable(resumed.error().message));
    m_server->play({sse::message("m2", "second")});
    run(*resumed, u"two"_s);
    QCOMPARE(m_server->requests().size(), size_t(3)); // whose inputs the server compared
    QVERIFY(m_lines.last().contains(R"("input_tokens":3000)"));
}

void tst_Turn::closesWhatALostProcessLeftOpen()
{
    m_server->play({sse::command("c1", "sleep 1000")});
    engine::Session *lost = session();
    bool begun = false;
    connect(lost, &engine::Session::event, this,
            [&](const Event &event) { begun |= std::holds_alternative<CommandStarted>(event); });
    lost->submit({.text = u"go"_s});
    QTRY_VERIFY(begun);
    delete lost; // as a killed process would: no ending is written
    const auto resumed = m_engine->resume(log(), m_settings, engine::Persist::Yes);
    QVERIFY2(resumed, resumed ? "" : qPrintable(resumed.error().message));
    m_server->play({sse::message("m1", "ok")});
    run(*resumed, u"go on"_s);
    QVERIFY(m_server->requests()[1].input().contains(R"("call_id":"c1","output":"aborted")"));
    QFile file(this->log());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray log = file.readAll();
    QCOMPARE(log.count(R"("code":"process_lost")"), 1);
    QCOMPARE(log.count(R"("type":"exec_command_begin")"), 1);
    QCOMPARE(log.count(R"("type":"exec_command_end")"), 1);
}

void tst_Turn::failsBeforeAnyRequestWithoutAKey()
{
    m_settings.provider.missingKey = u"Missing environment variable: `X`."_s;
    run(session(engine::Persist::No), u"go"_s);
    QCOMPARE(m_lines.last(),
             R"({"type":"turn.failed","error":{"message":"Missing environment variable: `X`.","code":"auth"}})"_ba);
    QVERIFY(m_server->requests().empty());
    QVERIFY(log().isEmpty());
}

/// The roles of a request's messages with how they begin, and the types of its other items.
static QByteArrayList shape(const ScriptedServer::Request &request)
{
    QByteArrayList items;
    const auto body = JsonDocument::parse(request.body);
    for (const JsonView item : body->root()["input"].items()) {
        const QByteArrayView type = item["type"].utf8();
        const QByteArray text = item["content"][qsizetype(0)]["text"]
                                    .utf8()
                                    .first(std::min<qsizetype>(22, item["content"][qsizetype(0)]["text"].utf8().size()))
                                    .toByteArray();
        if (text != "<permissions instructi" && text != "<environment_context>\n")
            items += type == "message" ? item["role"].utf8().toByteArray() + ' ' + text : type.toByteArray();
    }
    return items;
}

static QByteArray compaction(int item)
{
    return R"({"type":"item.completed","item":{"id":"item_)" + QByteArray::number(item) +
           R"(","type":"context_compaction",)";
}

void tst_Turn::sumsUpWhatGrewTooLong()
{
    m_settings.autoCompactTokenLimit = 5000;
    m_server->play(Answer{.body = sse::stream({sse::reasoning("rs", "**Looking**"), sse::command("c1", "true"),
                                               sse::completed(6000, 0, 50)})});
    m_server->play({sse::message("s", "Did it.")});
    m_server->play({sse::message("m1", "Done.")});
    run(session(), u"go"_s);
    QCOMPARE(m_server->requests().size(), size_t(3));
    QCOMPARE(shape(m_server->requests()[1]), (QByteArrayList{"user go", "reasoning", "function_call",
                                                             "function_call_output", "user The conversation has g"}));
    const QByteArray beginning = m_server->requests()[0].body.chopped(2);
    QVERIFY(m_server->requests()[1].body.startsWith(beginning)); // of which the server has most in its cache
    QCOMPARE(shape(m_server->requests()[2]), (QByteArrayList{"user go", "user <conversation_summary>"}));
    QVERIFY(m_server->requests()[2].body.contains("Did it."));
    QVERIFY2(m_lines[4].startsWith(compaction(2) + R"("tokens_before":60)"), m_lines[4].constData());
    QCOMPARE(m_lines[5], message(3, "Done."));
    QVERIFY(m_lines.last().contains(R"("input_tokens":8000)"));
}

void tst_Turn::sumsUpWhatTheServerFoundTooLong()
{
    m_server->play({sse::command("c1", "true")});
    m_server->play({sse::failed("context_length_exceeded", "too long")});
    m_server->play({sse::message("s", "Did it.")});
    m_server->play({sse::message("m1", "Done.")});
    run(session(), u"go"_s);
    QCOMPARE(shape(m_server->requests()[3]), (QByteArrayList{"user go", "user <conversation_summary>"}));
    QVERIFY(m_lines.last().startsWith(R"({"type":"turn.completed")"));
}

void tst_Turn::leavesOutTheOlderHalfOfWhatIsTooLongToSumUp()
{
    m_server->play({sse::command("c1", "echo older")});
    m_server->play({sse::command("c2", "echo newer")});
    m_server->play({sse::failed("context_length_exceeded", "too long")});
    m_server->play({sse::failed("context_length_exceeded", "too long")});
    m_server->play({sse::message("s", "Did it.")});
    m_server->play({sse::message("m1", "Done.")});
    run(session(), u"go"_s);
    QVERIFY(m_server->requests()[3].body.contains("echo older"));
    QVERIFY(!m_server->requests()[4].body.contains("echo older"));
    QCOMPARE(shape(m_server->requests()[4]),
             (QByteArrayList{"user go", "function_call", "function_call_output", "user The conversation has g"}));
    QVERIFY(m_lines.last().startsWith(R"({"type":"turn.completed")"));
}

void tst_Turn::takesASummaryThatCameWholeBeforeTheCut()
{
    m_settings.autoCompactTokenLimit = 5000;
    m_server->play(Answer{.body = sse::stream({sse::command("c1", "true"), sse::completed(6000, 0, 50)})});
    m_server->play(Answer{.body = sse::stream({sse::message("s", "Did it.")}), .end = Answer::End::Cut});
    m_server->play({sse::message("m1", "Done.")});
    run(session(), u"go"_s);
    QCOMPARE(m_server->requests().size(), size_t(3));
    QCOMPARE(m_lines[m_lines.size() - 2], message(2, "Done."));
}

void tst_Turn::failsWhenNothingIsLeftToSumUp()
{
    m_server->play({sse::failed("context_length_exceeded", "too long")});
    run(session(), u"a very long prompt"_s);
    QCOMPARE(m_server->requests().size(), size_t(1));
    QVERIFY2(m_lines.last().endsWith(R"("code":"context_exhausted"}})"), m_lines.last().constData());
}

void tst_Turn::failsWithoutASummary()
{
    m_settings.autoCompactTokenLimit = 5000;
    m_server->play(Answer{.body = sse::stream({sse::command("c1", "true"), sse::completed(6000, 0, 50)})});
    m_server->play({sse::refusal("s", "No.")});
    m_server->play({sse::refusal("s", "No.")});
    run(session(), u"go"_s);
    QVERIFY2(m_lines.last().contains("the model was asked to sum the conversation up and said nothing"),
             m_lines.last().constData());
    QVERIFY(!m_lines.join().contains("context_compaction"));
}

void tst_Turn::asksWithoutToolsWhenOneIsCalledInsteadOfSummingUp()
{
    m_settings.autoCompactTokenLimit = 5000;
    m_server->play(Answer{.body = sse::stream({sse::command("c1", "true"), sse::completed(6000, 0, 50)})});
    m_server->play({sse::message("s", "I go on."), sse::command("c2", "echo never > never")});
    m_server->play({sse::message("s", "Did it.")});
    m_server->play({sse::message("m1", "Done.")});
    run(session(), u"go"_s);
    QVERIFY(m_server->requests()[2].body.contains(R"("tools":[])"));
    QVERIFY(m_server->requests()[3].body.contains("Did it."));
    QVERIFY(!m_server->requests()[3].body.contains("I go on."));
    QVERIFY(!QFile::exists(m_folder->filePath(u"never"_s)));
}

void tst_Turn::sumsUpAfterTheAnswerWhereAsked()
{
    m_settings.postTurnCompactPercent = 1;
    m_server->play(Answer{.body = sse::stream({sse::message("m1", "Done."), sse::completed(6000, 0, 50)})});
    m_server->play({sse::message("s", "Did it.")});
    engine::Session *summed = session();
    run(summed, u"go"_s);
    QVERIFY(m_lines[2].startsWith(compaction(1)));
    QVERIFY(m_lines.last().contains(R"("input_tokens":7000)"));
    m_server->play({sse::message("m2", "Again.")});
    m_settings.postTurnCompactPercent.reset();
    run(summed, u"again"_s);
    QCOMPARE(shape(m_server->requests()[2]), (QByteArrayList{"user go", "user <conversation_summary>", "user again"}));
}

/// 200 turns of a model with a small context, whose server counts what it is sent; halfway the session is
/// opened anew.
void tst_Turn::goesOnThroughManySummaries()
{
    constexpr int windowTokens = 5000;
    m_settings.modelInfo.contextWindow = windowTokens;
    m_settings.durability = Durability::None; // 200 turns would wait for the disk
    m_server->pieceSize = 4096;
    qint64 paid = 0;
    int summaries = 0, overflows = 0;
    m_server->script = [&](const ScriptedServer::Request &request) {
        const int tokens = int(request.body.size() / 4);
        paid += tokens;
        summaries += request.asksForSummary();
        overflows += tokens > windowTokens;
        const QByteArray text = request.asksForSummary() ? "The summary." : QByteArray("words ").repeated(100);
        return Answer{.body = sse::stream({sse::message("m", text), sse::completed(tokens, 0, 0, 0)})};
    };
    engine::Session *open = session();
    for (int turn = 0; turn < 200; ++turn) {
        if (turn == 100) {
            delete std::exchange(open, nullptr);
            const auto resumed = m_engine->resume(log(), m_settings, engine::Persist::Yes);
            QVERIFY(resumed);
            open = *resumed;
        }
        run(open, u"the prompt of turn %1"_s.arg(turn));
        QVERIFY2(m_lines.last().startsWith(R"({"type":"turn.completed")"), m_lines.last().constData());
    }
    QVERIFY2(summaries > 5 && summaries < 100, QByteArray::number(summaries));
    QCOMPARE(overflows, 0);
    QCOMPARE(m_lines.join().count("context_compaction"), summaries);
    QVERIFY(m_lines.last().contains(R"("input_tokens":)" + QByteArray::number(paid) + ','));
    const QByteArray last = m_server->requests().back().input();
    for (const char *kept :
         {"the prompt of turn 0\"", "The summary.", "the prompt of turn 198\"", "the prompt of turn 199\""})
        QVERIFY2(last.contains(kept), kept);
}

QTEST_GUILESS_MAIN(tst_Turn)
#include "tst_turn.moc"
