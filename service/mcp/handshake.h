#pragma once
#include "mcp/connection.h"

namespace nightshift::mcp {

/// A tool as its server describes it.
struct RemoteTool
{
    QString name; ///< The server's own.
    QString description;
    RawJson schema; ///< Of its arguments; always an object with `type` and `properties`.
    bool readOnly = false;
    bool operator==(const RemoteTool &) const = default;
};

/// What a server says of itself.
struct Introduction
{
    QString name;
    QString version;
    bool hasResources = false;
    std::vector<RemoteTool> tools; ///< By name.
    bool operator==(const Introduction &) const = default;
};

enum class ListTools { No, Yes };

/// Agrees with a server on a protocol, and asks for its tools, page by page.
/// Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle
class Handshake : public QObject
{
    Q_OBJECT

public:
    Handshake(Connection &connection, ListTools list, QObject *parent);

signals:
    /// Once. There is no deadline here: deleting it gives up.
    void finished(const nightshift::Result<nightshift::mcp::Introduction> &introduction);

private:
    void onGreeted(const Result<RawJson> &answer);
    void ask(const QString &cursor);
    void onListed(const Result<RawJson> &answer);

    Connection &m_connection;
    ListTools m_list;
    Introduction m_introduction;
    QStringList m_cursors; ///< Pages asked for.
};

/// The tools of one page. What has no name is left out.
std::vector<RemoteTool> readTools(JsonView page);

} // namespace nightshift::mcp
