#include "tools/commandreply.h"
#include <QRandomGenerator>
#include <QString>

namespace nightshift::tools {

namespace {

constexpr qint64 bytesPerToken = 4; // the reference's rule of thumb; models are told counts by it

qint64 tokensOf(qint64 bytes)
{
    return (bytes + bytesPerToken - 1) / bytesPerToken;
}

bool isContinuation(char byte)
{
    return (byte & 0xC0) == 0x80; // RFC 3629, section 3
}

qint64 lineCount(const QByteArray &text)
{
    return text.count('\n') + (text.isEmpty() || text.endsWith('\n') ? 0 : 1);
}

QByteArray warning(const CommandReply &reply, const QByteArray &text)
{
    const qint64 original = tokensOf(reply.omittedBytes > 0 ? reply.totalBytes : text.size());
    QByteArray lines = "Warning: truncated output (original token count: " + QByteArray::number(original) + ")\n";
    if (reply.omittedBytes > 0)
        lines += "... " + QByteArray::number(reply.omittedBytes) + " bytes omitted ...\n\n";
    else
        lines += "Total output lines: " + QByteArray::number(lineCount(text)) + "\n\n";
    return lines;
}

QByteArray header(const CommandReply &reply)
{
    QByteArray text = "Chunk ID: " + reply.chunkId + "\nWall time: ";
    text += QByteArray::number(double(reply.wallTime.count()) / 1e6, 'f', 4) + " seconds\n";
    if (reply.exitCode)
        text += "Process exited with code " + QByteArray::number(*reply.exitCode) + '\n';
    else if (reply.sessionId)
        text += "Process running with session ID " + QByteArray::number(*reply.sessionId) + '\n';
    else if (reply.timeout)
        text += "Process was stopped after its timeout of " + QByteArray::number(reply.timeout->count()) + " ms\n";
    else
        text += "Process was stopped before it ended\n";
    text += "Original token count: " + QByteArray::number(tokensOf(reply.totalBytes)) + "\nOutput:\n";
    return text;
}

} // namespace

QByteArray withoutMiddle(const QByteArray &text, qint64 tokens)
{
    const qsizetype half = qsizetype(tokens * bytesPerToken / 2);
    if (2 * half >= text.size())
        return text;
    qsizetype headEnd = half;
    while (headEnd > 0 && isContinuation(text[headEnd]))
        --headEnd;
    qsizetype tailStart = text.size() - half;
    while (tailStart < text.size() && isContinuation(text[tailStart]))
        ++tailStart;
    const qint64 lost = tokensOf(text.size()) - tokens;
    return text.first(headEnd) + "…" + QByteArray::number(lost) + " tokens truncated…" + text.sliced(tailStart);
}

QByteArray replyText(const CommandReply &reply, const ReplyBudget &budget)
{
    const QByteArray head = header(reply);
    const QByteArray text = repairedUtf8(reply.output);
    const qint64 most = budget.policyTokens * bytesPerToken * 6 / 5; // the reference's allowance for the header
    qint64 tokens = qBound(qint64(0), budget.tokens, budget.policyTokens);
    if (text.size() <= tokens * bytesPerToken && head.size() + text.size() <= most)
        return head + text;

    const QByteArray prelude = head + warning(reply, text);
    tokens = qBound(qint64(0), (most - prelude.size()) / bytesPerToken, tokens);
    tokens = qMin(tokens, qint64(text.size()) / bytesPerToken);
    QByteArray cut = withoutMiddle(text, tokens);
    while (prelude.size() + cut.size() > most && tokens > 0)
        cut = withoutMiddle(text, --tokens);
    return prelude + cut;
}

QByteArray abortedText(std::chrono::milliseconds wallTime)
{
    return "Wall time: " + QByteArray::number(double(wallTime.count()) / 1e3, 'f', 1) + " seconds\naborted by user";
}

QByteArray newChunkId()
{
    return QByteArray::number(QRandomGenerator::global()->bounded(0x1000000), 16).rightJustified(6, '0');
}

QByteArray repairedUtf8(const QByteArray &bytes)
{
    return bytes.isValidUtf8() ? bytes : QString::fromUtf8(bytes).toUtf8();
}

} // namespace nightshift::tools
