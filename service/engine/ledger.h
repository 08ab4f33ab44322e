#pragma once
#include "domain/event.h"
#include "engine/contextgauge.h"
#include "store/recording.h"
#include "store/rollout.h"
#include "wire/eventmessage.h"
#include <functional>

class QObject;

namespace nightshift::engine {

/// Waits for the disk: calls `done` from the event loop when what was written to the file is there, unless `context` is
/// gone by then.
using Sync = std::function<void(const QString &path, QObject *context, std::function<void(const Result<> &)> done)>;

/// The conversation and its durable log, kept in step: what enters one is first written to the other.
///
/// Writing never throws a turn off its feet in mid-air: the first failure is kept, nothing is written any
/// more, and failure() tells whoever is about to do something that must be on record.
class Ledger
{
public:
    /// Of a new session. Without a rollout nothing is recorded.
    Ledger(std::optional<store::Rollout> rollout, const QString &baseInstructions);
    /// Of one that an earlier run left behind.
    Ledger(std::optional<store::Rollout> rollout, store::Recording recording);

    /// Adds an item to the conversation.
    void commit(HistoryItem item);
    /// Records an event; fleeting ones pass by.
    void record(const Event &event);
    /// Records what is neither: turn_context, world_state.
    void note(const char *type, const RawJson &payload);
    /// Copies the conversation of another session, and what it cost.
    void inherit(const store::Recording &parent);
    /// Writes the endings, of items and of the turn, that the process which ran it did not live to write.
    void closeLostTurn(const store::OpenTurn &turn, const std::vector<Event> &endings);
    /// The output of commands is recorded as it comes, and what patches change, because the run prints it so.
    void keepOutput() { m_keepsOutput = true; }
    bool keepsOutput() const { return m_keepsOutput; }
    void charge(const Usage &usage) { m_usage += usage; }
    /// The server counted the conversation as it stands.
    void measure(qint64 tokens) { m_gauge.measure(tokens, m_history.size()); }
    /// Puts `items` in the place of the conversation, behind its base instructions, in one line of the log.
    /// `summary` is what else the log says of it; `cost` is what it was paid with, charged already.
    void replace(const History &items, const QString &summary, const Usage &cost);
    /// Waits until all of it is on the disk.
    void sync();
    /// Calls `done` once all of it is on the disk, at once where nobody else waits for that; never when `context` is
    /// gone by then.
    void sync(QObject *context, std::function<void()> done);
    /// Who waits for the disk in our place, so that nothing else has to wait meanwhile.
    void setSync(Sync sync) { m_sync = std::move(sync); }

    const History &history() const { return m_history; }
    const Usage &usage() const { return m_usage; } ///< Of the session, earlier runs included.
    /// What the conversation takes of the model's context, as far as it is known.
    qint64 contextTokens() const { return m_gauge.tokens(m_history); }
    const std::optional<Error> &failure() const { return m_failure; }
    QString path() const; ///< Of the log; empty without one.

private:
    void open(const QString &baseInstructions);
    void append(const char *type, const RawJson &payload);

    std::optional<store::Rollout> m_rollout;
    std::vector<std::shared_ptr<store::MappedFile>> m_files; ///< Where older items lie.
    std::optional<HistoryItem> m_base; ///< The history's first item, which has no line of its own in the log.
    History m_history;
    Usage m_usage;
    ContextGauge m_gauge;
    wire::MessageContext m_turn;
    bool m_keepsOutput = false;
    Sync m_sync; ///< Empty: we wait ourselves.
    std::optional<Error> m_failure;
};

} // namespace nightshift::engine
