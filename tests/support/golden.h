#pragma once
#include <QFile>
#include <QTest>

namespace nightshift::test {

/// Whether `actual` is what the file holds; UPDATE_GOLDEN=1 writes the file instead. Tells the first line
/// that differs.
inline bool matchesGolden(const QString &path, const QByteArray &actual)
{
    QFile file(path);
    if (qEnvironmentVariableIsSet("UPDATE_GOLDEN"))
        return file.open(QIODevice::WriteOnly) && file.write(actual) == actual.size();
    const QByteArray expected = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    if (expected == actual)
        return true;
    const QList<QByteArray> wanted = expected.split('\n'), got = actual.split('\n');
    qsizetype line = 0;
    while (line < wanted.size() && line < got.size() && wanted[line] == got[line])
        ++line;
    qWarning("%s:%lld\n  expected: %s\n  actual:   %s", qPrintable(path), line + 1, wanted.value(line).constData(),
             got.value(line).constData());
    return false;
}

} // namespace nightshift::test
