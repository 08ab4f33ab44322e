#pragma once
#include "http/bodysender.h"
#include "http/limits.h"
#include "http/metrics.h"
#include "http/openstream.h"
#include "http/outgoing.h"
#include "http/requestbody.h"
#include "http/service.h"
#include "http/streams.h"
#include <QPointer>
#include <QTcpSocket>
#include <QTimer>

class QSslSocket;

namespace nightshift::http {

/// What all connections of a server share.
struct Shared
{
    Service &service;
    Limits limits;
    QString uploadFolder;
    Streams streams = {};
    Metrics *metrics = nullptr;
};

/// One client: reads its requests, one after the other, and writes their answers.
///
///     Idle ──bytes──► Head ──admitted──► Body ──complete──► Answering ──sent──► Idle
///       │               │ refused          │ refused            │ sent, close
///       │ too long      ▼                  ▼                    ▼
///       └──────────► gone ◄──────────── Farewell ◄──────────────┘
///
/// While a request is answered nothing more is read, so that neither many requests in a row nor a client that does
/// not read its answers costs more than the limits. Source: RFC 9112, section 9.
class Connection : public QObject
{
    Q_OBJECT

public:
    /// Owns the socket, which is connected; a QSslSocket is beginning its handshake.
    Connection(QTcpSocket *socket, Peer peer, Shared &shared, QObject *parent);
    ~Connection() override;

    bool isIdle() const { return m_state == State::Idle; }
    /// Answers one problem and ends, whatever the client has to say.
    void turnAway(const Problem &problem);
    /// Ends as soon as the answer under way is out; streams and waits are cut short now.
    void close();
    /// Ends at once what is under way for a token that is not what it was when the request came.
    void recheckToken();

signals:
    void gone();

private:
    enum class State { Idle, Head, Body, Answering, Farewell, Gone };

    void onReadyRead();
    void onTaken();
    void onTooSlow();
    void onStalled();
    void read();
    bool readHead();
    bool readBody();
    void admit(const RequestHead &head);
    void handle();

    void answer(const Response &response);
    void refuse(const Problem &problem);
    void wait(std::unique_ptr<LaterReply> reply);
    void settle(Response response);
    void stream(std::unique_ptr<EventFeed> feed);
    void deleteSoon(QObject *child);
    void sendBody();
    void finishAnswer();
    void leave();
    void vanish();

    QTcpSocket *m_socket;
    QSslSocket *m_tls; ///< The same socket, when it is one.
    Peer m_peer;
    Shared &m_shared;
    Outgoing *m_out;
    State m_state = State::Idle;
    QByteArray m_received;

    Request m_request;
    const Route *m_route = nullptr;
    std::optional<RequestBody> m_body;
    After m_after = After::KeepAlive;
    bool m_heard = false; ///< The whole request was read.

    std::optional<BodySender> m_sending; ///< What is left of the answer.
    std::unique_ptr<LaterReply> m_later;
    std::optional<OpenStream> m_stream;

    QTimer m_patience; ///< With the client's request, or its next one.
    qint64 m_lingered = 0;
};

} // namespace nightshift::http
