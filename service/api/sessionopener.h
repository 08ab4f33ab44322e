#pragma once
#include "api/sessionoptions.h"
#include "engine/engine.h"
#include "engine/surroundings.h"
#include "http/allowance.h"

namespace nightshift::api {

/// Turns what a session was asked to be into settings, and opens it with them. One way to the models' servers serves
/// all sessions.
class SessionOpener
{
public:
    explicit SessionOpener(const engine::Surroundings &surroundings);
    ~SessionOpener();

    /// The settings for these options, whose blanks are filled in from them. `cwd` is canonical.
    http::Judged<Settings> settings(SessionOptions &options) const;

    /// One that is isolated works in a tree of its own, an overlay being a copy here: it would need a process of its
    /// own, too.
    Result<engine::Session *> create(const Settings &settings);
    /// With Keep a turn that waits for approvals stays open.
    Result<engine::Session *> resume(const QString &log, Settings settings,
                                     engine::OpenTurns turns = engine::OpenTurns::Close);
    Result<engine::Session *> fork(const QString &log, const Settings &settings, std::optional<qint64> atTurn);
    /// Keeps what an isolated session has come to as a patch, for `sessions apply`.
    void collect(const QString &sessionId) const;
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
    Result<engine::Session *> openNew(Settings settings, const Open &open);
    Result<engine::Engine *> engine(const Settings &settings);

    /// The engine for one kind of provider, with its way there.
    struct Way
    {
        std::unique_ptr<llm::HttpClient> http;
        std::unique_ptr<engine::Engine> engine;
    };
    const engine::Surroundings m_surroundings;
    QString m_stateFolder;
    Durability m_durability = Durability::Turn;
    Way m_network;
    Way m_demo;
};

} // namespace nightshift::api
