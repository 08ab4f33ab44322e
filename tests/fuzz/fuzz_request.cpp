#include "http/bodyreader.h"
#include "http/target.h"
#include "input.h"
#include <algorithm>

using namespace nightshift;
using namespace nightshift::http;

namespace {

constexpr qint64 maxBody = 4096;

struct Body
{
    QByteArray bytes;
    bool complete = false;
    bool refused = false;
    bool operator==(const Body &) const = default;
};

/// The body of what arrives in pieces of `step` bytes.
Body bodyOf(const RequestHead &head, QByteArrayView wire, qsizetype step)
{
    BodyReader reader(head, maxBody);
    Body body;
    QByteArray received;
    for (qsizetype at = 0; !reader.isComplete() && at < wire.size(); at += step) {
        received += wire.sliced(at, std::min(step, wire.size() - at));
        const auto taken = reader.take(received);
        if (!taken)
            return {{}, false, true};
        body.bytes += *taken;
    }
    body.complete = reader.isComplete();
    return body;
}

void readTarget(QByteArrayView path, QByteArrayView query)
{
    (void)readQuery(query);
    const auto segments = readPath(path);
    if (!segments)
        return;
    for (const QByteArray &segment : *segments)
        fuzz::mustHold(segment != ".." && !segment.contains('/') && !segment.contains('\0'),
                       "no segment leads elsewhere");
}

} // namespace

/// The first byte says how the network split the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const QByteArrayView wire = fuzz::bytes(data, size).sliced(1);
    (void)percentDecoded(wire);
    if (wire.startsWith('/') && !wire.contains('\0')) // as in every head
        readTarget(wire, wire);
    const auto end = headEnd(wire);
    if (!end || *end == 0)
        return 0;
    fuzz::mustHold(*end <= wire.size(), "a head ends in what was received");
    const auto head = readHead(wire.first(*end));
    if (!head)
        return 0;
    fuzz::mustHold(head->path.startsWith('/'), "a path begins with a slash");
    fuzz::mustHold(!(head->chunked && head->contentLength), "a body has one length");
    readTarget(head->path, head->query);
    const QByteArrayView rest = wire.sliced(*end);
    const Body atOnce = bodyOf(*head, rest, std::max<qsizetype>(rest.size(), 1));
    fuzz::mustHold(atOnce.bytes.size() <= maxBody, "a body is no larger than allowed");
    fuzz::mustHold(bodyOf(*head, rest, data[0] % 16 + 1) == atOnce, "a body does not depend on how it was split");
    return 0;
}
