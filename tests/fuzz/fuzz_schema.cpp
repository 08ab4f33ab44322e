#include "input.h"
#include "schema/outputschema.h"

using namespace nightshift;

/// A schema, and behind a NUL a message that should match it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto [text, message] = fuzz::twoTexts(fuzz::bytes(data, size));
    if (const auto schema = schema::OutputSchema::parse(text))
        (void)schema->mismatch(QString::fromUtf8(message));
    return 0;
}
