#pragma once
#include "base/rawjson.h"
#include "support/scriptedserver.h"
#include <vector>

namespace nightshift::test {

/// What a model says in one answer, to be told on any wire.
struct Speech
{
    struct Call
    {
        QByteArray id;
        QByteArray name;
        QByteArray arguments; ///< JSON text; of apply_patch the patch.
    };
    QByteArray thought;
    QByteArray text;
    std::vector<Call> calls;
};

/// An answer as the wire of this name (responses, chat, messages) streams it; each costs the same: 100 tokens, of
/// which 40 were cached, for 5, of which 2 were thought.
inline QByteArray spoken(const QByteArray &wire, const Speech &speech)
{
    using json::object;
    QByteArrayList lines;
    const auto add = [&lines](const RawJson &line) { lines += line.text; };
    const auto list = [](const RawJson &item) { return json::array({item}); };
    const auto argumentsOf = [](const Speech::Call &call) {
        return call.name == "apply_patch" ? object({{"input", call.arguments}}).text : call.arguments;
    };

    if (wire == "responses") {
        lines += sse::created();
        if (!speech.thought.isEmpty())
            lines += sse::reasoning("rs", speech.thought);
        if (!speech.text.isEmpty())
            lines += sse::message("msg", speech.text);
        for (const Speech::Call &call : speech.calls)
            lines += call.name == "apply_patch" ? sse::patch(call.id, call.arguments)
                                                : sse::call(call.id, call.name, call.arguments);
        lines += sse::completed(100, 40, 5, 2);
        return sse::stream(lines);
    }

    if (wire == "chat") {
        const auto delta = [&](const RawJson &said) {
            add(object({{"choices", list(object({{"index", 0}, {"delta", said}}))}}));
        };
        if (!speech.thought.isEmpty())
            delta(object({{"reasoning_content", speech.thought}}));
        if (!speech.text.isEmpty())
            delta(object({{"content", speech.text}}));
        for (int index = 0; const Speech::Call &call : speech.calls) {
            const RawJson function = object({{"name", call.name}, {"arguments", argumentsOf(call)}});
            delta(
                object({{"tool_calls", list(object({{"index", index++}, {"id", call.id}, {"function", function}}))}}));
        }
        const char *reason = speech.calls.empty() ? "stop" : "tool_calls";
        add(object({{"choices", list(object({{"delta", object({})}, {"finish_reason", reason}}))}}));
        add(object({{"choices", json::array(std::vector<RawJson>())},
                    {"usage", object({{"prompt_tokens", 100},
                                      {"prompt_tokens_details", object({{"cached_tokens", 40}})},
                                      {"completion_tokens", 5},
                                      {"completion_tokens_details", object({{"reasoning_tokens", 2}})}})}}));
        lines += "[DONE]";
        return sse::stream(lines);
    }

    const auto block = [&](const RawJson &start, const RawJson &delta) {
        add(object({{"type", "content_block_start"}, {"index", 0}, {"content_block", start}}));
        add(object({{"type", "content_block_delta"}, {"index", 0}, {"delta", delta}}));
    };
    const auto stop = [&] { add(object({{"type", "content_block_stop"}, {"index", 0}})); };
    const RawJson usage = object({{"input_tokens", 60}, {"cache_read_input_tokens", 40}, {"output_tokens", 1}});
    add(object({{"type", "message_start"}, {"message", object({{"usage", usage}})}}));
    if (!speech.thought.isEmpty()) {
        block(object({{"type", "thinking"}, {"thinking", ""}}),
              object({{"type", "thinking_delta"}, {"thinking", speech.thought}}));
        add(object(
            {{"type", "content_block_delta"}, {"delta", object({{"type", "signature_delta"}, {"signature", "Eq"}})}}));
        stop();
    }
    if (!speech.text.isEmpty()) {
        block(object({{"type", "text"}, {"text", ""}}), object({{"type", "text_delta"}, {"text", speech.text}}));
        stop();
    }
    for (const Speech::Call &call : speech.calls) {
        block(object({{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", object({})}}),
              object({{"type", "input_json_delta"}, {"partial_json", argumentsOf(call)}}));
        stop();
    }
    add(object(
        {{"type", "message_delta"},
         {"delta", object({{"stop_reason", speech.calls.empty() ? "end_turn" : "tool_use"}})},
         {"usage", object({{"output_tokens", 5}, {"output_tokens_details", object({{"thinking_tokens", 2}})}})}}));
    add(object({{"type", "message_stop"}}));
    return sse::stream(lines);
}

} // namespace nightshift::test
