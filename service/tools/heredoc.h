#pragma once
#include <QString>
#include <optional>

namespace nightshift::tools {

/// A patch that a model handed to its shell.
struct ShellPatch
{
    QString folder; ///< Of `cd FOLDER && …`, as written; empty without.
    QString text;
    bool isBare = false; ///< The script is nothing but the patch: no command would have taken it.
    bool operator==(const ShellPatch &) const = default;
};

/// The patch, when the whole script is `apply_patch <<WORD … WORD`, perhaps behind `cd FOLDER &&` and
/// assignments. The body is taken as it stands, whether the word is quoted or not; a last line without
/// the word is forgiven. Nothing for every other script: that one is for the shell.
std::optional<ShellPatch> patchInShellCommand(const QString &script);

} // namespace nightshift::tools
