#pragma once
#include "base/rawjson.h"
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::mcp {
class Servers;
}

namespace nightshift::app {

/// What `--query` asks: `history:N` (the N-th line of history.jsonl, from 0), `tools` (those of the MCP servers),
/// `prompts` (the Markdown files in prompts/) and `path` (this session's log). The files lie beside config.toml.
class Questions
{
public:
    /// `servers`, which have settled, are asked now; null when there are none.
    Questions(const QStringList &queries, const Home &home, const mcp::Servers *servers);
    /// In the words of the older protocol, in the order of the questions.
    std::vector<RawJson> answers(const QString &sessionId, const QString &log) const;

private:
    RawJson answer(const QString &query, const QString &sessionId, const QString &log) const;

    QStringList m_queries;
    QString m_folder;
    RawJson m_tools; ///< The answer to `tools`.
};

/// Invalid when one of them is no question.
Result<> checkQueries(const QStringList &queries);

} // namespace nightshift::app
