#include "support/program.h"
#include <QElapsedTimer>
#include <QTest>
#include <functional>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

using Answer = ScriptedServer::Answer;
using Prepare = std::function<void(Program &)>;

class tst_Failures : public QObject
{
    Q_OBJECT

private slots:
    void refusesToStart_data();
    void refusesToStart();
    void failsTheTurn_data();
    void failsTheTurn();
    void goesOnAfterAFailure_data();
    void goesOnAfterAFailure();
    void waitsAsLongAsTheServerSays();
    void printsOnlyTheReasonWithoutJson();
    void keepsTheLastMessageFileOfAFailedTurn();
};

static const QStringList quick{u"-c"_s, u"model_providers.mock.request_max_retries=1"_s, u"-c"_s,
                               u"model_providers.mock.stream_max_retries=1"_s};

void tst_Failures::refusesToStart_data()
{
    QTest::addColumn<Prepare>("prepare");
    QTest::addColumn<QStringList>("args");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("says");
    const Prepare nothing = [](Program &) {};
    const auto file = [](const char *name, const char *content) -> Prepare {
        return [=](Program &program) { program.write(QString::fromLatin1(name), content); };
    };
    const auto row = [](const char *name, const Prepare &prepare, const QStringList &args, const char *says,
                        int exitCode = 1) { QTest::newRow(name) << prepare << args << exitCode << QByteArray(says); };

    row("unknown option", nothing, {u"--nonsense"_s, u"p"_s}, "error: unexpected argument '--nonsense' found\n", 2);
    row("two prompts", nothing, {u"p"_s, u"q"_s}, "error: unexpected argument 'q' found\n", 2);
    row("json twice", nothing, {u"--json"_s, u"--json"_s, u"p"_s},
        "error: the argument '--json[=<FORM>]' cannot be used multiple times\n", 2);
    row("override without a value", nothing, {u"-c"_s, u"foo"_s, u"p"_s},
        "Error: Invalid override (missing '='): foo\n");
    row("override of a wrong type", nothing, {u"-c"_s, u"model=3"_s, u"p"_s},
        "Error: -c: `model` is an integer, expected a string\n");
    row("unknown feature", nothing, {u"--enable"_s, u"bogus_feature"_s, u"p"_s},
        "Error: Unknown feature flag: bogus_feature\n");
    row("missing folder", nothing, {u"-C"_s, u"nowhere"_s, u"p"_s},
        "Error: the working folder WORK/nowhere does not exist\n");
    row(
        "missing home", [](Program &p) { p.environment.insert(u"CODEX_HOME"_s, p.home() + u"/nowhere"_s); }, {u"p"_s},
        "Error: CODEX_HOME points to \"HOME/nowhere\", but that path does not exist\n");
    row("settings that are no TOML", file("../state/config.toml", "model = \"gpt-5.5\"\nmodel_provider = \n"), {u"p"_s},
        "Error: STATE/config.toml:2:18: ");
    row("settings of a wrong type", file("../state/config.toml", "model = \"gpt-5.5\"\nsandbox_mode = 3\n"), {u"p"_s},
        "Error: STATE/config.toml:2: `sandbox_mode` is an integer, expected one of ");
    row("unknown provider", nothing, {u"--provider"_s, u"nobody"_s, u"p"_s},
        "Error: Model provider `nobody` not found");
    row("missing profile", nothing, {u"-p"_s, u"night"_s, u"p"_s},
        "Error: profile `night`: there is no file STATE/night.config.toml\n");
    row("no prompt", nothing, {}, "Error: No prompt provided via stdin.\n");
    row("missing schema", nothing, {u"--output-schema"_s, u"none.json"_s, u"p"_s},
        "Error: Failed to read output schema file none.json: No such file or directory\n");
    row("schema that is no JSON", file("s.json", "{a}"), {u"--output-schema"_s, u"s.json"_s, u"p"_s},
        "Error: Output schema file s.json is not valid JSON: line 1, column 2: ");
    row("schema that is no object", file("s.json", "[]"), {u"--output-schema"_s, u"s.json"_s, u"p"_s},
        "Error: Output schema file s.json is not a strict JSON schema: at the root: the schema must be a JSON "
        "object\n");
    row("schema that is not strict",
        file("s.json", R"({"type":"object","properties":{"a":{"type":"object"}},"required":["a"],)"
                       R"("additionalProperties":false})"),
        {u"--output-schema"_s, u"s.json"_s, u"p"_s},
        "Error: Output schema file s.json is not a strict JSON schema: at /properties/a: ");
    row("not in a repository", nothing, {u"-C"_s, u"/"_s, u"p"_s},
        "Error: Not inside a trusted directory and --skip-git-repo-check was not specified: / is in no Git "
        "repository.\n");
    row("unwritable last message", nothing, {u"-o"_s, u"no/such/folder"_s, u"p"_s},
        "Error: Failed to open last message file \"no/such/folder\": No such file or directory\n");
    row("missing image", nothing, {u"-i"_s, u"none.png"_s, u"p"_s},
        "Error: the image none.png cannot be read: there is no such file\n");
    row("unknown session", nothing, {u"resume"_s, u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s, u"p"_s},
        "Error: there is no session ID in STATE/sessions\n");
    row("unknown name", nothing, {u"resume"_s, u"nightly"_s, u"p"_s},
        "Error: there is no session named nightly in STATE\n");
    row("no last session", nothing, {u"resume"_s, u"--last"_s, u"p"_s},
        "Error: there is no earlier session with provider mock in WORK\n");
    row("fork of an unknown session", nothing, {u"fork"_s, u"nightly"_s, u"p"_s},
        "Error: there is no session named nightly in STATE\n");
}

void tst_Failures::refusesToStart()
{
    QFETCH(const Prepare, prepare);
    QFETCH(const QStringList, args);
    QFETCH(const int, exitCode);
    QFETCH(const QByteArray, says);
    Program program;
    prepare(program);
    const Ended ended = program.exec(args);
    QByteArray err = program.plain(ended.err);
    for (const char *notice : {"Reading additional input from stdin...\n", "Reading prompt from stdin...\n"})
        err.replace(notice, "");
    QVERIFY2(err.startsWith(says), err);
    QCOMPARE(ended.out, ""); // never JSON before there is a thread
    QCOMPARE(ended.exitCode, exitCode);
    QVERIFY(program.server.requests().empty());
    QCOMPARE(program.logs(), QStringList());
}

/// What stdout holds of a turn that failed.
static QByteArray failedTurn(const QByteArrayList &notices, const QByteArray &code, const QByteArray &message)
{
    QByteArray out = "{\"type\":\"thread.started\",\"thread_id\":\"ID\"}\n{\"type\":\"turn.started\"}\n";
    for (const QByteArray &notice : notices + QByteArrayList{message})
        out += json::object({{"type", "error"}, {"message", notice}}).text + '\n';
    const RawJson error = json::object({{"message", message}, {"code", code}});
    return out + json::object({{"type", "turn.failed"}, {"error", error}}).text + '\n';
}

void tst_Failures::failsTheTurn_data()
{
    QTest::addColumn<Answer>("answer"); // to every request
    QTest::addColumn<QStringList>("args");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<int>("requests");
    const QByteArrayList once{sse::created()};
    const auto status = [](int code, const QByteArray &body) { return Answer{.status = code, .body = body}; };
    const auto failed = [](const char *code, const char *message) {
        return Answer{.body = sse::stream({sse::created(), sse::failed(code, message)})};
    };
    const auto row = [](const char *name, const Answer &answer, const char *code, const char *message, int requests,
                        const QStringList &args = {}) {
        QTest::newRow(name) << answer << args << QByteArray(code) << QByteArray(message) << requests;
    };
    row("400", status(400, R"({"error":{"message":"no such field"}})"), "bad_request",
        R"({"error":{"message":"no such field"}})", 1);
    row("401", status(401, "who are you"), "auth",
        "unexpected status 401 Unauthorized: who are you, url: SERVER/responses", 1);
    row("403", status(403, "not you"), "auth", "unexpected status 403 Forbidden: not you, url: SERVER/responses", 1);
    row("404", status(404, "not here"), "model_not_found",
        "unexpected status 404 Not Found: not here, url: SERVER/responses", 1);
    row("429", status(429, "slower"), "rate_limited", "exceeded retry limit, last status: 429 Too Many Requests", 2);
    row("429 for good", status(429, R"({"error":{"type":"usage_limit_reached"}})"), "rate_limited",
        "You've hit your usage limit", 1);
    row("500", status(500, "oops"), "model_unavailable",
        "unexpected status 500 Internal Server Error: oops, url: SERVER/responses", 4);
    row("503", status(503, "later"), "model_unavailable",
        "unexpected status 503 Service Unavailable: later, url: SERVER/responses", 4);
    row("cut stream", {.body = sse::stream({sse::created()}), .end = Answer::End::Cut}, "network",
        "stream disconnected before completion: stream closed before response.completed", 2);
    row("stream without a completion", {.body = sse::stream({sse::created()})}, "network",
        "stream disconnected before completion: stream closed before response.completed", 2);
    row("silent stream", {.body = sse::stream({sse::created()}), .end = Answer::End::Stall}, "model_stalled",
        "stream disconnected before completion: the model server sent nothing for 200 ms", 2,
        {u"-c"_s, u"model_providers.mock.stream_idle_timeout_ms=200"_s});
    row("rate limit", failed("rate_limit_exceeded", "Please try again in 20ms."), "rate_limited",
        "rate limit exceeded: Please try again in 20ms.", 2);
    row("server error", failed("server_error", "broken"), "model_unavailable",
        "stream disconnected before completion: broken", 2);
    row("refused prompt", failed("invalid_prompt", "not this"), "bad_request", "not this", 1);
    row("full context", failed("context_length_exceeded", "too long"), "context_exhausted",
        "The conversation ran out of room in the model's context window. Start a new session, or clear earlier "
        "history before retrying.",
        1);
    row("no money", failed("insufficient_quota", "pay"), "rate_limited",
        "Quota exceeded. Check your plan and billing details.", 1);
    row("incomplete answer", {.body = sse::stream({sse::created(), sse::incomplete("max_output_tokens")})},
        "model_unavailable", "Incomplete response returned, reason: max_output_tokens", 1);
    row("nobody listens", {}, "network", "Connection failed: Connection refused, url: http://127.0.0.1:1/v1/responses",
        0, {u"-c"_s, u"model_providers.mock.base_url='http://127.0.0.1:1/v1'"_s});
    row("no such host", {}, "network",
        "Connection failed: Host nobody.invalid not found, url: http://nobody.invalid/v1/responses", 0,
        {u"-c"_s, u"model_providers.mock.base_url='http://nobody.invalid/v1'"_s});
    row("no key", {}, "auth", "Missing environment variable: `NO_KEY`.", 0,
        {u"-c"_s, u"model_providers.mock.env_key=NO_KEY"_s});
}

void tst_Failures::failsTheTurn()
{
    QFETCH(const Answer, answer);
    QFETCH(const QStringList, args);
    QFETCH(const QByteArray, code);
    QFETCH(const QByteArray, message);
    QFETCH(const int, requests);
    Program program;
    program.server.otherwise = answer;
    const Ended ended = program.exec(QStringList{u"--json"_s} + quick + args + QStringList{u"p"_s});
    const bool repeats = requests != 1 && code != "auth";
    const QByteArrayList notices = repeats ? QByteArrayList{"Reconnecting... 1/1 (" + message + ')'} : QByteArrayList();
    QCOMPARE(program.plain(ended.out), failedTurn(notices, code, message));
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(program.server.requests().size(), size_t(requests));
    QCOMPARE(kinds(program.log()).last(2), (QByteArrayList{"event_msg error", "event_msg turn_aborted"}));
}

void tst_Failures::goesOnAfterAFailure_data()
{
    QTest::addColumn<Answer>("first");
    QTest::addColumn<QByteArray>("notice");
    const QByteArrayList half{sse::created(), sse::message("msg_0", "Half.")};
    QTest::newRow("429") << Answer{.status = 429, .headers = {{"retry-after", "0.02"}}}
                         << "Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)"_ba;
    QTest::newRow("500") << Answer{.status = 500} << ""_ba;
    QTest::newRow("cut stream")
        << Answer{.body = sse::stream({sse::created()}), .end = Answer::End::Cut}
        << "Reconnecting... 1/5 (stream disconnected before completion: stream closed before response.completed)"_ba;
}

void tst_Failures::goesOnAfterAFailure()
{
    QFETCH(const Answer, first);
    QFETCH(const QByteArray, notice);
    Program program;
    program.server.play(first);
    program.server.play({sse::message("msg_1", "Here again.")});
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QByteArray expected = "{\"type\":\"thread.started\",\"thread_id\":\"ID\"}\n{\"type\":\"turn.started\"}\n";
    if (!notice.isEmpty())
        expected += json::object({{"type", "error"}, {"message", notice}}).text + '\n';
    QVERIFY2(program.plain(ended.out).startsWith(expected + R"({"type":"item.completed","item":{"id":"item_0",)"),
             ended.out);
    QVERIFY2(ended.out.contains("turn.completed"), ended.out);
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.server.requests().size(), 2u);
    QCOMPARE(program.server.requests()[1].body, program.server.requests()[0].body);
}

void tst_Failures::waitsAsLongAsTheServerSays()
{
    Program program;
    program.server.play(Answer{.status = 429, .headers = {{"retry-after", "1"}}});
    program.server.play({sse::message("msg_1", "Here again.")});
    QElapsedTimer age;
    age.start();
    QCOMPARE(program.exec({u"p"_s}).out, "Here again.\n");
    QVERIFY(age.elapsed() >= 1000); // our own first pause would be 200 ms
}

void tst_Failures::printsOnlyTheReasonWithoutJson()
{
    Program program;
    program.server.play(Answer{.status = 400, .body = "bad words"});
    const Ended ended = program.exec({u"p"_s});
    QCOMPARE(ended.out, "");
    QVERIFY2(ended.err.endsWith("ERROR: bad words\n"), ended.err);
    QCOMPARE(ended.exitCode, 1);
}

void tst_Failures::keepsTheLastMessageFileOfAFailedTurn()
{
    Program program;
    program.write(u"answer"_s, "of the last run");
    program.server.play(Answer{.status = 400, .body = "bad words"});
    QCOMPARE(program.exec({u"-o"_s, u"answer"_s, u"p"_s}).exitCode, 1);
    QCOMPARE(program.read(u"answer"_s), "of the last run");
}

QTEST_GUILESS_MAIN(tst_Failures)
#include "tst_failures.moc"
