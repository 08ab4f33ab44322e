#pragma once
#include "base/result.h"
#include <optional>
#include <vector>

namespace nightshift::tools {

/// One line of a chunk, without its leading mark.
struct PatchLine
{
    enum class Kind { Keep, Remove, Add };
    Kind kind = Kind::Keep;
    QString text;
    bool operator==(const PatchLine &) const = default;
};

/// One place in a file: the lines that should be there, and what becomes of them.
struct PatchChunk
{
    std::optional<QString> anchor; ///< A whole line somewhere above the place.
    std::vector<PatchLine> lines;  ///< Never empty.
    bool atEndOfFile = false;      ///< The place is the file's end and nowhere else.
    bool operator==(const PatchChunk &) const = default;
};

/// What a patch does to one file. Paths are as the patch writes them.
struct PatchHunk
{
    enum class Kind { Add, Delete, Update };
    Kind kind = Kind::Update;
    QString path;
    QString moveTo;                 ///< Of Update: the new path, or empty.
    QString content;                ///< Of Add: the whole file.
    std::vector<PatchChunk> chunks; ///< Of Update: at least one.
    bool operator==(const PatchHunk &) const = default;
};

struct Patch
{
    std::optional<QString> environment; ///< From `*** Environment ID:`, which we have no use for.
    std::vector<PatchHunk> hunks;
    bool operator==(const Patch &) const = default;
};

/// Reads the text between `*** Begin Patch` and `*** End Patch`; a here-document around it is taken off.
/// Errors begin with "invalid patch: " or "invalid hunk at line N, ", where line 1 is the Begin line.
Result<Patch> parsePatch(const QString &text);

} // namespace nightshift::tools
