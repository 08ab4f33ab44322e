#include "runner.h"
#include "batch/canonicaljson.h"
#include "schema/outputschema.h"
#include "store/writerlock.h"
#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

QString hashOf(const QStringList &words)
{
    if (words.isEmpty())
        return {};
    const QByteArray hash = QCryptographicHash::hash(json::array(words).text, QCryptographicHash::Sha256);
    return QString::fromLatin1(hash.toHex().first(16));
}

/// Requests begin with the instructions, the tools and what the session is told of its folder.
QString prefixOf(const Settings &settings)
{
    return hashOf({settings.model, settings.provider.id, settings.reasoningEffort.value_or(QString()),
                   settings.developerInstructions, sandboxModeName(settings.sandbox.mode).toString(), settings.cwd});
}

} // namespace

Runner::Runner(const Surroundings &surroundings, Journal *journal, Config config, QObject *parent)
    : QObject(parent)
    , m_surroundings(surroundings)
    , m_journal(journal)
    , m_config(std::move(config))
    , m_settings(surroundings, m_config.bounds)
    , m_budget(m_config.level, m_config.limits)
{}

Runner::~Runner()
{
    for (const auto &door : m_doors)
        door->engine.reset(); // its sessions use the client
}

QString Runner::baseCommit(const QString &cwd) const
{
    return m_journal && !m_journal->baseCommit().isEmpty() ? m_journal->baseCommit() : headCommit(cwd);
}

Result<PreparedItem> Runner::prepare(const Options &options, qint64 index)
{
    auto settings = m_settings.of(options);
    if (!settings)
        return std::unexpected(settings.error());
    if (options.schema) {
        if (const auto schema = schema::OutputSchema::parse(options.schema->text); !schema)
            return fail(Error::Kind::Invalid, u"schema: "_s + schema.error().message);
    }
    const Limits &limits = options.limits;
    if ((limits.costUsd || m_config.limits.costUsd) && !settings->modelInfo.prices)
        return fail(Error::Kind::Invalid,
                    u"cost_usd: what the model `%1` costs at the provider `%2` is not known; set models.\"%1\".price "
                    "in the settings, or limit tokens"_s.arg(settings->model, settings->provider.id));
    PreparedItem item{.options = options, .index = index, .settings = std::move(*settings)};
    if (m_surroundings.rehearses)
        item.options.retries.backOff = {};
    Work work{.prompt = options.prompt,
              .instructions = item.settings.developerInstructions,
              .schema = options.schema,
              .model = item.settings.model,
              .provider = item.settings.provider.id,
              .effort = item.settings.reasoningEffort.value_or(QString()),
              .sandbox = sandboxModeName(item.settings.sandbox.mode).toString(),
              .inputs = {},
              .attachments = {},
              .salt = options.salt};
    for (const QString &name : options.inputs)
        work.inputs.push_back(m_hashes.mark(item.settings.cwd, name));
    for (const QString &name : options.attachments)
        work.attachments.push_back(m_hashes.mark(item.settings.cwd, name));
    for (const FileMark &mark : work.attachments) {
        if (mark.hash.isEmpty())
            return fail(Error::Kind::NotFound,
                        u"the attachment %1 cannot be read in %2"_s.arg(mark.name, item.settings.cwd));
    }
    if (item.settings.isolation != Isolation::None)
        work.baseCommit = baseCommit(item.settings.cwd);
    item.fingerprint = fingerprintOf(work);
    item.options.key = m_keys.keyFor(options.key, item.fingerprint);
    item.check = hashOf(options.check);
    item.prefix = prefixOf(item.settings);
    item.decision = decisionOn(item);
    return item;
}

Decision Runner::decisionOn(const PreparedItem &item) const
{
    return decide(m_journal ? m_journal->known().find(item.options.key) : nullptr, item.fingerprint, item.check,
                  item.options.retries.on, m_config.resume);
}

void Runner::decideAgain(PreparedItem &item) const
{
    if (m_journal && m_journal->refresh())
        item.decision = decisionOn(item);
}

ItemRun *Runner::start(const PreparedItem &item, QObject *parent, Budget *budget)
{
    return new ItemRun(*this, item, budget ? *budget : m_budget, parent);
}

std::optional<ItemResult> Runner::earlierResult(const QString &key) const
{
    const KnownItem *known = m_journal ? m_journal->known().find(key) : nullptr;
    return known && known->done ? std::optional(m_journal->result(*known)) : std::nullopt;
}

bool Runner::hasResult(const PreparedItem &item) const
{
    const KnownItem *known = m_journal ? m_journal->known().find(item.options.key) : nullptr;
    return known && known->done && !known->isOpen() && known->done->fingerprint == item.fingerprint.hex;
}

qint64 Runner::finishedBefore() const
{
    const auto isFinished = [this](const QString &key) {
        const auto &done = m_journal->known().find(key)->done;
        return done && done->result.ok;
    };
    return m_journal ? std::ranges::count_if(m_journal->known().keys(), isFinished) : 0;
}

Result<ItemRun *> Runner::start(const Options &options, QObject *parent)
{
    const auto item = prepare(options);
    if (!item)
        return std::unexpected(item.error());
    return start(*item, parent);
}

Result<SessionRun *> Runner::launch(SessionRun::Order order, QObject *parent)
{
    const auto door = doorTo(order.settings);
    if (!door)
        return std::unexpected(door.error());
    auto *run = new SessionRun(*(*door)->engine, *(*door)->client, std::move(order), parent);
    const auto ifMine = [run](void (SessionRun::*react)()) {
        return [run, react](const QString &session) {
            if (session == run->session())
                (run->*react)();
        };
    };
    connect((*door)->governed.get(), &GovernedClient::queued, run, ifMine(&SessionRun::holdClock));
    connect((*door)->governed.get(), &GovernedClient::sent, run, ifMine(&SessionRun::releaseClock));
    return run;
}

void Runner::letTreesGo(const Settings &settings, const QStringList &sessions, const QString &kept)
{
    if (settings.isolation == Isolation::None)
        return;
    if (m_config.trees == Config::Trees::Stay)
        m_ended.push_back({sessions, kept});
    else
        batch::putTreesAway(settings.home.state, sessions, kept);
}

void Runner::putTreesAway()
{
    const QString &state = m_surroundings.defaults.home.state;
    for (auto &[sessions, kept] : std::exchange(m_ended, {})) {
        sessions.removeIf([&state](const QString &session) { return store::WriterLock::isHeld(state, session); });
        batch::putTreesAway(state, sessions, kept);
    }
}

Result<Runner::Door *> Runner::doorTo(const Settings &settings)
{
    const auto client = m_surroundings.http(settings);
    if (!client)
        return std::unexpected(client.error());
    for (const auto &door : m_doors) {
        if (door->client == *client)
            return door.get();
    }
    if (m_surroundings.toolTape && !m_tape) {
        auto tape = engine::ToolTape::open(*m_surroundings.toolTape);
        if (!tape)
            return std::unexpected(tape.error());
        m_tape = std::move(*tape);
    }
    auto door = std::make_unique<Door>();
    door->client = *client;
    door->governed = std::make_unique<GovernedClient>(
        **client, GovernedClient::Options{m_surroundings.runtimeFolder, m_config.rateLimitWait});
    door->engine =
        std::make_unique<engine::Engine>(*door->governed, m_surroundings.environment, m_surroundings.decompress);
    door->engine->setScriptParser(m_surroundings.parseScript);
    HookSources hooks = m_surroundings.hooks;
    std::ranges::copy(m_hooks, std::back_inserter(hooks));
    door->engine->setHooks(std::move(hooks));
    door->engine->setToolTape(m_tape);
    m_doors.push_back(std::move(door));
    return m_doors.back().get();
}

int Runner::advisedConcurrency() const
{
    int most = GovernorState::firstLimit;
    for (const auto &door : m_doors)
        most = std::max(most, door->governed->room());
    return most;
}

void Runner::afterFirstOf(const QString &prefix, ItemRun *run, std::function<void()> go)
{
    Line &line = m_lines[prefix];
    if (line.open || m_config.stagger == Config::Stagger::No)
        return go();
    if (line.first)
        return line.waiting.emplace_back(run, std::move(go)), void();
    line.first = run;
    go();
}

void Runner::hasToken(const QString &prefix)
{
    Line &line = m_lines[prefix];
    if (std::exchange(line.open, true))
        return;
    for (auto &[run, go] : std::exchange(line.waiting, {}))
        QMetaObject::invokeMethod(run, std::move(go), Qt::QueuedConnection);
}

void Runner::forget(ItemRun *run)
{
    for (auto &&[prefix, line] : m_lines.asKeyValueRange()) {
        std::erase_if(line.waiting, [run](const auto &each) { return each.first == run; });
        if (line.first == run && !line.open)
            hasToken(prefix);
    }
}

} // namespace nightshift::batch
