#pragma once
#include <QByteArray>
#include <chrono>
#include <optional>

namespace nightshift::tools {

/// What a model is told about a command: as it ended, or as far as it has come.
struct CommandReply
{
    QByteArray chunkId; ///< Six hexadecimal digits; a new one for every reply.
    std::chrono::microseconds wallTime{};
    std::optional<int> exitCode;
    std::optional<int> sessionId; ///< Of a command that still runs. With neither of the two it was stopped.
    std::optional<std::chrono::milliseconds> timeout; ///< Over which it was stopped.
    QByteArray output;                                ///< What an OutputWindow kept, as it came; may be no UTF-8.
    qint64 totalBytes = 0;                            ///< Of the output before the window left anything out.
    qint64 omittedBytes = 0;
};

/// How much of an output a model sees; a token is four bytes here.
struct ReplyBudget
{
    qint64 tokens = 10'000;       ///< For the output; what the call asked for, never more than `policyTokens`.
    qint64 policyTokens = 10'000; ///< Of the model. The whole reply stays within 1.2 of it.
};

/// The reply as the reference lays it out, the output's middle cut out when it exceeds the budget. What
/// is no UTF-8 becomes U+FFFD.
QByteArray replyText(const CommandReply &reply, const ReplyBudget &budget);

/// The first and last bytes of the text that make so many tokens, and between them how many are missing.
QByteArray withoutMiddle(const QByteArray &text, qint64 tokens);

/// The reply of a call that was called off.
QByteArray abortedText(std::chrono::milliseconds wallTime);

QByteArray newChunkId();

/// The bytes with U+FFFD where they are no UTF-8.
QByteArray repairedUtf8(const QByteArray &bytes);

} // namespace nightshift::tools
