#pragma once
#include "batch/budget.h"
#include "batch/governedclient.h"
#include "batch/itemrun.h"
#include "batch/itemsettings.h"
#include "batch/journal.h"
#include "engine/engine.h"

namespace nightshift::batch {

/// Runs items: sessions in this process, on its event loop, as many at once as are started.
///
/// An item that the journal has finished is not run again; see resume.h. Everything it was lent outlives it.
class Runner : public QObject
{
    Q_OBJECT

public:
    struct Config
    {
        ResumePolicy resume;
        Limits limits;                           ///< Of everything it runs together.
        QString level = QStringLiteral("batch"); ///< Whose limits these are: batch or script.
        std::chrono::milliseconds rateLimitWait{std::chrono::hours(1)};
        enum class Stagger { No, Auto };
        Stagger stagger = Stagger::Auto; ///< Items with one prefix wait for the first one's first token.
        enum class Trees { Go, Stay };
        Trees trees = Trees::Go; ///< Stay: whoever has the results may go on in their trees, until putTreesAway().
        std::optional<ItemBounds> bounds = {}; ///< Of what items may ask for; absent where the user wrote it.
    };
    /// Without a journal nothing is known and nothing is kept.
    Runner(const Surroundings &surroundings, Journal *journal, Config config, QObject *parent = nullptr);
    ~Runner() override;

    /// Gives the item its settings, fingerprint and key, and decides what becomes of it. Invalid for a wrong call.
    /// Keys are counted in the order of these calls.
    Result<PreparedItem> prepare(const Options &options, qint64 index = 0);
    /// What becomes of the item by what is in the journal now, others' lines among it.
    void decideAgain(PreparedItem &item) const;
    /// The operation ends once, with a result; its parent owns it, and deleting it cancels the item. `budget` is that
    /// of what it belongs to; null for all that runs here.
    ItemRun *start(const PreparedItem &item, QObject *parent, Budget *budget = nullptr);
    Result<ItemRun *> start(const Options &options, QObject *parent);

    /// Who is asked in sessions of providers that nothing was asked of yet.
    void setHooks(HookSources hooks) { m_hooks = std::move(hooks); }
    /// One turn of a session, under the same governor; the operation belongs to `parent`.
    Result<SessionRun *> launch(SessionRun::Order order, QObject *parent);

    /// Trees of ended sessions that no result needs any more, but `kept`'s.
    void letTreesGo(const Settings &settings, const QStringList &sessions, const QString &kept = {});
    /// Those that stayed.
    void putTreesAway();

    Budget &budget() { return m_budget; }
    const ResumePolicy &resumePolicy() const { return m_config.resume; }
    /// What an item came to in an earlier run.
    std::optional<ItemResult> earlierResult(const QString &key) const;
    /// Whether somebody has finished this very work, well or not.
    bool hasResult(const PreparedItem &item) const;
    /// How many items went well in earlier runs.
    qint64 finishedBefore() const;
    /// Ours, NAME=value.
    const QStringList &environment() const { return m_surroundings.environment; }
    /// Absent where nothing is bounded.
    const std::optional<ItemBounds> &bounds() const { return m_settings.bounds(); }
    const store::Decompress &decompress() const { return m_surroundings.decompress; }
    bool rehearses() const { return m_surroundings.rehearses; }
    /// How many items may run at once where the servers decide.
    int advisedConcurrency() const;
    /// Where isolated items of this folder begin: as the journal has it, else at its last commit.
    QString baseCommit(const QString &cwd) const;

signals:
    /// What somebody's request has cost was counted.
    void charged();

private:
    friend class ItemRun;
    struct Door ///< To one provider's server.
    {
        llm::HttpClient *client = nullptr;
        std::unique_ptr<GovernedClient> governed;
        std::unique_ptr<engine::Engine> engine;
    };
    Decision decisionOn(const PreparedItem &item) const;
    Result<Door *> doorTo(const Settings &settings);
    /// Calls `go` now, or when the first item of this prefix has its first token.
    void afterFirstOf(const QString &prefix, ItemRun *run, std::function<void()> go);
    void hasToken(const QString &prefix);
    void forget(ItemRun *run);

    struct Line
    {
        bool open = false;
        ItemRun *first = nullptr;
        std::vector<std::pair<ItemRun *, std::function<void()>>> waiting;
    };

    const Surroundings &m_surroundings;
    Journal *m_journal;
    const Config m_config;
    ItemSettings m_settings;
    Budget m_budget;
    Keys m_keys;
    FileHashes m_hashes;
    HookSources m_hooks;
    std::shared_ptr<engine::ToolTape> m_tape; ///< Since the first session.
    std::vector<std::unique_ptr<Door>> m_doors;
    QHash<QString, Line> m_lines; ///< By prefix.
    struct Ended
    {
        QStringList sessions;
        QString kept;
    };
    std::vector<Ended> m_ended; ///< Whose trees stay so far.
};

} // namespace nightshift::batch
