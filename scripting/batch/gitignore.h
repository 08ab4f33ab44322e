#pragma once
#include <QString>
#include <vector>

namespace nightshift::batch {

/// The rules of .gitignore files from a root downwards. Source: gitignore(5).
class GitIgnore
{
public:
    /// Adds the rules of a file that lies in `folder` (relative to the root, empty for the root). Deeper ones come
    /// later.
    void add(const QString &folder, const QString &text);
    enum class Kind { File, Folder };
    /// Whether the last rule that fits says so; what lies in an ignored folder must not be asked for.
    bool ignores(const QString &path, Kind kind) const;

private:
    struct Rule
    {
        QString folder;
        QString pattern;
        bool negated = false;
        bool onlyFolders = false;
        bool anchored = false;
    };
    std::vector<Rule> m_rules;
};

} // namespace nightshift::batch
