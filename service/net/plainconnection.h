#pragma once
#include "net/answerreader.h"
#include "net/plainsocket.h"
#include <QObject>
#include <chrono>

namespace nightshift::net {

class PlainConnection;

/// A request under way, and who hears of its answer.
struct PlainRequest
{
    QByteArray method;
    std::vector<QByteArray> pieces; ///< Head and body, until something of the answer has come.
    llm::HttpHandlers handlers;
    bool isDropped = false; ///< Nobody hears of it any more.
    bool isConcluded = false;
    PlainConnection *connection = nullptr; ///< That it was sent on.
};

/// One connection to a server, for one request after the other.
///
///     connecting ── serving ── free ── serving … ── gone
class PlainConnection final : public QObject, private PlainSocket::Owner
{
public:
    using Clock = std::chrono::steady_clock;
    /// Who has it.
    class Pool
    {
    public:
        virtual void onFree(PlainConnection *connection) = 0;
        /// It is to be deleted, but later. `again` was sent on it too late for the server; mostly there is none.
        virtual void onGone(PlainConnection *connection, const std::shared_ptr<PlainRequest> &again) = 0;

    protected:
        ~Pool() = default;
    };

    PlainConnection(Readiness &readiness, Pool &pool, const QList<QHostAddress> &addresses, quint16 port);
    ~PlainConnection() override;

    /// While it connects, or is free.
    void serve(const std::shared_ptr<PlainRequest> &request);
    /// The request was dropped. The rest of an answer of which all that matters has come may pass unread.
    void onDropped();
    Clock::time_point freeSince() const { return m_freeSince; }
    void close() { leave({}); }

private:
    void onReceived(QByteArray bytes) override;
    void onLost(const QString &why) override;
    void release(bool isReusable);
    void leave(const std::shared_ptr<PlainRequest> &again);

    Pool &m_pool;
    PlainSocket m_socket;
    std::shared_ptr<PlainRequest> m_request; ///< None when it is free.
    AnswerReader m_reader;
    QByteArray m_received; ///< And not read.
    bool m_hasServed = false;
    Clock::time_point m_freeSince;
};

} // namespace nightshift::net
