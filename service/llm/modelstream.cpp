#include "modelstream.h"
#include "llm/log.h"

namespace nightshift::llm {

/// Of an error body we keep what a message can use.
static constexpr qsizetype maxErrorBodyBytes = 64 * 1024;

ModelStream::ModelStream(HttpClient &http, const ProviderSettings &provider, const ModelProtocol &protocol,
                         HttpRequest request, QObject *parent)
    : QObject(parent)
    , m_url(request.url)
    , m_redaction(provider)
    , m_decoder(protocol.decoder())
{
    m_idle.setSingleShot(true);
    m_idle.setInterval(provider.idleLimit.value_or(provider.streamIdleTimeout));
    connect(&m_idle, &QTimer::timeout, this, [this, isLimit = provider.idleLimit.has_value()] {
        const auto silence = m_idle.intervalAsDuration();
        end(isLimit ? failureOfIdleness(silence) : failureOfSilence(silence));
    });
    m_idle.start();
    qCDebug(llmLog, "asking %s", qUtf8Printable(m_url.section(u'?', 0, 0))); // a query may be a key
    m_exchange = http.send(std::move(request),
                           {
                               .head = [this](int status, const HttpHeaders &headers) { onHead(status, headers); },
                               .body = [this](const QByteArray &bytes) { onBody(bytes); },
                               .end = [this](const Result<> &outcome) { onEnd(outcome); },
                               .held = [this] { m_idle.start(); },
                           });
}

void ModelStream::onHead(int status, const HttpHeaders &headers)
{
    m_status = status;
    qCDebug(llmLog, "status %d", status);
    m_headers = headers;
    m_idle.start();
}

void ModelStream::onBody(const QByteArray &bytes)
{
    m_idle.start(); // any byte is a sign of life, a comment line too
    if (m_status != 200) {
        m_errorBody += bytes.first(qMin(bytes.size(), maxErrorBodyBytes - m_errorBody.size()));
        return;
    }
    for (const SseMessage &message : m_parser.feed(bytes)) {
        const auto events = m_decoder->feed(message);
        if (!events)
            return end(events.error());
        for (const ModelEvent &e : *events) {
            emit event(e);
            if (std::holds_alternative<ResponseDone>(e))
                return end({});
        }
    }
}

void ModelStream::onEnd(const Result<> &outcome)
{
    if (!outcome && outcome.error().kind == Error::Kind::Denied)
        return end(ModelFailure{FailureCode::Auth, outcome.error().message}); // there was no key to ask with
    if (m_status == 0)
        return end(failureOfConnection(
            outcome ? Error{Error::Kind::Network, QStringLiteral("no answer")} : outcome.error(), m_url));
    if (m_status != 200)
        return end(failureOfStatus(m_status, m_headers, m_errorBody, m_url));
    if (const auto done = outcome ? m_decoder->close() : std::nullopt) {
        emit event(*done);
        return end({});
    }
    end(failureOfCut());
}

void ModelStream::end(std::optional<ModelFailure> failure)
{
    if (failure)
        failure->message = m_redaction.applied(failure->message);
    m_idle.stop();
    qCDebug(llmLog, "answer %s", failure ? qUtf8Printable(codeName(failure->code).toString()) : "complete");
    if (!failure && m_exchange)
        m_exchange->conclude();
    m_exchange.reset();
    emit finished(failure);
}

} // namespace nightshift::llm
