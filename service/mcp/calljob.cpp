#include "mcp/calljob.h"
#include "mcp/reply.h"
#include "tools/commandreply.h"

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace nightshift::mcp {

CallJob::CallJob(CallId id, McpCall call, const Circumstances &circumstances, QObject *parent)
    : ToolJob(parent)
    , m_id(std::move(id))
    , m_call(std::move(call))
    , m_circumstances(circumstances)
{
    m_clock.start();
    m_circumstances.tell(McpCallStarted{m_id, m_call});
}

void CallJob::ask(Server *server)
{
    const RawJson params = json::object({{"name", m_call.tool}, {"arguments", m_call.arguments}});
    m_request = server->call("tools/call", params, this);
    connect(m_request, &ServerCall::finished, this, &CallJob::onAnswered);
}

void CallJob::refuse(const QString &why)
{
    QMetaObject::invokeMethod(
        this, [this, why] { endWith(why, wordsReply(why, age(), m_circumstances.replyTokens)); }, Qt::QueuedConnection);
}

void CallJob::cancel()
{
    if (!m_request)
        return; // it is ending already
    delete std::exchange(m_request, nullptr);
    QMetaObject::invokeMethod(
        this,
        [this] {
            const auto text = tools::abortedText(std::chrono::duration_cast<milliseconds>(age()));
            endWith(u"aborted by user"_s, json::string(QByteArrayView(text)));
        },
        Qt::QueuedConnection);
}

void CallJob::onAnswered(const Result<RawJson> &result)
{
    std::exchange(m_request, nullptr)->deleteLater();
    if (result)
        return endWith(*result);
    const QString error = u"tool call error: tool call failed for `%1/%2`\n\nCaused by:\n    %3"_s.arg(
        m_call.server, m_call.tool, result.error().message);
    endWith(error, wordsReply(error, age(), m_circumstances.replyTokens));
}

void CallJob::endWith(const RawJson &result)
{
    const auto document = JsonDocument::parse(result.text);
    m_circumstances.tell(McpCallFinished{.call = m_id,
                                         .invocation = m_call,
                                         .result = shownResult(result),
                                         .error = {},
                                         .failed = document && document->root()["isError"].toBool(),
                                         .duration = std::chrono::duration_cast<milliseconds>(age())});
    emit finished({m_id, replyOf(result, age(), m_circumstances.model, m_circumstances.replyTokens)});
}

void CallJob::endWith(const QString &error, const RawJson &reply)
{
    m_circumstances.tell(McpCallFinished{.call = m_id,
                                         .invocation = m_call,
                                         .result = {},
                                         .error = error,
                                         .failed = true,
                                         .duration = std::chrono::duration_cast<milliseconds>(age())});
    emit finished({m_id, reply});
}

std::chrono::microseconds CallJob::age() const
{
    return std::chrono::microseconds(m_clock.nsecsElapsed() / 1000);
}

} // namespace nightshift::mcp
