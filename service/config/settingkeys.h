#pragma once
#include "base/result.h"
#include "config/draft.h"
#include <span>

namespace nightshift::config {

/// What a value must be. Path: absolute, relative to the file it stands in, or `~/…`.
enum class KeyType { Boolean, Integer, Number, String, Path, Strings, Paths, Choice, Milliseconds, Duration, Any };

/// What a trusted project's own file may do with a key.
enum class InProject {
    Free,      ///< Anything: it loosens nothing.
    Named,     ///< Anything, and a line on stderr says that it takes effect.
    Never,     ///< Nothing.
    Stricter,  ///< A choice: only one that stands before the one in force.
    OnlyTrue,  ///< A boolean whose true is the stricter one.
    OnlyFalse, ///< A boolean whose false is the stricter one.
    MayGrow,   ///< A list that must keep what it has.
    MayShrink, ///< A list that may only lose what it has.
    MayNarrow, ///< As MayShrink, but an empty list stands for everything.
    MayLower,  ///< A bound.
};

/// One row of the table of settings: for files and -c, unknown keys and wrong types, `config show`, the help
/// and the reference page alike.
struct SettingKey
{
    QLatin1StringView key; ///< Dotted; `*` is any name, a final `**` anything below.
    KeyType type = KeyType::Any;
    QLatin1StringView choices; ///< `a|b|c`, from strict to loose where that matters.
    InProject inProject = InProject::Free;
    QLatin1StringView byDefault; ///< As TOML; empty when unset.
    bool secret = false;         ///< Never shown.
    QLatin1StringView help;
    void (*set)(Draft &draft, const Entry &entry) = nullptr; ///< Null: others read the entry itself.
};

/// Every key, in the order of the reference page.
std::span<const SettingKey> settingKeys();

/// What a leaf is, by its path.
struct KeyMatch
{
    const SettingKey *key = nullptr; ///< Its row; null when it has none.
    bool ignored = false;            ///< The reference knows it, and it means nothing to us.
    bool expectsTable = false;       ///< It stands where a table of settings belongs.
    bool expectsScalar = false;      ///< It stands inside what should be one value, that of `key`.
    QStringList unknown;             ///< Else: the shortest part of the path that no key begins with.
};
KeyMatch matchKey(const QStringList &path);

/// What a key wants, for a sentence: "a list of strings".
QString expectation(const SettingKey &key);

/// Whether the value has the key's type and is one of its choices; the error says where and what was expected.
Result<> checkValue(const SettingKey &key, const Entry &entry);

/// Sets what the entry stands for. The value must have been checked.
void applyValue(const SettingKey &key, const Entry &entry, Draft &draft);

/// "90s", "10m", "1h30m", "500ms"; nothing for anything else.
std::optional<std::chrono::milliseconds> parseDuration(QStringView text);

} // namespace nightshift::config
