#include "logscan.h"
#include "base/jsonreader.h"
#include "store/callend.h"
#include "store/jsonspan.h"
#include "store/loggeditem.h"
#include <algorithm>

namespace nightshift::store {

using Kind = HistoryItem::Kind;

void LogScan::scan(const std::shared_ptr<MappedFile> &file, QByteArrayView text)
{
    m_recording.files.push_back(file);
    BackwardLines lines(text);
    while (!isDone()) {
        const std::optional<QByteArrayView> line = lines.next();
        if (!line)
            return;
        onLine(*line, *file);
    }
}

void LogScan::onLine(QByteArrayView line, MappedFile &file)
{
    const std::optional<Record> record = recordHead(line);
    if (!record || !line.trimmed().endsWith('}'))
        return;
    if (record->type == "response_item")
        onItem(*record, file);
    else if (record->type == "event_msg")
        onEvent(*record, line);
    else if (record->type == "turn_context" && !m_hasContext)
        onTurnContext(line);
    else if (record->type == "token_usage_record" && !m_hasUsage)
        onUsage(line);
    else if (record->type == "compacted" && m_historyFrom == From::Everything)
        onCompacted(line, file);
}

void LogScan::onItem(const Record &record, MappedFile &file)
{
    if (m_historyFrom == From::Nothing)
        return;
    std::optional<HistoryItem> item = loggedItem(record.payload, file);
    if (item && (m_historyFrom == From::Everything || item->kind == Kind::User))
        m_recording.history.push_back(std::move(*item));
}

void LogScan::onCompacted(QByteArrayView line, MappedFile &file)
{
    const std::optional<Record> record = wholeRecord(line);
    if (!record)
        return;
    if (const QByteArrayView paid = memberText(record->payload, "token_usage"); !m_hasUsage && paid.startsWith('{')) {
        if (const auto read = JsonDocument::parse(paid))
            takeUsage(read->root()["thread_token_usage"]);
    }
    if (const QByteArrayView kept = memberText(record->payload, "replacement_history"); kept.startsWith('[')) {
        const std::vector<QByteArrayView> texts = elementTexts(kept);
        for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
            if (std::optional<HistoryItem> item = loggedItem(*text, file))
                m_recording.history.push_back(std::move(*item));
        }
        m_historyFrom = From::Nothing;
        return;
    }
    const auto read = JsonDocument::parse(record->payload);
    const QString summary = read ? read->root()["message"].toString() : QString();
    const RawJson content = json::array({json::object({{"type", "input_text"}, {"text", summary}})});
    m_recording.history.push_back(
        {.kind = Kind::User, .json = json::object({{"type", "message"}, {"role", "user"}, {"content", content}})});
    m_historyFrom = From::UserMessages;
}

void LogScan::onTurnContext(QByteArrayView line)
{
    const std::optional<Record> record = wholeRecord(line);
    const auto read = JsonDocument::parse(record ? record->payload : QByteArrayView());
    if (!read)
        return;
    m_hasContext = true;
    m_recording.model = read->root()["model"].toString();
    m_recording.cwd = read->root()["cwd"].toString();
    // The reference leaves the provider to the first line; ours may change with every turn.
    m_recording.provider = read->root()["model_provider"].toString();
}

void LogScan::onEvent(const Record &record, QByteArrayView line)
{
    const QByteArrayView type = bareString(memberText(record.payload, "type"));
    if (type == "token_count" && !m_hasUsage)
        onUsage(line);
    else if (!m_hasTurn && (type == "task_started" || type == "turn_started"))
        onTurnBoundary(true, line);
    else if (!m_hasTurn && (type == "task_complete" || type == "turn_complete" || type == "turn_aborted"))
        onTurnBoundary(false, line);
    else if (!m_hasTurn)
        onItem(type, line);
}

constexpr QChar approvalMark = u'\u0001'; // before an approval's id, where calls' ids stand

/// Newest first: an end is met before its beginning.
void LogScan::onItem(QByteArrayView type, QByteArrayView line)
{
    if (tellsACallsEnd(type))
        m_ends.push_back(line);
    const bool isPlan = type.startsWith("plan_");
    const bool asks = type.endsWith("approval_request") || type == "approval_requested";
    const bool isApproval = asks || type == "approval_resolved";
    const bool begins = type.endsWith("_begin") || type == "plan_update" || asks;
    if (!isPlan && !begins && !isApproval && !type.endsWith("_end"))
        return;
    const std::optional<Record> record = wholeRecord(line);
    const auto read = JsonDocument::parse(record ? record->payload : QByteArrayView());
    if (!read)
        return;
    QString item = isPlan ? QString() : read->root()["call_id"].toString();
    if (isApproval) // beside the call itself, which may run once it is approved
        item = approvalMark + (asks ? read->root()["approval"]["id"] : read->root()["approval_id"]).toString();
    if (begins && !m_ended.contains(item))
        m_recording.unfinished.push_back(read->root().raw());
    m_ended.insert(item);
}

void LogScan::onTurnBoundary(bool open, QByteArrayView line)
{
    const std::optional<Record> record = wholeRecord(line);
    const auto read = JsonDocument::parse(record ? record->payload : QByteArrayView());
    if (!read)
        return;
    m_hasTurn = true;
    if (open)
        m_recording.openTurn = OpenTurn{read->root()["turn_id"].toString(), read->root()["started_at"].toInteger()};
}

void LogScan::onUsage(QByteArrayView line)
{
    const std::optional<Record> record = wholeRecord(line);
    const auto read = JsonDocument::parse(record ? record->payload : QByteArrayView());
    const JsonView root = read ? read->root() : JsonView();
    const JsonView info = root["info"];
    if (info.isObject() && info["last_token_usage"]["total_tokens"].toInteger() == 0)
        return; // the server did not say; an earlier line does
    takeUsage(info.isObject() ? info["total_token_usage"] : root["thread_token_usage"]);
    m_recording.contextWindow = info["model_context_window"].toInteger();
    if (m_historyFrom == From::Everything) { // else it counted what a compaction has replaced
        const JsonView last = info.isObject() ? info["last_token_usage"] : root["usage"];
        m_recording.contextTokens = last["total_tokens"].toInteger();
        m_recording.uncountedItems = m_recording.history.size();
    }
}

void LogScan::takeUsage(JsonView total)
{
    if (!total.isObject())
        return;
    m_hasUsage = true;
    m_recording.usage = {.inputTokens = total["input_tokens"].toInteger(),
                         .cachedInputTokens = total["cached_input_tokens"].toInteger(),
                         .cacheWriteInputTokens = total["cache_write_input_tokens"].toInteger(),
                         .outputTokens = total["output_tokens"].toInteger(),
                         .reasoningOutputTokens = total["reasoning_output_tokens"].toInteger()};
    if (total["cost_usd"].isNumber())
        m_recording.usage.costUsd = total["cost_usd"].toDouble();
}

void LogScan::finish()
{
    std::ranges::reverse(m_recording.history);
    std::ranges::reverse(m_recording.unfinished);
    if (!m_recording.openTurn)
        m_recording.unfinished.clear();
    balance();
}

HistoryItem LogScan::answer(const HistoryItem &call) const
{
    return answerFor(call, m_ends);
}

/// Gives each earlier call without an output one that says so, where the user spoke next; the last ones are
/// left to whoever goes on.
void LogScan::balance()
{
    History &history = m_recording.history;
    std::vector<size_t> open; // indices of calls; seldom more than a few
    for (size_t i = 0; i < history.size(); ++i) {
        if (history[i].kind == Kind::Call) {
            open.push_back(i);
        } else if (history[i].kind == Kind::Output) {
            const auto call =
                std::ranges::find_if(open, [&](size_t earlier) { return history[earlier].call == history[i].call; });
            if (call != open.end())
                open.erase(call);
        } else if (history[i].kind == Kind::User && !open.empty()) {
            History answers;
            for (const size_t call : std::exchange(open, {})) {
                const bool late =
                    std::any_of(history.begin() + qsizetype(i), history.end(), [&](const HistoryItem &item) {
                        return item.kind == Kind::Output && item.call == history[call].call;
                    });
                if (!late)
                    answers.push_back(answerFor(history[call], {}));
            }
            history.insert(history.begin() + qsizetype(i), answers.begin(), answers.end());
            i += answers.size();
        }
    }
    for (const size_t call : open)
        m_recording.unanswered.push_back(answer(history[call]));
}

} // namespace nightshift::store
