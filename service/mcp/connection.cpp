#include "mcp/connection.h"

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

using json::object;

Request::Request(Connection *connection, qint64 id, QObject *parent)
    : QObject(parent)
    , m_connection(connection)
    , m_id(id)
{
    m_timer.setSingleShot(true);
}

Request::~Request()
{
    if (m_connection)
        m_connection->drop(m_id, "the caller gave up");
}

void Request::finish(const Result<RawJson> &result)
{
    m_timer.stop();
    m_connection.clear();
    emit finished(result);
}

Connection::Connection(Transport *transport, QObject *parent)
    : QObject(parent)
    , m_transport(transport)
{
    transport->setParent(this);
    connect(transport, &Transport::received, this, &Connection::onReceived);
    connect(transport, &Transport::failed, this, &Connection::onFailed);
    connect(transport, &Transport::closed, this, &Connection::onClosed);
}

Request *Connection::request(const char *method, const RawJson &params, std::chrono::milliseconds timeout,
                             QObject *parent)
{
    const qint64 id = m_nextId++;
    auto *request = new Request(this, id, parent);
    m_requests.emplace(id, request);
    if (timeout.count() > 0) {
        connect(&request->m_timer, &QTimer::timeout, this,
                [this, request, id, timeout, name = QLatin1StringView(method)] {
                    drop(id, "timed out");
                    request->finish(fail(Error::Kind::Timeout,
                                         u"timed out awaiting %1 after %2 ms"_s.arg(name).arg(timeout.count())));
                });
        request->m_timer.start(timeout);
    }
    m_transport->send(object({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}), id);
    return request;
}

void Connection::notify(const char *method, const std::optional<RawJson> &params)
{
    m_transport->send(object({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}}), {});
}

void Connection::drop(qint64 id, const char *reason)
{
    if (m_requests.erase(id) > 0 && id > 0) // the first is `initialize`, which must not be cancelled
        notify("notifications/cancelled", object({{"requestId", id}, {"reason", reason}}));
}

void Connection::onReceived(const QByteArray &message)
{
    const auto document = JsonDocument::parse(message);
    if (!document)
        return; // a server that prints to its stdout: what is no JSON is no message
    if (!document->root().isArray())
        return onMessage(document->root());
    const QPointer<Connection> alive(this);
    for (const JsonView each : document->root().items()) {
        if (alive)
            onMessage(each);
    }
}

void Connection::onMessage(JsonView message)
{
    if (message["method"].exists()) {
        if (message["id"].exists())
            answer(message);
        return; // notifications tell of progress, of logs, and of tools that changed: the list is kept as it is
    }
    const auto found = m_requests.find(message["id"].toInteger(-1));
    if (found == m_requests.end())
        return;
    Request *request = found->second;
    m_requests.erase(found);
    const JsonView error = message["error"];
    if (!error.exists())
        return request->finish(message["result"].raw());
    const QString data = error["data"].exists() ? u'(' + QString::fromUtf8(error["data"].raw().text) + u')' : QString();
    request->finish(fail(
        Error::Kind::Protocol,
        u"Mcp error: %1: %2"_s.arg(QString::number(error["code"].toInteger()), error["message"].toString()) + data));
}

void Connection::answer(JsonView request)
{
    const QString method = request["method"].toString();
    std::optional<RawJson> result;
    if (method == "ping"_L1)
        result = object({});
    else if (method == "elicitation/create"_L1)
        result = object({{"action", "decline"}});
    std::optional<RawJson> error;
    if (!result)
        error = object({{"code", -32601}, {"message", u"this client has no method "_s + method}});
    m_transport->send(object({{"jsonrpc", "2.0"}, {"id", request["id"].raw()}, {"result", result}, {"error", error}}),
                      {});
}

void Connection::onFailed(qint64 id, const QString &why)
{
    const auto found = m_requests.find(id);
    if (found == m_requests.end())
        return;
    Request *request = found->second;
    m_requests.erase(found);
    request->finish(fail(Error::Kind::Network, why));
}

void Connection::onClosed(const QString &why)
{
    const QPointer<Connection> alive(this);
    emit closed(why);
    while (alive && !m_requests.empty())
        onFailed(m_requests.begin()->first, why);
}

} // namespace nightshift::mcp
