#include "sessionopener.h"
#include "domain/sandboxbound.h"
#include "engine/gitstate.h"
#include "llm/secretmask.h"

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

/// As config::loadSettings(), whose files are only looked at when nothing has changed since the last time.
Result<SessionOpener::Known> SessionOpener::load(const config::LoadOptions &options) const
{
    const QString name =
        QStringList{options.cwd, options.model.value_or(QString()), options.provider.value_or(QString()),
                    QString::number(options.sandbox ? int(*options.sandbox) : -1),
                    QString::number(int(options.answerable))}
            .join(u'\0');
    if (const Known *known = m_known.find(name))
        return *known;
    config::Sightings sightings;
    const config::Watch watch(sightings);
    auto loaded = config::loadSettings(options);
    if (!loaded)
        return std::unexpected(loaded.error());
    const Known known{std::move(loaded->settings), loaded->costSource};
    m_known.put(name, known, std::move(sightings));
    return known;
}

http::Judged<Settings> SessionOpener::settings(SessionOptions &options) const
{
    config::LoadOptions load = m_surroundings.settings;
    load.cwd = options.cwd.isEmpty() ? load.cwd : options.cwd;
    if (!options.model.isEmpty())
        load.model = options.model;
    if (!options.provider.isEmpty())
        load.provider = options.provider;
    if (const auto mode = sandboxModeFromName(options.sandbox))
        load.sandbox = mode;
    load.answerable = options.approval.policy == u"on-request"_s;
    if (load.answerable)
        load.overrides += u"approval_policy=\"on-request\""_s;
    auto loaded = this->load(load);
    if (!loaded)
        return std::unexpected(http::Problem{http::ProblemCode::ValidationFailed, loaded.error().message});
    Settings settings = std::move(loaded->settings);
    if (const auto key = m_surroundings.provideKey(settings.provider); !key)
        return std::unexpected(http::Problem{http::ProblemCode::ValidationFailed, key.error().message});
    settings.approvalTerms = {std::chrono::seconds(options.approval.waitSeconds),
                              options.approval.otherwise == u"allow"_s};
    if (options.limits.idleSeconds)
        settings.provider.idleLimit = std::chrono::seconds(*options.limits.idleSeconds);
    if (options.limits.commandSeconds)
        settings.commandLimits.wallTime = std::chrono::seconds(*options.limits.commandSeconds);
    if (const auto isolation = isolationFromName(options.isolation))
        settings.isolation = *isolation;
    settings.sandbox.networkAccess = options.network.value_or(settings.sandbox.networkAccess);
    options.network = settings.sandbox.networkAccess;
    options.costSource = loaded->costSource;
    options.cwd = settings.cwd;
    options.model = settings.model;
    options.provider = settings.provider.id;
    options.sandbox = sandboxModeName(settings.sandbox.mode);
    options.isolation = isolationName(settings.isolation);
    return settings;
}

QStringList SessionOpener::knownSecrets(const SessionOptions &options) const
{
    SessionOptions asked = options;
    const auto settings = this->settings(asked); // its model or its folder may be gone
    return llm::knownSecrets(settings ? *settings : Settings(), m_surroundings.environment);
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
        way.engine->setHooks(m_surroundings.hooks);
        way.engine->setSync(m_sync);
        way.engine->setChain(m_chain);
    }
    return way.engine.get();
}

/// The session works in the tree from now on.
static void enter(Settings &settings, const isolation::IsolatedTree &tree)
{
    QString &root = settings.projectRoot;
    if (root == tree.tree() || root.startsWith(tree.tree() + u'/'))
        root = tree.place() + root.sliced(tree.tree().size());
    settings.cwd = tree.cwd();
}

Result<SessionOpener::Tree> SessionOpener::makeTree(const Settings &settings)
{
    using isolation::IsolatedTree;
    if (settings.isolation == Isolation::None)
        return Tree();
    const QString repository = engine::repositoryRoot(settings.cwd);
    if (repository.isEmpty() && settings.isolation == Isolation::Worktree)
        return fail(Error::Kind::Invalid, u"a worktree needs a Git repository, and %1 is in none"_s.arg(settings.cwd));
    const Isolation kind = settings.isolation == Isolation::Overlay ? Isolation::Copy : settings.isolation;
    auto made = IsolatedTree::create(settings, kind, repository.isEmpty() ? settings.cwd : repository);
    if (!made)
        return std::unexpected(made.error());
    return Tree(new IsolatedTree(std::move(*made)), [](IsolatedTree *tree) {
        if (!tree->isAdopted())
            tree->discard();
        delete tree;
    });
}

Result<engine::Session *> SessionOpener::create(const Settings &settings, const Tree &tree)
{
    return openNew(settings, tree, [](engine::Engine &engine, const Settings &its) {
        return engine.create(its, engine::Persist::Yes);
    });
}

Result<engine::Session *> SessionOpener::fork(const QString &log, const Settings &settings, const Tree &tree,
                                              std::optional<qint64> atTurn)
{
    return openNew(settings, tree, [&](engine::Engine &engine, const Settings &its) {
        return engine.fork(log, its, engine::Persist::Yes, atTurn);
    });
}

Result<engine::Session *> SessionOpener::openNew(Settings settings, const Tree &tree, const Open &open)
{
    if (tree)
        enter(settings, *tree);
    auto session = engine(settings).and_then([&](engine::Engine *engine) { return open(*engine, settings); });
    if (!tree || !session)
        return session;
    if (const auto adopted = tree->adopt((*session)->id()); !adopted) {
        delete *session;
        return std::unexpected(adopted.error());
    }
    return session;
}

Result<engine::Session *> SessionOpener::resume(const QString &log, Settings settings, engine::OpenTurns turns)
{
    const QString id = log.chopped(6).right(36); // rollout-TIME-UUID.jsonl
    if (auto tree = isolation::IsolatedTree::ofSession(settings.home.state, id)) {
        if (const auto there = tree->comeBack(); !there)
            return std::unexpected(there.error());
        enter(settings, *tree);
    }
    return engine(settings).and_then(
        [&](engine::Engine *engine) { return engine->resume(log, settings, engine::Persist::Yes, turns); });
}

Result<> SessionOpener::collect(const QString &stateFolder, const QString &sessionId)
{
    auto tree = isolation::IsolatedTree::ofSession(stateFolder, sessionId);
    return tree.and_then([](isolation::IsolatedTree &its) { return its.collect(); }).transform([](const auto &) {});
}

std::unique_ptr<mcp::Servers> SessionOpener::servers(const Settings &settings)
{
    const auto engine = this->engine(settings);
    return engine ? (*engine)->startServers(settings, (settings.provider.isDemo() ? m_demo : m_network).http.get())
                  : nullptr;
}

} // namespace nightshift::api
