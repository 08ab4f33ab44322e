#include "scriptedserver.h"
#include "base/jsonreader.h"
#include <QTcpSocket>

using namespace Qt::StringLiterals;
using namespace nightshift;

ScriptedServer::ScriptedServer(QObject *parent)
    : QObject(parent)
{
    m_tcp.listen(QHostAddress::LocalHost);
    connect(&m_tcp, &QTcpServer::newConnection, this, &ScriptedServer::onConnection);
}

void ScriptedServer::play(const QByteArrayList &messages)
{
    play(Answer{.body = sse::stream(QByteArrayList{sse::created()} + messages + QByteArrayList{sse::completed()})});
}

void ScriptedServer::onConnection()
{
    while (QTcpSocket *socket = m_tcp.nextPendingConnection()) {
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { onReadyRead(socket); });
        connect(socket, &QTcpSocket::disconnected, this, [this, socket] {
            m_incoming.remove(socket);
            socket->deleteLater();
        });
    }
}

void ScriptedServer::onReadyRead(QTcpSocket *socket)
{
    QByteArray &bytes = m_incoming[socket];
    bytes += socket->readAll();
    const qsizetype headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd < 0)
        return;
    QByteArrayList lines = bytes.first(headEnd).split('\n');
    const QByteArrayList start = lines.takeFirst().split(' ');
    Request request{.method = start.value(0), .path = start.value(1), .port = socket->peerPort()};
    for (const QByteArray &line : std::as_const(lines)) {
        const qsizetype colon = line.indexOf(':');
        request.headers[line.first(colon).toLower()] = line.sliced(colon + 1).trimmed();
    }
    const qsizetype length = request.headers.value("content-length").toLongLong();
    if (bytes.size() < headEnd + 4 + length)
        return;
    request.body = bytes.mid(headEnd + 4, length);
    bytes.remove(0, headEnd + 4 + length);
    const QByteArray route = request.method + ' ' + request.path;
    if (routes.contains(route)) {
        m_routed += request.body.isEmpty() ? route : route + ' ' + request.body;
        return send(socket, routes[route]);
    }
    if (request.method != "POST") { // the reference also asks for lists of models and the like
        socket->write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        return;
    }
    check(request);
    m_requests.push_back(std::move(request));
    answer(socket);
}

void ScriptedServer::answer(QTcpSocket *socket)
{
    if (m_answers.empty() && script)
        m_answers.push_back(script(m_requests.back()));
    if (m_answers.empty() && !otherwise) {
        m_violations += u"request %1 found no answer"_s.arg(m_requests.size());
        m_answers.push_back({.status = 400, .body = "no answer left"});
    }
    const Answer answer = m_answers.empty() ? *otherwise : m_answers.front();
    if (!m_answers.empty())
        m_answers.pop_front();
    send(socket, answer);
}

void ScriptedServer::send(QTcpSocket *socket, const Answer &answer) const
{
    QByteArray head = "HTTP/1.1 " + QByteArray::number(answer.status) + " Status\r\n";
    for (const auto &[name, value] : answer.headers.asKeyValueRange())
        head += name + ": " + value + "\r\n";
    socket->write(head + "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    for (qsizetype i = 0; i < answer.body.size(); i += pieceSize) {
        const QByteArray piece = answer.body.mid(i, pieceSize);
        socket->write(QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n");
    }
    if (answer.end == Answer::End::Complete)
        socket->write("0\r\n\r\n");
    else if (answer.end == Answer::End::Cut)
        socket->disconnectFromHost();
}

void ScriptedServer::check(const Request &request)
{
    const auto document = JsonDocument::parse(request.body);
    if (!document) {
        m_violations += u"request %1 is no JSON"_s.arg(m_requests.size());
        return;
    }
    const JsonView root = document->root();
    QStringList open;
    for (const JsonView item : root["input"].items()) {
        const QByteArrayView type = item["type"].utf8();
        const QString call = item["call_id"].toString();
        if (type.endsWith("_call") && !call.isEmpty())
            open += call;
        else if (type.endsWith("_output") && !open.removeOne(call))
            m_violations += u"request %1 answers %2, which nobody called"_s.arg(m_requests.size()).arg(call);
    }
    if (!open.isEmpty())
        m_violations += u"request %1 leaves %2 unanswered"_s.arg(m_requests.size()).arg(open.join(u", "_s));
    Told &told = m_told[root["prompt_cache_key"].toString()];
    const QByteArray input = request.input();
    const bool replaced = told.summaries && input.contains("<conversation_summary>");
    const bool shortened = told.summaries && request.asksForSummary();
    if (!input.startsWith(told.input) && !replaced && !shortened)
        m_violations += u"request %1 rewrites the history"_s.arg(m_requests.size());
    told.summaries = request.asksForSummary();
    if (!told.summaries)
        told.input = input;
}

bool ScriptedServer::Request::asksForSummary() const
{
    return input().contains(R"("text":"The conversation has grown too long for your context)");
}

QByteArray ScriptedServer::Request::input() const
{
    const qsizetype start = body.indexOf("\"input\":[");
    return start < 0 ? QByteArray() : body.sliced(start + 9).chopped(2);
}

namespace sse {

static QByteArray done(const RawJson &item)
{
    return json::object({{"type", "response.output_item.done"}, {"item", item}}).text;
}

QByteArray stream(const QByteArrayList &messages)
{
    QByteArray body;
    for (const QByteArray &message : messages)
        body += "data: " + message + "\n\n";
    return body;
}

QByteArray created()
{
    return R"({"type":"response.created","response":{"id":"r"}})";
}

QByteArray completed(int inputTokens, int cached, int outputTokens, int reasoning)
{
    const RawJson usage = json::object({{"input_tokens", inputTokens},
                                        {"input_tokens_details", json::object({{"cached_tokens", cached}})},
                                        {"output_tokens", outputTokens},
                                        {"output_tokens_details", json::object({{"reasoning_tokens", reasoning}})},
                                        {"total_tokens", inputTokens + outputTokens}});
    const RawJson response = json::object({{"id", "r"}, {"usage", usage}});
    return json::object({{"type", "response.completed"}, {"response", response}}).text;
}

QByteArray message(const QByteArray &id, const QByteArray &text)
{
    const RawJson part = json::object({{"type", "output_text"}, {"text", text}});
    return done(
        json::object({{"type", "message"}, {"role", "assistant"}, {"id", id}, {"content", json::array({part})}}));
}

QByteArray refusal(const QByteArray &id, const QByteArray &text)
{
    const RawJson part = json::object({{"type", "refusal"}, {"refusal", text}});
    return done(
        json::object({{"type", "message"}, {"role", "assistant"}, {"id", id}, {"content", json::array({part})}}));
}

QByteArray reasoning(const QByteArray &id, const QByteArray &summary)
{
    const RawJson part = json::object({{"type", "summary_text"}, {"text", summary}});
    return done(json::object(
        {{"type", "reasoning"}, {"id", id}, {"summary", json::array({part})}, {"encrypted_content", "sealed"}}));
}

QByteArray call(const QByteArray &id, const QByteArray &tool, const QByteArray &arguments)
{
    return done(json::object(
        {{"type", "function_call"}, {"id", "fc_" + id}, {"call_id", id}, {"name", tool}, {"arguments", arguments}}));
}

QByteArray command(const QByteArray &id, const QByteArray &cmd)
{
    return call(id, "exec_command", json::object({{"cmd", cmd}}).text);
}

QByteArray patch(const QByteArray &id, const QByteArray &patch)
{
    return done(json::object({{"type", "custom_tool_call"},
                              {"id", "ct_" + id},
                              {"call_id", id},
                              {"name", "apply_patch"},
                              {"input", patch}}));
}

QByteArray failed(const QByteArray &code, const QByteArray &message)
{
    const RawJson error = json::object({{"code", code}, {"message", message}});
    return json::object({{"type", "response.failed"}, {"response", json::object({{"error", error}})}}).text;
}

QByteArray incomplete(const QByteArray &reason)
{
    const RawJson details = json::object({{"reason", reason}});
    return json::object(
               {{"type", "response.incomplete"}, {"response", json::object({{"incomplete_details", details}})}})
        .text;
}

} // namespace sse
