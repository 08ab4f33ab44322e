#pragma once
#include "base/sseparser.h"
#include "domain/settings.h"
#include "llm/httpclient.h"
#include "llm/modelfailure.h"
#include <expected>
#include <memory>
#include <variant>

namespace nightshift::llm {

/// What a model is asked, in no wire's words.
struct ModelRequest
{
    QString model;
    QString sessionId;
    std::vector<RawJson> input; ///< The history's items, the base instructions first.
    std::vector<RawJson> tools; ///< In the Responses API's words; empty forbids calls.
    std::optional<QString> reasoningEffort;
    std::optional<QString> reasoningSummary;
    std::optional<QString> verbosity;
    std::optional<QString> serviceTier;
    bool brief = false;                  ///< The answer is short: a wire that must reserve room for it reserves little.
    std::optional<RawJson> outputSchema; ///< The answer must be JSON of this shape.
};

// What one answer streams back. The items carry the text that enters the history.
struct TextDelta
{
    QString text;
    bool operator==(const TextDelta &) const = default;
};
struct ThoughtDelta
{
    QString text;
    bool operator==(const ThoughtDelta &) const = default;
};
/// What the model thinks itself, where a server shows it; the summary is in ThoughtDelta.
struct RawThoughtDelta
{
    QString text;
    bool operator==(const RawThoughtDelta &) const = default;
};
/// Another part of the summary begins.
struct ThoughtPartBegun
{
    bool operator==(const ThoughtPartBegun &) const = default;
};
struct MessageDone
{
    RawJson item;
    QString text;
    bool refusal = false;
    bool operator==(const MessageDone &) const = default;
};
struct ThoughtDone
{
    RawJson item;
    QString summary;
    QString raw;
    bool operator==(const ThoughtDone &) const = default;
};
struct CallDone
{
    RawJson item;
    ToolCall call;
    bool operator==(const CallDone &) const = default;
};
/// The provider began a search of its own.
struct SearchBegun
{
    QString id;
    bool operator==(const SearchBegun &) const = default;
};
struct SearchDone
{
    RawJson item;
    QString id;
    QString query;
    RawJson action;
    bool operator==(const SearchDone &) const = default;
};
/// Something that is only carried back: a compaction, an image the provider made.
struct OtherDone
{
    RawJson item;
    bool operator==(const OtherDone &) const = default;
};
struct ResponseDone
{
    std::optional<Usage> usage;
    bool endTurn = true; ///< False asks for another request although no tool was called.
    bool operator==(const ResponseDone &) const = default;
};
using ModelEvent = std::variant<TextDelta, ThoughtDelta, RawThoughtDelta, ThoughtPartBegun, MessageDone, ThoughtDone,
                                CallDone, SearchBegun, SearchDone, OtherDone, ResponseDone>;

/// Reads the answer to one request. Pure: messages in, events out, no I/O.
class ModelDecoder
{
public:
    virtual ~ModelDecoder() = default;
    /// A failure ends the response, ResponseDone completes it; after either the decoder is not fed again.
    virtual std::expected<std::vector<ModelEvent>, ModelFailure> feed(const SseMessage &message) = 0;
    /// The stream ended, not cut off by the network, before ResponseDone. What it was if nothing was missing.
    virtual std::optional<ResponseDone> close() { return {}; }
};

/// How one family of servers wants to be asked and answers.
class ModelProtocol
{
public:
    virtual ~ModelProtocol() = default;
    virtual QString path() const = 0;
    /// In pieces that are sent one after the other, so that the history is never copied. What varies from
    /// request to request stands last: the start of a body repeats the previous one, byte for byte.
    virtual std::vector<QByteArray> body(const ModelRequest &request) const = 0;
    /// What this request needs beside wireHeaders().
    virtual HttpHeaders headers(const ModelRequest &) const { return {}; }
    virtual std::unique_ptr<ModelDecoder> decoder() const = 0;
};

std::unique_ptr<ModelProtocol> makeProtocol(WireApi api);
std::unique_ptr<ModelProtocol> makeResponsesProtocol();
std::unique_ptr<ModelProtocol> makeChatProtocol();
std::unique_ptr<ModelProtocol> makeMessagesProtocol();

/// The headers by which a provider's wire knows its version and its client.
HttpHeaders wireHeaders(const ProviderSettings &provider);

} // namespace nightshift::llm
