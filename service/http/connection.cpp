#include "connection.h"
#include "http/plainsocket.h"
#include <QSslSocket>

using namespace Qt::StringLiterals;

namespace nightshift::http {

constexpr qint64 readAheadBytes = 64 * 1024;    // what may wait in the socket while a request is answered
constexpr qint64 uploadProgressBytes = 1 << 20; // what earns an upload more time
constexpr qint64 lingerBytes = 8 << 20;         // that a refused client may still send while it does not see our answer

Connection::Connection(QTcpSocket *socket, Peer peer, Shared &shared, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_tls(qobject_cast<QSslSocket *>(socket))
    , m_peer(std::move(peer))
    , m_shared(shared)
    , m_out(new Outgoing(socket, shared.limits.stall, this))
{
    m_socket->setParent(this);
    m_socket->setReadBufferSize(readAheadBytes);
    connect(m_socket, &QTcpSocket::readyRead, this, &Connection::onReadyRead);
    connect(m_out, &Outgoing::taken, this, &Connection::onTaken);
    connect(m_out, &Outgoing::stalled, this, &Connection::onStalled);
    connect(m_socket, &QTcpSocket::disconnected, this, &Connection::vanish);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &Connection::onTooSlow);
    m_patience.start(m_shared.limits.request);
}

Connection::~Connection()
{
    m_socket->disconnect(this);
}

void Connection::onReadyRead()
{
    if (m_state == State::Farewell) {
        m_lingered += m_socket->skip(m_socket->bytesAvailable());
        if (m_lingered > lingerBytes)
            vanish();
    } else {
        read();
    }
}

/// Reads on until a request is being answered, or the client has to send more.
void Connection::read()
{
    while (m_state <= State::Body && m_out->unsentBytes() < m_shared.limits.unsentBytes) {
        m_received += m_socket->readAll();
        if (m_state == State::Idle && m_received.startsWith("\r\n"))
            m_received.remove(0, 2); // some clients end a body with an empty line. RFC 9112, section 2.2
        if (m_state == State::Idle && !m_received.isEmpty()) {
            m_state = State::Head;
            m_patience.start(m_shared.limits.request);
        }
        const bool more = m_state == State::Head ? readHead() : m_state == State::Body && readBody();
        if (!more)
            return;
    }
}

bool Connection::readHead()
{
    m_request = {};
    m_heard = false;
    m_after = After::Close; // unless the head can be read, nobody knows where the next one begins
    const auto end = headEnd(m_received, m_shared.limits.headBytes);
    if (!end) {
        refuse(end.error());
        return false;
    }
    if (*end == 0)
        return false;
    auto head = http::readHead(QByteArrayView(m_received).first(*end));
    m_received.remove(0, *end);
    if (!head) {
        refuse(head.error());
        return false;
    }
    m_request.head = std::move(*head);
    admit(m_request.head);
    return m_state == State::Body;
}

void Connection::admit(const RequestHead &head)
{
    auto verdict = m_shared.service.admit(head, m_peer);
    m_after = head.keepAlive && !head.hasBody() ? After::KeepAlive : After::Close;
    if (const auto *problem = std::get_if<Problem>(&verdict))
        return refuse(*problem);
    if (const auto *response = std::get_if<Response>(&verdict))
        return answer(*response);
    auto &admission = std::get<Admission>(verdict);
    m_route = admission.route;
    m_request.pathValues = std::move(admission.pathValues);
    m_request.query = std::move(admission.query);
    m_request.caller = std::move(admission.caller);
    m_request.accepted = std::move(admission.accepted);
    const bool onDisk = m_route->body == Route::Body::Disk;
    m_body.emplace(head, onDisk ? m_shared.limits.uploadBytes : m_shared.limits.bodyBytes,
                   onDisk ? RequestBody::Place::Disk : RequestBody::Place::Memory,
                   head.headers.contains("idempotency-key") ? RequestBody::Hash::Sha256 : RequestBody::Hash::No,
                   m_shared.uploadFolder);
    m_state = State::Body;
}

bool Connection::readBody()
{
    const qsizetype before = m_received.size();
    if (const auto taken = m_body->take(m_received); !taken) {
        refuse(taken.error());
        return false;
    }
    if (m_body->isComplete()) {
        handle();
        return true;
    }
    if (m_request.head.expectsContinue) { // and now we know that it is welcome
        m_request.head.expectsContinue = false;
        m_out->write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (m_route->body == Route::Body::Disk) {
        m_lingered += before - m_received.size();
        if (m_lingered >= uploadProgressBytes) {
            m_lingered = 0;
            m_patience.start(m_shared.limits.request);
        }
    }
    return m_socket->bytesAvailable() > 0;
}

void Connection::handle()
{
    m_heard = true;
    m_after = m_request.head.keepAlive ? After::KeepAlive : After::Close;
    m_request.body = m_body->bytes();
    m_request.upload = m_body->file();
    m_request.bodySha256 = m_body->sha256();
    m_body.reset();
    if (m_received.isEmpty())
        m_received.clear(); // of its room, too, which a stream would keep
    m_lingered = 0;
    m_patience.stop();
    m_state = State::Answering;
    std::visit(Overloaded{
                   [this](Response &&response) { answer(response); },
                   [this](Problem &&problem) { refuse(problem); },
                   [this](std::unique_ptr<LaterReply> &&reply) { wait(std::move(reply)); },
                   [this](std::unique_ptr<EventFeed> &&feed) { stream(std::move(feed)); },
               },
               m_shared.service.answer(m_request, *m_route));
}

void Connection::refuse(const Problem &problem)
{
    answer(problemResponse(problem, m_request.head.path));
}

void Connection::answer(const Response &plain)
{
    m_patience.stop();
    m_state = State::Answering;
    Response response = plain;
    m_shared.service.complete(m_request, response);
    const bool chunked = m_request.head.minorVersion > 0;
    const Body framing = !response.source ? Body::Length : chunked ? Body::Chunked : Body::UntilClose;
    m_after = framing == Body::UntilClose ? After::Close : m_after;
    QByteArray bytes = responseHead(response, framing, m_after);
    const bool hasBody = m_request.head.method != "HEAD" && response.status != 204 && response.status != 304;
    const bool atHand = !response.file && !response.source;
    if (hasBody && atHand)
        bytes += response.body;
    m_out->write(bytes);
    if (!hasBody || atHand)
        return finishAnswer();
    m_sending.emplace(std::move(response), framing);
    sendBody();
}

void Connection::sendBody()
{
    while (m_out->unsentBytes() < m_shared.limits.unsentBytes) {
        const std::optional<QByteArray> piece = m_sending->next();
        if (!piece)
            return vanish();
        if (piece->isEmpty())
            return finishAnswer();
        m_out->write(*piece);
        if (m_sending->isMade())
            return; // and goes on when it was written
    }
}

void Connection::wait(std::unique_ptr<LaterReply> reply)
{
    m_later = std::move(reply);
    connect(m_later.get(), &LaterReply::finished, this, [this](const Judged<Response> &finished) {
        settle(finished ? *finished : problemResponse(finished.error(), m_request.head.path));
    });
    // It may have finished in this very moment, and is then no longer ours but still there.
    auto *patience = new QTimer(m_later.get()); // one of singleShot() would outlive it, by a minute as a rule
    patience->setSingleShot(true);
    const auto late = [this, reply = m_later.get()] {
        if (m_later.get() == reply)
            settle(reply->soFar());
    };
    // Queued: without any patience, too, it comes after what the reply has posted to itself.
    connect(patience, &QTimer::timeout, m_later.get(), late, Qt::QueuedConnection);
    patience->start(m_later->wait);
}

void Connection::settle(Response response)
{
    m_later->disconnect(this);
    deleteSoon(m_later.release());
    if (preferredWait(m_request.head))
        response.headers.add("Preference-Applied", "wait");
    m_shared.service.settle(m_request, *m_route, response);
    answer(response);
}

void Connection::stream(std::unique_ptr<EventFeed> feed)
{
    if (feed->isOver())
        return answer({204});
    if (const auto tooMany = m_shared.streams.refuse(m_request.caller, m_shared.limits))
        return refuse(*tooMany);
    Response opening = openingOf(*feed);
    m_shared.service.complete(m_request, opening);
    const Body framing = m_request.head.minorVersion > 0 ? Body::Chunked : Body::UntilClose;
    m_after = framing == Body::Chunked ? m_after : After::Close;
    m_out->write(responseHead(opening, framing, m_after));
    if (m_request.head.method == "HEAD")
        return finishAnswer();
    m_stream.emplace(std::move(feed), framing, m_request.caller, *m_out, m_shared.streams);
    m_request = {}; // streams stay long: what was asked is not kept
    if (auto *plain = dynamic_cast<PlainSocket *>(m_socket))
        plain->letReadBufferGo();
    connect(&m_stream->feed(), &EventFeed::ended, this, &Connection::close);
    m_stream->start(m_shared.limits);
}

/// What called us may be a signal of it; and it must not outlive us.
void Connection::deleteSoon(QObject *child)
{
    child->setParent(this);
    child->deleteLater();
}

void Connection::finishAnswer()
{
    m_sending.reset();
    m_request = {};
    // Now, for the client may have closed its side: Qt drops what is unsent when it sees that.
    m_out->flush();
    if (m_after == After::Close)
        return leave();
    m_state = State::Idle;
    m_patience.start(m_shared.limits.idle);
    // Later, for read() may be what called us, and what is unsent may have to go first.
    QMetaObject::invokeMethod(this, &Connection::read, Qt::QueuedConnection);
}

void Connection::onTaken()
{
    if (m_state == State::Farewell && m_out->unsentBytes() == 0)
        leave();
    else if (m_stream)
        m_stream->feed().goOn();
    else if (m_sending)
        sendBody();
    else
        read();
}

} // namespace nightshift::http
