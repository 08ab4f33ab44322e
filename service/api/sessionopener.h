#pragma once
#include "api/sessionoptions.h"
#include "config/kept.h"
#include "engine/engine.h"
#include "engine/surroundings.h"
#include "http/allowance.h"
#include "isolation/isolatedtree.h"

namespace nightshift::api {

/// Turns what a session was asked to be into settings, and opens it with them. One way to the models' servers serves
/// all sessions.
class SessionOpener
{
public:
    explicit SessionOpener(const engine::Surroundings &surroundings);
    ~SessionOpener();

    /// Who waits for the disk at the end of turns; before any session is opened.
    void setSync(engine::Sync sync) { m_sync = std::move(sync); }

    /// Whether the logs of new sessions are chains; before any session is opened.
    void setChain(store::Rollout::Chain chain) { m_chain = chain; }

    /// The settings for these options, whose blanks are filled in from them. `cwd` is canonical.
    http::Judged<Settings> settings(SessionOptions &options) const;

    /// A tree that no session has taken goes away with its last owner.
    using Tree = std::shared_ptr<isolation::IsolatedTree>;
    /// The tree that a session with these settings works in; null for one that is not isolated. An overlay is a copy
    /// here: it would need a process of its own, too. Takes as long as the tree is large, and so belongs into the
    /// pool: it touches nothing that belongs to the service's thread.
    static Result<Tree> makeTree(const Settings &settings);
    Result<engine::Session *> create(const Settings &settings, const Tree &tree);
    /// With Keep a turn that waits for approvals stays open.
    Result<engine::Session *> resume(const QString &log, Settings settings,
                                     engine::OpenTurns turns = engine::OpenTurns::Close);
    Result<engine::Session *> fork(const QString &log, const Settings &settings, const Tree &tree,
                                   std::optional<qint64> atTurn);
    /// Keeps what an isolated session has come to as a patch, for `sessions apply`. For the pool, too.
    static Result<> collect(const QString &stateFolder, const QString &sessionId);
    /// Null when the settings name none.
    std::unique_ptr<mcp::Servers> servers(const Settings &settings);

    /// Where sessions lie.
    const QString &stateFolder() const { return m_stateFolder; }
    const store::Decompress &decompress() const { return m_surroundings.decompress; }
    Durability durability() const { return m_durability; }
    /// Keys of this machine that a bundle of such a session shall not carry.
    QStringList knownSecrets(const SessionOptions &options) const;
    const QString &startFolder() const { return m_surroundings.settings.cwd; }

private:
    using Open = std::function<Result<engine::Session *>(engine::Engine &engine, const Settings &settings)>;
    Result<engine::Session *> openNew(Settings settings, const Tree &tree, const Open &open);
    Result<engine::Engine *> engine(const Settings &settings);

    /// What is loaded for a session.
    struct Known
    {
        Settings settings;
        QString costSource;
    };
    Result<Known> load(const config::LoadOptions &options) const;

    /// The engine for one kind of provider, with its way there.
    struct Way
    {
        std::unique_ptr<llm::HttpClient> http;
        std::unique_ptr<engine::Engine> engine;
    };
    const engine::Surroundings m_surroundings;
    QString m_stateFolder;
    engine::Sync m_sync;
    store::Rollout::Chain m_chain = store::Rollout::Chain::No;
    Durability m_durability = Durability::Turn;
    Way m_network;
    Way m_demo;
    mutable config::Kept<QString, Known> m_known; ///< By what was asked for.
};

} // namespace nightshift::api
