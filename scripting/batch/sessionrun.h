#pragma once
#include "batch/transcript.h"
#include "engine/engine.h"
#include "schema/outputschema.h"

namespace nightshift::batch {

/// One turn of one session of its own: opened, asked, closed.
///
///   (servers settle) --> Running --(turn ends)--> Closing --(nothing of it is alive)--> finished, once
///
/// Emits finished() exactly once, from the event loop. Deleting it cancels the session without a word.
class SessionRun : public QObject
{
    Q_OBJECT

public:
    struct Order
    {
        Settings settings;
        UserInput input;
        TurnLimits limits;
        std::optional<RawJson> schema;
        QString log; ///< Of the session that is resumed or forked; empty for a new one.
        enum class Way { New, Resume, Fork };
        Way way = Way::New;
        bool goesOn = false;          ///< Resume only: there is no new input.
        std::optional<qint64> atTurn; ///< Fork only: at the end of this turn, counted from 1.
        Transcript before;            ///< Of the conversation that it goes on from.
    };
    SessionRun(engine::Engine &engine, llm::HttpClient &http, Order order, QObject *parent);
    ~SessionRun() override;

    /// Ends the turn in good order; finished() follows.
    void interrupt(const TurnError &why, std::chrono::milliseconds grace = {});
    /// What the user says while it runs; the model is told when it is asked next. False when it will not be.
    bool steer(const UserInput &input);
    void holdClock();
    void releaseClock();

    const QString &session() const { return m_sessionId; }
    const Transcript &transcript() const { return m_transcript; }

signals:
    /// The session has its id and its log, and nothing was asked yet.
    void opened(const QString &sessionId);
    void event(const nightshift::Event &event);
    void finished();

private:
    void begin();
    void open();
    void fail(const TurnError &error);
    Result<engine::Session *> openSession();
    void onEvent(const Event &event);
    void close();

    engine::Engine &m_engine;
    llm::HttpClient &m_http;
    const Order m_order;
    std::unique_ptr<mcp::Servers> m_servers;
    engine::Session *m_session = nullptr;
    QString m_sessionId;
    std::optional<schema::OutputSchema> m_schema;
    Transcript m_transcript;
    std::optional<TurnError> m_interrupted; ///< Before there was a session.
};

} // namespace nightshift::batch
