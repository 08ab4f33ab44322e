#pragma once
#include "mcp/resourcetool.h"
#include <QElapsedTimer>

namespace nightshift::mcp {

/// One call of a resource tool: one request to one server, or a list from each of them, one after the other.
class ResourceJob : public tools::ToolJob
{
    Q_OBJECT

public:
    struct Task
    {
        ResourceTool::What what = ResourceTool::What::List;
        std::vector<Server *> servers; ///< All to be asked; one only when it was named.
        QString named;                 ///< The server that was named; empty for all.
        QString uri;
        QString cursor;
    };
    /// Tells that it started.
    ResourceJob(CallId id, McpCall call, Task task, const Circumstances &circumstances, QObject *parent);
    void cancel() override;

private:
    void askNext();
    void onAnswered(const Result<RawJson> &result);
    void take(JsonView page);
    void succeed();
    void fail(const QString &why);
    void end(const McpCallFinished &how, const QByteArray &reply);

    const CallId m_id;
    const McpCall m_call;
    const Task m_task;
    const Circumstances m_circumstances;
    QElapsedTimer m_clock;
    ServerCall *m_request = nullptr;
    size_t m_asked = 0; ///< Which server is being asked.
    QString m_cursor;   ///< Of the page being asked for.
    RawJson m_read;     ///< What was read.
    std::vector<RawJson> m_found;
};

} // namespace nightshift::mcp
