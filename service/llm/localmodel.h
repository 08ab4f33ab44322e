#pragma once
#include "domain/settings.h"
#include "llm/httpfetch.h"

namespace nightshift::llm {

/// How far a server is with downloading a model.
struct PullProgress
{
    QString status; ///< In the server's words: "pulling manifest".
    QString layer;  ///< Which part of the model, as the server names it; empty between the parts.
    qint64 total = 0;
    qint64 done = 0; ///< Bytes; both 0 where there is nothing to count.
    bool operator==(const PullProgress &) const = default;
};

/// One line of the answer to a pull. An error is the server's own, or that the line is none of its lines.
/// Source: https://github.com/ollama/ollama/blob/main/docs/api.md (pull a model)
Result<PullProgress> readPullLine(QByteArrayView line);

/// Whether a server that has `listed` can be asked for `wanted`: Ollama's names match with and without
/// `:latest`.
bool isSameModel(QStringView listed, QStringView wanted);

/// Makes sure, before a run relies on it, that the model server of this machine runs and has the model.
///
///   Asking which models there are --(it is there)--> finished
///                                 --(it is not, Ollama)--> Pulling --> finished
///                                 --(it is not, LM Studio)--> finished: NotFound, the models it has are named
///
/// finished() comes exactly once; Network when nothing listens.
class LocalModel : public QObject
{
    Q_OBJECT

public:
    LocalModel(HttpClient &http, const ProviderSettings &provider, const QString &model, QObject *parent);

signals:
    void pulling(const nightshift::llm::PullProgress &progress);
    void finished(const nightshift::Result<> &outcome);

private:
    void ask(const char *method, const QString &url, const QByteArray &body, auto onFinished);
    void onListed(const Result<HttpAnswer> &answer);
    void pull();
    void onPullLine(const QByteArray &line);
    void onPulled(const Result<HttpAnswer> &answer);

    HttpClient &m_http;
    const ProviderSettings m_provider;
    const QString m_model;
    QString m_root; ///< The base URL without `/v1`, where Ollama's own interface is.
    Result<PullProgress> m_last;
};

} // namespace nightshift::llm
