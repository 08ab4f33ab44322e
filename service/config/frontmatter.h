#pragma once
#include <QHash>
#include <QString>
#include <optional>

namespace nightshift::config {

/// The top-level strings between the two `---` lines that a Markdown file may begin with, on one line each:
/// plain, quoted, folded (`>`), literal (`|`) or going on in indented lines. What is no string is left out.
/// Absent when the file does not begin so. Source: https://yaml.org/spec/1.2.2, as far as people use it here.
std::optional<QHash<QString, QString>> frontMatter(const QString &text);

} // namespace nightshift::config
