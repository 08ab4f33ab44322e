#pragma once
#include <QString>

namespace nightshift::test {

/// How a line that a run printed misses the schema of its form, "thread" or "protocol"; empty when it fits.
QString eventProblem(const QByteArray &line, const QString &form);
/// The same for an object and the schema resources/schemas/NAME.json.
QString schemaProblem(const QByteArray &text, const QString &name);

} // namespace nightshift::test
