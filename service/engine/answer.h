#pragma once
#include "engine/lastmessage.h"
#include "engine/ledger.h"
#include "engine/spending.h"
#include "llm/modelstream.h"

namespace nightshift::engine {

/// One answer of the model while it streams: what comes enters the conversation, is counted, and is told.
class Answer : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        Ledger &ledger;
        Spending &spending;
        LastMessage &lastMessage;
        const ModelInfo &model;
    };
    /// Takes the stream, which has not emitted anything yet.
    Answer(llm::ModelStream *stream, const Parts &parts, QObject *parent);

    /// Nothing more of it counts; it deletes itself.
    void cancel();
    /// The model wants to be asked again although it called no tool.
    bool wantsMore() const { return m_wantsMore; }

signals:
    void event(const nightshift::Event &event);
    void called(const nightshift::ToolCall &call); ///< On record already.
    void finished(const std::optional<nightshift::llm::ModelFailure> &failure);

private:
    void onModelEvent(const llm::ModelEvent &modelEvent);
    void onDone(const llm::ResponseDone &done);

    const Parts m_parts;
    llm::ModelStream *m_stream;
    bool m_wantsMore = false;
};

} // namespace nightshift::engine
