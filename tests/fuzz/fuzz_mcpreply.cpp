#include "base/jsonreader.h"
#include "input.h"
#include "mcp/reply.h"

using namespace nightshift;

/// The first byte is the limit of tokens; the rest what a server says it has done.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto document = JsonDocument::parse(fuzz::bytes(data, size).sliced(1).toByteArray());
    if (!document)
        return 0;
    const RawJson result = document->root().raw();
    const std::chrono::microseconds time{1500};
    const RawJson reply = mcp::replyOf(result, time, {}, data[0]);
    fuzz::mustHold(JsonDocument::parse(reply.text).has_value(), "what a model is told is JSON");
    fuzz::mustHold(JsonDocument::parse(mcp::shownResult(result).text).has_value(), "what events show is JSON");
    return 0;
}
