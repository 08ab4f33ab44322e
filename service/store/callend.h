#pragma once
#include "domain/conversation.h"
#include <QByteArrayView>
#include <span>

namespace nightshift::store {

/// Whether an event of this type tells how a call ended.
bool tellsACallsEnd(QByteArrayView eventType);

/// The output for a call whose own was lost with its process: made from the event that told its end, if one of
/// `lines` does, else "aborted".
HistoryItem answerFor(const HistoryItem &call, std::span<const QByteArrayView> lines);

} // namespace nightshift::store
