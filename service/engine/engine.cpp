#include "engine.h"
#include "base/ids.h"
#include "engine/log.h"
#include "engine/reopening.h"
#include "hooks/settingshooks.h"
#include "tools/usershell.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

namespace {

store::SessionMeta metaOf(const Settings &settings, const QString &baseInstructions,
                          const std::optional<store::GitState> &git)
{
    return {.id = newId(),
            .cwd = settings.cwd,
            .originator = settings.originator,
            .threadSource = settings.threadSource,
            .provider = settings.provider.id,
            .baseInstructions = baseInstructions,
            .git = git};
}

/// What stands behind `name`, which ends in "=".
QString valueOf(const QStringList &environment, QLatin1StringView name)
{
    const auto found = std::ranges::find_if(environment, [name](const QString &v) { return v.startsWith(name); });
    return found == environment.end() ? QString() : found->sliced(name.size());
}

} // namespace

Engine::Engine(llm::HttpClient &http, QStringList environment, store::Decompress decompress, QObject *parent)
    : QObject(parent)
    , m_http(http)
    , m_environment(std::move(environment))
    , m_beginnings(tools::userShell(m_environment))
    , m_decompress(std::move(decompress))
    , m_sandboxes(valueOf(m_environment, "TMPDIR="_L1))
{}

std::unique_ptr<mcp::Servers> Engine::startServers(const Settings &settings, llm::HttpClient *http) const
{
    if (std::ranges::none_of(settings.mcpServers, &McpServerSettings::enabled))
        return {};
    auto servers = std::make_unique<mcp::Servers>(settings, mcp::Servers::Surroundings{m_environment, http});
    QMetaObject::invokeMethod(servers.get(), &mcp::Servers::start, Qt::QueuedConnection);
    return servers;
}

/// The ledger of a new session, its log's first line written.
Result<std::unique_ptr<Ledger>> Engine::record(const store::SessionMeta &meta, const Settings &settings,
                                               Persist persist) const
{
    std::optional<store::Rollout> rollout;
    if (persist == Persist::Yes) {
        auto created = store::Rollout::create(settings.home.state, meta, m_chain);
        if (!created)
            return std::unexpected(created.error());
        rollout = std::move(*created);
    }
    return std::make_unique<Ledger>(std::move(rollout), meta.baseInstructions);
}

Result<Session *> Engine::create(Settings settings, Persist persist)
{
    Beginning beginning = m_beginnings.of(settings);
    const store::SessionMeta meta = metaOf(settings, beginning.briefing.base, beginning.git);
    auto ledger = record(meta, settings, persist);
    if (!ledger)
        return std::unexpected(ledger.error());
    return open({.id = meta.id,
                 .settings = std::move(settings),
                 .briefing = std::move(beginning.briefing),
                 .ledger = std::move(*ledger)});
}

Result<Session *> Engine::fork(const QString &rollout, const Settings &settings, Persist persist,
                               std::optional<qint64> atTurn)
{
    const auto parent = store::readRecording(settings.home.state, rollout, m_decompress, atTurn);
    if (!parent)
        return std::unexpected(parent.error());
    Beginning beginning = m_beginnings.of(settings);
    store::SessionMeta meta = metaOf(settings, parent->meta.baseInstructions, beginning.git);
    meta.forkedFrom = parent->meta.id;
    auto ledger = record(meta, settings, persist);
    if (!ledger)
        return std::unexpected(ledger.error());
    (*ledger)->inherit(*parent);
    return open(
        {.id = meta.id, .settings = settings, .briefing = std::move(beginning.briefing), .ledger = std::move(*ledger)});
}

Result<Session *> Engine::resume(const QString &rollout, Settings settings, Persist persist, OpenTurns turns)
{
    auto reopened = reopen(rollout, settings, persist == Persist::Yes, m_decompress, turns);
    if (!reopened)
        return std::unexpected(reopened.error());
    Beginning beginning = m_beginnings.of(settings);
    return open({.id = reopened->id,
                 .settings = std::move(settings),
                 .briefing = std::move(beginning.briefing),
                 .ledger = std::move(reopened->ledger),
                 .isResumed = true,
                 .waiting = std::move(reopened->waiting),
                 .notices = reopened->notices});
}

Result<Session *> Engine::open(Session::Parts parts)
{
    auto sandbox = m_sandboxes.prepare(parts.settings);
    if (!sandbox)
        return std::unexpected(sandbox.error());
    parts.sandbox = std::move(*sandbox);
    qCDebug(engineLog, "session %s: model %s of %s, sandbox %s", qUtf8Printable(parts.id),
            qUtf8Printable(parts.settings.model), qUtf8Printable(parts.settings.provider.id),
            qUtf8Printable(sandboxModeName(parts.settings.sandbox.mode).toString()));
    parts.environment = m_environment;
    parts.parseScript = m_parseScript;
    parts.ledger->setSync(m_sync);
    auto hooks = hooks::SettingsHook::open(parts.settings, m_environment);
    if (!hooks)
        return std::unexpected(hooks.error());
    parts.hooks = m_hooks;
    parts.tape = m_tape;
    std::ranges::move(*hooks, std::back_inserter(parts.hooks));
    return new Session(std::move(parts), m_http, this);
}

} // namespace nightshift::engine
