#include "chatrequest.h"
#include "base/jsonreader.h"
#include "llm/bodypieces.h"
#include "llm/chatthought.h"
#include "llm/dialogue.h"
#include "llm/functiontools.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

namespace {

using json::object;

std::optional<RawJson> toolList(const std::vector<RawJson> &tools)
{
    std::vector<RawJson> list;
    for (const FunctionTool &tool : readFunctionTools(tools)) {
        const auto strict = tool.strict ? std::optional(true) : std::nullopt; // some servers do not know the word
        list.push_back(object({{"type", "function"},
                               {"function", object({{"name", tool.name},
                                                    {"description", tool.description},
                                                    {"parameters", tool.parameters},
                                                    {"strict", strict}})}}));
    }
    return list.empty() ? std::nullopt : std::optional(json::array(list));
}

std::optional<RawJson> responseFormat(const std::optional<RawJson> &schema)
{
    if (!schema)
        return {};
    const RawJson named = object({{"name", "codex_output_schema"}, {"strict", true}, {"schema", *schema}});
    return object({{"type", "json_schema"}, {"json_schema", named}});
}

RawJson imagePart(const Image &image)
{
    const auto detail = image.detail == "original" ? "high"_ba : image.detail; // which this wire does not know
    const auto known = detail.isEmpty() ? std::nullopt : std::optional(detail);
    return object({{"type", "image_url"}, {"image_url", object({{"url", image.url}, {"detail", known}})}});
}

/// Text alone is sent as a string: not every server takes lists.
RawJson userContent(const std::vector<std::variant<Text, Image>> &parts)
{
    std::vector<RawJson> list;
    bool images = false;
    for (const auto &part : parts) {
        const auto *image = std::get_if<Image>(&part);
        images = images || image;
        list.push_back(image ? imagePart(*image) : object({{"type", "text"}, {"text", std::get<Text>(part).text}}));
    }
    return images ? json::array(list) : json::string(QByteArrayView(joinedTexts(parts)));
}

/// One message for each output, then one with all that the user said. A tool's message holds only text, so
/// that its images travel with the user's.
void addUserTurn(std::vector<RawJson> &messages, const DialogueTurn &turn)
{
    std::vector<std::variant<Text, Image>> said;
    for (const auto &entry : turn.entries) {
        const auto *output = std::get_if<Output>(&entry);
        if (!output)
            continue;
        QByteArray text = joinedTexts(output->parts);
        for (const auto &part : output->parts) {
            if (!std::holds_alternative<Image>(part))
                continue;
            if (text.isEmpty())
                text = "The image follows in the next message.";
            said.emplace_back(Text{"The image that call " + output->call + " returned:"});
            said.push_back(part);
        }
        messages.push_back(object({{"role", "tool"}, {"tool_call_id", output->call}, {"content", text}}));
    }
    for (const auto &entry : turn.entries) {
        if (const auto *text = std::get_if<Text>(&entry))
            said.emplace_back(*text);
        else if (const auto *image = std::get_if<Image>(&entry))
            said.emplace_back(*image);
    }
    if (!said.empty())
        messages.push_back(object({{"role", "user"}, {"content", userContent(said)}}));
}

/// The chain of thought under the name that the server used for it.
std::optional<QByteArray> thought(const DialogueTurn &turn, const char *field)
{
    QByteArrayList texts;
    for (const Thought &thought : turn.all<Thought>()) {
        if (thought.seal == field)
            texts += thought.text;
    }
    return texts.isEmpty() ? std::nullopt : std::optional(texts.join("\n\n"));
}

/// OpenRouter's lists of a turn as one; they must go back as they came.
std::optional<RawJson> thoughtDetails(const DialogueTurn &turn)
{
    std::vector<RawJson> details;
    for (const Thought &thought : turn.all<Thought>()) {
        if (!thought.seal.startsWith(detailsSeal))
            continue;
        const auto list = JsonDocument::parse(QByteArrayView(thought.seal).sliced(detailsSeal.size()));
        if (!list)
            continue;
        for (const JsonView detail : list->root().items())
            details.push_back(detail.raw());
    }
    return details.empty() ? std::nullopt : std::optional(json::array(details));
}

RawJson assistantContent(const DialogueTurn &turn)
{
    const QByteArray text = joinedTexts(turn.entries);
    const auto thinking = thought(turn, contentSeal.data());
    if (!thinking)
        return text.isEmpty() ? json::null() : json::string(QByteArrayView(text));
    const auto part = [](const QByteArray &words) { return object({{"type", "text"}, {"text", words}}); };
    std::vector<RawJson> parts{object({{"type", "thinking"}, {"thinking", json::array({part(*thinking)})}})};
    if (!text.isEmpty())
        parts.push_back(part(text));
    return json::array(parts);
}

RawJson assistantMessage(const DialogueTurn &turn)
{
    std::vector<RawJson> calls;
    for (const Call &call : turn.all<Call>()) {
        const RawJson function = object({{"name", call.name}, {"arguments", call.arguments.text}});
        calls.push_back(object({{"id", call.id}, {"type", "function"}, {"function", function}}));
    }
    return object({{"role", "assistant"},
                   {"content", assistantContent(turn)},
                   {"reasoning_content", thought(turn, "reasoning_content")},
                   {"reasoning", thought(turn, "reasoning")},
                   {"thinking", thought(turn, "thinking")},
                   {"reasoning_details", thoughtDetails(turn)},
                   {"tool_calls", calls.empty() ? std::nullopt : std::optional(json::array(calls))}});
}

} // namespace

std::vector<QByteArray> chatBody(const ModelRequest &request)
{
    const Dialogue dialogue = readDialogue(request.input, "chat");
    std::vector<RawJson> messages;
    if (!dialogue.instructions.isEmpty())
        messages.push_back(object({{"role", "system"}, {"content", dialogue.instructions.join("\n\n")}}));
    for (const DialogueTurn &turn : dialogue.turns) {
        if (turn.role == DialogueTurn::Role::Assistant)
            messages.push_back(assistantMessage(turn));
        else
            addUserTurn(messages, turn);
    }
    // Nothing but what is needed: strict servers refuse members they do not know.
    const RawJson head = object({{"model", request.model},
                                 {"stream", true},
                                 {"stream_options", object({{"include_usage", true}})},
                                 {"reasoning_effort", request.reasoningEffort},
                                 {"verbosity", request.verbosity},
                                 {"service_tier", request.serviceTier},
                                 {"response_format", responseFormat(request.outputSchema)},
                                 {"tools", toolList(request.tools)}});
    return bodyPieces(head, "messages", messages);
}

} // namespace nightshift::llm
