#pragma once
#include <QtGlobal>

namespace nightshift {

/// What a file is read for: its name in sentences ("… expected a regular file: an image") and the most bytes of it.
struct FileUse
{
    /// OwnPipes also takes a pipe that this process was handed: /dev/stdin, or the /dev/fd/63 that a shell's <(…)
    /// names.
    enum class Kind { Regular, OwnPipes };

    const char *name;
    qint64 mostBytes;
    Kind kind = Kind::Regular;
};

/// The limits, one line a use. They bound memory and time; none is meant to be met by a file that serves its purpose.
namespace fileuse {

constexpr qint64 MiB = 1 << 20;
using enum FileUse::Kind;

// What a model names or a project brings
inline constexpr FileUse image{"an image", 20'000'000}; // providers refuse more, and nothing here scales it down
inline constexpr FileUse patchedText{"a text file", 64 * MiB};
inline constexpr FileUse treeFile{"a file of the working tree", 512 * MiB};
inline constexpr FileUse instructions{"an instructions file", 16 * MiB}; // project_doc_max_bytes cuts far earlier
inline constexpr FileUse skill{"a skill", 1 * MiB};
inline constexpr FileUse gitState{"a file of Git's", 64 * MiB}; // packed-refs of a large repository
inline constexpr FileUse ignoreRules{"a .gitignore", 16 * MiB};
inline constexpr FileUse promptPart{"an input file", 256 * MiB}; // the prompt takes its head only

// What the command line or a request names
inline constexpr FileUse prompt{"a prompt file", 64 * MiB, OwnPipes};
inline constexpr FileUse outputSchema{"an output schema", 16 * MiB, OwnPipes};
inline constexpr FileUse batchInput{"a batch's input", 2048 * MiB, OwnPipes};
inline constexpr FileUse batchText{"a batch's text", 64 * MiB, OwnPipes};
inline constexpr FileUse script{"a script", 64 * MiB, OwnPipes};
inline constexpr FileUse scriptData{"a script's file", 512 * MiB};
inline constexpr FileUse hashedFile{"an input file", 4096 * MiB};
inline constexpr FileUse certificate{"a PEM file", 16 * MiB};
inline constexpr FileUse cassette{"a recorded cassette", 4096 * MiB};

// Settings
inline constexpr FileUse settings{"a settings file", 16 * MiB};
inline constexpr FileUse rules{"a rules file", 16 * MiB};
inline constexpr FileUse settingsText{"a text named by the settings", 16 * MiB};
inline constexpr FileUse credentials{"a file of keys", 1 * MiB};

// What we wrote ourselves, in folders that others may have touched since
inline constexpr FileUse record{"a record of ours", 64 * MiB};
inline constexpr FileUse journal{"a journal of ours", 4096 * MiB};
inline constexpr FileUse sessionLog{"a session log", 65536 * MiB}; // mapped, not read
inline constexpr FileUse patchRecord{"a recorded patch", 2048 * MiB};
inline constexpr FileUse bundle{"a bundle", 65536 * MiB}; // read piece by piece

} // namespace fileuse

} // namespace nightshift
