#pragma once
#include <QString>
#include <optional>
#include <vector>

namespace nightshift::tools {

/// Where `pattern` stands in `lines` at or after `from`. First the lines as they are, then without
/// trailing white space, then without any around, then with typographic dashes, quotes and blanks
/// taken for plain ones: a later exact match is better than an earlier likeness.
std::optional<qsizetype> seekLines(const std::vector<QStringView> &lines, const std::vector<QStringView> &pattern,
                                   qsizetype from);

/// For whoever has to write the chunk again: where lines like `pattern` are and how they differ. A
/// sentence or more; empty when nothing in `lines` resembles it.
QString nearestPlace(const std::vector<QStringView> &lines, const std::vector<QStringView> &pattern);

} // namespace nightshift::tools
