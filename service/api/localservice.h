#pragma once
#include "api/approvalbook.h"
#include "api/batches.h"
#include "api/bundleshelf.h"
#include "api/sessionmetrics.h"
#include "domain/serving.h"
#include "http/health.h"
#include "http/outbox.h"
#include "http/server.h"
#include "http/systemd.h"
#include "http/tokenwatch.h"

namespace nightshift::api {

/// All parts of the service, from its listening sockets to its routes.
class LocalService : public QObject, public RunningService
{
    Q_OBJECT

public:
    LocalService(ServiceSettings settings, const engine::Surroundings &surroundings, ServiceCallbacks callbacks);
    ~LocalService() override;

    /// Opens what it listens on; says where that is and where the token for it lies.
    Result<> start();
    void reload() override;
    void stop() override;

private:
    std::vector<http::Route> routes();
    http::Door door() const;
    http::Limits limits() const;
    std::unique_ptr<http::FeedSource> openLog(const QString &id);
    void tellWhatWasMissed();
    Result<> secure();
    Result<> checkTokensAreAsked() const;
    Result<> listen();
    Result<> listenOnTcp(const QString &address);
    Result<> listenOnUnix();
    Result<> provideToken();
    void tellPage();
    void tellBoundTokens();
    void closeWhenDrained();

    const ServiceSettings m_settings;
    const ServiceCallbacks m_callbacks;
    http::Supervisor m_supervisor;
    http::Readiness m_readiness;
    const http::Limits m_limits;
    http::Allowance m_allowance;
    http::Metrics m_metrics;
    http::TokenStore m_tokens;
    http::IdempotencyStore m_answers;
    Sessions m_sessions;
    Batches m_batches;
    ApprovalBook m_approvals;
    SessionMetrics m_sessionMetrics;
    http::Outbox m_outbox;
    BundleShelf m_shelf;
    http::Service m_service;
    http::Server m_server;
    http::TokenWatch m_tokenWatch;
    bool m_isClosing = false;
    bool m_ownsSocket = false;
    QString m_address; ///< Of the first TCP listener, for a browser on this machine.
};

} // namespace nightshift::api
