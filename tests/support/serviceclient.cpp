#include "support/serviceclient.h"
#include "support/apidescription.h"
#include <QFile>
#include <QLocalSocket>
#include <QTest>

using namespace Qt::StringLiterals;

namespace nightshift::test {

QByteArray Reply::field(const QByteArray &name) const
{
    const QByteArray lower = head.toLower();
    const qsizetype at = lower.indexOf("\r\n" + name.toLower() + ": ");
    const qsizetype from = at + 4 + name.size(), end = head.indexOf("\r\n", from);
    return at < 0 ? QByteArray() : head.sliced(from, (end < 0 ? head.size() : end) - from);
}

JsonDocument Reply::json() const
{
    auto parsed = JsonDocument::parse(body);
    return parsed ? std::move(*parsed) : std::move(*JsonDocument::parse("null"));
}

ServiceClient::ServiceClient(Program &program, const QStringList &words)
    : m_folder(program.home() + u"/nightshift/"_s)
{
    program.environment.insert(u"XDG_RUNTIME_DIR"_s, program.home());
    m_run = program.launch(QStringList{u"serve"_s} + words);
    const bool overTcp = words.contains(u"--listen"_s);
    const bool makesToken = overTcp && !QFile::exists(program.state() + u"/tokens.json"_s);
    const QByteArray last = makesToken ? "the token is in " : "listening on ";
    if (!m_run->says(last))
        QTest::qFail(m_run->err(), __FILE__, __LINE__);
    if (!overTcp)
        return;
    const QByteArray listening = "listening on http://127.0.0.1:", said = m_run->err();
    m_port = said.sliced(said.indexOf(listening) + listening.size()).split('\n')[0].toUShort();
    QFile file(path("token"));
    if (file.open(QIODevice::ReadOnly))
        token = file.readAll().trimmed();
}

template <typename Socket>
static QByteArray everything(Socket &socket, const QByteArray &request)
{
    socket.write(request);
    QByteArray got;
    const auto ended = [&] { return (got += socket.readAll(), socket.state() == Socket::UnconnectedState); };
    (void)QTest::qWaitFor(ended, 60'000);
    return got + socket.readAll();
}

QByteArray ServiceClient::exchange(const QByteArray &request)
{
    if (m_port == 0) {
        QLocalSocket socket;
        socket.connectToServer(path("http.sock"));
        return everything(socket, request);
    }
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, m_port);
    return socket.waitForConnected() ? everything(socket, request) : QByteArray();
}

/// Source: RFC 9112, section 7.1.
static QByteArray joined(const QByteArray &chunks)
{
    QByteArray body;
    for (qsizetype at = 0; at < chunks.size();) {
        const qsizetype line = chunks.indexOf("\r\n", at);
        const qsizetype size = chunks.sliced(at, line - at).toLongLong(nullptr, 16);
        if (line < 0 || size == 0)
            break;
        body += chunks.sliced(line + 2, std::min(size, chunks.size() - line - 2));
        at = line + 2 + size + 2;
    }
    return body;
}

Reply ServiceClient::ask(const QByteArray &method, const QByteArray &target, const QByteArray &body,
                         const QByteArrayList &fields)
{
    QByteArray request = method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    if (m_port != 0 && !token.isEmpty())
        request += "Authorization: Bearer " + token + "\r\n";
    const QByteArray given = '\n' + fields.join('\n').toLower();
    if (method != "GET" && method != "HEAD" && method != "DELETE") {
        if (!given.contains("\ncontent-type:"))
            request += "Content-Type: application/json\r\n";
        request += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    }
    for (const QByteArray &field : fields)
        request += field + "\r\n";
    const QByteArray answer = exchange(request + "\r\n" + body);
    const qsizetype end = answer.indexOf("\r\n\r\n");
    Reply reply{answer.mid(9, 3).toInt(), answer.first(std::max<qsizetype>(0, end)), {}};
    reply.body = answer.sliced(end < 0 ? answer.size() : end + 4);
    if (reply.field("Transfer-Encoding") == "chunked")
        reply.body = joined(reply.body);
    if (const QString problem = answerProblem(method, target, reply.status, reply.field("Content-Type"), reply.body);
        !problem.isEmpty())
        QTest::qFail(qPrintable(u"%1 %2: %3\n%4"_s.arg(
                         QString::fromUtf8(method), QString::fromUtf8(target), problem,
                         QString::fromUtf8(reply.body.first(std::min<qsizetype>(reply.body.size(), 4000))))),
                     __FILE__, __LINE__);
    return reply;
}

} // namespace nightshift::test
