#include "ledger.h"
#include "engine/items.h"
#include <chrono>

namespace nightshift::engine {

static qint64 unixSeconds()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

Ledger::Ledger(std::optional<store::Rollout> rollout, const QString &baseInstructions)
    : m_rollout(std::move(rollout))
{
    open(baseInstructions);
}

Ledger::Ledger(std::optional<store::Rollout> rollout, store::Recording recording)
    : m_rollout(std::move(rollout))
    , m_files(std::move(recording.files))
    , m_history(std::move(recording.history))
    , m_usage(recording.usage)
{
    open(recording.meta.baseInstructions);
    m_gauge.measure(recording.contextTokens, m_history.size() - std::min(m_history.size(), recording.uncountedItems));
}

/// Puts the conversation's first item in its place; the log keeps its text in the session's own line.
void Ledger::open(const QString &baseInstructions)
{
    if (baseInstructions.isEmpty())
        return;
    m_base = {HistoryItem::Kind::Developer, developerText({baseInstructions}), {}};
    m_history.insert(m_history.begin(), *m_base);
}

void Ledger::inherit(const store::Recording &parent)
{
    m_files = parent.files;
    for (const HistoryItem &item : parent.history)
        commit(item);
    for (const HistoryItem &item : parent.unanswered)
        commit(item);
    m_usage = parent.usage;
    m_gauge.measure(parent.contextTokens, m_history.size() - parent.uncountedItems - parent.unanswered.size());
    record(UsageReported{{.inputTokens = contextTokens()}, m_usage, parent.contextWindow});
}

void Ledger::closeLostTurn(const store::OpenTurn &turn, const std::vector<Event> &endings)
{
    m_turn.turnId = turn.id;
    m_turn.startedAt = turn.startedAt;
    for (const Event &ending : endings)
        record(ending);
}

void Ledger::commit(HistoryItem item)
{
    append("response_item", item.json);
    m_history.push_back(std::move(item));
}

void Ledger::record(const Event &event)
{
    const bool kept = !isFleeting(event) || (m_keepsOutput && isFleetingUnlessPrinted(event));
    if (!m_rollout || !kept)
        return;
    m_turn.now = unixSeconds();
    if (const auto *started = std::get_if<TurnStarted>(&event)) {
        m_turn.turnId = started->turnId;
        m_turn.startedAt = m_turn.now;
    }
    append("event_msg", wire::toMessage(event, m_turn));
}

void Ledger::note(const char *type, const RawJson &payload)
{
    append(type, payload);
}

void Ledger::replace(const History &items, const QString &summary, const Usage &cost)
{
    std::vector<RawJson> kept;
    for (const HistoryItem &item : items)
        kept.push_back(item.json);
    // What it cost stands in the same line, so that neither is ever without the other.
    const RawJson record =
        json::object({{"usage", wire::usageObject(cost)}, {"thread_token_usage", wire::usageObject(m_usage)}});
    append("compacted",
           json::object({{"message", summary}, {"replacement_history", json::array(kept)}, {"token_usage", record}}));
    m_history = items;
    if (m_base)
        m_history.insert(m_history.begin(), *m_base);
    m_gauge.reset();
}

void Ledger::sync()
{
    if (!m_rollout || m_failure)
        return;
    if (const auto synced = m_rollout->sync(); !synced)
        m_failure = synced.error();
}

void Ledger::sync(QObject *context, std::function<void()> done)
{
    if (!m_sync || !m_rollout || m_failure) {
        sync();
        return done();
    }
    m_sync(path(), context, [this, done = std::move(done)](const Result<> &outcome) {
        if (!outcome && !m_failure)
            m_failure = outcome.error();
        done();
    });
}

QString Ledger::path() const
{
    return m_rollout ? m_rollout->path() : QString();
}

void Ledger::append(const char *type, const RawJson &payload)
{
    if (!m_rollout || m_failure)
        return;
    if (const auto written = m_rollout->append(type, payload); !written)
        m_failure = written.error();
}

} // namespace nightshift::engine
