#include "mcp/resourcejob.h"
#include "tools/commandreply.h"

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

using json::object;
using What = ResourceTool::What;

namespace {

const char *methodOf(What what)
{
    switch (what) {
    case What::List:
        return "resources/list";
    case What::ListTemplates:
        return "resources/templates/list";
    case What::Read:
        return "resources/read";
    }
    Q_UNREACHABLE_RETURN("");
}

/// The object with the server's name in front.
RawJson withServer(const QString &server, JsonView members)
{
    std::vector<std::pair<QString, RawJson>> all{{u"server"_s, json::string(server)}};
    for (const auto &[name, value] : members.members()) {
        if (name != "_meta"_L1)
            all.emplace_back(name, value.raw());
    }
    return object(all);
}

} // namespace

ResourceJob::ResourceJob(CallId id, McpCall call, Task task, const Circumstances &circumstances, QObject *parent)
    : ToolJob(parent)
    , m_id(std::move(id))
    , m_call(std::move(call))
    , m_task(std::move(task))
    , m_circumstances(circumstances)
    , m_cursor(m_task.cursor)
{
    m_clock.start();
    m_circumstances.tell(McpCallStarted{m_id, m_call});
    askNext();
}

void ResourceJob::cancel()
{
    if (m_asked > m_task.servers.size())
        return; // it is ending already
    m_asked = m_task.servers.size() + 1;
    delete std::exchange(m_request, nullptr);
    QMetaObject::invokeMethod(this, [this] { fail(u"aborted by user"_s); }, Qt::QueuedConnection);
}

void ResourceJob::askNext()
{
    const auto hasNone = [this](size_t at) { return !m_task.servers[at]->introduction().hasResources; };
    while (m_asked < m_task.servers.size() && m_task.what != What::Read && hasNone(m_asked))
        ++m_asked;
    if (m_asked == m_task.servers.size()) {
        ++m_asked;
        QMetaObject::invokeMethod(this, &ResourceJob::succeed, Qt::QueuedConnection);
        return;
    }
    const auto cursor = m_cursor.isEmpty() ? std::nullopt : std::optional(m_cursor);
    const RawJson params = m_task.what == What::Read ? object({{"uri", m_task.uri}}) : object({{"cursor", cursor}});
    m_request = m_task.servers[m_asked]->call(methodOf(m_task.what), params, this);
    connect(m_request, &ServerCall::finished, this, &ResourceJob::onAnswered);
}

void ResourceJob::onAnswered(const Result<RawJson> &result)
{
    std::exchange(m_request, nullptr)->deleteLater();
    const QString method = QLatin1StringView(methodOf(m_task.what));
    if (!result && !m_task.named.isEmpty()) {
        m_asked = m_task.servers.size() + 1;
        const QString uri = m_task.uri.isEmpty() ? QString() : u" (%1)"_s.arg(m_task.uri);
        return fail(u"%1 failed for `%2`%3: %4"_s.arg(method, m_call.server, uri, result.error().message));
    }
    m_cursor.clear();
    if (const auto document = JsonDocument::parse(result ? result->text : "{}"_ba))
        take(document->root());
    const bool goesOn = !m_cursor.isEmpty() && m_task.named.isEmpty(); // whoever names a server turns its pages
    if (!goesOn)
        ++m_asked;
    askNext();
}

void ResourceJob::take(JsonView page)
{
    const QString server = m_task.servers[m_asked]->name();
    if (m_task.what == What::Read) {
        std::vector<std::pair<QString, RawJson>> read{{u"server"_s, json::string(server)},
                                                      {u"uri"_s, json::string(m_task.uri)}};
        read.emplace_back(u"contents"_s, page["contents"].raw());
        m_read = object(read);
        return;
    }
    for (const JsonView each : page[m_task.what == What::List ? "resources" : "resourceTemplates"].items())
        m_found.push_back(withServer(server, each));
    const QString next = page["nextCursor"].toString();
    constexpr size_t mostFound = 10'000; // no model reads so many, and a server may list for ever
    if (next != m_cursor && m_found.size() < mostFound)
        m_cursor = next;
}

void ResourceJob::succeed()
{
    RawJson text = m_read;
    if (m_task.what != What::Read) {
        const auto server = m_task.named.isEmpty() ? std::nullopt : std::optional(m_task.named);
        const auto next = m_cursor.isEmpty() || !server ? std::nullopt : std::optional(m_cursor);
        text = object({{"server", server},
                       {m_task.what == What::List ? "resources" : "resourceTemplates", json::array(m_found)},
                       {"nextCursor", next}});
    }
    const RawJson result =
        object({{"content", json::array({object({{"type", "text"}, {"text", QByteArray(text.text)}})})}});
    end({.result = result, .error = {}}, text.text);
}

void ResourceJob::fail(const QString &why)
{
    end({.result = {}, .error = why, .failed = true}, why.toUtf8());
}

void ResourceJob::end(const McpCallFinished &how, const QByteArray &reply)
{
    McpCallFinished finish = how;
    finish.call = m_id;
    finish.invocation = m_call;
    finish.duration = std::chrono::milliseconds(m_clock.elapsed());
    m_circumstances.tell(finish);
    const bool tooLong = reply.size() > m_circumstances.replyTokens * 4;
    const QByteArray shown = tooLong ? tools::withoutMiddle(reply, m_circumstances.replyTokens) : reply;
    emit finished({m_id, json::string(QByteArrayView(shown))});
}

} // namespace nightshift::mcp
