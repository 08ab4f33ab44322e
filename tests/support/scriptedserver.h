#pragma once
#include <QMap>
#include <QObject>
#include <QStringList>
#include <QTcpServer>
#include <deque>
#include <functional>

/// A model server on 127.0.0.1 that plays prepared answers in order, keeps what it was asked and checks of
/// every request what must hold of all of them. It scripts requests, not connections: those are kept alive.
/// Only what is posted counts; of all else what has no route is not found.
class ScriptedServer : public QObject
{
public:
    struct Answer
    {
        enum class End { Complete, Cut, Stall };
        int status = 200;
        QByteArray body;
        End end = End::Complete;
        QMap<QByteArray, QByteArray> headers;
    };

    struct Request
    {
        QByteArray method;
        QByteArray path;
        QMap<QByteArray, QByteArray> headers; ///< Names in lower case.
        QByteArray body;
        quint16 port = 0;            ///< Of the client: one for each connection.
        QByteArray input() const;    ///< The text between `"input":[` and the closing brackets.
        bool asksForSummary() const; ///< Of the conversation, which then goes on from it.
    };

    explicit ScriptedServer(QObject *parent = nullptr);

    void play(Answer answer) { m_answers.push_back(std::move(answer)); }
    /// An answer that streams these messages and completes.
    void play(const QByteArrayList &messages);
    /// What is played when nothing else is left: what this makes of the request, else `otherwise`. When there is
    /// neither, that is a violation.
    std::function<Answer(const Request &)> script;
    std::optional<Answer> otherwise;
    /// What is answered, always, to "GET /v1/models" and the like; such requests are not among requests().
    QMap<QByteArray, Answer> routes;
    /// The requests that had a route, in order: "GET /v1/models", "POST /api/pull {…}".
    const QByteArrayList &routed() const { return m_routed; }

    QString url() const { return QStringLiteral("http://127.0.0.1:%1/v1").arg(m_tcp.serverPort()); }
    const std::vector<Request> &requests() const { return m_requests; }
    /// What requests broke: an answer without its call, a call without its answer, a history rewritten other than
    /// by the summary that was asked for.
    const QStringList &violations() const { return m_violations; }

    qsizetype pieceSize = 7; ///< Bytes a chunk; small, so that every test cuts lines in two.

private:
    void onConnection();
    void onReadyRead(QTcpSocket *socket);
    void answer(QTcpSocket *socket);
    void send(QTcpSocket *socket, const Answer &answer) const;
    void check(const Request &request);

    QMap<QTcpSocket *, QByteArray> m_incoming;
    std::deque<Answer> m_answers;
    std::vector<Request> m_requests;
    QByteArrayList m_routed;
    QStringList m_violations;
    struct Told
    {
        QByteArray input;       ///< The last one, but for those that asked for a summary.
        bool summaries = false; ///< Were asked for since.
    };
    QMap<QString, Told> m_told; ///< By session.
    QTcpServer m_tcp;           ///< Last, because its sockets tell us of their end.
};

namespace sse {

/// The messages of an event stream, each a JSON text.
QByteArray stream(const QByteArrayList &messages);
QByteArray created();
QByteArray completed(int inputTokens = 1000, int cached = 600, int outputTokens = 50, int reasoning = 10);
QByteArray message(const QByteArray &id, const QByteArray &text);
/// A message in which the model declines.
QByteArray refusal(const QByteArray &id, const QByteArray &text);
QByteArray reasoning(const QByteArray &id, const QByteArray &summary);
/// `arguments` is the JSON text of the arguments.
QByteArray call(const QByteArray &id, const QByteArray &tool, const QByteArray &arguments);
QByteArray command(const QByteArray &id, const QByteArray &cmd);
QByteArray patch(const QByteArray &id, const QByteArray &patch);
QByteArray failed(const QByteArray &code, const QByteArray &message);
/// The model stopped before it was done.
QByteArray incomplete(const QByteArray &reason);

} // namespace sse
