#pragma once
#include "support/serviceclient.h"
#include <QLocalSocket>

namespace nightshift::test {

/// One request to the service and what comes back, also while it comes. Of whole answers it is checked that
/// openapi.json foretells them.
class Exchange
{
public:
    Exchange(QIODevice *device, QByteArray method, QByteArray target, const QByteArray &request);
    virtual ~Exchange() = default;

    /// The answer, once the service closed the connection.
    Reply reply();
    /// The body so far, of a stream.
    QByteArray body();
    /// Whether it holds `text`, now or soon.
    bool shows(const QByteArray &text);
    bool isOver() const;
    void leave();

private:
    Reply parsed() const;

    std::unique_ptr<QIODevice> m_device;
    QByteArray m_method;
    QByteArray m_target;
    QByteArray m_got;
};

/// The events that the frames of a stream hold: `id` and `data` of each.
struct SseFrame
{
    qint64 id = 0; ///< 0 for fleeting ones.
    QByteArray type;
    QByteArray data;
    bool operator==(const SseFrame &) const = default;
};
std::vector<SseFrame> sseFrames(const QByteArray &body);

/// `nightshift serve` in a program's own folders, on its Unix socket unless `args` say otherwise.
class Service
{
public:
    explicit Service(const QStringList &args = {});

    /// Starts it, again after it ended; waits until it takes work.
    void start();
    /// SIGTERM, and how it ended.
    Ended stop();
    void kill();

    Reply get(const QByteArray &path, const QByteArray &fields = {});
    Reply post(const QByteArray &path, const QByteArray &body, const QByteArray &fields = {},
               const QByteArray &type = "application/json");
    Reply send(const QByteArray &method, const QByteArray &path, const QByteArray &body = {},
               const QByteArray &fields = {});
    std::unique_ptr<Exchange> open(const QByteArray &method, const QByteArray &path, const QByteArray &body = {},
                                   const QByteArray &fields = {}, const QByteArray &type = "application/json");
    std::unique_ptr<Exchange> stream(const QByteArray &path, const QByteArray &fields = {});

    /// A new token with these scopes and limits.
    QByteArray addToken(const QStringList &words);
    /// A new session with this input, in the working tree; its id.
    QByteArray create(const QByteArray &members);
    /// The session's events, as its JSON pages have them.
    std::vector<SseFrame> events(const QByteArray &session);
    /// Waits until the session has this status.
    bool becomes(const QByteArray &session, const QByteArray &status);

    /// With what differs from run to run replaced, ids and times too.
    QByteArray plain(QByteArray text) const;

    Program program;
    QStringList args;
    std::unique_ptr<Run> run;
    quint16 port = 0; ///< Of TCP; 0 for the Unix socket.
    QByteArray token;
};

} // namespace nightshift::test
