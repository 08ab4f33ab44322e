#pragma once
#include "http/health.h"
#include "http/server.h"
#include <QDir>
#include <QPointer>
#include <QSignalSpy>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

namespace nightshift::test {

/// A log that grows in memory and is followed.
class MemoryLog : public QObject
{
    Q_OBJECT

public:
    std::vector<http::FeedEvent> events;
    std::vector<http::FeedEvent> underWay; ///< What snapshots() gives.
    std::optional<QByteArray> end;
    int feeds = 0;
    qint64 pulled = 0; ///< Bytes of events that feeds asked for.

    void append(const QByteArray &type, const QByteArray &data)
    {
        events.push_back({qint64(events.size()) + 1, type, data});
        emit grew();
    }
    void finish(const QByteArray &reason)
    {
        end = reason;
        emit grew();
    }

signals:
    void grew();
    void fleeting(const nightshift::http::FeedEvent &event);
};

class MemoryFeed : public http::FeedSource
{
    Q_OBJECT

public:
    explicit MemoryFeed(MemoryLog &log)
        : m_log(log)
    {
        ++m_log.feeds;
        connect(&log, &MemoryLog::grew, this, &FeedSource::grew);
        connect(&log, &MemoryLog::fleeting, this, &FeedSource::fleeting);
    }
    ~MemoryFeed() override { --m_log.feeds; }

    qint64 lastSeq() const override { return qint64(m_log.events.size()); }
    http::FeedPage next(qint64 after, qsizetype atMost) override
    {
        http::FeedPage page{.upTo = after};
        while (page.upTo < lastSeq() && qsizetype(page.events.size()) < atMost) {
            page.events.push_back(m_log.events[size_t(page.upTo++)]);
            m_log.pulled += page.events.back().data.size();
        }
        if (page.upTo == lastSeq())
            page.end = m_log.end;
        return page;
    }
    std::vector<http::FeedEvent> snapshots() const override { return m_log.underWay; }

private:
    MemoryLog &m_log;
};

/// A reply that the test finishes.
class TestLater : public http::LaterReply
{
    Q_OBJECT

public:
    using LaterReply::LaterReply;
    http::Response soFar() const override { return http::jsonResponse(202, {"\"so far\""}); }
};

/// Gives "0", "1" … as often as `pieces`, each in a piece of `pieceBytes`; then ends, or breaks.
class CountingSource : public http::BodySource
{
public:
    struct Plan
    {
        int pieces = 3;
        qsizetype pieceBytes = 1;
        bool breaks = false;
        int asked = 0; ///< How often the source was asked.
        int alive = 0; ///< How many sources there are.
    };
    explicit CountingSource(Plan &plan)
        : m_plan(plan)
    {
        ++m_plan.alive;
    }
    ~CountingSource() override { --m_plan.alive; }

    Result<QByteArray> next() override
    {
        ++m_plan.asked;
        if (m_given < m_plan.pieces)
            return QByteArray::number(m_given++).leftJustified(m_plan.pieceBytes, '.');
        if (m_plan.breaks)
            return fail(Error::Kind::Internal, QStringLiteral("broken"));
        return QByteArray();
    }

private:
    Plan &m_plan;
    int m_given = 0;
};

/// A server of a few routes, and tokens for it. It listens on loopback unless a test does otherwise.
class Serving
{
public:
    Serving()
        : tokens(folder.filePath(QStringLiteral("tokens.json")), folder.filePath(QStringLiteral("token")))
        , answers(folder.filePath(QStringLiteral("keys")))
    {
        QDir(folder.path()).mkdir(QStringLiteral("keys"));
        QDir(folder.path()).mkdir(QStringLiteral("uploads"));
        token = tokens.add({.label = QStringLiteral("all"), .scopes = http::allScopes})->reveal();
        reader = tokens.add({.label = QStringLiteral("reader"), .scopes = http::Scope::Read})->reveal();
        readiness.reason.reset();
    }

    http::Server &server()
    {
        if (!m_server) {
            m_service.emplace(routes(), door, tokens, answers, allowance, requests);
            m_server = std::make_unique<http::Server>(*m_service, limits, folder.filePath(QStringLiteral("uploads")));
            m_server->listen(std::move(*http::listenOnTcp({"127.0.0.1", 0})));
        }
        return *m_server;
    }

    QTemporaryDir folder;
    http::Door door{.hosts = {}, .origins = {"https://board.example"}};
    http::Limits limits;
    http::TokenStore tokens;
    http::IdempotencyStore answers;
    http::Allowance allowance{{}, {}, {}};
    http::Quota requests;
    http::Readiness readiness;
    QByteArray token;
    QByteArray reader;

    int created = 0;           ///< How often work was really done.
    QByteArray uploaded;       ///< The content of the last upload.
    QPointer<TestLater> later; ///< The last one that is waited for.
    std::chrono::milliseconds wait = std::chrono::hours(1);
    CountingSource::Plan made; ///< What /v1/made gives.
    MemoryLog log;
    MemoryLog otherLog;

private:
    std::vector<http::Route> routes()
    {
        using namespace http;
        std::vector<Route> routes = healthRoutes(readiness);
        routes.push_back({"GET", "/v1/things/{id}", Scope::Read, [](const Request &request) {
                              return jsonResponse(200, json::object({{"id", request.pathValue("id")}}));
                          }});
        routes.push_back({.method = "POST",
                          .pattern = "/v1/things",
                          .scope = Scope::Run,
                          .handler = [this](const Request &request) -> Answer {
                              if (request.body == "bad")
                                  return Problem{ProblemCode::ValidationFailed, QStringLiteral("bad")};
                              return jsonResponse(
                                  201, json::object({{"created", ++created}, {"bytes", qint64(request.body.size())}}));
                          },
                          .repeat = Route::Repeat::NeedsKey});
        routes.push_back({.method = "POST",
                          .pattern = "/v1/waits",
                          .scope = Scope::Run,
                          .handler = [this](const Request &) -> Answer {
                              ++created;
                              auto reply = std::make_unique<TestLater>(wait);
                              later = reply.get();
                              return reply;
                          },
                          .repeat = Route::Repeat::NeedsKey});
        routes.push_back({.method = "POST",
                          .pattern = "/v1/uploads",
                          .scope = Scope::Run,
                          .handler = [this](const Request &request) -> Answer {
                              uploaded = request.upload->readAll();
                              return jsonResponse(200, json::number(qint64(uploaded.size())));
                          },
                          .consumes = {"application/gzip"},
                          .body = Route::Body::Disk});
        routes.push_back({.method = "GET",
                          .pattern = "/v1/files/{path*}",
                          .scope = Scope::Read,
                          .handler = [this](const Request &request) -> Answer {
                              auto file = std::make_shared<QFile>(
                                  folder.filePath(QString::fromUtf8(request.pathValue("path"))));
                              if (!file->open(QIODevice::ReadOnly))
                                  return Problem{ProblemCode::NotFound, QStringLiteral("no such file")};
                              auto answer = fileResponse(request.head, file, "text/plain", "\"v1\"");
                              return answer ? Answer(*answer) : Answer(answer.error());
                          },
                          .produces = {"text/plain"}});
        routes.push_back({.method = "GET",
                          .pattern = "/v1/made",
                          .scope = Scope::Read,
                          .handler = [this](const Request &) -> Answer {
                              return Response{.headers = {{{"Content-Type", "text/plain"}}},
                                              .source = std::make_shared<CountingSource>(made)};
                          },
                          .produces = {"text/plain"}});
        const auto feed = [&routes](const char *pattern, MemoryLog &log) {
            routes.push_back(
                {.method = "GET",
                 .pattern = pattern,
                 .scope = Scope::Read,
                 .handler =
                     [&log](const Request &request) { return feedAnswer(request, std::make_unique<MemoryFeed>(log)); },
                 .produces = feedTypes(),
                 .parameters = feedParameters()});
        };
        feed("/v1/events", log);
        feed("/v1/other/events", otherLog);
        return routes;
    }

    std::optional<http::Service> m_service;
    std::unique_ptr<http::Server> m_server;
};

/// A client that sends bytes and shows what comes back, nothing more.
class RawClient
{
public:
    explicit RawClient(http::Server &server)
    {
        socket.connectToHost(QStringLiteral("127.0.0.1"), server.port());
        wait([this] { return socket.state() == QAbstractSocket::ConnectedState; });
    }

    void send(const QByteArray &bytes)
    {
        socket.write(bytes);
        socket.flush();
    }
    /// All that came, now or soon, when `text` is in it.
    QByteArray until(const QByteArray &text)
    {
        wait([&] { return read().contains(text); });
        return withoutDates(m_got);
    }
    /// All that comes until the other side closes.
    QByteArray rest()
    {
        wait([&] { return (read(), socket.state() == QAbstractSocket::UnconnectedState); });
        read();
        return withoutDates(m_got) + (socket.state() == QAbstractSocket::UnconnectedState ? "" : "<still open>");
    }
    /// What comes for these bytes until the other side closes.
    QByteArray ask(const QByteArray &bytes)
    {
        send(bytes);
        return rest();
    }
    void forget() { m_got.clear(); }

    QTcpSocket socket;

private:
    /// What comes of it shows in what was read.
    static void wait(const std::function<bool()> &condition) { (void)QTest::qWaitFor(condition, 30'000); }
    const QByteArray &read()
    {
        m_got += socket.readAll();
        return m_got;
    }
    static QByteArray withoutDates(QByteArray text)
    {
        for (qsizetype at; (at = text.indexOf("Date: ")) >= 0;)
            text.remove(at, text.indexOf("\r\n", at) + 2 - at);
        return text;
    }
    QByteArray m_got;
};

/// The lines of a request, "|" between them and no body.
inline QByteArray lines(QByteArray text)
{
    return text.replace("|", "\r\n") + "\r\n\r\n";
}

/// A whole answer as the server writes it, its Date left out.
inline QByteArray answerText(const http::Response &response, http::After after)
{
    QByteArray head = http::responseHead(response, http::Body::Length, after);
    const qsizetype date = head.indexOf("Date: ");
    return head.remove(date, head.indexOf("\r\n", date) + 2 - date) + response.body;
}

/// The status and the body of the first answer in `text`: "200 {…}".
inline QByteArray brief(const QByteArray &text)
{
    return text.mid(9, 3) + ' ' + text.sliced(std::max<qsizetype>(0, text.indexOf("\r\n\r\n") + 4)).trimmed();
}

} // namespace nightshift::test
