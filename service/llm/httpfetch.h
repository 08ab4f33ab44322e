#pragma once
#include "llm/httpclient.h"
#include <QObject>
#include <QTimer>

namespace nightshift::llm {

struct HttpAnswer
{
    int status = 0;
    QByteArray body;
    bool operator==(const HttpAnswer &) const = default;
};

/// One small request and its whole answer, for the questions about a server that are no prompts.
///
/// Emits finished() exactly once: with the answer, whatever its status, or with why there was none
/// (Network, Timeout, Protocol). `line()` comes before, once for each complete line, where somebody listens for them:
/// of an answer that is read as it comes.
class HttpFetch : public QObject
{
    Q_OBJECT

public:
    /// `silence` is how long the server may say nothing.
    HttpFetch(HttpClient &http, HttpRequest request, std::chrono::milliseconds silence, QObject *parent);

signals:
    void line(const QByteArray &line);
    void finished(const nightshift::Result<nightshift::llm::HttpAnswer> &outcome);

private:
    void onBody(const QByteArray &bytes);
    void onEnd(const Result<> &outcome);
    void end(const Result<HttpAnswer> &outcome);

    const QString m_url;
    HttpAnswer m_answer;
    qint64 m_bytes = 0;        ///< Of all that came.
    qsizetype m_lineStart = 0; ///< Of the line that is not complete yet, in the body.
    QTimer m_silence;
    std::unique_ptr<HttpExchange> m_exchange;
};

} // namespace nightshift::llm
