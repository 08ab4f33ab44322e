#pragma once
#include "domain/event.h"

namespace nightshift::wire {

/// "item_3"
QString itemId(int number);

/// An item of `type` that is nothing but a text: agent_message, reasoning.
RawJson textItem(const QString &id, const char *type, const QString &text);

RawJson commandItem(const QString &id, const CommandLine &command, const QString &output, std::optional<int> exitCode,
                    const char *status);

} // namespace nightshift::wire
