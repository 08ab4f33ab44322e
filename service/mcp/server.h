#pragma once
#include "domain/settings.h"
#include "mcp/handshake.h"
#include <deque>
#include <functional>

namespace nightshift::mcp {

class Server;

/// A request that waits for its server, and for its turn among others. Deleting it calls it off.
class ServerCall : public QObject
{
    Q_OBJECT

public:
    ~ServerCall() override;

signals:
    /// Once, from the event loop.
    void finished(const nightshift::Result<nightshift::RawJson> &result);

private:
    friend class Server;
    ServerCall(Server *server, const char *method, RawJson params, QObject *parent);
    void finish(const Result<RawJson> &result);

    QPointer<Server> m_server; ///< Null once it is finished.
    const char *m_method;
    RawJson m_params;
};

/// One server of the settings: started, started again once when it dies, asked one thing at a time unless it can
/// do more.
///
///   Starting --(handshake)--> Ready --(it dies)--> Down --(a call)--> Starting again --> Ready --(it dies)--> Failed
///      '--(it ends, refuses, or is late)--> Failed
class Server : public QObject
{
    Q_OBJECT

public:
    /// Connects, anew each time; the error is why that cannot work.
    using Connect = std::function<Result<Transport *>(QObject *parent)>;
    Server(McpServerSettings settings, Connect connect, QObject *parent);

    /// settled() follows.
    void start();
    bool isSettled() const { return m_isSettled; }
    bool isReady() const { return m_isSettled && m_problem.isEmpty(); }
    /// Why it did not start; reads on from its name. Empty when it did.
    const QString &problem() const { return m_problem; }
    const McpServerSettings &settings() const { return m_settings; }
    const QString &name() const { return m_settings.name; }
    /// As it was at the first start; later ones do not change it.
    const Introduction &introduction() const { return m_introduction; }

    /// `method` is a literal. The call belongs to `parent`.
    ServerCall *call(const char *method, RawJson params, QObject *parent);
    /// Ends it in good order; closed() follows.
    void close();

signals:
    /// Once, from the event loop: it is ready, or has a problem.
    void settled();
    void closed();

private:
    friend class ServerCall;
    enum class State { Starting, Ready, Down, Failed, Closed };

    void open();
    void onIntroduced(const Result<Introduction> &introduction);
    void onConnectionClosed(const QString &why);
    void onLate();
    void failStart(const QString &why);
    void leave(ServerCall *call);
    void advance();
    void run(ServerCall *call);
    QString withLastWords(const QString &sentence) const;

    const McpServerSettings m_settings;
    const Connect m_connect;
    State m_state = State::Starting;
    bool m_isSettled = false;
    bool m_isRestart = false;
    QString m_problem;
    QString m_downWhy; ///< What calls are told that saw it die, or come too late.
    Introduction m_introduction;
    Connection *m_connection = nullptr;
    Handshake *m_handshake = nullptr;
    QTimer m_deadline;
    std::deque<ServerCall *> m_waiting;
    std::vector<ServerCall *> m_running;
};

} // namespace nightshift::mcp
