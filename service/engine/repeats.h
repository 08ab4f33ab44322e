#pragma once
#include "domain/event.h"
#include "engine/retrydelay.h"
#include <QElapsedTimer>
#include <QTimer>

namespace nightshift::engine {

class Ledger;

/// One request to a model from when it is first sent until it has its answer, with all its repeats.
class Repeats : public QObject
{
    Q_OBJECT

public:
    Repeats(const ProviderSettings &provider, Ledger &ledger, QObject *parent);

    /// The request is sent, for the first time or again.
    void begin();
    /// It failed. True when due() will say that it is to be sent again; then a log line or event() tells why.
    bool plan(const llm::ModelFailure &failure);
    /// It has its answer, or nobody wants one any more.
    void end();

    bool isUnderWay() const { return m_delay.has_value(); }
    bool isWaiting() const { return m_wait.isActive(); }

signals:
    void event(const nightshift::Event &event);
    void due();

private:
    void beginWait(const QString &message, std::chrono::milliseconds delay);
    void endWait();

    const ProviderSettings &m_provider;
    Ledger &m_ledger;
    std::optional<RetryDelay> m_delay;
    QElapsedTimer m_age; ///< Since it was first sent.
    QTimer m_wait;
    QElapsedTimer m_waited; ///< Valid while a server's rate limit is waited for.
};

} // namespace nightshift::engine
