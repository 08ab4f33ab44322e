#pragma once
#include "http/eventfeed.h"
#include "http/response.h"
#include "http/target.h"
#include "http/tokens.h"
#include <QObject>
#include <functional>
#include <variant>

class QTemporaryFile;

namespace nightshift::http {

/// A request as handlers see it: whole, and of somebody who may ask this.
struct Request
{
    RequestHead head;
    Query query;
    std::vector<std::pair<QByteArray, QByteArray>> pathValues; ///< By the names in the route's pattern.
    Token caller;
    QByteArray accepted; ///< The one of the route's types that the client likes best.
    QByteArray body;
    std::shared_ptr<QTemporaryFile> upload; ///< Instead of `body` on routes that take big ones; at its beginning.
    QByteArray bodySha256;                  ///< With an Idempotency-Key only.

    QByteArray pathValue(QByteArrayView name) const;
    /// The value of `id`, which most patterns have.
    QString pathId() const { return QString::fromUtf8(pathValue("id")); }
};

/// An answer that is waited for. The client's connection owns it and deletes it when it has waited enough or left.
class LaterReply : public QObject
{
    Q_OBJECT

public:
    /// Waits at most so long.
    explicit LaterReply(std::chrono::milliseconds wait)
        : wait(wait)
    {}
    const std::chrono::milliseconds wait;

    /// What is answered when the waiting ends without `finished`: how things stand.
    virtual Response soFar() const = 0;

signals:
    void finished(const nightshift::http::Judged<nightshift::http::Response> &reply);
};

using Answer = std::variant<Response, Problem, std::unique_ptr<LaterReply>, std::unique_ptr<EventFeed>>;

/// One operation. Requests that reach its handler have passed the door, brought a token with its scope, a body of
/// its types and within its size, and accept one of the types it produces.
struct Route
{
    enum class Body { Memory, Disk };         ///< Disk: large, and streamed to a file.
    enum class Repeat { Harmless, NeedsKey }; ///< NeedsKey: creates work; an Idempotency-Key is honoured.

    QByteArray method;          ///< GET answers HEAD, too.
    QByteArray pattern;         ///< "/v1/sessions/{id}"; a last "{path*}" takes all that is left.
    std::optional<Scope> scope; ///< Nothing: whoever passes the door.
    std::function<Answer(const Request &)> handler;
    QByteArrayList produces = {"application/json"};
    QByteArrayList consumes = {"application/json"}; ///< Asked of POST, PATCH and PUT.
    QByteArrayList parameters = {}; ///< Of its query; others are refused. "label.*" stands for all that begin so.
    Body body = Body::Memory;
    Repeat repeat = Repeat::Harmless;
};

class RouteTable
{
public:
    explicit RouteTable(std::vector<Route> routes);

    struct Match
    {
        const Route *route = nullptr;
        std::vector<std::pair<QByteArray, QByteArray>> pathValues;
    };
    /// NotFound, or MethodNotAllowed with those that are.
    Judged<Match> find(const QByteArray &method, const std::vector<QByteArray> &path) const;

private:
    struct Row
    {
        Route route;
        QByteArrayList segments;
    };
    std::vector<Row> m_rows;
};

/// The answer to a GET for events: a page of JSON, server-sent events or lines of JSON, as the client accepts;
/// `after`, `limit`, `types` and `deltas` of its query, and its Last-Event-ID, are honoured; a page is waited for as
/// the client prefers.
Answer feedAnswer(const Request &request, std::unique_ptr<FeedSource> source);
/// What a route with feedAnswer() produces, and its query's parameters.
QByteArrayList feedTypes();
QByteArrayList feedParameters();

} // namespace nightshift::http
