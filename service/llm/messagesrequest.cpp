#include "messagesrequest.h"
#include "llm/bodypieces.h"
#include "llm/dialogue.h"
#include "llm/functiontools.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using json::object;

RawJson cached()
{
    return object({{"type", "ephemeral"}});
}

/// How a model is made to think: newer ones judge for themselves, guided by an effort; older ones, and
/// those of other vendors behind this wire, have a budget of tokens.
/// Source: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
bool thinksByBudget(const QString &model)
{
    if (!model.contains("claude"_L1) || model.endsWith("-4"_L1))
        return true;
    for (const auto old : {"claude-2"_L1, "claude-3"_L1, "-4-0"_L1, "-4-1"_L1, "-4-5"_L1, "-4-20"_L1}) {
        if (model.contains(old))
            return true;
    }
    return false;
}

struct Thinking
{
    std::optional<RawJson> thinking;
    std::optional<QString> effort;
    int maxTokens = 32'000; // what the smallest of the current models can write at once
};

Thinking thinkingOf(const ModelRequest &request)
{
    if (!request.reasoningEffort || *request.reasoningEffort == "none"_L1)
        return {};
    const QString effort = *request.reasoningEffort == "minimal"_L1 ? u"low"_s : *request.reasoningEffort;
    if (thinksByBudget(request.model)) { // the budget is a part of max_tokens
        const int budget = effort == "low"_L1 || request.brief ? 4'000 : effort == "medium"_L1 ? 10'000 : 20'000;
        return {.thinking = object({{"type", "enabled"}, {"budget_tokens", budget}})};
    }
    const auto display = request.reasoningSummary ? std::optional("summarized"_ba) : std::nullopt;
    return {.thinking = object({{"type", "adaptive"}, {"display", display}}), .effort = effort, .maxTokens = 64'000};
}

std::optional<RawJson> outputConfig(const std::optional<QString> &effort, const std::optional<RawJson> &schema)
{
    if (!effort && !schema)
        return {};
    std::optional<RawJson> format;
    if (schema)
        format = object({{"type", "json_schema"}, {"schema", *schema}});
    return object({{"effort", effort}, {"format", format}});
}

/// The instructions, the mark behind them telling that they and the tools, which the server puts before
/// them, stay as they are.
std::optional<RawJson> system(const QByteArrayList &instructions)
{
    std::vector<RawJson> blocks;
    for (const QByteArray &text : instructions) {
        const auto mark = blocks.size() + 1 == size_t(instructions.size()) ? std::optional(cached()) : std::nullopt;
        blocks.push_back(object({{"type", "text"}, {"text", text}, {"cache_control", mark}}));
    }
    return blocks.empty() ? std::nullopt : std::optional(json::array(blocks));
}

RawJson tool(const FunctionTool &tool)
{
    const auto description = tool.description.isEmpty() ? std::nullopt : std::optional(tool.description);
    return object({{"name", tool.name}, {"description", description}, {"input_schema", tool.parameters}});
}

/// The tools to offer; when none may be called, those that were: calls in a history need their tools.
std::optional<RawJson> toolList(const std::vector<RawJson> &tools, const Dialogue &dialogue)
{
    std::vector<RawJson> list;
    for (const FunctionTool &function : readFunctionTools(tools))
        list.push_back(tool(function));
    QByteArrayList called;
    for (const DialogueTurn &turn : dialogue.turns) {
        for (const Call &call : turn.all<Call>()) {
            if (!tools.empty() || called.contains(call.name))
                continue;
            called += call.name;
            list.push_back(tool({.name = call.name, .parameters = object({{"type", "object"}})}));
        }
    }
    return list.empty() ? std::nullopt : std::optional(json::array(list));
}

RawJson block(const Text &text)
{
    return object({{"type", "text"}, {"text", text.text}});
}

RawJson block(const Image &image)
{
    const qsizetype comma = image.url.indexOf(";base64,");
    if (!image.url.startsWith("data:") || comma < 0)
        return object({{"type", "image"}, {"source", object({{"type", "url"}, {"url", image.url}})}});
    const RawJson source = object(
        {{"type", "base64"}, {"media_type", image.url.sliced(5, comma - 5)}, {"data", image.url.sliced(comma + 8)}});
    return object({{"type", "image"}, {"source", source}});
}

RawJson block(const Thought &thought)
{
    if (thought.seal.startsWith(redactedSeal))
        return object({{"type", "redacted_thinking"}, {"data", thought.seal.sliced(redactedSeal.size())}});
    return object(
        {{"type", "thinking"}, {"thinking", thought.text}, {"signature", thought.seal.sliced(signatureSeal.size())}});
}

/// Ids of other wires may hold characters that this one refuses.
QByteArray callId(QByteArray id)
{
    for (char &c : id) {
        const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!allowed)
            c = '_';
    }
    return id;
}

RawJson block(const Call &call)
{
    return object({{"type", "tool_use"}, {"id", callId(call.id)}, {"name", call.name}, {"input", call.arguments}});
}

RawJson block(const Output &output)
{
    std::vector<RawJson> blocks;
    for (const auto &part : output.parts) {
        const auto *text = std::get_if<Text>(&part);
        if (!text || !text->text.trimmed().isEmpty())
            blocks.push_back(std::visit([](const auto &value) { return block(value); }, part));
    }
    return object({{"type", "tool_result"}, {"tool_use_id", callId(output.call)}, {"content", json::array(blocks)}});
}

RawJson message(const DialogueTurn &turn)
{
    std::vector<RawJson> first, rest; // results stand before all else that the user says
    for (const auto &entry : turn.entries) {
        auto &blocks = std::holds_alternative<Output>(entry) ? first : rest;
        blocks.push_back(std::visit([](const auto &value) { return block(value); }, entry));
    }
    std::ranges::move(rest, std::back_inserter(first));
    const bool user = turn.role == DialogueTurn::Role::User;
    return object({{"role", user ? "user" : "assistant"}, {"content", json::array(first)}});
}

} // namespace

/// Models that think by themselves also do so between calls; the older ones must be told.
/// Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking#interleaved-thinking
HttpHeaders messagesHeaders(const ModelRequest &request)
{
    const bool thinks = thinkingOf(request).thinking && thinksByBudget(request.model);
    if (!thinks || !request.model.contains("claude"_L1))
        return {};
    return {{"anthropic-beta", "interleaved-thinking-2025-05-14"}};
}

std::vector<QByteArray> messagesBody(const ModelRequest &request)
{
    const Dialogue dialogue = readDialogue(request.input, "messages");
    const Thinking thinking = thinkingOf(request);
    const auto tools = toolList(request.tools, dialogue);
    const bool mayCall = !request.tools.empty();
    // Some models refuse what does not fit into their context together with the room for the answer.
    const int maxTokens = request.brief ? std::min(thinking.maxTokens, 16'000) : thinking.maxTokens;
    std::vector<RawJson> messages;
    for (const DialogueTurn &turn : dialogue.turns)
        messages.push_back(message(turn));
    const RawJson head =
        object({{"model", request.model},
                {"max_tokens", maxTokens},
                {"stream", true},
                {"cache_control", cached()}, // of the last message: the server moves the mark on by itself
                {"thinking", thinking.thinking},
                {"output_config", outputConfig(thinking.effort, request.outputSchema)},
                {"tool_choice", tools && !mayCall ? std::optional(object({{"type", "none"}})) : std::nullopt},
                {"tools", tools},
                {"system", system(dialogue.instructions)}});
    return bodyPieces(head, "messages", messages);
}

} // namespace nightshift::llm
