#pragma once
#include <QStringList>

namespace nightshift {

/// The words as one line that a POSIX shell reads back as the same words: `/bin/bash -lc 'ls; exit 3'`.
QString shellQuoted(const QStringList &words);

} // namespace nightshift
