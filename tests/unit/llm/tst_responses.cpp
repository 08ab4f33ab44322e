#include "llm/modelprotocol.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::llm;

using Outcome = std::expected<std::vector<ModelEvent>, ModelFailure>;
Q_DECLARE_METATYPE(nightshift::llm::ModelFailure)

class tst_Responses : public QObject
{
    Q_OBJECT

private slots:
    void writesWhatTheServerIsAsked();
    void startsEveryBodyWithThePreviousOne();
    void readsOneMessage_data();
    void readsOneMessage();
    void tellsWhyAnAnswerFailed_data();
    void tellsWhyAnAnswerFailed();
    void tellsWhyAStatusFailed_data();
    void tellsWhyAStatusFailed();
};

static QByteArray joined(const std::vector<QByteArray> &pieces)
{
    QByteArray body;
    for (const QByteArray &piece : pieces)
        body += piece;
    return body;
}

static ModelRequest request()
{
    return {.model = u"m"_s, .sessionId = u"s"_s, .input = {RawJson{R"({"a":1})"}, RawJson{R"({"b":2})"}}};
}

void tst_Responses::writesWhatTheServerIsAsked()
{
    ModelRequest asked = request();
    asked.tools = {RawJson{R"({"type":"function","name":"t"})"}};
    asked.reasoningEffort = u"high"_s;
    asked.verbosity = u"low"_s;
    asked.outputSchema = RawJson{R"({"z":1,"a":2})"};
    QCOMPARE(joined(makeResponsesProtocol()->body(asked)),
             R"({"model":"m","stream":true,"store":false,"include":["reasoning.encrypted_content"],)"
             R"("prompt_cache_key":"s","reasoning":{"effort":"high"},"text":{"verbosity":"low","format":)"
             R"({"type":"json_schema","strict":true,"name":"codex_output_schema","schema":{"z":1,"a":2}}},)"
             R"("tool_choice":"auto","parallel_tool_calls":true,"tools":[{"type":"function","name":"t"}],)"
             R"("input":[{"a":1},{"b":2}]})"_ba);
}

void tst_Responses::startsEveryBodyWithThePreviousOne()
{
    const auto protocol = makeResponsesProtocol();
    const QByteArray first = joined(protocol->body(request()));
    ModelRequest longer = request();
    longer.input.push_back({R"({"c":3})"});
    QVERIFY(joined(protocol->body(longer)).startsWith(first.chopped(2))); // but for the closing "]}"
}

void tst_Responses::readsOneMessage_data()
{
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<std::vector<ModelEvent>>("expected");
    const auto row = [](const char *name, const char *data, std::vector<ModelEvent> expected) {
        QTest::newRow(name) << QByteArray(data) << expected;
    };
    row("text delta", R"({"type":"response.output_text.delta","delta":"Tw"})", {TextDelta{u"Tw"_s}});
    row("message of two parts",
        R"({"type":"response.output_item.done","item":{"type":"message","id":"m","content":[{"text":"a"},{"text":"b"}]}})",
        {MessageDone{{R"({"type":"message","id":"m","content":[{"text":"a"},{"text":"b"}]})"}, u"ab"_s, false}});
    row("refusal",
        R"({"type":"response.output_item.done","item":{"type":"message","content":[{"type":"refusal","refusal":"no"}]}})",
        {MessageDone{{R"({"type":"message","content":[{"type":"refusal","refusal":"no"}]})"}, u"no"_s, true}});
    row("part of a summary", R"({"type":"response.reasoning_summary_part.added","summary_index":0})",
        {ThoughtPartBegun{}});
    row("raw reasoning", R"({"type":"response.reasoning_text.delta","delta":"hm"})", {RawThoughtDelta{u"hm"_s}});
    row("reasoning with two summaries",
        R"({"type":"response.output_item.done","item":{"type":"reasoning","summary":[{"text":"a"},{"text":"b"}],"encrypted_content":"e"}})",
        {ThoughtDone{
            {R"({"type":"reasoning","summary":[{"text":"a"},{"text":"b"}],"encrypted_content":"e"})"}, u"a\nb"_s, {}}});
    row("function call",
        R"({"type":"response.output_item.done","item":{"type":"function_call","call_id":"c","name":"n","arguments":"{\"x\":1"}})",
        {CallDone{{R"({"type":"function_call","call_id":"c","name":"n","arguments":"{\"x\":1"})"},
                  {.id = u"c"_s, .name = u"n"_s, .arguments = R"({"x":1)"}}});
    row("free-form call",
        R"({"type":"response.output_item.done","item":{"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"***"}})",
        {CallDone{{R"({"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"***"})"},
                  {.id = u"c"_s, .name = u"apply_patch"_s, .arguments = "***", .kind = ToolCall::Kind::Custom}}});
    row("search in a page",
        R"({"type":"response.output_item.done","item":{"type":"web_search_call","id":"w","action":{"type":"find_in_page","url":"u","pattern":"p"}}})",
        {SearchDone{{R"({"type":"web_search_call","id":"w","action":{"type":"find_in_page","url":"u","pattern":"p"}})"},
                    u"w"_s,
                    u"'p' in u"_s,
                    {R"({"type":"find_in_page","url":"u","pattern":"p"})"}}});
    row("completed with usage",
        R"({"type":"response.completed","response":{"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":2}}}})",
        {ResponseDone{Usage{10, 4, 1, 3, 2}, true}});
    row("completed, and to be asked again", R"({"type":"response.completed","response":{"end_turn":false}})",
        {ResponseDone{{}, false}});
    row("the older end", "[DONE]", {ResponseDone{}});
    row("unknown type", R"({"type":"response.queued"})", {});
    row("unknown item", R"({"type":"response.output_item.done","item":{"type":"hologram"}})", {});
    row("no JSON", "hello", {});
}

void tst_Responses::readsOneMessage()
{
    QFETCH(QByteArray, data);
    QFETCH(std::vector<ModelEvent>, expected);
    const auto events = makeResponsesProtocol()->decoder()->feed({{}, data});
    QVERIFY(events.has_value());
    QVERIFY(*events == expected);
}

void tst_Responses::tellsWhyAnAnswerFailed_data()
{
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<ModelFailure>("expected");
    const auto row = [](const char *code, const char *message, ModelFailure expected) {
        const QByteArray error = QByteArray(R"({"code":")") + code + R"(","message":")" + message + R"("})";
        QTest::newRow(code) << QByteArray(R"({"type":"response.failed","response":{"error":)" + error + "}}")
                            << expected;
    };
    using enum ModelFailure::Retry;
    using std::chrono::milliseconds;
    row("invalid_prompt", "bad", {FailureCode::BadRequest, u"bad"_s});
    row("insufficient_quota", "q",
        {FailureCode::RateLimited, u"Quota exceeded. Check your plan and billing details."_s});
    row("server_error", "boom",
        {FailureCode::ModelUnavailable, u"stream disconnected before completion: boom"_s, Announced});
    row("rate_limit_exceeded", "Please try again in 1.5s.",
        {FailureCode::RateLimited, u"rate limit exceeded: Please try again in 1.5s."_s, Announced, milliseconds(1500)});
    row("slow_down", "x", {FailureCode::RateLimited, u"rate limit exceeded: x"_s, Announced});
    QTest::newRow("top-level error") << R"({"type":"error","code":"server_error","message":"boom"})"_ba
                                     << ModelFailure{FailureCode::ModelUnavailable,
                                                     u"stream disconnected before completion: boom"_s, Announced};
    QTest::newRow("cut by its length")
        << R"({"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_output_tokens"}}})"_ba
        << ModelFailure{FailureCode::ModelUnavailable, u"Incomplete response returned, reason: max_output_tokens"_s};
}

void tst_Responses::tellsWhyAnAnswerFailed()
{
    QFETCH(QByteArray, data);
    QFETCH(ModelFailure, expected);
    const auto events = makeResponsesProtocol()->decoder()->feed({{}, data});
    QVERIFY(!events.has_value());
    QCOMPARE(events.error().message, expected.message);
    QVERIFY(events.error() == expected);
}

void tst_Responses::tellsWhyAStatusFailed_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<HttpHeaders>("headers");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<ModelFailure>("expected");
    using enum ModelFailure::Retry;
    using std::chrono::milliseconds;
    const auto body = R"({"error":{"message":"m"}})"_ba;
    QTest::newRow("400") << 400 << HttpHeaders() << body
                         << ModelFailure{FailureCode::BadRequest, QString::fromUtf8(body)};
    QTest::newRow("401") << 401 << HttpHeaders() << body
                         << ModelFailure{FailureCode::Auth, u"unexpected status 401 Unauthorized: m, url: u"_s};
    QTest::newRow("404") << 404 << HttpHeaders() << body << ModelFailure{FailureCode::ModelNotFound, u"m"_s};
    QTest::newRow("429 with a wish") << 429 << HttpHeaders{{"retry-after", "2"}} << body
                                     << ModelFailure{FailureCode::RateLimited,
                                                     u"exceeded retry limit, last status: 429 Too Many Requests"_s,
                                                     Announced, milliseconds(2000)};
    QTest::newRow("429 without") << 429 << HttpHeaders() << body
                                 << ModelFailure{FailureCode::RateLimited,
                                                 u"exceeded retry limit, last status: 429 Too Many Requests"_s,
                                                 Announced};
    QTest::newRow("429 that is final") << 429 << HttpHeaders{{"x-should-retry", "false"}} << body
                                       << ModelFailure{FailureCode::RateLimited,
                                                       u"exceeded retry limit, last status: 429 Too Many Requests"_s};
    QTest::newRow("usage limit")
        << 429 << HttpHeaders()
        << R"({"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":100}})"_ba
        << ModelFailure{FailureCode::RateLimited,
                        u"You've hit your usage limit of the plus plan; it resets in 100 s"_s};
    QTest::newRow("503") << 503 << HttpHeaders() << "busy"_ba
                         << ModelFailure{FailureCode::ModelUnavailable,
                                         u"unexpected status 503 Service Unavailable: busy, url: u"_s, Silent};
}

void tst_Responses::tellsWhyAStatusFailed()
{
    QFETCH(int, status);
    QFETCH(HttpHeaders, headers);
    QFETCH(QByteArray, body);
    QFETCH(ModelFailure, expected);
    const ModelFailure failure = failureOfStatus(status, headers, body, u"u"_s);
    QCOMPARE(failure.message, expected.message);
    QVERIFY(failure == expected);
}

QTEST_APPLESS_MAIN(tst_Responses)
#include "tst_responses.moc"
