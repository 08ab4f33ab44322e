#pragma once
#include "base/jsonreader.h"
#include "domain/answerlimits.h"
#include "llm/modelprotocol.h"

namespace nightshift::llm {

/// A thought as servers of the chat wire stream it, each under a name of its own, and as it goes back to them.
///
///   reasoning_content: "…"                            DeepSeek, vLLM, llama.cpp, LM Studio
///   reasoning: "…" | {text|content}                   Ollama, OpenRouter, newer vLLM
///   thinking: "…"                                     proxies of Ollama's own wire
///   reasoning_details: [{type, index, text …}]        OpenRouter; may be sealed, and then has no readable twin
///   content: [{type: "thinking", thinking: […]}, …]   Mistral
class ChatThought
{
public:
    explicit ChatThought(qint64 mostParts = AnswerLimits().items)
        : m_mostParts(mostParts)
    {}

    /// Reads what a delta holds of a thought.
    void feed(JsonView delta);
    bool isEmpty() const { return m_text.isEmpty() && m_details.empty(); }
    ThoughtDone take();
    /// It has more parts than an answer may have items; those beyond are not kept.
    bool isTooLong() const { return qint64(m_details.size()) > m_mostParts; }

private:
    struct Detail
    {
        qint64 index = 0;
        QByteArray type; ///< reasoning.text, reasoning.summary, reasoning.encrypted
        QString words;   ///< Of `text` or `summary`, which come in pieces.
        QString signature;
        std::optional<QString> data, id, format;
        RawJson json() const;
    };
    void feedDetail(JsonView detail);
    void add(const QString &text, const char *field);

    qint64 m_mostParts;
    QString m_text;
    QByteArray m_field; ///< The name under which the server sent it.
    std::vector<Detail> m_details;
};

/// What of a delta's or message's content is text: all of it, or the text parts of a list.
QString chatText(JsonView content);

// What a thought's seal is, or begins with: the name of its field.
constexpr QByteArrayView detailsSeal = "reasoning_details:"; ///< The list follows.
constexpr QByteArrayView contentSeal = "content";

} // namespace nightshift::llm
