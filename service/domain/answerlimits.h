#pragma once
#include <QString>

namespace nightshift {

/// The most that a server's answer may come to, a model's or an MCP server's. They bound memory, and none is meant to
/// be met by a server that works; past one the answer has failed.
struct AnswerLimits
{
    qint64 headerLineBytes = 64 << 10; ///< One line of an HTTP head.
    qint64 headerBytes = 256 << 10;    ///< All heads of an answer together.
    qint64 eventBytes = 64 << 20;      ///< One line of an event stream, and the message that lines make.
    qint64 answerBytes = 128 << 20;    ///< All of a model's answer to one request.
    qint64 items = 1'000;              ///< Messages, thoughts and calls of such an answer.
    qint64 mcpMessageBytes = 64 << 20; ///< One message of an MCP server; also all that it lists together.
    qint64 mcpTools = 2'000;           ///< Of one server.
    qint64 mcpPages = 1'000;           ///< Of its list of tools.
    bool operator==(const AnswerLimits &) const = default;
};

/// What somebody did who passed the limit, and which it is: "sent an event of more than 67108864 bytes, the limit
/// event_bytes; no server that works does that".
QString exceeded(const AnswerLimits &limits, qint64 AnswerLimits::*limit);

} // namespace nightshift
