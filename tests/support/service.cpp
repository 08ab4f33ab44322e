#include "support/service.h"
#include "support/apidescription.h"
#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <csignal>

using namespace Qt::StringLiterals;

namespace nightshift::test {

static bool waitFor(auto condition)
{
    return QTest::qWaitFor(condition, 30'000);
}

Exchange::Exchange(QIODevice *device, QByteArray method, QByteArray target, const QByteArray &request)
    : m_device(device)
    , m_method(std::move(method))
    , m_target(std::move(target))
{
    m_device->write(request);
}

bool Exchange::isOver() const
{
    if (const auto *local = qobject_cast<QLocalSocket *>(m_device.get()))
        return local->state() == QLocalSocket::UnconnectedState;
    return qobject_cast<QTcpSocket *>(m_device.get())->state() == QAbstractSocket::UnconnectedState;
}

void Exchange::leave()
{
    m_device->close();
}

static QByteArray withoutChunks(QByteArrayView body)
{
    QByteArray joined;
    for (qsizetype end; (end = body.indexOf("\r\n")) > 0;) {
        const qsizetype size = body.first(end).toByteArray().toLongLong(nullptr, 16);
        const qsizetype there = std::min(size, body.size() - end - 2);
        joined += body.sliced(end + 2, there);
        if (there < size || body.size() < end + size + 4)
            break;
        body = body.sliced(end + size + 4);
    }
    return joined;
}

Reply Exchange::parsed() const
{
    const qsizetype end = m_got.indexOf("\r\n\r\n");
    if (end < 0)
        return {};
    Reply reply{m_got.mid(9, 3).toInt(), m_got.first(end), m_got.sliced(end + 4)};
    if (reply.field("Transfer-Encoding") == "chunked")
        reply.body = withoutChunks(reply.body);
    return reply;
}

Reply Exchange::reply()
{
    waitFor([this] { return isOver(); });
    m_got += m_device->readAll();
    const Reply reply = parsed();
    const QString problem = answerProblem(m_method, m_target, reply.status, reply.field("Content-Type"), reply.body);
    if (!problem.isEmpty() && reply.status != 0)
        QTest::qFail((m_method + ' ' + m_target + ": " + problem.toUtf8() + '\n' + reply.body).constData(), __FILE__,
                     __LINE__);
    return reply;
}

QByteArray Exchange::body()
{
    m_got += m_device->readAll();
    return parsed().body;
}

bool Exchange::shows(const QByteArray &text)
{
    return waitFor([&] { return body().contains(text) || isOver(); }) && body().contains(text);
}

std::vector<SseFrame> sseFrames(const QByteArray &body)
{
    std::vector<SseFrame> frames;
    QByteArray text = body;
    for (qsizetype end; (end = text.indexOf("\n\n")) >= 0; text.remove(0, end + 2)) {
        SseFrame frame;
        for (const QByteArray &line : text.first(end).split('\n')) {
            if (line.startsWith("id: "))
                frame.id = line.sliced(4).toLongLong();
            else if (line.startsWith("event: "))
                frame.type = line.sliced(7);
            else if (line.startsWith("data: "))
                frame.data = line.sliced(6);
        }
        if (!frame.type.isEmpty())
            frames.push_back(frame);
    }
    return frames;
}

Service::Service(const QStringList &args)
    : args(args)
{
    program.environment.insert(u"XDG_RUNTIME_DIR"_s, program.home());
}

void Service::start()
{
    run = program.launch(QStringList{u"serve"_s} + args);
    if (!run->says("listening on "))
        qFatal("the service did not start: %s", run->wait().err.constData());
    if (args.contains(u"--listen"_s)) {
        if (!QFile::exists(program.state() + u"/tokens.json"_s)) // else none is made, or it was made before
            waitFor([this] { return run->says("the token is in "); });
        const QByteArray listening = "listening on http://127.0.0.1:";
        port = run->err().sliced(run->err().indexOf(listening) + listening.size()).split('\n')[0].toUShort();
        QFile file(program.home() + u"/nightshift/token"_s);
        token = file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
    }
    waitFor([this] { return get("/readyz").status == 200; });
}

Ended Service::stop()
{
    run->send(SIGTERM);
    return run->wait();
}

void Service::kill()
{
    run->send(SIGKILL);
    run->wait();
}

std::unique_ptr<Exchange> Service::open(const QByteArray &method, const QByteArray &path, const QByteArray &body,
                                        const QByteArray &fields, const QByteArray &type)
{
    QByteArray request = method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields;
    if (!token.isEmpty())
        request += "Authorization: Bearer " + token + "\r\n";
    if (method == "POST" || method == "PATCH")
        request += "Content-Type: " + type + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n";
    request += "\r\n" + body;
    if (port == 0) {
        auto *socket = new QLocalSocket;
        socket->connectToServer(program.home() + u"/nightshift/http.sock"_s);
        return std::make_unique<Exchange>(socket, method, path, request);
    }
    auto *socket = new QTcpSocket;
    socket->connectToHost(u"127.0.0.1"_s, port);
    return std::make_unique<Exchange>(socket, method, path, request);
}

std::unique_ptr<Exchange> Service::stream(const QByteArray &path, const QByteArray &fields)
{
    return open("GET", path, {}, "Accept: text/event-stream\r\n" + fields);
}

Reply Service::send(const QByteArray &method, const QByteArray &path, const QByteArray &body, const QByteArray &fields)
{
    return open(method, path, body, fields)->reply();
}

Reply Service::get(const QByteArray &path, const QByteArray &fields)
{
    return send("GET", path, {}, fields);
}

Reply Service::post(const QByteArray &path, const QByteArray &body, const QByteArray &fields, const QByteArray &type)
{
    return open("POST", path, body, fields, type)->reply();
}

QByteArray Service::addToken(const QStringList &words)
{
    return program.run(QStringList{u"serve"_s, u"token"_s, u"add"_s, u"ci"_s} + words).out.trimmed();
}

QByteArray Service::create(const QByteArray &members)
{
    const Reply reply = post("/v1/sessions", '{' + members + '}');
    if (reply.status != 201 && reply.status != 202)
        QTest::qFail("no session was made: " + reply.body, __FILE__, __LINE__);
    return reply.text("id");
}

std::vector<SseFrame> Service::events(const QByteArray &session)
{
    std::vector<SseFrame> events;
    qint64 after = 0;
    for (;;) {
        const JsonDocument page =
            get("/v1/sessions/" + session + "/events?limit=100&after=" + QByteArray::number(after)).json();
        for (const JsonView event : page.root()["data"].items())
            events.push_back({event["seq"].toInteger(), event["type"].utf8().toByteArray(), event.raw().text});
        if (page.root()["next"].toInteger() == after)
            return events;
        after = page.root()["next"].toInteger();
    }
}

bool Service::becomes(const QByteArray &session, const QByteArray &status)
{
    return waitFor([&] { return get("/v1/sessions/" + session).text("status") == status; });
}

QByteArray Service::plain(QByteArray text) const
{
    static const QRegularExpression times(u"\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z"_s), durations(u"_ms\":\\d+"_s);
    QString result = QString::fromUtf8(program.plain(std::move(text)));
    result.replace(times, u"TIME"_s).replace(durations, u"_ms\":0"_s);
    return result.toUtf8();
}

} // namespace nightshift::test
