#include "base/result.h"
#include "llm/answeritems.h"
#include "support/golden.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::llm;

Q_DECLARE_METATYPE(nightshift::llm::ModelRequest)

/// One table of scenarios over all wires: what a server streams must read alike on each, and go back as each
/// server wants it. UPDATE_GOLDEN=1 rewrites the requests.
class tst_Wires : public QObject
{
    Q_OBJECT

private slots:
    void tellsTheSameOnEveryWire_data();
    void tellsTheSameOnEveryWire();
    void asksOnInTheServersWords_data();
    void asksOnInTheServersWords();
    void carriesWhatOtherWiresLeft_data();
    void carriesWhatOtherWiresLeft();
    void startsEveryBodyWithThePreviousOne_data();
    void startsEveryBodyWithThePreviousOne();
    void keepsAHiddenThought();
    void takesThoughtsByEitherName();
    void takesMistralsThoughtsInLists();
    void carriesOpenRoutersDetailsBack();
    void asksAgainWhereTheServerHadTrouble_data();
    void asksAgainWhereTheServerHadTrouble();
    void knowsAFullContextInEveryServersWords_data();
    void knowsAFullContextInEveryServersWords();
    void asksOlderModelsToThinkBetweenCalls();
    void reservesLittleForABriefAnswer();
    void separatesCallsThatShareAnIndex();
    void acceptsAChatWithoutItsLastWord();
    void asksOlderModelsToThinkWithinABudget();
    void namesItsClientAsTheWireWants();
    void retriesAnOverloadedServer();
};

static const std::pair<QByteArray, WireApi> wires[]{
    {"responses", WireApi::Responses}, {"chat", WireApi::Chat}, {"messages", WireApi::Messages}};

static QByteArray readData(const QByteArray &name)
{
    QFile file(QStringLiteral(TEST_DATA "/") + QString::fromUtf8(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

static QByteArray joined(const std::vector<QByteArray> &pieces)
{
    QByteArray body;
    for (const QByteArray &piece : pieces)
        body += piece;
    return body;
}

/// Up to its end or its failure, as a stream would.
struct Answer
{
    std::vector<ModelEvent> events;
    std::optional<ModelFailure> failure;
    bool complete = false;
};

static Answer read(WireApi api, const QByteArray &stream)
{
    Answer answer;
    const auto decoder = makeProtocol(api)->decoder();
    for (const SseMessage &message : SseParser().feed(stream)) {
        auto events = decoder->feed(message);
        if (!events) {
            answer.failure = events.error();
            return answer;
        }
        std::ranges::move(*events, std::back_inserter(answer.events));
        if (!answer.events.empty() && std::holds_alternative<ResponseDone>(answer.events.back())) {
            answer.complete = true;
            return answer;
        }
    }
    if (const auto done = decoder->close()) {
        answer.events.emplace_back(*done);
        answer.complete = true;
    }
    return answer;
}

/// What a turn learns from an answer. Thoughts that stream are left out: not every wire shows them.
static QStringList told(const Answer &answer)
{
    QStringList lines;
    for (const ModelEvent &event : answer.events) {
        std::visit(
            Overloaded{
                [&](const TextDelta &e) { lines += u"+ "_s + e.text; },
                [&](const MessageDone &e) { lines += (e.refusal ? u"refuses: "_s : u"says: "_s) + e.text; },
                [&](const ThoughtDone &e) { lines += u"thinks: "_s + e.summary + e.raw; },
                [&](const CallDone &e) { lines += u"calls %1: %2 %3"_s.arg(e.call.id, e.call.name, e.call.arguments); },
                [&](const ResponseDone &e) {
                    const Usage usage = e.usage.value_or(Usage());
                    lines += u"done: %1 (%2 cached, %3 written) -> %4 (%5 thought)"_s.arg(usage.inputTokens)
                                 .arg(usage.cachedInputTokens)
                                 .arg(usage.cacheWriteInputTokens)
                                 .arg(usage.outputTokens)
                                 .arg(usage.reasoningOutputTokens);
                },
                [](const auto &) {},
            },
            event);
    }
    if (answer.failure) {
        const bool again = answer.failure->retry == ModelFailure::Retry::Announced;
        lines += (again ? u"fails for now: "_s : u"fails: "_s) + answer.failure->message;
    } else if (!answer.complete) {
        lines += u"cut"_s;
    }
    return lines;
}

static const auto usageLine = u"done: 100 (40 cached, 10 written) -> 5 (2 thought)"_s;

void tst_Wires::tellsTheSameOnEveryWire_data()
{
    QTest::addColumn<WireApi>("api");
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char *scenario, const QStringList &expected) {
        for (const auto &[name, api] : wires)
            QTest::addRow("%s, %s", scenario, name.constData()) << api << name + '/' + scenario + ".sse" << expected;
    };
    row("schema", {u"+ {\"a\""_s, u"+ :1}"_s, u"says: {\"a\":1}"_s, usageLine});
    row("calls",
        {u"thinks: Look first."_s, u"+ I look."_s, u"says: I look."_s, u"calls call_1: exec_command {\"cmd\":\"ls\"}"_s,
         u"calls call_2: view_image {\"path\":\"a.png\"}"_s, usageLine});
    row("refusal", {u"refuses: I cannot help with that."_s, usageLine});
    row("length", {u"+ And so"_s, u"fails: Incomplete response returned, reason: max_output_tokens"_s});
    row("overloaded", {u"+ And so"_s, u"fails for now: stream disconnected before completion: Overloaded"_s});
    row("cut", {u"+ And so"_s, u"cut"_s});
}

void tst_Wires::tellsTheSameOnEveryWire()
{
    QFETCH(WireApi, api);
    QFETCH(QByteArray, file);
    QFETCH(QStringList, expected);
    QCOMPARE(told(read(api, readData(file))), expected);
}

/// A session's beginning; its user shows an image.
static ModelRequest request()
{
    return {
        .model = u"claude-opus-4-6"_s,
        .sessionId = u"s"_s,
        .input =
            {
                {R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"You are careful."}]})"},
                {R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"Read only."}]})"},
                {R"({"type":"message","role":"user","content":[{"type":"input_text","text":"<environment/>"}]})"},
                {R"({"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"original"},{"type":"input_text","text":"What is this?"}]})"},
            },
        .tools = {
            {R"({"type":"function","name":"exec_command","description":"Runs.","strict":false,"parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}})"},
            {R"({"type":"custom","name":"apply_patch","description":"Edits.","format":{"type":"grammar","syntax":"lark","definition":"x"}})"},
            {R"({"type":"web_search","external_web_access":false})"}}};
}

/// A body with each message on its own line.
static QByteArray readable(QByteArray body)
{
    return body.replace("{\"role\":", "\n{\"role\":").replace("{\"type\":\"message\"", "\n{\"type\":\"message\"") +
           '\n';
}

void tst_Wires::asksOnInTheServersWords_data()
{
    QTest::addColumn<WireApi>("api");
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<ModelRequest>("asked");
    const auto row = [](const char *scenario, const ModelRequest &asked) {
        for (const auto &[name, api] : wires)
            QTest::addRow("%s, %s", scenario, name.constData()) << api << name + '/' + scenario << asked;
    };
    ModelRequest schema = request();
    schema.reasoningEffort = u"high"_s;
    schema.reasoningSummary = u"auto"_s;
    schema.outputSchema = RawJson{R"({"type":"object","properties":{"z":{"type":"integer"},"a":{"type":"integer"}}})"};
    row("schema", schema);
    row("calls", request());
    ModelRequest last = request();
    last.tools.clear();
    row("refusal", last);
}

void tst_Wires::asksOnInTheServersWords()
{
    QFETCH(WireApi, api);
    QFETCH(QByteArray, file);
    QFETCH(ModelRequest, asked);
    bool called = false;
    for (const ModelEvent &event : read(api, readData(file + ".sse")).events) {
        if (const auto *message = std::get_if<MessageDone>(&event))
            asked.input.push_back(message->item);
        if (const auto *thought = std::get_if<ThoughtDone>(&event))
            asked.input.push_back(thought->item);
        if (const auto *call = std::get_if<CallDone>(&event)) {
            asked.input.push_back(call->item);
            called = true;
        }
    }
    if (called) {
        asked.input.push_back({R"({"type":"function_call_output","call_id":"call_1","output":"a.png"})"});
        asked.input.push_back(
            {R"({"type":"function_call_output","call_id":"call_2","output":[{"type":"input_image","image_url":"data:image/png;base64,BBBB","detail":"high"}]})"});
    }
    const QByteArray body = joined(makeProtocol(api)->body(asked));
    QVERIFY(JsonDocument::parse(body).has_value());
    QVERIFY(
        test::matchesGolden(QStringLiteral(TEST_DATA "/") + QString::fromUtf8(file) + u".request"_s, readable(body)));
}

void tst_Wires::carriesWhatOtherWiresLeft_data()
{
    QTest::addColumn<WireApi>("api");
    QTest::addColumn<QByteArray>("file");
    for (const auto &[name, api] : wires)
        QTest::addRow("%s", name.constData()) << api << name + "/foreign";
}

void tst_Wires::carriesWhatOtherWiresLeft()
{
    QFETCH(WireApi, api);
    QFETCH(QByteArray, file);
    ModelRequest asked = request();
    asked.tools.clear();
    asked.input = {
        {R"({"type":"message","role":"user","content":"Go."})"},
        {R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"})"},
        sealedThought("chat", "reasoning", {}, u"by chat"_s).item,
        sealedThought("messages", "signature:Eq", u"by messages"_s, {}).item,
        {R"({"type":"custom_tool_call","call_id":"call:1","name":"apply_patch","input":"*** Begin"})"},
        {R"({"type":"local_shell_call","call_id":"c2","action":{"type":"exec","command":["ls"]}})"},
        {R"({"type":"function_call","call_id":"c3","namespace":"mcp__git","name":"log","arguments":"{\"n\":"})"},
        {R"({"type":"web_search_call","id":"ws_1","action":{"type":"search","query":"q"}})"},
        {R"({"type":"custom_tool_call_output","call_id":"call:1","output":"Done"})"},
        {R"({"type":"function_call_output","call_id":"c2","output":""})"},
        {R"({"type":"function_call_output","call_id":"c3","output":"bad arguments"})"},
        {R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"Now you may write."}]})"},
        {R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"I wr"}]})"},
    };
    const QByteArray body = joined(makeProtocol(api)->body(asked));
    QVERIFY(JsonDocument::parse(body).has_value());
    QVERIFY(
        test::matchesGolden(QStringLiteral(TEST_DATA "/") + QString::fromUtf8(file) + u".request"_s, readable(body)));
}

void tst_Wires::startsEveryBodyWithThePreviousOne_data()
{
    QTest::addColumn<WireApi>("api");
    for (const auto &[name, api] : wires)
        QTest::addRow("%s", name.constData()) << api;
}

void tst_Wires::startsEveryBodyWithThePreviousOne()
{
    QFETCH(WireApi, api);
    const auto protocol = makeProtocol(api);
    ModelRequest longer = request();
    const QByteArray first = joined(protocol->body(longer));
    longer.input.push_back({R"({"type":"function_call","call_id":"c","name":"n","arguments":"{}"})"});
    longer.input.push_back({R"({"type":"function_call_output","call_id":"c","output":"o"})"});
    QVERIFY(joined(protocol->body(longer)).startsWith(first.chopped(2))); // but for the closing "]}"
}

void tst_Wires::keepsAHiddenThought()
{
    const Answer answer =
        read(WireApi::Messages, "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
                                "\"type\":\"redacted_thinking\",\"data\":\"EmwK\"}}\n\n"
                                "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
    QCOMPARE(told(answer), (QStringList{u"thinks: "_s, u"cut"_s}));
    ModelRequest asked{.model = u"m"_s};
    asked.input = {std::get<ThoughtDone>(answer.events.front()).item,
                   {R"({"type":"function_call","call_id":"c","name":"n","arguments":"{}"})"}};
    QVERIFY(joined(makeProtocol(WireApi::Messages)->body(asked))
                .contains(R"({"type":"redacted_thinking","data":"EmwK"},{"type":"tool_use")"));
}

void tst_Wires::takesThoughtsByEitherName()
{
    const Answer answer = read(WireApi::Chat, "data: {\"choices\":[{\"delta\":{\"reasoning\":\"Hm\"}}]}\n\n"
                                              "data: {\"choices\":[{\"delta\":{\"reasoning\":{\"text\":\"m.\"}}}]}\n\n"
                                              "data: {\"choices\":[{\"delta\":{\"content\":\"Yes\"}}]}\n\n"
                                              "data: [DONE]\n\n");
    QCOMPARE(told(answer), (QStringList{u"thinks: Hmm."_s, u"+ Yes"_s, u"says: Yes"_s,
                                        u"done: 0 (0 cached, 0 written) -> 0 (0 thought)"_s}));
    ModelRequest asked{.model = u"m"_s};
    asked.input = {std::get<ThoughtDone>(answer.events[0]).item, std::get<MessageDone>(answer.events[2]).item};
    QVERIFY(joined(makeProtocol(WireApi::Chat)->body(asked))
                .contains(R"({"role":"assistant","content":"Yes","reasoning":"Hmm."})"));
}

/// What goes back of an answer after it was read.
static QByteArray echoed(const Answer &answer)
{
    ModelRequest asked{.model = u"m"_s};
    for (const ModelEvent &event : answer.events) {
        if (const auto *message = std::get_if<MessageDone>(&event))
            asked.input.push_back(message->item);
        if (const auto *thought = std::get_if<ThoughtDone>(&event))
            asked.input.push_back(thought->item);
        if (const auto *call = std::get_if<CallDone>(&event))
            asked.input.push_back(call->item);
    }
    return joined(makeProtocol(WireApi::Chat)->body(asked));
}

void tst_Wires::takesMistralsThoughtsInLists()
{
    const Answer answer = read(
        WireApi::Chat, "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":"
                       "\"text\",\"text\":\"Hm\"}]}]}}]}\n\n"
                       "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":"
                       "\"text\",\"text\":\"m.\"}]},{\"type\":\"text\",\"text\":\"Y\"}]}}]}\n\n"
                       "data: {\"choices\":[{\"delta\":{\"content\":\"es\"},\"finish_reason\":\"stop\"}]}\n\n"
                       "data: [DONE]\n\n");
    QCOMPARE(told(answer), (QStringList{u"thinks: Hmm."_s, u"+ Y"_s, u"+ es"_s, u"says: Yes"_s,
                                        u"done: 0 (0 cached, 0 written) -> 0 (0 thought)"_s}));
    QVERIFY(echoed(answer).contains(
        R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"Hmm."}]},{"type":"text","text":"Yes"}])"));
}

void tst_Wires::carriesOpenRoutersDetailsBack()
{
    const QByteArray body = echoed(read(
        WireApi::Chat,
        "data: "
        "{\"choices\":[{\"delta\":{\"reasoning\":\"Hm\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"
        "\"Hm\",\"format\":\"anthropic-claude-v1\",\"index\":0}]}}]}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"reasoning\":\"m.\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"
        "\"m.\",\"index\":0}]}}]}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"signature\":\"Eq\",\"index\":"
        "0}"
        "]}}]}\n\n"
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"n\","
        "\"arguments\":\"{}\"}}],\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"gA\",\"id\":\"a\","
        "\"index\":1}]},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n"));
    QVERIFY2(
        body.contains(
            R"("content":null,"reasoning_details":[{"type":"reasoning.text","text":"Hmm.","signature":"Eq","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"gA","id":"a","index":1}],"tool_calls":)"),
        body.constData());
}

void tst_Wires::asksAgainWhereTheServerHadTrouble_data()
{
    QTest::addColumn<QByteArray>("reason");
    QTest::addColumn<bool>("again");
    for (const char *reason : {"error", "abort", "insufficient_system_resource", "content_filter"})
        QTest::newRow(reason) << QByteArray(reason) << true;
    for (const char *reason : {"length", "model_length"})
        QTest::newRow(reason) << QByteArray(reason) << false;
}

void tst_Wires::asksAgainWhereTheServerHadTrouble()
{
    QFETCH(const QByteArray, reason);
    QFETCH(const bool, again);
    const Answer answer =
        read(WireApi::Chat,
             "data: {\"choices\":[{\"delta\":{\"content\":\"So\"},\"finish_reason\":\"" + reason + "\"}]}\n\n");
    QVERIFY(answer.failure);
    QCOMPARE(answer.failure->retry == ModelFailure::Retry::Announced, again);
}

void tst_Wires::knowsAFullContextInEveryServersWords_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("OpenAI") << 400 << R"({"error":{"message":"Too long.","code":"context_length_exceeded"}})"_ba;
    QTest::newRow("Anthropic")
        << 400
        << R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 213462 tokens > 200000 maximum"}})"_ba;
    QTest::newRow("Anthropic, with the answer")
        << 400
        << R"({"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"}})"_ba;
    QTest::newRow("vLLM")
        << 400
        << R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","param":null,"code":400})"_ba;
    QTest::newRow("OpenRouter")
        << 400 << R"({"error":{"message":"This endpoint's maximum context length is 131072 tokens.","code":400}})"_ba;
    QTest::newRow("Mistral")
        << 400
        << R"({"object":"error","message":"Prompt contains 40000 tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","code":"3051"})"_ba;
    QTest::newRow("llama.cpp")
        << 500
        << R"({"error":{"code":500,"message":"the request exceeds the available context size. try increasing it","type":"exceed_context_size_error","n_prompt_tokens":1407,"n_ctx":256}})"_ba;
    QTest::newRow("LM Studio")
        << 400
        << R"({"error":"Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context length of only 32768 tokens, which is not enough."})"_ba;
}

void tst_Wires::knowsAFullContextInEveryServersWords()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, body);
    QCOMPARE(failureOfStatus(status, {}, body, u"u"_s), failureOfFullContext());
    const auto document = JsonDocument::parse(body);
    const JsonView error = document->root()["error"];
    QCOMPARE(failureOfStream(error.exists() ? error : document->root()), failureOfFullContext());
}

void tst_Wires::asksOlderModelsToThinkBetweenCalls()
{
    const auto protocol = makeProtocol(WireApi::Messages);
    ModelRequest asked{.model = u"claude-sonnet-4-5"_s};
    QCOMPARE(protocol->headers(asked), HttpHeaders());
    asked.reasoningEffort = u"high"_s;
    QCOMPARE(protocol->headers(asked), (HttpHeaders{{"anthropic-beta", "interleaved-thinking-2025-05-14"}}));
    asked.model = u"claude-opus-4-6"_s;
    QCOMPARE(protocol->headers(asked), HttpHeaders());
    QCOMPARE(makeProtocol(WireApi::Chat)->headers(asked), HttpHeaders());
}

void tst_Wires::reservesLittleForABriefAnswer()
{
    ModelRequest asked{.model = u"claude-sonnet-4-5"_s, .reasoningEffort = u"high"_s, .brief = true};
    const QByteArray body = joined(makeProtocol(WireApi::Messages)->body(asked));
    QVERIFY2(body.contains(R"("max_tokens":16000)") && body.contains(R"("budget_tokens":4000)"), body.constData());
}

void tst_Wires::separatesCallsThatShareAnIndex()
{
    const QByteArray stream =
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"n\","
        "\"arguments\":\"{}\"}},{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"n\",\"arguments\":{\"x\":1}}}]},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    QCOMPARE(told(read(WireApi::Chat, stream)), (QStringList{u"calls a: n {}"_s, u"calls b: n {\"x\":1}"_s,
                                                             u"done: 0 (0 cached, 0 written) -> 0 (0 thought)"_s}));
}

void tst_Wires::acceptsAChatWithoutItsLastWord()
{
    const QByteArray stream = "data: {\"choices\":[{\"delta\":{\"content\":\"Yes\"},\"finish_reason\":\"stop\"}]}\n\n";
    QVERIFY(read(WireApi::Chat, stream).complete);
}

void tst_Wires::asksOlderModelsToThinkWithinABudget()
{
    ModelRequest asked = request();
    asked.model = u"claude-sonnet-4-5"_s;
    asked.reasoningEffort = u"medium"_s;
    const QByteArray body = joined(makeProtocol(WireApi::Messages)->body(asked));
    QVERIFY2(body.startsWith(R"({"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,)"
                             R"("cache_control":{"type":"ephemeral"},)"
                             R"("thinking":{"type":"enabled","budget_tokens":10000},"tools":)"),
             body.constData());
}

void tst_Wires::namesItsClientAsTheWireWants()
{
    ProviderSettings provider{.key = Secret("k")};
    QCOMPARE(wireHeaders(provider), (HttpHeaders{{"authorization", "Bearer k"}}));
    provider.wireApi = WireApi::Messages;
    QCOMPARE(wireHeaders(provider), (HttpHeaders{{"anthropic-version", "2023-06-01"}, {"x-api-key", "k"}}));
    provider.tokenCommand = TokenCommand();
    QCOMPARE(wireHeaders(provider), (HttpHeaders{{"anthropic-version", "2023-06-01"}, {"authorization", "Bearer k"}}));
    provider.key = Secret();
    provider.wireApi = WireApi::Chat;
    QCOMPARE(wireHeaders(provider), HttpHeaders());
}

void tst_Wires::retriesAnOverloadedServer()
{
    const ModelFailure failure =
        failureOfStatus(529, {}, R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})", u"u"_s);
    QCOMPARE(failure.message, u"unexpected status 529 Overloaded: busy, url: u"_s);
    QCOMPARE(failure.retry, ModelFailure::Retry::Silent);
}

QTEST_APPLESS_MAIN(tst_Wires)
#include "tst_wires.moc"
