#include "localservice.h"
#include "api/inforoute.h"
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::api {

LocalService::LocalService(ServiceSettings settings, ServiceCallbacks callbacks)
    : m_settings(std::move(settings))
    , m_callbacks(std::move(callbacks))
    , m_tokens(m_settings.tokensPath, m_settings.madeTokenPath)
    , m_answers(m_settings.stateFolder + u"/answers"_s)
    , m_service(routes(), door(), m_tokens, m_answers)
    , m_server(m_service, m_limits, m_settings.stateFolder + u"/uploads"_s)
{
    connect(&m_server, &http::Server::closed, this, [this] { m_callbacks.stopped(); });
    auto *hourly = new QTimer(this);
    connect(hourly, &QTimer::timeout, this, [this] { m_answers.purge(); });
    hourly->start(std::chrono::hours(1));
}

LocalService::~LocalService()
{
    if (m_ownsSocket)
        QFile::remove(m_settings.socketPath);
}

std::vector<http::Route> LocalService::routes() const
{
    std::vector<http::Route> routes = http::healthRoutes(m_readiness);
    routes.push_back(infoRoute(m_limits));
    return routes;
}

http::Door LocalService::door() const
{
    http::Door door;
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
    if (const auto listening = listen(); !listening)
        return listening;
    if (m_server.port() != 0) {
        if (const auto provided = provideToken(); !provided)
            return provided;
    }
    m_readiness.reason.reset();
    m_supervisor.ready("Taking work");
    return {};
}

Result<> LocalService::listen()
{
    std::vector<http::Descriptor> inherited = http::inheritedSockets();
    const bool none = inherited.empty() && m_settings.listen.isEmpty();
    for (http::Descriptor &socket : inherited)
        m_server.listen(std::move(socket));
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
    m_callbacks.say(u"listening on http://%1:%2"_s.arg(host).arg(http::portOf(fd->get())));
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

void LocalService::stop()
{
    m_readiness.reason = http::ProblemCode::Draining;
    m_supervisor.stopping();
    m_server.close();
}

} // namespace nightshift::api
