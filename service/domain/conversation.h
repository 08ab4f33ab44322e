#pragma once
#include "base/rawjson.h"
#include <QStringList>
#include <cmath>
#include <optional>
#include <vector>

namespace nightshift {

using CallId = QString; ///< The model's own name for a tool call; echoed back with its output.

/// What somebody allowed for one call, beyond what the settings do.
struct Permit
{
    bool approved = false;    ///< What needs an approval has it.
    bool unsandboxed = false; ///< It may leave the sandbox.
    bool operator==(const Permit &) const = default;
};

/// What a model asks us to do.
struct ToolCall
{
    enum class Kind {
        Function,   ///< arguments are JSON text
        Custom,     ///< arguments are free text: the patch of apply_patch
        LocalShell, ///< arguments are the JSON text of the call's `action`
    };
    CallId id;
    QString name;
    QByteArray arguments; ///< Exactly as the model wrote them; may be malformed.
    Kind kind = Kind::Function;
    QString nameSpace;  ///< `mcp__server` where the model keeps names apart; usually empty.
    Permit permit = {}; ///< Ours, never the model's.
    bool operator==(const ToolCall &) const = default;
};

/// What the model gets back for a call: a JSON string, or a list of input_text and input_image parts.
struct ToolAnswer
{
    CallId call;
    RawJson output;
    bool operator==(const ToolAnswer &) const = default;
};

/// One entry of the conversation as the model is shown it, in the Responses API's own words. The text is
/// made once and spliced into every later request, so that a request's prefix never changes by a byte.
/// Source: https://platform.openai.com/docs/api-reference/responses/create (input items)
struct HistoryItem
{
    enum class Kind { Developer, User, Assistant, Reasoning, Call, Output, Other };
    Kind kind = Kind::Other;
    RawJson json;
    CallId call; ///< Of Call and Output, else empty.
    bool operator==(const HistoryItem &) const = default;
};

using History = std::vector<HistoryItem>;

/// Without the dust of binary fractions, which would be printed.
inline double wholeNanos(double amount)
{
    return std::round(amount * 1e9) / 1e9;
}

struct Usage
{
    qint64 inputTokens = 0; ///< All of the prompt, cached or not.
    qint64 cachedInputTokens = 0;
    qint64 cacheWriteInputTokens = 0;
    qint64 outputTokens = 0; ///< Reasoning included.
    qint64 reasoningOutputTokens = 0;
    std::optional<double> costUsd; ///< US dollars; absent where a price is not known.

    qint64 totalTokens() const { return inputTokens + outputTokens; }
    Usage &operator+=(const Usage &more);
    bool operator==(const Usage &) const = default;
};

inline Usage &Usage::operator+=(const Usage &more)
{
    // A sum is known when all of it is; where there are no tokens there is nothing to know.
    if (more.totalTokens() > 0)
        costUsd = more.costUsd && (costUsd || totalTokens() == 0) ? wholeNanos(costUsd.value_or(0) + *more.costUsd)
                                                                  : std::optional<double>();
    inputTokens += more.inputTokens;
    cachedInputTokens += more.cachedInputTokens;
    cacheWriteInputTokens += more.cacheWriteInputTokens;
    outputTokens += more.outputTokens;
    reasoningOutputTokens += more.reasoningOutputTokens;
    return *this;
}

/// What a user hands in for one turn.
struct UserInput
{
    QString text;
    QStringList images; ///< Absolute paths, in the order given; shown to the model before the text.
    bool operator==(const UserInput &) const = default;
};

} // namespace nightshift
