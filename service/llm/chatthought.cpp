#include "chatthought.h"
#include "llm/answeritems.h"

namespace nightshift::llm {

using json::object;

static std::optional<QString> maybe(JsonView value)
{
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

static std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

QString chatText(JsonView content)
{
    QString text = content.toString();
    for (const JsonView part : content.items()) {
        if (part["type"].utf8() != "thinking")
            text += part["text"].toString();
    }
    return text;
}

void ChatThought::feed(JsonView delta)
{
    for (const JsonView detail : delta["reasoning_details"].items())
        feedDetail(detail);
    for (const JsonView part : delta["content"].items()) {
        if (part["type"].utf8() == "thinking")
            add(part["thinking"].toString(chatText(part["thinking"])), contentSeal.data());
    }
    for (const char *field : {"reasoning_content", "reasoning", "thinking"}) {
        const JsonView value = delta[field];
        const QString text = value.toString(value["text"].toString(value["content"].toString()));
        if (!text.isEmpty())
            return add(text, field); // some servers send the same text under two names
    }
}

void ChatThought::add(const QString &text, const char *field)
{
    if (text.isEmpty())
        return;
    m_text += text;
    m_field = field;
}

void ChatThought::feedDetail(JsonView detail)
{
    if (isTooLong()) // each is looked for among the others
        return;
    const QByteArray type = detail["type"].utf8().toByteArray();
    const qint64 index = detail["index"].toInteger();
    auto known = std::ranges::find_if(m_details, [&](const Detail &d) { return d.type == type && d.index == index; });
    if (known == m_details.end())
        known = m_details.insert(known, Detail{.index = index, .type = type});
    known->words += detail[type == "reasoning.summary" ? "summary" : "text"].toString();
    known->signature += detail["signature"].toString();
    for (auto [member, name] : {std::pair{&Detail::data, "data"}, {&Detail::id, "id"}, {&Detail::format, "format"}}) {
        if (const auto value = maybe(detail[name]))
            (*known).*member = value;
    }
}

RawJson ChatThought::Detail::json() const
{
    const bool isText = type == "reasoning.text", isSummary = type == "reasoning.summary";
    return object({{"type", type},
                   {"text", isText ? std::optional(words) : std::nullopt},
                   {"summary", isSummary ? std::optional(words) : std::nullopt},
                   {"data", data},
                   {"signature", unlessEmpty(signature)},
                   {"id", id},
                   {"format", format},
                   {"index", index}});
}

ThoughtDone ChatThought::take()
{
    const ChatThought thought = std::exchange(*this, ChatThought(m_mostParts));
    if (thought.m_details.empty())
        return sealedThought("chat", thought.m_field, {}, thought.m_text);
    std::vector<RawJson> details;
    QString words;
    for (const Detail &detail : thought.m_details) {
        details.push_back(detail.json());
        words += detail.words;
    }
    return sealedThought("chat", detailsSeal.toByteArray() + json::array(details).text, {},
                         thought.m_text.isEmpty() ? words : thought.m_text);
}

} // namespace nightshift::llm
