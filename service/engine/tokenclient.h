#pragma once
#include "base/secret.h"
#include "domain/settings.h"
#include "llm/httpclient.h"
#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QTimer>

namespace nightshift::engine {

/// Runs the program that prints a provider's bearer token. Emits finished() exactly once; deleting it kills
/// the program. Denied, with what went wrong, whenever there is no token: nothing is asked without one.
class TokenRun : public QObject
{
    Q_OBJECT

public:
    TokenRun(const TokenCommand &command, QObject *parent);
    ~TokenRun() override;
    const Secret &token() const { return m_token; } ///< Once it has finished well.

signals:
    void finished(const nightshift::Result<> &outcome);

private:
    void onEnded();
    void end(const Result<> &outcome);

    const TokenCommand m_command;
    Secret m_token;
    QProcess m_process;
    QTimer m_timeout;
};

/// Another client with a token on every request: from a program, kept as long as its settings say, and
/// fetched anew, once for each request, when the server answers 401.
class TokenClient final : public llm::HttpClient
{
public:
    /// `first` is the token that the program printed at the start of the run.
    TokenClient(llm::HttpClient &http, TokenCommand command, Secret first);
    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest request, llm::HttpHandlers handlers) override;

private:
    friend class TokenExchange;
    bool isFresh() const;
    void keep(const Secret &token);

    llm::HttpClient &m_http;
    const TokenCommand m_command;
    Secret m_token;
    QElapsedTimer m_age; ///< Of the token.
};

} // namespace nightshift::engine
