#pragma once
#include <QByteArrayList>
#include <algorithm>

namespace nightshift::test {

/// Those of the lines in which `part` stands.
inline QByteArrayList linesWith(const QByteArrayList &lines, QByteArrayView part)
{
    QByteArrayList found;
    std::ranges::copy_if(lines, std::back_inserter(found),
                         [part](const QByteArray &line) { return line.contains(part); });
    return found;
}

} // namespace nightshift::test
