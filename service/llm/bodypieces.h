#pragma once
#include "base/rawjson.h"

namespace nightshift::llm {

/// An object whose last member is a list, in the pieces that ModelProtocol::body() promises. `head` is an
/// object with at least one member.
std::vector<QByteArray> bodyPieces(const RawJson &head, const char *listName, const std::vector<RawJson> &list);

} // namespace nightshift::llm
