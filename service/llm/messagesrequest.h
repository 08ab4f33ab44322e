#pragma once
#include "llm/modelprotocol.h"

namespace nightshift::llm {

/// A request in the words of Anthropic's Messages API; see ModelProtocol::body().
/// Source: https://platform.claude.com/docs/en/api/messages/create
std::vector<QByteArray> messagesBody(const ModelRequest &request);

/// What it needs among its headers.
HttpHeaders messagesHeaders(const ModelRequest &request);

// What a thought's seal begins with: the signature of a readable thought, or all of a hidden one.
constexpr QByteArrayView signatureSeal = "signature:";
constexpr QByteArrayView redactedSeal = "redacted:";

} // namespace nightshift::llm
