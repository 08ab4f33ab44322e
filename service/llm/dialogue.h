#pragma once
#include "base/rawjson.h"
#include <QByteArrayList>
#include <variant>

namespace nightshift::llm {

// What a turn is made of. All text is UTF-8.
struct Text
{
    QByteArray text;
};
struct Image
{
    QByteArray url; ///< `data:` with base64, or `https:`.
    QByteArray detail;
};
struct Thought
{
    QByteArray text;
    QByteArray seal; ///< Without the wire's name in front; see sealedThought().
};
struct Call
{
    QByteArray id;
    QByteArray name;
    RawJson arguments; ///< Always an object.
};
struct Output
{
    QByteArray call;
    std::vector<std::variant<Text, Image>> parts;
};

/// One side's share of the conversation until the other one's: items in a row become one turn.
struct DialogueTurn
{
    enum class Role { User, Assistant };
    Role role = Role::User;
    std::vector<std::variant<Text, Image, Thought, Call, Output>> entries;

    template <typename Entry>
    std::vector<Entry> all() const
    {
        std::vector<Entry> found;
        for (const auto &entry : entries) {
            if (const auto *it = std::get_if<Entry>(&entry))
                found.push_back(*it);
        }
        return found;
    }
};

/// A history in the words of wires that know turns rather than items.
struct Dialogue
{
    QByteArrayList instructions;     ///< The developer messages before all else.
    std::vector<DialogueTurn> turns; ///< User and assistant take turns; the last is the user's.
};

/// Reads a history's items. Of the reasoning only what `wire` sealed is kept: no other server can read it.
/// Items that only the provider who made them understands are left out.
Dialogue readDialogue(const std::vector<RawJson> &input, QByteArrayView wire);

/// The texts of a turn or an output, a blank line between them.
template <typename Parts>
QByteArray joinedTexts(const Parts &parts)
{
    QByteArrayList texts;
    for (const auto &part : parts) {
        if (const auto *text = std::get_if<Text>(&part))
            texts += text->text;
    }
    return texts.join("\n\n");
}

} // namespace nightshift::llm
