#include "base/sseparser.h"
#include "input.h"

using namespace nightshift;

/// The first byte says how the network split the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const qsizetype step = data[0] % 16 + 1;
    const QByteArrayView stream = fuzz::bytes(data, size).sliced(1);
    const std::vector<SseMessage> atOnce = SseParser().feed(stream);
    SseParser parser;
    std::vector<SseMessage> inPieces;
    for (qsizetype at = 0; at < stream.size(); at += step) {
        for (SseMessage &message : parser.feed(stream.sliced(at, std::min(step, stream.size() - at))))
            inPieces.push_back(std::move(message));
    }
    fuzz::mustHold(inPieces == atOnce, "messages do not depend on how the stream was split");
    return 0;
}
