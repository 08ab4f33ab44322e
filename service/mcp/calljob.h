#pragma once
#include "mcp/mcptool.h"
#include <QElapsedTimer>

namespace nightshift::mcp {

/// One call of a tool of a server, from the event that it began to the event that it ended.
class CallJob : public tools::ToolJob
{
    Q_OBJECT

public:
    /// Tells that it started. One of the next two must follow.
    CallJob(CallId id, McpCall call, const Circumstances &circumstances, QObject *parent);

    void ask(Server *server);
    void refuse(const QString &why);
    void cancel() override;

private:
    void onAnswered(const Result<RawJson> &result);
    void endWith(const RawJson &result);
    void endWith(const QString &error, const RawJson &reply);
    std::chrono::microseconds age() const;

    const CallId m_id;
    const McpCall m_call;
    const Circumstances m_circumstances;
    QElapsedTimer m_clock;
    ServerCall *m_request = nullptr; ///< Null once it is answered or called off.
};

} // namespace nightshift::mcp
