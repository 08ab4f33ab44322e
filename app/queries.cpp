#include "queries.h"
#include "base/boundedfile.h"
#include "base/jsonreader.h"
#include "config/frontmatter.h"
#include "mcp/servers.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

QByteArray contents(const QString &path)
{
    return readBounded(path, fileuse::journal).value_or(QByteArray());
}

/// The number behind `history:`; absent when the question is another, or its number is none.
std::optional<qint64> historyOffset(const QString &query)
{
    if (!query.startsWith("history:"_L1))
        return {};
    bool isNumber = false;
    const qint64 offset = query.sliced(8).toLongLong(&isNumber);
    return isNumber && offset >= 0 ? std::optional(offset) : std::nullopt;
}

RawJson historyEntry(qint64 offset, const QString &folder)
{
    const QList<QByteArray> lines = contents(folder + u"/history.jsonl"_s).split('\n');
    const auto document = JsonDocument::parse(offset < lines.size() ? lines[offset] : QByteArray());
    const JsonView entry = document ? document->root() : JsonView();
    std::optional<RawJson> found;
    if (entry.isObject()) {
        const JsonView id = entry[entry["session_id"].exists() ? "session_id" : "conversation_id"]; // the older name
        found = json::object(
            {{"conversation_id", id.toString()}, {"ts", entry["ts"].toInteger()}, {"text", entry["text"].toString()}});
    }
    return json::object({{"type", "get_history_entry_response"}, {"offset", offset}, {"log_id", 0}, {"entry", found}});
}

/// Behind the front matter, if there is any.
QString bodyOf(const QString &text)
{
    if (!config::frontMatter(text))
        return text;
    const qsizetype end = text.indexOf("\n---"_L1, 3);
    const qsizetype line = end < 0 ? -1 : text.indexOf(u'\n', end + 1);
    return line < 0 ? QString() : text.sliced(line + 1);
}

RawJson customPrompts(const QString &folder)
{
    std::vector<RawJson> prompts;
    const auto files = QDir(folder + u"/prompts"_s).entryInfoList({u"*.md"_s}, QDir::Files, QDir::Name);
    for (const QFileInfo &file : files) {
        const QString text = QString::fromUtf8(contents(file.absoluteFilePath()));
        const QString description = config::frontMatter(text).value_or(QHash<QString, QString>())[u"description"_s];
        prompts.push_back(
            json::object({{"name", file.completeBaseName()},
                          {"path", file.absoluteFilePath()},
                          {"content", bodyOf(text)},
                          {"description", description.isEmpty() ? json::null() : json::string(description)}}));
    }
    return json::object({{"type", "list_custom_prompts_response"}, {"custom_prompts", json::array(prompts)}});
}

RawJson listedTools(const mcp::Servers *servers)
{
    std::vector<std::pair<QString, RawJson>> tools;
    for (const auto &[name, tool] : servers ? servers->offered() : decltype(servers->offered())()) {
        tools.emplace_back(
            name, json::object(
                      {{"name", tool.name}, {"description", tool.description}, {"inputSchema", compact(tool.schema)}}));
    }
    return json::object({{"type", "mcp_list_tools_response"}, {"tools", json::object(tools)}});
}

} // namespace

Questions::Questions(const QStringList &queries, const Home &home, const mcp::Servers *servers)
    : m_queries(queries)
    , m_folder(home.config)
{
    if (queries.contains(u"tools"_s))
        m_tools = listedTools(servers);
}

RawJson Questions::answer(const QString &query, const QString &sessionId, const QString &log) const
{
    if (query == "tools"_L1)
        return m_tools;
    if (query == "prompts"_L1)
        return customPrompts(m_folder);
    if (const auto offset = historyOffset(query))
        return historyEntry(*offset, m_folder);
    return json::object({{"type", "conversation_path"}, {"conversation_id", sessionId}, {"path", log}});
}

std::vector<RawJson> Questions::answers(const QString &sessionId, const QString &log) const
{
    std::vector<RawJson> answers;
    for (const QString &query : m_queries)
        answers.push_back(answer(query, sessionId, log));
    return answers;
}

Result<> checkQueries(const QStringList &queries)
{
    for (const QString &query : queries) {
        if (query != "tools"_L1 && query != "prompts"_L1 && query != "path"_L1 && !historyOffset(query))
            return fail(Error::Kind::Invalid,
                        u"--query %1: expected history:N with N from 0, tools, prompts or path"_s.arg(query));
    }
    return {};
}

} // namespace nightshift::app
