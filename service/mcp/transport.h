#pragma once
#include "base/rawjson.h"
#include <QObject>
#include <optional>

namespace nightshift::mcp {

/// Carries JSON-RPC messages to one MCP server and back. Signals come from the event loop, never from inside a
/// call. Deleting it cuts the connection at once.
class Transport : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// `id` is the message's own where it is a request, so that failed() can name it.
    virtual void send(const RawJson &message, std::optional<qint64> id) = 0;
    /// What the handshake agreed on; only some ways of transport repeat it.
    virtual void setProtocolVersion(const QByteArray &) {}
    /// Ends in good order: closed() follows, after a moment's grace at the latest.
    virtual void close() = 0;
    /// The end of what the server said beside its messages; empty when it said nothing.
    virtual QString lastWords() const { return {}; }

signals:
    /// One message, or a list of them; may be no JSON at all.
    void received(const QByteArray &message);
    /// No answer to this request will come.
    void failed(qint64 id, const QString &why);
    /// Once: nothing of the server's process is alive, or the server has forgotten us. `why` reads on from "it".
    void closed(const QString &why);
};

} // namespace nightshift::mcp
