#pragma once
#include "base/result.h"
#include <QByteArrayView>

namespace nightshift::store {

/// The beginning of a log's text up to where the turn after the `turn`-th, counted from 1, begins; all of it when that
/// is the last. NotFound when the log has fewer turns, and says how many.
Result<QByteArrayView> untilTurn(QByteArrayView text, qint64 turn);

} // namespace nightshift::store
