#pragma once
#include "llm/modelprotocol.h"

namespace nightshift::llm {

/// A request in the words of Chat Completions; see ModelProtocol::body().
/// Source: https://platform.openai.com/docs/api-reference/chat/create
std::vector<QByteArray> chatBody(const ModelRequest &request);

} // namespace nightshift::llm
