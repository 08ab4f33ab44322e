#include "http/connection.h"
#include <QSslSocket>
#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace nightshift::http {

// How a connection ends, and what is under way on it.

void Connection::close()
{
    m_after = After::Close;
    if (m_stream) {
        m_stream->sayEnd();
        m_stream.reset();
        finishAnswer();
    } else if (m_later) {
        settle(m_later->soFar());
    } else if (m_state == State::Idle) {
        leave();
    }
}

void Connection::recheckToken()
{
    if (!m_stream && !m_later && !m_sending)
        return; // a request that still arrives is judged again when it is whole
    const auto withdrawal = m_shared.service.withdrawn(m_stream ? m_stream->caller() : m_request.caller);
    if (!withdrawal)
        return;
    m_after = After::Close;
    if (m_stream) {
        m_stream->feed().finish(withdrawal->reason);
    } else if (m_later) { // what was begun goes on, and is not told
        m_later->disconnect(this);
        m_shared.service.settle(m_request, *m_route, m_later->soFar());
        deleteSoon(m_later.release());
        refuse(withdrawal->problem);
    } else {
        vanish(); // a body that is cut off is the only way to say so
    }
}

void Connection::turnAway(const Problem &problem)
{
    m_after = After::Close;
    refuse(problem);
}

void Connection::onTooSlow()
{
    if (m_state == State::Idle || m_state == State::Farewell)
        return vanish();
    m_after = After::Close;
    refuse(
        {ProblemCode::RequestTimeout, u"a request has %1 s to arrive"_s.arg(
                                          std::chrono::ceil<std::chrono::seconds>(m_shared.limits.request).count())});
}

void Connection::onStalled()
{
    if (m_stream && m_shared.metrics)
        m_shared.metrics->add(Metric::SseStalled);
    vanish();
}

/// Closing at once while the client still sends would reset the connection, and our answer could be lost with it:
/// first only our side is closed. Source: RFC 9112, section 9.6.
void Connection::leave()
{
    m_state = State::Farewell;
    if (m_out->unsentBytes() > 0)
        return; // again when it is sent
    m_patience.start(m_shared.limits.farewell);
    if (m_tls && m_heard) // tells the client that nothing was cut off; nothing can come that would undo it
        return m_tls->disconnectFromHost();
    if (!m_tls)
        ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
    m_received.clear();
    m_lingered = 0;
    m_socket->skip(m_socket->bytesAvailable());
}

void Connection::vanish()
{
    if (std::exchange(m_state, State::Gone) == State::Gone)
        return;
    m_patience.stop();
    m_out->stop();
    m_socket->disconnect(this);
    m_socket->abort();
    if (m_later) { // what was begun goes on without the client
        m_later->disconnect(this);
        m_shared.service.settle(m_request, *m_route, m_later->soFar());
        deleteSoon(m_later.release());
    }
    m_stream.reset();
    m_sending.reset();
    emit gone();
}

} // namespace nightshift::http
