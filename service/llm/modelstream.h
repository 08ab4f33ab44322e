#pragma once
#include "llm/answersize.h"
#include "llm/modelprotocol.h"
#include "llm/redaction.h"
#include <QObject>
#include <QTimer>

namespace nightshift::llm {

/// One request to a model server and its streamed answer.
///
/// Emits event() any number of times, then finished() exactly once: with nothing when the answer is
/// complete, else with why not, no key in it. Deleting the stream cancels the request and emits nothing.
class ModelStream : public QObject
{
    Q_OBJECT

public:
    ModelStream(HttpClient &http, const ProviderSettings &provider, const ModelProtocol &protocol, HttpRequest request,
                QObject *parent);

signals:
    void event(const nightshift::llm::ModelEvent &event);
    void finished(const std::optional<nightshift::llm::ModelFailure> &failure);

private:
    void onHead(int status, const HttpHeaders &headers);
    void onBody(const QByteArray &bytes);
    void onEnd(const Result<> &outcome);
    void end(std::optional<ModelFailure> failure);

    const QString m_url;
    const Redaction m_redaction;
    int m_status = 0;
    HttpHeaders m_headers;
    QByteArray m_errorBody; ///< Of an answer that is not 200.
    AnswerSize m_size;
    SseParser m_parser;
    std::unique_ptr<ModelDecoder> m_decoder;
    QTimer m_idle;
    std::unique_ptr<HttpExchange> m_exchange;
};

} // namespace nightshift::llm
