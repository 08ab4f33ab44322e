#pragma once
#include <QSet>
#include <QString>

namespace nightshift::mcp {

/// Whether a server of this name can be used: letters, digits, `_` and `-`.
bool isServerName(QStringView name);

/// The names that models call tools of MCP servers by: `mcp__SERVER__TOOL`.
class ToolNames
{
public:
    /// What providers do not take becomes `_`; what is longer than they take, or taken already, ends with a hash of
    /// the original names instead.
    QString nameOf(const QString &server, const QString &tool);

private:
    QSet<QString> m_taken;
};

} // namespace nightshift::mcp
