#include "input.h"
#include "tools/heredoc.h"
#include "tools/patch.h"

using namespace nightshift;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QString text = QString::fromUtf8(fuzz::bytes(data, size));
    const Result<tools::Patch> patch = tools::parsePatch(text);
    if (!patch) {
        fuzz::mustHold(patch.error().message.startsWith(u"invalid "), "every error says what is invalid");
    } else {
        for (const tools::PatchHunk &hunk : patch->hunks) {
            const bool update = hunk.kind == tools::PatchHunk::Kind::Update;
            fuzz::mustHold(!hunk.path.isEmpty(), "every hunk has a path");
            fuzz::mustHold(!update || !hunk.chunks.empty() || !hunk.moveTo.isEmpty(), "an update changes something");
            for (const tools::PatchChunk &chunk : hunk.chunks)
                fuzz::mustHold(!chunk.lines.empty(), "no chunk is empty");
        }
    }
    if (const auto shell = tools::patchInShellCommand(text))
        (void)tools::parsePatch(shell->text);
    return 0;
}
