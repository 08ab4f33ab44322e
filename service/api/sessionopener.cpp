#include "sessionopener.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

SessionOpener::SessionOpener(const engine::Surroundings &surroundings)
    : m_surroundings(surroundings)
{
    if (const auto loaded = config::loadSettings(m_surroundings.settings)) {
        m_stateFolder = loaded->settings.home.state;
        m_durability = loaded->settings.durability;
    }
}

SessionOpener::~SessionOpener() = default;

http::Judged<Settings> SessionOpener::settings(SessionOptions &options) const
{
    config::LoadOptions load = m_surroundings.settings;
    load.cwd = options.cwd.isEmpty() ? load.cwd : options.cwd;
    if (!options.model.isEmpty())
        load.model = options.model;
    if (!options.provider.isEmpty())
        load.provider = options.provider;
    for (const auto mode :
         {SandboxPolicy::Mode::ReadOnly, SandboxPolicy::Mode::WorkspaceWrite, SandboxPolicy::Mode::DangerFullAccess}) {
        if (options.sandbox == sandboxModeName(mode))
            load.sandbox = mode;
    }
    load.answerable = options.approval.policy == u"on-request"_s;
    if (load.answerable)
        load.overrides += u"approval_policy=\"on-request\""_s;
    auto loaded = config::loadSettings(load);
    if (!loaded)
        return std::unexpected(http::Problem{http::ProblemCode::ValidationFailed, loaded.error().message});
    Settings settings = std::move(loaded->settings);
    if (const auto key = m_surroundings.provideKey(settings.provider); !key)
        return std::unexpected(http::Problem{http::ProblemCode::ValidationFailed, key.error().message});
    if (options.limits.idleSeconds)
        settings.provider.streamIdleTimeout = std::chrono::seconds(*options.limits.idleSeconds);
    if (options.limits.commandSeconds)
        settings.commandLimits.wallTime = std::chrono::seconds(*options.limits.commandSeconds);
    options.cwd = settings.cwd;
    options.model = settings.model;
    options.provider = settings.provider.id;
    options.sandbox = sandboxModeName(settings.sandbox.mode);
    options.isolation = options.isolation.isEmpty() ? isolationName(settings.isolation) : options.isolation;
    return settings;
}

Result<engine::Engine *> SessionOpener::engine(const Settings &settings)
{
    Way &way = settings.provider.isDemo() ? m_demo : m_network;
    if (!way.engine) {
        auto http = m_surroundings.http(settings);
        if (!http)
            return std::unexpected(http.error());
        way.http = std::move(*http);
        way.engine = std::make_unique<engine::Engine>(*way.http, m_surroundings.environment, m_surroundings.decompress);
        way.engine->setScriptParser(m_surroundings.parseScript);
    }
    return way.engine.get();
}

Result<engine::Session *> SessionOpener::create(const Settings &settings)
{
    return engine(settings).and_then(
        [&](engine::Engine *engine) { return engine->create(settings, engine::Persist::Yes); });
}

Result<engine::Session *> SessionOpener::resume(const QString &log, const Settings &settings)
{
    return engine(settings).and_then(
        [&](engine::Engine *engine) { return engine->resume(log, settings, engine::Persist::Yes); });
}

Result<engine::Session *> SessionOpener::fork(const QString &log, const Settings &settings,
                                              std::optional<qint64> atTurn)
{
    return engine(settings).and_then(
        [&](engine::Engine *engine) { return engine->fork(log, settings, engine::Persist::Yes, atTurn); });
}

std::unique_ptr<mcp::Servers> SessionOpener::servers(const Settings &settings)
{
    const auto engine = this->engine(settings);
    return engine ? (*engine)->startServers(settings, (settings.provider.isDemo() ? m_demo : m_network).http.get())
                  : nullptr;
}

} // namespace nightshift::api
