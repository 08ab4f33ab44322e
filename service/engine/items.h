#pragma once
#include "domain/conversation.h"

namespace nightshift::engine {

/// Conversation items of our own making, in the words of the Responses API.
RawJson message(const char *role, const std::vector<RawJson> &parts);
RawJson textPart(QStringView text);
RawJson userText(QStringView text);
RawJson developerText(const QStringList &parts);

/// The answer to a call, of the type that fits the call's kind.
RawJson callOutput(const ToolCall &call, const ToolAnswer &answer);

/// Tells the model that its last turn was stopped by the user; the reference's marker.
RawJson turnAborted();

/// Tells the model that a limit is reached and this answer its last; `limit` says which.
RawJson limitReached(const QString &limit);

/// How a summary that stands for the earlier conversation begins.
constexpr QLatin1StringView summaryStart("<conversation_summary>");

/// The texts of what the user said, the names of images first and the prompt last; empty for context, and for
/// what we say in the user's place.
QStringList promptTexts(const HistoryItem &item);

/// The beginning of what the user asked first, on one line; empty when nothing was asked yet.
QString firstPrompt(const History &history);

/// The log's record of a silent repeat.
RawJson repeatNote(const QString &why);

} // namespace nightshift::engine
