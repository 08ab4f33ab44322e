#include "localservice.h"
#include "api/approvalroutes.h"
#include "api/batchfeeds.h"
#include "api/batchobjects.h"
#include "api/batchroutes.h"
#include "api/bundleroutes.h"
#include "api/inforoute.h"
#include "api/logfeed.h"
#include "api/metricsroute.h"
#include "api/openapiroute.h"
#include "api/pageroutes.h"
#include "api/sessionroutes.h"
#include "api/webhookroutes.h"
#include "base/boundedfile.h"
#include "domain/sandboxbound.h"
#include "http/peerprocess.h"
#include "store/sessionindex.h"
#include "tools/openfiles.h"
#include "tools/ownplaces.h"
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::api {

LocalService::LocalService(ServiceSettings settings, const engine::Surroundings &surroundings,
                           ServiceCallbacks callbacks)
    : m_settings(std::move(settings))
    , m_callbacks(std::move(callbacks))
    , m_limits(limits())
    , m_allowance(m_settings.roots, {"turns", m_limits.turnsPerMinute}, m_settings.stateFolder + u"/spending.json"_s)
    , m_tokens(m_settings.tokensPath, m_settings.madeTokenPath)
    , m_answers(m_settings.stateFolder + u"/answers"_s)
    , m_sessions(measured(surroundings, m_metrics), m_allowance, m_tokens, m_settings.stateFolder)
    , m_batches(m_sessions, m_allowance, {m_settings.stateFolder, m_settings.batchCommand, m_settings.batchHooks})
    , m_approvals(m_sessions)
    , m_sessionMetrics(m_sessions, m_metrics)
    , m_outbox(
          m_settings.stateFolder + u"/webhooks"_s,
          http::WebhookTargets::allowing(m_settings.webhookTargets).value_or(http::WebhookTargets()),
          [this](const QString &id) { return openLog(id); }, {}, &m_metrics)
    , m_shelf(m_settings.stateFolder + u"/uploads"_s, surroundings.archiver)
    , m_service(routes(), door(), m_tokens, m_answers, m_allowance, {"requests", m_limits.requestsPerMinute})
    , m_server(m_service, m_limits, m_settings.stateFolder + u"/uploads"_s)
    , m_tokenWatch(m_tokens)
{
    m_sessions.opener().setChain(m_settings.audit ? store::Rollout::Chain::Yes : store::Rollout::Chain::No);
    m_server.measure(m_metrics);
    m_metrics.watch(http::Metric::BuildInfo,
                    [] { return std::map<http::Metrics::Labels, double>{{{NIGHTSHIFT_VERSION}, 1}}; });
    connect(&m_server, &http::Server::closed, this, [this] { m_callbacks.stopped(); });
    connect(&m_sessions, &Sessions::drained, this, &LocalService::closeWhenDrained);
    connect(&m_batches, &Batches::drained, this, &LocalService::closeWhenDrained);
    connect(&m_batches, &Batches::recorded, &m_outbox, &http::Outbox::onRecorded);
    m_metrics.watch(http::Metric::BatchItems, [this] { return batchItems(m_batches); });
    m_metrics.watch(http::Metric::ConcurrencyLimit, [this] { return concurrencyLimit(m_settings.sharedFolder); });
    connect(&m_tokenWatch, &http::TokenWatch::changed, &m_server, &http::Server::recheckTokens);
    connect(&m_tokenWatch, &http::TokenWatch::changed, &m_sessions, &Sessions::recheckTokens);
    connect(&m_tokenWatch, &http::TokenWatch::changed, &m_batches, &Batches::recheckTokens);
    connect(&m_sessions, &Sessions::recorded, &m_outbox, &http::Outbox::onRecorded);
    auto *hourly = new QTimer(this);
    connect(hourly, &QTimer::timeout, this, [this] { m_answers.purge(); });
    hourly->start(std::chrono::hours(1));
}

LocalService::~LocalService()
{
    if (m_ownsSocket)
        QFile::remove(m_settings.socketPath);
}

http::Limits LocalService::limits() const
{
    http::Limits limits;
    limits.heartbeat = m_settings.heartbeat;
    return limits;
}

std::vector<http::Route> LocalService::routes()
{
    std::vector<http::Route> routes = http::healthRoutes(m_readiness);
    routes.push_back(infoRoute(m_limits, m_allowance));
    routes.push_back(openapiRoute());
    routes.push_back(metricsRoute(m_metrics, m_settings.publicMetrics ? MetricsFor::Everybody : MetricsFor::Readers));
    for (const auto &more :
         {pageRoutes(), sessionRoutes(m_sessions), turnRoutes(m_sessions), eventRoutes(m_sessions, m_batches),
          approvalRoutes(m_approvals), bundleRoutes(m_sessions, m_shelf), artifactRoutes(m_sessions),
          webhookRoutes(m_outbox), batchRoutes(m_batches, m_outbox)})
        routes.insert(routes.end(), more.begin(), more.end());
    return routes;
}

http::Door LocalService::door() const
{
    http::Door door{.scheme = m_settings.tlsCertPath.isEmpty() ? "http" : "https"};
    for (const QString &host : m_settings.allowedHosts)
        door.hosts += host.toLatin1().toLower();
    for (const QString &address : m_settings.listen)
        door.hosts += http::hostName(address.toLatin1()).value_or("");
    door.hosts.removeAll("");
    for (const QString &origin : m_settings.allowedOrigins)
        door.origins += origin.toLatin1().toLower();
    return door;
}

Result<> LocalService::start()
{
    if (const auto targets = http::WebhookTargets::allowing(m_settings.webhookTargets); !targets)
        return std::unexpected(targets.error());
    if (const auto secured = secure(); !secured)
        return secured;
    if (const auto listening = listen(); !listening)
        return listening;
    if (const auto checked = checkTokensAreAsked(); !checked)
        return checked;
    if (m_server.port() != 0) {
        if (const auto provided = provideToken(); !provided)
            return provided;
        tellBoundTokens();
    }
    tools::raiseOpenFiles();
    tellWhatWasMissed();
    m_sessions.recover();
    m_batches.recover();
    if (m_settings.tellsPage)
        tellPage();
    m_readiness.reason.reset();
    m_supervisor.ready("Taking work");
    return {};
}

std::unique_ptr<http::FeedSource> LocalService::openLog(const QString &id)
{
    if (const auto batch = m_batches.log(id, http::localUser()))
        return std::make_unique<BatchFeed>(**batch, BatchShows::Events);
    const auto log = m_sessions.log(id, http::localUser());
    return log ? std::make_unique<LogFeed>(**log, Until()) : nullptr;
}

/// Webhooks hear of what was written while nobody could tell them.
void LocalService::tellWhatWasMissed()
{
    const auto told = m_outbox.toldUntil();
    QStringList sessions;
    for (auto row = m_sessions.catalogue().rows().begin(); told && row != m_sessions.catalogue().rows().end(); ++row) {
        const auto file = store::sessionFile(m_sessions.opener().stateFolder(), row->first);
        // A second, for the clock of the files may be coarser than ours
        if (file && QFileInfo(file->path).lastModified().addSecs(1) >= *told)
            sessions += row->first;
    }
    for (const QString &id : told ? m_batches.changedSince(told->addSecs(-1)) : QStringList())
        sessions += id;
    m_outbox.catchUp(sessions);
}

Result<> LocalService::secure()
{
    if (m_settings.tlsCertPath.isEmpty())
        return {};
    http::TlsFiles tls(m_settings.tlsCertPath, m_settings.tlsKeyPath);
    if (const auto loaded = tls.load(); !loaded)
        return loaded;
    m_server.secure(std::move(tls));
    return {};
}

/// A port without a token is what every incident of a local server began with.
Result<> LocalService::checkTokensAreAsked() const
{
    if (m_settings.withoutTokens && m_server.port() != 0)
        return fail(Error::Kind::Invalid, u"--no-auth is only for the Unix socket: over TCP a token is always asked"_s);
    if (m_settings.tellsPage && m_address.isEmpty())
        return fail(Error::Kind::Invalid,
                    u"--open: browsers reach no Unix socket; the page needs --listen HOST:PORT"_s);
    return {};
}

Result<> LocalService::listen()
{
    std::vector<http::Descriptor> inherited = http::inheritedSockets();
    const bool none = inherited.empty() && m_settings.listen.isEmpty();
    for (http::Descriptor &socket : inherited) {
        tools::alsoHide({http::socketPath(socket.get())});
        m_server.listen(std::move(socket));
    }
    for (const QString &address : m_settings.listen) {
        if (const auto listening = listenOnTcp(address); !listening)
            return listening;
    }
    return none ? listenOnUnix() : Result<>();
}

Result<> LocalService::listenOnTcp(const QString &address)
{
    const auto read = http::readTcpAddress(address);
    if (!read)
        return std::unexpected(read.error());
    auto fd = http::listenOnTcp(*read);
    if (!fd)
        return std::unexpected(fd.error());
    const QString host = address.first(address.lastIndexOf(u':'));
    const QString place = u"%1://%2:%3"_s.arg(m_server.isSecure() ? u"https"_s : u"http"_s, host,
                                              QString::number(http::portOf(fd->get())));
    m_callbacks.say(u"listening on "_s + place);
    if (m_address.isEmpty())
        m_address = place;
    m_server.listen(std::move(*fd));
    return {};
}

Result<> LocalService::listenOnUnix()
{
    auto fd = http::listenOnUnix(m_settings.socketPath);
    if (!fd)
        return std::unexpected(fd.error());
    m_ownsSocket = true;
    m_callbacks.say(u"listening on "_s + m_settings.socketPath);
    m_server.listen(std::move(*fd));
    return {};
}

/// Over TCP nobody is heard without one, so there must be one to be found.
Result<> LocalService::provideToken()
{
    const auto configured = m_tokens.list();
    if (!configured)
        return std::unexpected(configured.error());
    if (!configured->empty())
        return {};
    if (const auto made = m_tokens.makeIfNone(); !made)
        return made;
    m_callbacks.say(u"the token is in "_s + m_settings.madeTokenPath);
    return {};
}

/// The token stands behind the #, which browsers keep to themselves.
void LocalService::tellPage()
{
    const auto secret = readBounded(m_settings.madeTokenPath, fileuse::credentials);
    const auto configured = m_tokens.list();
    const bool made = configured && configured->empty() && secret;
    const QString token = made ? u"#token="_s + QString::fromLatin1(secret->trimmed()) : QString();
    m_callbacks.say(u"open %1/%2"_s.arg(m_address, token) + (made ? QString() : u" and give it one of your tokens"_s));
}

/// Tokens of older versions had whatever the settings have.
void LocalService::tellBoundTokens()
{
    SessionOptions options;
    const auto settings = m_sessions.opener().settings(options);
    QStringList labels;
    for (const http::Token &token : m_tokens.list().value_or(std::vector<http::Token>())) {
        const bool isBound = settings && bounded(settings->sandbox, token.most()) != settings->sandbox;
        if (isBound && !token.sandbox && token.allows(http::Scope::Run))
            labels += token.label;
    }
    if (!labels.isEmpty())
        m_callbacks.say(u"commands for the tokens %1 have less than the settings say, which is %2: at most "
                        "workspace-write, and no network. `serve token add` with --sandbox and --network makes tokens "
                        "that may have more"_s.arg(labels.join(", "_L1), sandboxSummary(settings->sandbox)));
}

void LocalService::reload()
{
    m_supervisor.reloading();
    if (const auto secured = secure(); !secured)
        m_callbacks.say(u"the certificate stays as it was: "_s + secured.error().message);
    m_supervisor.ready("Taking work");
}

void LocalService::closeWhenDrained()
{
    if (m_sessions.hosted().empty() && !m_batches.isRunning() && !std::exchange(m_isClosing, true))
        m_server.close();
}

void LocalService::stop()
{
    m_readiness.reason = http::ProblemCode::Draining;
    m_supervisor.stopping();
    m_batches.drain();
    m_sessions.drain(m_settings.drain);
}

} // namespace nightshift::api
