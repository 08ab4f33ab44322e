#include "engine.h"
#include "base/ids.h"
#include "engine/gitstate.h"
#include "engine/reopening.h"
#include "tools/usershell.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

Engine::Engine(llm::HttpClient &http, QStringList environment, store::Decompress decompress, QObject *parent)
    : QObject(parent)
    , m_http(http)
    , m_environment(std::move(environment))
    , m_decompress(std::move(decompress))
{}

Result<Session *> Engine::create(Settings settings, Persist persist)
{
    const QString id = newId();
    Briefing briefing = brief(settings, tools::userShell(m_environment));
    std::optional<store::Rollout> rollout;
    if (persist == Persist::Yes) {
        auto created = store::Rollout::create(settings.home.state, {.id = id,
                                                                    .cwd = settings.cwd,
                                                                    .originator = settings.originator,
                                                                    .threadSource = settings.threadSource,
                                                                    .provider = settings.provider.id,
                                                                    .baseInstructions = briefing.base,
                                                                    .git = gitState(settings.cwd)});
        if (!created)
            return std::unexpected(created.error());
        rollout = std::move(*created);
    }
    auto ledger = std::make_unique<Ledger>(std::move(rollout), briefing.base);
    return open(
        {.id = id, .settings = std::move(settings), .briefing = std::move(briefing), .ledger = std::move(ledger)});
}

Result<Session *> Engine::resume(const QString &rollout, Settings settings, Persist persist)
{
    auto reopened = reopen(rollout, settings, persist == Persist::Yes, m_decompress);
    if (!reopened)
        return std::unexpected(reopened.error());
    Briefing briefing = brief(settings, tools::userShell(m_environment));
    return open({.id = reopened->id,
                 .settings = std::move(settings),
                 .briefing = std::move(briefing),
                 .ledger = std::move(reopened->ledger),
                 .notices = reopened->notices});
}

Result<Session *> Engine::open(Session::Parts parts)
{
    const auto tmpdir =
        std::ranges::find_if(m_environment, [](const QString &v) { return v.startsWith("TMPDIR="_L1); });
    auto sandbox = tools::Sandbox::prepare(parts.settings.sandbox, parts.settings.cwd,
                                           tmpdir == m_environment.end() ? QString() : tmpdir->sliced(7),
                                           parts.settings.commandLimits);
    if (!sandbox)
        return std::unexpected(sandbox.error());
    parts.sandbox = std::move(*sandbox);
    parts.environment = m_environment;
    return new Session(std::move(parts), m_http, this);
}

} // namespace nightshift::engine
