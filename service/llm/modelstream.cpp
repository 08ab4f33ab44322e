#include "modelstream.h"
#include "llm/log.h"

using namespace Qt::StringLiterals;

namespace nightshift::llm {

/// Of an error body we keep what a message can use.
static constexpr qsizetype maxErrorBodyBytes = 64 * 1024;

/// Of deltas there may be as many as the answer has bytes; items are kept.
static bool isItem(const ModelEvent &event)
{
    return std::visit([](const auto &e) { return requires { e.item; }; }, event);
}

ModelStream::ModelStream(HttpClient &http, const ProviderSettings &provider, const ModelProtocol &protocol,
                         HttpRequest request, QObject *parent)
    : QObject(parent)
    , m_url(request.url)
    , m_redaction(provider)
    , m_size(AnswerLimits())
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
        if (m_errorBody.size() == maxErrorBodyBytes) // there may be no end of it
            end(failureOfStatus(m_status, m_headers, m_errorBody, m_url));
        return;
    }
    if (auto failure = m_size.take(bytes.size()))
        return end(std::move(failure));
    const auto messages = m_parser.feed(bytes);
    for (const SseMessage &message : messages) {
        const auto events = m_decoder->feed(message);
        if (!events)
            return end(events.error());
        for (const ModelEvent &e : *events) {
            if (auto failure = isItem(e) ? m_size.addItem() : std::nullopt)
                return end(std::move(failure));
            emit event(e);
            if (std::holds_alternative<ResponseDone>(e))
                return end({});
        }
    }
    if (auto failure = m_size.read(!messages.empty()))
        end(std::move(failure));
}

void ModelStream::onEnd(const Result<> &outcome)
{
    if (!outcome && outcome.error().kind == Error::Kind::Denied)
        return end(ModelFailure{FailureCode::Auth, outcome.error().message}); // there was no key to ask with
    if (!outcome && outcome.error().kind == Error::Kind::Protocol)            // its head was too large
        return end(ModelFailure{FailureCode::ModelUnavailable, u"the model server "_s + outcome.error().message});
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
