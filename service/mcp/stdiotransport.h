#pragma once
#include "mcp/transport.h"
#include "tools/sandbox.h"
#include <QTimer>

class QProcess;

namespace nightshift::mcp {

/// An MCP server that is a child process: one message a line on its stdin and stdout, its stderr kept.
/// Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio
///
/// The process runs below our helper, which kills its whole tree when the server ends, when this is deleted, and
/// when we are killed ourselves.
class StdioTransport : public Transport
{
    Q_OBJECT

public:
    struct Options
    {
        QStringList argv;
        QString cwd;             ///< Absolute.
        QStringList environment; ///< NAME=value, complete.
    };
    /// Starts at once.
    StdioTransport(const tools::Sandbox &sandbox, const Options &options, QObject *parent);
    ~StdioTransport() override;

    void send(const RawJson &message, std::optional<qint64> id) override;
    void close() override;
    QString lastWords() const override;

private:
    void onOutput();
    void onErrorOutput();
    void onFinished();
    void onFailedStart();
    void cutLifeline();
    void end(const QString &why);

    QProcess *m_process;
    int m_lifeline = -1; ///< Our end of the pipe whose end kills the tree.
    QTimer m_grace;
    QByteArray m_line;   ///< Bytes of a message whose end has not come yet.
    QByteArray m_errors; ///< The end of stderr.
    bool m_isOver = false;
};

} // namespace nightshift::mcp
