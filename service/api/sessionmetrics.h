#pragma once
#include "api/sessions.h"
#include "http/metrics.h"
#include "llm/meteredclient.h"

namespace nightshift::api {

/// Counts what sessions do.
class SessionMetrics : public QObject
{
    Q_OBJECT

public:
    /// Both outlive it.
    SessionMetrics(Sessions &sessions, http::Metrics &metrics);

private:
    void onRecorded(const QString &sessionId, const http::FeedEvent &event);
    void onTurnEnded(const QString &sessionId, const QString &turnId);
    void countItem(JsonView item);

    Sessions &m_sessions;
    http::Metrics &m_metrics;
    QHash<QString, QByteArray> m_asked; ///< Approvals that wait, and since when.
};

/// The same surroundings, whose ways to models are measured. `metrics` outlives what is made with them.
engine::Surroundings measured(engine::Surroundings surroundings, http::Metrics &metrics);

} // namespace nightshift::api
