#pragma once
#include "domain/answerlimits.h"
#include "mcp/transport.h"
#include "tools/attachedprocess.h"
#include <QTimer>

namespace nightshift::mcp {

/// An MCP server that is a child process: one message a line on its stdin and stdout, its stderr kept.
/// Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio
/// Deleting it kills the server's whole process tree.
class StdioTransport : public Transport
{
    Q_OBJECT

public:
    using Options = tools::AttachedProcess::Options;
    /// Starts at once.
    StdioTransport(const tools::Sandbox &sandbox, const Options &options, QObject *parent);

    void send(const RawJson &message, std::optional<qint64> id) override;
    void close() override;
    QString lastWords() const override;

private:
    void onOutput();
    void onErrorOutput();
    void onFinished();
    void onFailedStart();
    void end(const QString &why);

    const AnswerLimits m_limits;
    QString m_excess; ///< Why it was killed by us.
    tools::AttachedProcess m_server;
    QProcess *m_process; ///< Of m_server.
    QTimer m_grace;
    QByteArray m_line;   ///< Bytes of a message whose end has not come yet.
    QByteArray m_errors; ///< The end of stderr.
    bool m_isOver = false;
};

} // namespace nightshift::mcp
