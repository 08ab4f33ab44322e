#include "base/jsonreader.h"
#include "llm/answeritems.h"
#include "llm/messagesrequest.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using Events = std::vector<ModelEvent>;
using Outcome = std::expected<Events, ModelFailure>;

/// The counts are sums so far; a later event repeats those that changed.
void readUsage(JsonView usage, Usage &sum, qint64 &uncached)
{
    uncached = usage["input_tokens"].toInteger(uncached);
    sum.cachedInputTokens = usage["cache_read_input_tokens"].toInteger(sum.cachedInputTokens);
    sum.cacheWriteInputTokens = usage["cache_creation_input_tokens"].toInteger(sum.cacheWriteInputTokens);
    sum.outputTokens = usage["output_tokens"].toInteger(sum.outputTokens);
    sum.reasoningOutputTokens = usage["output_tokens_details"]["thinking_tokens"].toInteger(sum.reasoningOutputTokens);
    sum.inputTokens = uncached + sum.cachedInputTokens + sum.cacheWriteInputTokens;
}

/// An answer is a row of blocks, one after the other: a start, pieces, a stop.
/// Source: https://platform.claude.com/docs/en/build-with-claude/streaming
class MessagesDecoder final : public ModelDecoder
{
public:
    Outcome feed(const SseMessage &message) override
    {
        const auto document = JsonDocument::parse(message.data);
        if (!document)
            return {};
        const JsonView event = document->root();
        const QByteArrayView type = event["type"].utf8();
        if (type == "message_start")
            readUsage(event["message"]["usage"], m_usage, m_uncached);
        else if (type == "content_block_start")
            return startBlock(event["content_block"]);
        else if (type == "content_block_delta")
            return readDelta(event["delta"]);
        else if (type == "content_block_stop")
            return endBlock();
        else if (type == "message_delta")
            return readEnd(event);
        else if (type == "message_stop")
            return Events{ResponseDone{m_usage, m_endTurn}};
        else if (type == "error")
            return std::unexpected(failureOfStream(event["error"]));
        return {};
    }

private:
    Outcome startBlock(JsonView block)
    {
        m_block = {.type = block["type"].utf8().toByteArray(),
                   .id = block["id"].toString(),
                   .name = block["name"].toString(),
                   .text = block["text"].toString(block["thinking"].toString()),
                   .arguments = {},
                   .seal = block["signature"].utf8().toByteArray()};
        if (m_block.type == "redacted_thinking")
            m_block.seal = block["data"].utf8().toByteArray();
        if (block["input"].size() > 0) // a server that does not stream arguments
            m_block.arguments = block["input"].raw().text;
        return {};
    }

    Outcome readDelta(JsonView delta)
    {
        const QByteArrayView type = delta["type"].utf8();
        if (type == "text_delta") {
            m_block.text += delta["text"].toString();
            return Events{TextDelta{delta["text"].toString()}};
        }
        if (type == "thinking_delta") {
            m_block.text += delta["thinking"].toString();
            return Events{ThoughtDelta{delta["thinking"].toString()}};
        }
        if (type == "signature_delta")
            m_block.seal += delta["signature"].utf8();
        else if (type == "input_json_delta")
            m_block.arguments += delta["partial_json"].utf8();
        return {};
    }

    Outcome endBlock()
    {
        const Block block = std::exchange(m_block, {});
        if (block.type == "text" && !block.text.trimmed().isEmpty())
            return Events{spokenMessage(block.text)};
        if (block.type == "thinking")
            return Events{sealedThought("messages", signatureSeal.toByteArray() + block.seal, block.text, {})};
        if (block.type == "redacted_thinking")
            return Events{sealedThought("messages", redactedSeal.toByteArray() + block.seal, {}, {})};
        if (block.type == "tool_use")
            return Events{functionCall(block.id, block.name, block.arguments)};
        return {};
    }

    /// Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
    Outcome readEnd(JsonView event)
    {
        readUsage(event["usage"], m_usage, m_uncached);
        const JsonView delta = event["delta"];
        const QByteArrayView reason = delta["stop_reason"].utf8();
        if (reason == "max_tokens")
            return std::unexpected(failureOfIncomplete(u"max_output_tokens"_s));
        if (reason == "model_context_window_exceeded")
            return std::unexpected(failureOfFullContext());
        m_endTurn = reason != "pause_turn";
        if (reason != "refusal")
            return {};
        return Events{refusedMessage(
            delta["stop_details"]["explanation"].toString(u"The model refused to answer and gave no reason."_s))};
    }

    struct Block
    {
        QByteArray type;
        QString id;
        QString name;
        QString text;
        QByteArray arguments;
        QByteArray seal;
    };

    Block m_block;
    Usage m_usage;
    qint64 m_uncached = 0;
    bool m_endTurn = true;
};

class MessagesProtocol final : public ModelProtocol
{
public:
    QString path() const override { return u"/messages"_s; }
    std::vector<QByteArray> body(const ModelRequest &request) const override { return messagesBody(request); }
    HttpHeaders headers(const ModelRequest &request) const override { return messagesHeaders(request); }
    std::unique_ptr<ModelDecoder> decoder() const override { return std::make_unique<MessagesDecoder>(); }
};

} // namespace

std::unique_ptr<ModelProtocol> makeMessagesProtocol()
{
    return std::make_unique<MessagesProtocol>();
}

} // namespace nightshift::llm
