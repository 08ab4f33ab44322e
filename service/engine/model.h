#pragma once
#include "engine/tokenclient.h"
#include "llm/modelstream.h"
#include <span>

namespace nightshift::engine {

/// A session's model: the server it lives on and how that server wants to be spoken to.
class Model
{
public:
    Model(llm::HttpClient &http, const Settings &settings, const QString &sessionId);

    /// Why it cannot be asked at all: no key. Empty when it can.
    const QString &problem() const { return m_provider.missingKey; }
    const ProviderSettings &provider() const { return m_provider; }

    /// What requests are a part of from now on, in the words of W3C Trace Context; empty: nothing is said of it.
    void setTraceParent(const QByteArray &traceParent) { m_traceParent = traceParent; }
    /// A request without tools that carries these items.
    llm::ModelRequest request(std::span<const HistoryItem> input) const;
    llm::ModelStream *ask(const llm::ModelRequest &request, QObject *parent);

private:
    std::unique_ptr<TokenClient> m_tokens; ///< Where a program prints the key.
    llm::HttpClient &m_http;
    const Settings &m_settings;
    const ProviderSettings &m_provider;
    const QString m_sessionId;
    QByteArray m_traceParent;
    std::unique_ptr<llm::ModelProtocol> m_protocol;
};

} // namespace nightshift::engine
