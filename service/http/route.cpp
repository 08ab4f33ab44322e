#include "route.h"
#include "http/eventpage.h"
#include "http/log.h"
#include <QTemporaryFile>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::http {

QByteArray Request::pathValue(QByteArrayView name) const
{
    const auto found = std::ranges::find(pathValues, name, &std::pair<QByteArray, QByteArray>::first);
    return found == pathValues.end() ? QByteArray() : found->second;
}

RouteTable::RouteTable(std::vector<Route> routes)
{
    for (Route &route : routes) {
        const QByteArrayList segments = route.pattern.sliced(1).split('/');
        qCDebug(httpLog, "route %s %s for %s", route.method.constData(), route.pattern.constData(),
                route.scope ? qPrintable(scopeWords(*route.scope).join(u',')) : "everybody");
        m_rows.push_back({std::move(route), segments});
    }
}

using Values = std::vector<std::pair<QByteArray, QByteArray>>;

static std::optional<Values> match(const QByteArrayList &pattern, const std::vector<QByteArray> &path)
{
    Values values;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const QByteArray &expected = pattern[i];
        if (expected.endsWith("*}") && size_t(i) < path.size()) {
            const QByteArrayList rest(path.begin() + i, path.end());
            if (rest.contains(QByteArray()))
                return {};
            values.emplace_back(expected.sliced(1, expected.size() - 3), rest.join('/'));
            return values;
        }
        if (size_t(i) >= path.size())
            return {};
        if (expected.startsWith('{') && !path[i].isEmpty())
            values.emplace_back(expected.sliced(1, expected.size() - 2), path[i]);
        else if (expected != path[i])
            return {};
    }
    return size_t(pattern.size()) == path.size() ? std::optional(values) : std::nullopt;
}

Judged<RouteTable::Match> RouteTable::find(const QByteArray &method, const std::vector<QByteArray> &path) const
{
    const QByteArray wanted = method == "HEAD" ? "GET" : method;
    QByteArrayList allowed;
    for (const Row &row : m_rows) {
        auto values = match(row.segments, path);
        if (!values)
            continue;
        if (row.route.method == wanted)
            return Match{&row.route, std::move(*values)};
        allowed += row.route.method == "GET" ? "GET, HEAD" : row.route.method;
    }
    if (allowed.isEmpty())
        return std::unexpected(Problem{ProblemCode::NotFound, u"nothing is here"_s});
    Problem problem{ProblemCode::MethodNotAllowed, u"allowed here: %1"_s.arg(QLatin1StringView(allowed.join(", ")))};
    problem.allow = allowed.join(", ");
    return std::unexpected(problem);
}

QByteArrayList feedTypes()
{
    return {"application/json", "text/event-stream", "application/jsonl"};
}

QByteArrayList feedParameters()
{
    return {"after", "limit", "types", "deltas"};
}

Answer feedAnswer(const Request &request, std::unique_ptr<FeedSource> source)
{
    const auto start = feedStart(request.head, request.query.value("after"), source->lastSeq());
    if (!start)
        return start.error();
    QByteArrayList types;
    for (const QByteArray &type : request.query.value("types").value_or("").split(',')) {
        if (!type.isEmpty())
            types += type;
    }
    if (request.accepted == "application/json")
        return eventPage(request, std::move(source), *start, types);
    FeedOptions options{*start, FeedForm::Sse, types};
    if (request.accepted == "application/jsonl")
        options.form = FeedForm::JsonLines;
    options.deltas = request.query.value("deltas") != "0";
    return std::make_unique<EventFeed>(std::move(source), options);
}

} // namespace nightshift::http
