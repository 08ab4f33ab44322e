#pragma once
#include "domain/conversation.h"
#include "store/mappedfile.h"
#include <optional>

namespace nightshift::store {

/// The conversation's entry that a response_item's payload holds. `payload` begins with it and points into
/// `file`, as does the entry's text afterwards; what the reference adds for itself is taken out. Absent when the
/// brackets do not close, and for what is recorded but never sent to a model.
std::optional<HistoryItem> loggedItem(QByteArrayView payload, MappedFile &file);

} // namespace nightshift::store
