#include "mcp/server.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

static QString inSeconds(std::chrono::milliseconds time)
{
    return QString::number(double(time.count()) / 1000);
}

ServerCall::ServerCall(Server *server, const char *method, RawJson params, QObject *parent)
    : QObject(parent)
    , m_server(server)
    , m_method(method)
    , m_params(std::move(params))
{}

ServerCall::~ServerCall()
{
    if (m_server)
        m_server->leave(this);
}

void ServerCall::finish(const Result<RawJson> &result)
{
    m_server.clear();
    emit finished(result);
}

Server::Server(McpServerSettings settings, Connect connectTo, QObject *parent)
    : QObject(parent)
    , m_settings(std::move(settings))
    , m_connect(std::move(connectTo))
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &Server::onLate);
}

void Server::start()
{
    open();
}

void Server::open()
{
    m_state = State::Starting;
    const auto transport = m_connect(nullptr);
    if (!transport) {
        QMetaObject::invokeMethod(
            this, [this, why = transport.error().message] { failStart(why); }, Qt::QueuedConnection);
        return;
    }
    m_connection = new Connection(*transport, this);
    connect(m_connection, &Connection::closed, this, &Server::onConnectionClosed);
    // Its tools are known when it is started again, and stand in requests that must not change.
    m_handshake = new Handshake(*m_connection, m_isRestart ? ListTools::No : ListTools::Yes, m_connection);
    connect(m_handshake, &Handshake::finished, this, &Server::onIntroduced);
    m_deadline.start(m_settings.startupTimeout);
}

void Server::onIntroduced(const Result<Introduction> &introduction)
{
    if (!introduction && introduction.error().kind == Error::Kind::Network && m_state != State::Starting)
        return; // the connection has said so already
    if (!introduction)
        return failStart(introduction.error().message);
    m_deadline.stop();
    std::exchange(m_handshake, nullptr)->deleteLater();
    m_state = State::Ready;
    if (!std::exchange(m_isSettled, true)) {
        m_introduction = *introduction;
        emit settled();
    }
    advance();
}

void Server::onLate()
{
    failStart(u"timed out handshaking with MCP server after %1s"_s.arg(inSeconds(m_settings.startupTimeout)));
}

void Server::failStart(const QString &why)
{
    m_deadline.stop();
    m_state = State::Failed;
    const QString sentence = withLastWords(why);
    m_downWhy = u"the MCP server `%1` could not be started again: %2"_s.arg(name(), sentence);
    if (m_connection) {
        m_connection->disconnect(this);
        std::exchange(m_connection, nullptr)->deleteLater();
        m_handshake = nullptr;
    }
    if (!std::exchange(m_isSettled, true)) {
        m_problem = sentence;
        m_downWhy = u"the MCP server `%1` did not start: %2"_s.arg(name(), sentence);
        emit settled();
    }
    advance();
}

/// `why` reads on from "it".
void Server::onConnectionClosed(const QString &why)
{
    if (m_state == State::Starting)
        return failStart(u"it "_s + why);
    const QString death = withLastWords(u"Transport closed: the MCP server `%1` %2"_s.arg(name(), why));
    std::exchange(m_connection, nullptr)->deleteLater();
    if (m_state == State::Closed) {
        emit closed();
        return;
    }
    m_state = m_isRestart ? State::Failed : State::Down;
    m_downWhy = death + (m_isRestart ? u"; it was started again once already and stays down"_s
                                     : u"; it is started again for the next call"_s);
}

ServerCall *Server::call(const char *method, RawJson params, QObject *parent)
{
    auto *call = new ServerCall(this, method, std::move(params), parent);
    m_waiting.push_back(call);
    QMetaObject::invokeMethod(this, &Server::advance, Qt::QueuedConnection);
    return call;
}

void Server::leave(ServerCall *call)
{
    std::erase(m_waiting, call);
    if (std::erase(m_running, call) > 0)
        QMetaObject::invokeMethod(this, &Server::advance, Qt::QueuedConnection);
}

void Server::advance()
{
    if (m_waiting.empty() || m_state == State::Starting)
        return;
    if (m_state == State::Down) {
        m_isRestart = true;
        return open();
    }
    const QPointer<Server> alive(this);
    while (alive && !m_waiting.empty() && (m_settings.parallelToolCalls || m_running.empty())) {
        ServerCall *next = m_waiting.front();
        m_waiting.pop_front();
        if (m_state == State::Ready)
            run(next);
        else
            next->finish(fail(Error::Kind::Network, m_downWhy));
    }
}

void Server::run(ServerCall *call)
{
    m_running.push_back(call);
    // A child of the call, so that a call that is called off takes its request with it.
    Request *request = m_connection->request(call->m_method, call->m_params, m_settings.toolTimeout, call);
    connect(request, &Request::finished, this, [this, call](const Result<RawJson> &result) {
        std::erase(m_running, call);
        QMetaObject::invokeMethod(this, &Server::advance, Qt::QueuedConnection);
        const bool sawItDie = !result && result.error().kind == Error::Kind::Network && m_state != State::Ready;
        call->finish(sawItDie ? fail(Error::Kind::Network, m_downWhy) : result);
    });
}

void Server::close()
{
    m_deadline.stop();
    const bool isOpen = m_connection && (m_state == State::Ready || m_state == State::Starting);
    m_state = State::Closed;
    m_downWhy = u"the MCP server `%1` is closed"_s.arg(name());
    if (isOpen)
        return m_connection->transport().close();
    QMetaObject::invokeMethod(this, &Server::closed, Qt::QueuedConnection);
}

QString Server::withLastWords(const QString &sentence) const
{
    const QString words = m_connection ? m_connection->transport().lastWords() : QString();
    return words.isEmpty() ? sentence : u"%1; its last words: %2"_s.arg(sentence, words);
}

} // namespace nightshift::mcp
