#pragma once
#include <QJsonObject>

namespace nightshift::test {

/// openapi.json as the service shows it.
const QJsonObject &apiDescription();

/// How an answer of the service misses what openapi.json says of it; empty when it was foretold. Streams of events are
/// looked at event by event.
QString answerProblem(const QByteArray &method, const QByteArray &target, int status, const QByteArray &type,
                      const QByteArray &body);

/// How a value misses one of the description's schemas; empty when it fits.
QString schemaProblem(const QJsonObject &schema, const QByteArray &value);

} // namespace nightshift::test
