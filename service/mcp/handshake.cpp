#include "mcp/handshake.h"
#include "domain/answerlimits.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

using json::object;

namespace {

constexpr const char *protocolVersion = "2025-06-18";

RawJson greeting()
{
    return object(
        {{"protocolVersion", protocolVersion},
         {"capabilities", object({{"elicitation", object({{"form", object({})}, {"url", object({})}})}})},
         {"clientInfo",
          object({{"name", "nightshift-mcp-client"}, {"title", "nightshift"}, {"version", NIGHTSHIFT_VERSION}})}});
}

/// Which limit the list passes with one more page; null for none.
qint64 AnswerLimits::*excessOf(const std::vector<RemoteTool> &tools, JsonView page, qsizetype pages,
                               const AnswerLimits &limits)
{
    qint64 bytes = page.raw().text.size();
    for (const RemoteTool &tool : tools)
        bytes += tool.description.size() + tool.schema.text.size();
    if (qint64(tools.size()) + page["tools"].size() > limits.mcpTools)
        return &AnswerLimits::mcpTools;
    if (bytes > limits.mcpMessageBytes)
        return &AnswerLimits::mcpMessageBytes;
    return pages > limits.mcpPages ? &AnswerLimits::mcpPages : nullptr; // one that lists for ever
}

/// The schema as the server wrote it, with what providers insist on.
RawJson argumentSchema(JsonView given)
{
    std::vector<std::pair<QString, RawJson>> members;
    if (!given["type"].exists())
        members.emplace_back(u"type"_s, json::string(u"object"));
    if (given.isObject()) {
        for (const auto &[name, value] : given.members())
            members.emplace_back(name, value.raw());
    }
    if (!given["properties"].isObject()) {
        std::erase_if(members, [](const auto &member) { return member.first == "properties"_L1; });
        members.emplace_back(u"properties"_s, object({}));
    }
    return object(members);
}

} // namespace

std::vector<RemoteTool> readTools(JsonView page)
{
    std::vector<RemoteTool> tools;
    for (const JsonView tool : page["tools"].items()) {
        if (tool["name"].utf8().isEmpty())
            continue;
        tools.push_back({.name = tool["name"].toString(),
                         .description = tool["description"].toString(tool["title"].toString()),
                         .schema = argumentSchema(tool["inputSchema"]),
                         .readOnly = tool["annotations"]["readOnlyHint"].toBool()});
    }
    return tools;
}

Handshake::Handshake(Connection &connection, ListTools list, QObject *parent)
    : QObject(parent)
    , m_connection(connection)
    , m_list(list)
{
    Request *request = connection.request("initialize", greeting(), {}, this);
    connect(request, &Request::finished, this, &Handshake::onGreeted);
}

void Handshake::onGreeted(const Result<RawJson> &answer)
{
    if (!answer) {
        emit finished(std::unexpected(answer.error()));
        return;
    }
    const auto document = JsonDocument::parse(answer->text);
    const JsonView root = document ? document->root() : JsonView();
    m_introduction.name = root["serverInfo"]["name"].toString();
    m_introduction.version = root["serverInfo"]["version"].toString();
    m_introduction.hasResources = root["capabilities"]["resources"].exists();
    m_connection.transport().setProtocolVersion(
        root["protocolVersion"].toString(QLatin1StringView(protocolVersion)).toUtf8());
    m_connection.notify("notifications/initialized");
    if (m_list == ListTools::No)
        emit finished(m_introduction);
    else
        ask({});
}

void Handshake::ask(const QString &cursor)
{
    m_cursors += cursor;
    const auto given = cursor.isEmpty() ? std::nullopt : std::optional(cursor);
    Request *request = m_connection.request("tools/list", object({{"cursor", given}}), {}, this);
    connect(request, &Request::finished, this, &Handshake::onListed);
}

void Handshake::onListed(const Result<RawJson> &answer)
{
    const auto isUnknownMethod = [](const Error &error) { return error.message.startsWith("Mcp error: -32601:"_L1); };
    if (!answer && !isUnknownMethod(answer.error())) { // a server of resources only has no such method
        emit finished(std::unexpected(answer.error()));
        return;
    }
    const auto document = JsonDocument::parse(answer ? answer->text : "{}"_ba);
    const JsonView page = document ? document->root() : JsonView();
    if (const auto limit = excessOf(m_introduction.tools, page, m_cursors.size(), AnswerLimits())) {
        emit finished(fail(Error::Kind::Protocol, u"it "_s + exceeded(AnswerLimits(), limit)));
        return;
    }
    std::ranges::move(readTools(page), std::back_inserter(m_introduction.tools));
    const QString next = page["nextCursor"].toString();
    if (!next.isEmpty() && !m_cursors.contains(next))
        return ask(next);
    // In one order whatever the server's mood: the list stands in front of every request to the model.
    std::ranges::stable_sort(m_introduction.tools, {}, &RemoteTool::name);
    emit finished(m_introduction);
}

} // namespace nightshift::mcp
