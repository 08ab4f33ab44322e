#pragma once
#include <QStringList>
#include <optional>

namespace nightshift {

/// The words as one line that a POSIX shell reads back as the same words: `/bin/bash -lc 'ls; exit 3'`.
QString shellQuoted(const QStringList &words);

/// The other way round: quotes and backslashes are understood, everything else is plain text. Nothing when a
/// quote never closes.
std::optional<QStringList> shellSplit(QStringView line);

} // namespace nightshift
