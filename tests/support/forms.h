#pragma once
#include <QTest>

namespace nightshift::test {

/// Rows for a test of both event forms: `form` is the option that asks for it.
inline void addForms()
{
    QTest::addColumn<QString>("form");
    QTest::newRow("thread") << QStringLiteral("--json");
    QTest::newRow("protocol") << QStringLiteral("--json=protocol");
}

} // namespace nightshift::test
