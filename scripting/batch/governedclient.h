#pragma once
#include "batch/governor.h"
#include "llm/httpclient.h"
#include <map>

namespace nightshift::batch {

/// Another client that keeps to what its servers bear: requests to models wait for their turn, and one that a server
/// refuses for being too many waits and is sent again, unseen by whoever asked, until its patience is used up.
/// A refusal that waiting cannot heal (a quota that is spent) is passed on at once.
class GovernedClient final : public QObject, public llm::HttpClient
{
    Q_OBJECT

public:
    struct Options
    {
        QString runtimeFolder;                                     ///< Where the state lies that processes share.
        std::chrono::milliseconds patience{std::chrono::hours(1)}; ///< --rate-limit-wait, for each request.
    };
    GovernedClient(llm::HttpClient &http, Options options, QObject *parent = nullptr);

    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;
    /// How many requests are worth having: what the server that was asked last may be asked at once, and those that
    /// wait alone beside them.
    int room() const
    {
        const int limit = m_last ? m_last->limit() : GovernorState::firstLimit;
        return limit + std::min(GovernorState::highestLimit, m_alone);
    }

signals:
    /// A session's request waits for its turn; its own time does not pass.
    void queued(const QString &session);
    void sent(const QString &session);
    /// It is refused, and goes again at about `retryAt` (milliseconds since 1970). Between queued and sent.
    void waitStarted(const QString &session, qint64 retryAt);
    void waitEnded(const QString &session);

private:
    friend class GovernedExchange;
    Governor *governorFor(const llm::HttpRequest &request);

    llm::HttpClient &m_http;
    const Options m_options;
    std::map<QString, std::unique_ptr<Governor>> m_governors; ///< By path.
    Governor *m_last = nullptr;
    int m_alone = 0; ///< Refused requests that wait while others are sent.
};

} // namespace nightshift::batch
