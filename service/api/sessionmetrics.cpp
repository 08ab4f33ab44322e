#include "sessionmetrics.h"
#include "api/objects.h"
#include <QDateTime>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Metric;
using Values = std::map<http::Metrics::Labels, double>;

SessionMetrics::SessionMetrics(Sessions &sessions, http::Metrics &metrics)
    : m_sessions(sessions)
    , m_metrics(metrics)
{
    connect(&sessions, &Sessions::recorded, this, &SessionMetrics::onRecorded);
    connect(&sessions, &Sessions::turnEnded, this, &SessionMetrics::onTurnEnded);
    connect(&sessions, &Sessions::appended, this,
            [&metrics](double seconds) { metrics.observe(Metric::EventAppendSeconds, seconds); });
    metrics.watch(Metric::Sessions, [&sessions] {
        Values values;
        for (const HostedSession *session : sessions.hosted())
            ++values[{session->view().status()}];
        return values;
    });
    const auto sum = [&](Metric metric, auto count) {
        metrics.watch(metric, [&sessions, count] {
            double all = 0;
            for (const HostedSession *session : sessions.hosted())
                all += double(count(session->view()));
            return Values{{{}, all}};
        });
    };
    sum(Metric::QueueDepth, [](const SessionView &view) { return view.queue.size(); });
    sum(Metric::ApprovalsPending, [](const SessionView &view) { return view.pendingApprovals; });
}

void SessionMetrics::onTurnEnded(const QString &sessionId, const QString &turnId)
{
    const auto log = m_sessions.log(sessionId, http::localUser());
    const TurnView *turn = log ? (*log)->view().turn(turnId) : nullptr;
    if (!turn)
        return;
    m_metrics.add(Metric::Turns, {outcomeOf(*turn), reasonOf(*turn).toLatin1()});
    m_metrics.observe(Metric::TurnSeconds, double(turn->durationMs) / 1000);
    m_metrics.add(Metric::RateLimitWaitSeconds, {}, double(turn->waitedForRateLimitMs) / 1000);
    const QByteArray model = (*log)->view().options.model.toUtf8();
    const auto tokens = [&](const char *kind, qint64 Usage::*count) {
        if (const qint64 used = turn->after.*count - turn->before.*count; used > 0)
            m_metrics.add(Metric::Tokens, {model, kind}, double(used));
    };
    tokens("input", &Usage::inputTokens);
    tokens("cached_input", &Usage::cachedInputTokens);
    tokens("output", &Usage::outputTokens);
    tokens("reasoning_output", &Usage::reasoningOutputTokens);
    if (const double cost = turn->after.costUsd.value_or(0) - turn->before.costUsd.value_or(0); cost > 0)
        m_metrics.add(Metric::CostUsd, {model}, cost);
}

void SessionMetrics::onRecorded(const QString &sessionId, const http::FeedEvent &event)
{
    if (!m_sessions.hosted(sessionId)) // another process's run, that somebody looks at here
        return;
    if (event.type != "item.completed" && !event.type.startsWith("approval."))
        return;
    const auto document = JsonDocument::parse(event.data);
    const JsonView root = document ? document->root() : JsonView();
    if (event.type == "item.completed")
        return countItem(root["item"]);
    if (event.type == "approval.requested") {
        m_asked.insert(root["approval"]["id"].toString(), root["time"].utf8().toByteArray());
    } else if (const QByteArray asked = m_asked.take(root["approval_id"].toString()); !asked.isEmpty()) {
        const auto time = [](const QString &text) { return QDateTime::fromString(text, Qt::ISODateWithMs); };
        const qint64 waited = time(QString::fromLatin1(asked)).msecsTo(time(root["time"].toString()));
        m_metrics.observe(Metric::ApprovalWaitSeconds, double(waited) / 1000);
    }
}

void SessionMetrics::countItem(JsonView item)
{
    const QByteArrayView type = item["type"].utf8(), status = item["status"].utf8();
    if (status.isEmpty()) // a message, a thought: nothing that was called
        return;
    QByteArray tool = type.toByteArray();
    if (type == "mcp_tool_call")
        tool = item["server"].utf8().toByteArray() + '.' + item["tool"].utf8().toByteArray();
    const char *result = status == "completed" ? "ok" : status == "declined" ? "denied" : "failed";
    m_metrics.add(Metric::ToolCalls, {tool, result});
}

engine::Surroundings measured(engine::Surroundings surroundings, http::Metrics &metrics)
{
    surroundings.http = [make = std::move(surroundings.http),
                         &metrics](const Settings &settings) -> Result<std::unique_ptr<llm::HttpClient>> {
        auto client = make(settings);
        if (!client)
            return client;
        const auto tell = [&metrics, base = settings.provider.baseUrl,
                           id = settings.provider.id.toUtf8()](const llm::RequestFigures &figures) {
            // One way serves all providers; those that it was not made for are named by their host.
            const QByteArray provider = figures.url.startsWith(base) ? id : QUrl(figures.url).host().toUtf8();
            const QByteArray status = figures.status == 0 ? "unreached" : QByteArray::number(figures.status);
            metrics.add(Metric::ModelRequests, {provider, figures.model, status});
            metrics.observe(Metric::ModelRequestSeconds, figures.whole.count());
            if (figures.untilFirst.count() > 0)
                metrics.observe(Metric::ModelTtftSeconds, figures.untilFirst.count());
        };
        return std::make_unique<llm::MeteredClient>(std::move(*client), tell);
    };
    return surroundings;
}

} // namespace nightshift::api
