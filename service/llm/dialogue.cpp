#include "dialogue.h"
#include "base/jsonreader.h"
#include "llm/answeritems.h"

namespace nightshift::llm {

namespace {

using Role = DialogueTurn::Role;

/// Servers take an assistant's last word as the beginning of the answer, or refuse it.
constexpr auto goOn = "Go on where you stopped, without repeating what you said.";

bool isBlank(const QByteArray &text)
{
    return text.trimmed().isEmpty(); // the Messages API refuses such texts
}

std::vector<std::variant<Text, Image>> readParts(JsonView content)
{
    if (content.isString())
        return {Text{content.utf8().toByteArray()}};
    std::vector<std::variant<Text, Image>> parts;
    for (const JsonView part : content.items()) {
        if (part["type"].utf8() == "input_image")
            parts.emplace_back(Image{part["image_url"].utf8().toByteArray(), part["detail"].utf8().toByteArray()});
        else if (part["refusal"].isString())
            parts.emplace_back(Text{part["refusal"].utf8().toByteArray()});
        else if (part["text"].isString())
            parts.emplace_back(Text{part["text"].utf8().toByteArray()});
    }
    return parts;
}

/// What a model wrote as arguments may be no JSON at all; servers read it, and would refuse every request
/// from then on.
RawJson readArguments(JsonView arguments)
{
    const auto document = JsonDocument::parse(arguments.utf8());
    if (document && document->root().isObject())
        return document->root().raw();
    return json::object({{"invalid_arguments", arguments.utf8().toByteArray()}});
}

Call readCall(JsonView item, QByteArrayView type)
{
    Call call{.id = item["call_id"].utf8().toByteArray(), .name = item["name"].utf8().toByteArray()};
    if (const QByteArrayView space = item["namespace"].utf8(); !space.isEmpty())
        call.name = space.toByteArray() + "__" + call.name;
    if (type == "function_call") {
        call.arguments = readArguments(item["arguments"]);
    } else if (type == "custom_tool_call") {
        call.arguments = json::object({{"input", item["input"].utf8().toByteArray()}});
    } else {
        call.name = "local_shell";
        call.arguments = item["action"].raw();
    }
    return call;
}

QByteArray partTexts(JsonView parts)
{
    return joinedTexts(readParts(parts));
}

class DialogueReader
{
public:
    explicit DialogueReader(QByteArrayView wire)
        : m_seal(sealPrefix.toByteArray().append(wire).append(':'))
    {}

    void read(JsonView item)
    {
        const QByteArrayView type = item["type"].utf8();
        if (type == "message" || !item["type"].exists())
            return readMessage(item);
        if (type == "reasoning")
            return readThought(item);
        if (type == "function_call" || type == "custom_tool_call" || type == "local_shell_call")
            turn(Role::Assistant).entries.emplace_back(readCall(item, type));
        else if (type.endsWith("_call_output"))
            turn(Role::User)
                .entries.emplace_back(Output{item["call_id"].utf8().toByteArray(), readParts(item["output"])});
    }

    Dialogue finished()
    {
        dropLoneThoughts();
        if (!m_dialogue.turns.empty() && m_dialogue.turns.back().role == Role::Assistant)
            turn(Role::User).entries.emplace_back(Text{goOn});
        return std::move(m_dialogue);
    }

private:
    void readMessage(JsonView item)
    {
        const QByteArrayView role = item["role"].utf8();
        if (role == "developer" || role == "system")
            return readInstructions(partTexts(item["content"]));
        for (auto &part : readParts(item["content"])) {
            if (const auto *text = std::get_if<Text>(&part); text && isBlank(text->text))
                continue;
            auto &entries = turn(role == "assistant" ? Role::Assistant : Role::User).entries;
            std::visit([&](auto &value) { entries.emplace_back(std::move(value)); }, part);
        }
    }

    void readInstructions(const QByteArray &text)
    {
        if (isBlank(text))
            return;
        if (m_dialogue.turns.empty())
            m_dialogue.instructions += text;
        else // many models take no system message but the first
            turn(Role::User).entries.emplace_back(Text{"<developer>\n" + text + "\n</developer>"});
    }

    void readThought(JsonView item)
    {
        const QByteArrayView seal = item["encrypted_content"].utf8();
        if (seal.startsWith(m_seal))
            turn(Role::Assistant)
                .entries.emplace_back(Thought{partTexts(item["summary"]) + partTexts(item["content"]),
                                              seal.sliced(m_seal.size()).toByteArray()});
    }

    DialogueTurn &turn(Role role)
    {
        if (role == Role::User)
            dropLoneThoughts();
        if (m_dialogue.turns.empty() || m_dialogue.turns.back().role != role)
            m_dialogue.turns.push_back({role, {}});
        return m_dialogue.turns.back();
    }

    /// A thought that nothing followed: its answer was cut.
    void dropLoneThoughts()
    {
        if (m_dialogue.turns.empty())
            return;
        const DialogueTurn &last = m_dialogue.turns.back();
        if (last.role == Role::Assistant && last.all<Thought>().size() == last.entries.size())
            m_dialogue.turns.pop_back();
    }

    const QByteArray m_seal;
    Dialogue m_dialogue;
};

} // namespace

Dialogue readDialogue(const std::vector<RawJson> &input, QByteArrayView wire)
{
    DialogueReader reader(wire);
    for (const RawJson &item : input) {
        if (const auto document = JsonDocument::parse(item.text))
            reader.read(document->root());
    }
    return reader.finished();
}

} // namespace nightshift::llm
