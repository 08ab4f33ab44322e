#include "base/jsonreader.h"
#include "llm/answeritems.h"
#include "llm/answersize.h"
#include "llm/chatrequest.h"
#include "llm/chatthought.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using Events = std::vector<ModelEvent>;
using Outcome = std::expected<Events, ModelFailure>;

/// cache_write_tokens are OpenRouter's, prompt_cache_hit_tokens DeepSeek's.
Usage readUsage(JsonView usage)
{
    const JsonView prompt = usage["prompt_tokens_details"];
    return {.inputTokens = usage["prompt_tokens"].toInteger(),
            .cachedInputTokens = prompt["cached_tokens"].toInteger(usage["prompt_cache_hit_tokens"].toInteger()),
            .cacheWriteInputTokens = prompt["cache_write_tokens"].toInteger(),
            .outputTokens = usage["completion_tokens"].toInteger(),
            .reasoningOutputTokens = usage["completion_tokens_details"]["reasoning_tokens"].toInteger()};
}

/// A chunk has no word for the end of a part of the answer: a thought ends where something else begins, a
/// text where calls begin, and calls with the answer.
/// Source: https://platform.openai.com/docs/api-reference/chat/streaming
class ChatDecoder final : public ModelDecoder
{
public:
    explicit ChatDecoder(const AnswerLimits &limits)
        : m_limits(limits)
        , m_thought(limits.items)
    {}

    Outcome feed(const SseMessage &message) override
    {
        if (message.data == "[DONE]")
            return finished();
        const auto document = JsonDocument::parse(message.data);
        if (!document)
            return {};
        const JsonView chunk = document->root();
        if (chunk["error"].isObject() || chunk["error"].isString())
            return std::unexpected(failureOfStream(chunk["error"]));
        const JsonView choice = chunk["choices"][qsizetype(0)];
        for (const JsonView usage : {chunk["usage"], choice["usage"]}) { // with the last choice, after it, or in it
            if (usage.isObject())
                m_usage = readUsage(usage);
        }
        Events events;
        m_thought.feed(choice["delta"]);
        readText(choice["delta"], events);
        for (const JsonView call : choice["delta"]["tool_calls"].items()) {
            if (qint64(m_calls.size()) > m_limits.items)
                break; // each call is looked for among the others
            readCall(call, events);
        }
        if (qint64(m_calls.size()) > m_limits.items || m_thought.isTooLong())
            return std::unexpected(failureOfSize(m_limits, &AnswerLimits::items));
        const QByteArrayView reason = choice["finish_reason"].utf8();
        if (reason == "length" || reason == "model_length") // the latter is Mistral's
            return std::unexpected(failureOfIncomplete(u"max_output_tokens"_s));
        for (const char *trouble : {"content_filter", "error", "abort", "insufficient_system_resource"}) {
            if (reason == trouble)
                return std::unexpected(failureOfIncomplete(choice["finish_reason"].toString()));
        }
        if (!reason.isEmpty())
            finish(events);
        return events;
    }

    std::optional<ResponseDone> close() override
    {
        // Some servers never say [DONE]
        return m_finished ? std::optional(ResponseDone{m_usage, true}) : std::nullopt;
    }

private:
    struct Call
    {
        qint64 index = 0;
        QString id;
        QString name;
        QByteArray arguments;
    };

    void readText(JsonView delta, Events &events)
    {
        m_refusal += delta["refusal"].toString();
        const QString text = chatText(delta["content"]);
        if (text.isEmpty())
            return;
        endThought(events);
        m_text += text;
        events.emplace_back(TextDelta{text});
    }

    void readCall(JsonView delta, Events &events)
    {
        endThought(events);
        endText(events);
        Call &call = callOf(delta);
        if (call.id.isEmpty())
            call.id = delta["id"].toString();
        const JsonView function = delta["function"];
        if (call.name.isEmpty())
            call.name = function["name"].toString();
        const JsonView arguments = function["arguments"];
        call.arguments += arguments.isObject() ? arguments.raw().text : arguments.utf8().toByteArray();
    }

    /// By index; some servers give every call the same one, or none, but then each comes with an id.
    Call &callOf(JsonView delta)
    {
        const qint64 index = delta["index"].toInteger(m_calls.empty() ? 0 : m_calls.back().index);
        const QString id = delta["id"].toString();
        for (Call &call : m_calls) {
            if (call.index == index && (id.isEmpty() || call.id == id))
                return call;
        }
        return m_calls.emplace_back(Call{.index = index});
    }

    void endThought(Events &events)
    {
        if (!m_thought.isEmpty())
            events.emplace_back(m_thought.take());
    }

    void endText(Events &events)
    {
        if (!m_text.trimmed().isEmpty())
            events.emplace_back(spokenMessage(m_text));
        m_text.clear();
    }

    void finish(Events &events)
    {
        endThought(events);
        endText(events);
        if (!m_refusal.isEmpty())
            events.emplace_back(refusedMessage(std::exchange(m_refusal, {})));
        for (const Call &call : std::exchange(m_calls, {}))
            events.emplace_back(functionCall(call.id, call.name, call.arguments));
        m_finished = true;
    }

    Outcome finished()
    {
        Events events;
        finish(events); // what is left when no choice told its reason
        events.emplace_back(ResponseDone{m_usage, true});
        return events;
    }

    const AnswerLimits m_limits;
    ChatThought m_thought;
    QString m_text;
    QString m_refusal;
    std::vector<Call> m_calls;
    std::optional<Usage> m_usage;
    bool m_finished = false;
};

class ChatProtocol final : public ModelProtocol
{
public:
    QString path() const override { return u"/chat/completions"_s; }
    std::vector<QByteArray> body(const ModelRequest &request) const override { return chatBody(request); }
    std::unique_ptr<ModelDecoder> decoder() const override { return std::make_unique<ChatDecoder>(AnswerLimits()); }
};

} // namespace

std::unique_ptr<ModelProtocol> makeChatProtocol()
{
    return std::make_unique<ChatProtocol>();
}

} // namespace nightshift::llm
