#include "base/jsonreader.h"
#include "llm/answeritems.h"
#include "llm/bodypieces.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using json::object;
using Events = std::vector<ModelEvent>;
using Outcome = std::expected<Events, ModelFailure>;

Usage readUsage(JsonView usage)
{
    const JsonView input = usage["input_tokens_details"];
    return {.inputTokens = usage["input_tokens"].toInteger(),
            .cachedInputTokens = input["cached_tokens"].toInteger(),
            .cacheWriteInputTokens = input["cache_write_tokens"].toInteger(),
            .outputTokens = usage["output_tokens"].toInteger(),
            .reasoningOutputTokens = usage["output_tokens_details"]["reasoning_tokens"].toInteger()};
}

QString joinedTexts(JsonView parts, QStringView separator)
{
    QStringList texts;
    for (const JsonView part : parts.items())
        texts += part["text"].toString();
    return texts.join(separator);
}

MessageDone readMessage(JsonView item)
{
    MessageDone message{item.raw(), {}, false};
    QString refusal;
    for (const JsonView part : item["content"].items()) {
        message.text += part["text"].toString();
        refusal += part["refusal"].toString();
    }
    if (message.text.isEmpty() && !refusal.isEmpty()) {
        message.text = refusal;
        message.refusal = true;
    }
    return message;
}

/// What to show for a search: the words, the page, or `'pattern' in URL`.
QString searchQuery(JsonView action)
{
    const QString query = action["query"].toString(action["queries"][qsizetype(0)].toString());
    if (!query.isEmpty())
        return query;
    const QString url = action["url"].toString();
    const QString pattern = action["pattern"].toString();
    return pattern.isEmpty() ? url : u"'%1' in %2"_s.arg(pattern, url);
}

SearchDone readSearch(JsonView item)
{
    const JsonView action = item["action"];
    return {item.raw(), item["id"].toString(), searchQuery(action),
            action.isObject() ? action.raw() : object({{"type", "other"}})};
}

/// Source: https://platform.openai.com/docs/api-reference/responses-streaming
class ResponsesDecoder final : public ModelDecoder
{
public:
    Outcome feed(const SseMessage &message) override
    {
        if (message.data == "[DONE]")
            return one(ResponseDone{}); // some servers end with this alone
        const auto document = JsonDocument::parse(message.data);
        if (!document)
            return {}; // the reference skips what is no JSON, and some servers send such lines
        const JsonView event = document->root();
        const QByteArrayView type = event["type"].utf8();
        if (type == "response.output_text.delta")
            return one(TextDelta{event["delta"].toString()});
        if (type == "response.reasoning_summary_text.delta")
            return one(ThoughtDelta{event["delta"].toString()});
        if (type == "response.reasoning_summary_part.added")
            return one(ThoughtPartBegun{});
        if (type == "response.reasoning_text.delta")
            return one(RawThoughtDelta{event["delta"].toString()});
        if (type == "response.output_item.added")
            return itemAdded(event["item"]);
        if (type == "response.output_item.done")
            return itemDone(event["item"]);
        if (type == "response.completed" || type == "response.done")
            return completed(event["response"]);
        if (type == "response.incomplete")
            return std::unexpected(
                failureOfIncomplete(event["response"]["incomplete_details"]["reason"].toString(u"unknown"_s)));
        if (type == "response.failed")
            return std::unexpected(failureOfStream(event["response"]["error"]));
        if (type == "error")
            return std::unexpected(failureOfStream(event["error"].isObject() ? event["error"] : event));
        return {};
    }

private:
    static Outcome one(ModelEvent event) { return Events{std::move(event)}; }

    static Outcome itemAdded(JsonView item)
    {
        if (item["type"].utf8() == "web_search_call")
            return one(SearchBegun{item["id"].toString()});
        return {};
    }

    static Outcome itemDone(JsonView item)
    {
        const QByteArrayView type = item["type"].utf8();
        if (type == "message")
            return one(readMessage(item));
        if (type == "reasoning")
            return one(ThoughtDone{item.raw(), joinedTexts(item["summary"], u"\n"), joinedTexts(item["content"], u"")});
        if (type == "function_call" || type == "custom_tool_call" || type == "local_shell_call")
            return one(CallDone{item.raw(), toolCall(item)});
        if (type == "web_search_call")
            return one(readSearch(item));
        if (type == "image_generation_call" || type == "compaction")
            return one(OtherDone{item.raw()});
        return {}; // an item we have no word for cannot be sent back safely
    }

    static Outcome completed(JsonView response)
    {
        ResponseDone done;
        if (response["usage"].isObject())
            done.usage = readUsage(response["usage"]);
        done.endTurn = response["end_turn"].toBool(true);
        return one(done);
    }
};

/// Source: https://platform.openai.com/docs/api-reference/responses/create
class ResponsesProtocol final : public ModelProtocol
{
public:
    QString path() const override { return u"/responses"_s; }

    std::vector<QByteArray> body(const ModelRequest &request) const override
    {
        // A copy of the list, but of none of its texts
        std::vector<RawJson> input = request.input;
        std::erase_if(input, isSealed); // another wire's thoughts
        const RawJson head = object({{"model", request.model},
                                     {"stream", true},
                                     {"store", false},
                                     {"include", json::array(QStringList{u"reasoning.encrypted_content"_s})},
                                     {"prompt_cache_key", request.sessionId},
                                     {"reasoning", reasoning(request)},
                                     {"text", textFormat(request)},
                                     {"service_tier", request.serviceTier},
                                     {"tool_choice", "auto"},
                                     {"parallel_tool_calls", !request.tools.empty()},
                                     {"tools", json::array(request.tools)}});
        return bodyPieces(head, "input", input);
    }

    std::unique_ptr<ModelDecoder> decoder() const override { return std::make_unique<ResponsesDecoder>(); }

private:
    static std::optional<RawJson> reasoning(const ModelRequest &request)
    {
        if (!request.reasoningEffort && !request.reasoningSummary)
            return {};
        return object({{"effort", request.reasoningEffort}, {"summary", request.reasoningSummary}});
    }

    static std::optional<RawJson> textFormat(const ModelRequest &request)
    {
        if (!request.verbosity && !request.outputSchema)
            return {};
        std::optional<RawJson> format;
        if (request.outputSchema) {
            format = object({{"type", "json_schema"},
                             {"strict", true},
                             {"name", "codex_output_schema"},
                             {"schema", *request.outputSchema}});
        }
        return object({{"verbosity", request.verbosity}, {"format", format}});
    }
};

} // namespace

std::unique_ptr<ModelProtocol> makeResponsesProtocol()
{
    return std::make_unique<ResponsesProtocol>();
}

} // namespace nightshift::llm
