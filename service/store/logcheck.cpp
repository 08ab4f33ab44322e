#include "logcheck.h"
#include "base/jsonreader.h"
#include "store/lineshape.h"
#include "store/linewalk.h"
#include <QCryptographicHash>
#include <QHash>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::store {

namespace {

class LogCheck
{
public:
    void takeLine(QByteArrayView line);
    void finish(bool isBeingWritten);
    void find(QString sentence) { findAt(m_line, std::move(sentence)); }
    void findAt(qint64 line, QString sentence) { findings.push_back({line, std::move(sentence)}); }
    std::vector<LogFinding> findings;

private:
    void takeOrdinal(JsonView ordinal);
    void takePrevious(JsonView hash);
    void takePayload(QByteArrayView type, JsonView payload);
    void takeEvent(JsonView payload);
    void takeItem(JsonView payload);
    void endTurn(const QString &id);
    void leaveTurnOpen();

    struct Open
    {
        qint64 line;
        QString id;
    };
    qint64 m_line = 0;
    qint64 m_numberedLine = 0; ///< The latest line with an ordinal, and that.
    qint64 m_ordinal = -1;
    QByteArrayView m_previous;
    std::optional<Open> m_turn;
    bool m_tellsTurns = false; ///< Logs of 2025 do not say where turns begin.
    std::vector<Open> m_calls; ///< Without an answer so far.
    QHash<QString, qint64> m_answers;
};

void LogCheck::takeLine(QByteArrayView line)
{
    ++m_line;
    const auto document = JsonDocument::parse(line);
    const JsonView root = document ? document->root() : JsonView();
    if (!document)
        find(u"is no JSON: %1"_s.arg(document.error().message));
    else if (!root["type"].isString() || !root["payload"].isObject() || !root["timestamp"].isString())
        find(u"is no line of a log: it lacks timestamp, type or payload"_s);
    else
        takePayload(root["type"].utf8(), root["payload"]);
    takeOrdinal(root["ordinal"]);
    takePrevious(root["prev"]);
    m_previous = line;
}

/// The first number may be any: a fork of the reference goes on with its parent's.
void LogCheck::takeOrdinal(JsonView ordinal)
{
    if (!ordinal.isInteger())
        return;
    const qint64 expected = m_ordinal + m_line - m_numberedLine;
    if (m_ordinal >= 0 && ordinal.toInteger() != expected)
        find(u"has the ordinal %1, where %2 is next"_s.arg(ordinal.toInteger()).arg(expected));
    m_ordinal = ordinal.toInteger();
    m_numberedLine = m_line;
}

void LogCheck::takePrevious(JsonView hash)
{
    if (!hash.exists())
        return;
    const QByteArray expected = "sha256:" + QCryptographicHash::hash(m_previous, QCryptographicHash::Sha256).toHex();
    if (hash.utf8() != expected)
        find(u"has not the hash of the line before it"_s);
}

void LogCheck::takePayload(QByteArrayView type, JsonView payload)
{
    if (m_line == 1 && type != "session_meta")
        find(u"is no session_meta, which begins every log"_s);
    if (const auto wrong = missingMember(type, payload))
        find(*wrong);
    if (type == "event_msg")
        takeEvent(payload);
    else if (type == "response_item")
        takeItem(payload);
}

void LogCheck::takeEvent(JsonView payload)
{
    const QByteArrayView type = payload["type"].utf8();
    const QString id = payload["turn_id"].toString();
    if (type == "task_started" || type == "turn_started") {
        leaveTurnOpen();
        m_turn = Open{m_line, id};
        m_tellsTurns = true;
    } else if (type == "task_complete" || type == "turn_complete" || type == "turn_aborted") {
        endTurn(id);
    }
}

void LogCheck::endTurn(const QString &id)
{
    if (m_tellsTurns && !m_turn)
        find(u"ends a turn, where none is open"_s);
    else if (m_turn && !id.isEmpty() && !m_turn->id.isEmpty() && m_turn->id != id)
        find(u"ends turn %1, where %2 is open"_s.arg(id, m_turn->id));
    m_turn.reset();
}

void LogCheck::leaveTurnOpen()
{
    if (const auto turn = std::exchange(m_turn, std::nullopt))
        findAt(turn->line, u"begins turn %1, which has no ending"_s.arg(turn->id));
}

void LogCheck::takeItem(JsonView payload)
{
    const QByteArrayView type = payload["type"].utf8();
    const QString id = payload["call_id"].toString();
    if (type == "function_call" || type == "custom_tool_call" || (type == "local_shell_call" && !id.isEmpty())) {
        m_calls.push_back({m_line, id});
    } else if (type == "function_call_output" || type == "custom_tool_call_output") {
        const auto call = std::ranges::find(m_calls, id, &Open::id);
        if (call != m_calls.end())
            m_calls.erase(call);
        else if (const qint64 earlier = m_answers.value(id))
            find(u"answers the call %1 again, after line %2"_s.arg(id).arg(earlier));
        else
            find(u"answers the call %1, which nobody made"_s.arg(id));
        m_answers[id] = m_line;
    }
}

void LogCheck::finish(bool isBeingWritten)
{
    if (isBeingWritten)
        return;
    leaveTurnOpen();
    for (const Open &call : m_calls)
        findAt(call.line, u"makes the call %1, which has no answer"_s.arg(call.id));
}

} // namespace

std::vector<LogFinding> checkLog(QByteArrayView text, bool isBeingWritten)
{
    LogCheck check;
    ForwardLines lines(text);
    qint64 count = 0;
    while (const auto line = lines.next()) {
        check.takeLine(*line);
        ++count;
    }
    if (text.isEmpty())
        check.findAt(1, u"is missing: the log is empty"_s);
    check.finish(isBeingWritten);
    const qsizetype tail = text.size() - (text.lastIndexOf('\n') + 1);
    if (tail > 0 && !isBeingWritten)
        check.findAt(count + 1, u"is torn: %1 bytes without a line end, which the next resume cuts off"_s.arg(tail));
    std::ranges::stable_sort(check.findings, {}, &LogFinding::line);
    return std::move(check.findings);
}

} // namespace nightshift::store
