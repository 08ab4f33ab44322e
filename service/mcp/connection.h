#pragma once
#include "base/jsonreader.h"
#include "base/result.h"
#include "mcp/transport.h"
#include <QPointer>
#include <QTimer>
#include <map>

namespace nightshift::mcp {

class Connection;

/// One request under way. Deleting it tells the server that nobody waits for its answer any more.
class Request : public QObject
{
    Q_OBJECT

public:
    ~Request() override;

signals:
    /// Once, from the event loop: the answer's `result`, or why there is none. Timeout and Network (the
    /// connection is gone) are ours, Protocol is the server's own refusal.
    void finished(const nightshift::Result<nightshift::RawJson> &result);

private:
    friend class Connection;
    Request(Connection *connection, qint64 id, QObject *parent);
    void finish(const Result<RawJson> &result);

    QPointer<Connection> m_connection; ///< Null once it is finished.
    qint64 m_id;
    QTimer m_timer;
};

/// JSON-RPC with one server: pairs answers with requests, and answers what the server asks of us, which is
/// little: we live, and nobody is here to be asked anything.
/// Source: https://modelcontextprotocol.io/specification/2025-06-18/basic
class Connection : public QObject
{
    Q_OBJECT

public:
    /// Takes the transport.
    Connection(Transport *transport, QObject *parent);

    /// A `timeout` of 0 waits for ever. The request belongs to `parent`.
    Request *request(const char *method, const RawJson &params, std::chrono::milliseconds timeout, QObject *parent);
    void notify(const char *method, const std::optional<RawJson> &params = {});
    Transport &transport() { return *m_transport; }

signals:
    /// The transport's; requests under way finish afterwards.
    void closed(const QString &why);

private:
    friend class Request;
    void drop(qint64 id, const char *reason);
    void onReceived(const QByteArray &message);
    void onMessage(JsonView message);
    void onFailed(qint64 id, const QString &why);
    void onClosed(const QString &why);
    void answer(JsonView request);

    Transport *m_transport;
    qint64 m_nextId = 0;
    std::map<qint64, Request *> m_requests;
};

} // namespace nightshift::mcp
