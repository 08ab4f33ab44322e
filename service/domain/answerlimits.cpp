#include "answerlimits.h"

using namespace Qt::StringLiterals;

namespace nightshift {

namespace {

struct Words
{
    qint64 AnswerLimits::*limit;
    QLatin1StringView deed; ///< %1 is the limit.
    QLatin1StringView name;
};

constexpr Words table[]{
    {&AnswerLimits::headerLineBytes, "sent a header line of more than %1 bytes"_L1, "header_line_bytes"_L1},
    {&AnswerLimits::headerBytes, "sent more than %1 bytes of headers"_L1, "header_bytes"_L1},
    {&AnswerLimits::eventBytes, "sent an event of more than %1 bytes"_L1, "event_bytes"_L1},
    {&AnswerLimits::answerBytes, "sent an answer of more than %1 bytes"_L1, "answer_bytes"_L1},
    {&AnswerLimits::items, "sent an answer of more than %1 items"_L1, "items"_L1},
    {&AnswerLimits::mcpMessageBytes, "sent more than %1 bytes in one message, or in its list of tools"_L1,
     "mcp_message_bytes"_L1},
    {&AnswerLimits::mcpTools, "offers more than %1 tools"_L1, "mcp_tools"_L1},
    {&AnswerLimits::mcpPages, "lists its tools on more than %1 pages"_L1, "mcp_pages"_L1},
};

} // namespace

QString exceeded(const AnswerLimits &limits, qint64 AnswerLimits::*limit)
{
    for (const Words &words : table) {
        if (words.limit == limit)
            return QString(words.deed).arg(limits.*limit) +
                   u", the limit %1; no server that works does that"_s.arg(words.name);
    }
    return {};
}

} // namespace nightshift
