#pragma once
#include "llm/modelprotocol.h"

namespace nightshift::llm {

// What a server said in its own words, as items of the history in those of the Responses API. They get new
// ids: the servers' own may repeat, and the Responses API wants them to differ.

MessageDone spokenMessage(const QString &text);
MessageDone refusedMessage(const QString &text);
/// A call in the words of the Responses API, as servers send it and logs keep it.
ToolCall toolCall(JsonView item);
CallDone functionCall(const QString &callId, const QString &name, const QByteArray &arguments);

/// In front of the `encrypted_content` of reasoning that is none of the Responses API's.
constexpr QByteArrayView sealPrefix = "nightshift:";

/// A thought that goes back only over `wire`, with `seal`: what that wire needs to know it again.
/// `raw` is the chain of thought itself, `summary` what may always be shown.
ThoughtDone sealedThought(QByteArrayView wire, const QByteArray &seal, const QString &summary, const QString &raw);

/// Whether an item is such a thought, of any wire.
bool isSealed(const RawJson &item);

} // namespace nightshift::llm
