#pragma once
#include <QStringList>

namespace nightshift::batch {

/// Whether a relative path fits a pattern: * and ? within a name, ** over folders, [a-z], [!a], {a,b}.
enum class Braces { Expand, Plain };
bool globMatches(QStringView pattern, QStringView path, Braces braces = Braces::Expand);

struct GlobOptions
{
    QStringList ignore;    ///< Patterns of what is left out.
    bool gitignore = true; ///< What .gitignore files leave out is left out, and .git always.
};

/// The files below `folder` that fit any of the patterns, relative, sorted. Symbolic links are files, not ways.
QStringList glob(const QString &folder, const QStringList &patterns, const GlobOptions &options = {});

} // namespace nightshift::batch
