#include "answer.h"

namespace nightshift::engine {

Answer::Answer(llm::ModelStream *stream, const Parts &parts, QObject *parent)
    : QObject(parent)
    , m_parts(parts)
    , m_stream(stream)
{
    stream->setParent(this);
    connect(stream, &llm::ModelStream::event, this, &Answer::onModelEvent);
    connect(stream, &llm::ModelStream::finished, this, &Answer::finished);
}

void Answer::cancel()
{
    disconnect();
    m_stream->disconnect(this); // we may be inside one of its signals, with more to follow
    deleteLater();
}

void Answer::onModelEvent(const llm::ModelEvent &modelEvent)
{
    using Kind = HistoryItem::Kind;
    const auto commit = [this](Kind kind, const RawJson &item, const CallId &call = {}) {
        m_parts.ledger.commit({kind, item, call});
    };
    std::visit(Overloaded{
                   [&](const llm::TextDelta &e) { emit event(MessageDelta{e.text}); },
                   [&](const llm::ThoughtDelta &e) { emit event(ReasoningDelta{e.text}); },
                   [&](const llm::RawThoughtDelta &e) { emit event(RawReasoningDelta{e.text}); },
                   [&](const llm::ThoughtPartBegun &) { emit event(ReasoningPartBegan{}); },
                   [&](const llm::MessageDone &e) {
                       commit(Kind::Assistant, e.item);
                       emit event(m_parts.lastMessage.take({e.text, e.refusal}));
                   },
                   [&](const llm::ThoughtDone &e) {
                       commit(Kind::Reasoning, e.item);
                       emit event(ReasoningCompleted{e.summary, e.raw});
                   },
                   [&](const llm::CallDone &e) {
                       commit(Kind::Call, e.item, e.call.id);
                       emit called(e.call);
                   },
                   [&](const llm::SearchBegun &e) { emit event(SearchStarted{e.id}); },
                   [&](const llm::SearchDone &e) {
                       commit(Kind::Other, e.item);
                       emit event(SearchFinished{e.id, e.query, e.action});
                   },
                   [&](const llm::OtherDone &e) { commit(Kind::Other, e.item); },
                   [&](const llm::ResponseDone &e) { onDone(e); },
               },
               modelEvent);
}

void Answer::onDone(const llm::ResponseDone &done)
{
    m_wantsMore = !done.endTurn;
    Usage usage;
    if (done.usage) {
        usage = priced(*done.usage, m_parts.model);
        m_parts.ledger.charge(usage);
        m_parts.ledger.measure(usage.totalTokens());
        m_parts.spending.count(usage);
    }
    // Also where the server says nothing of it: whoever limits requests counts these.
    emit event(UsageReported{usage, m_parts.ledger.usage(), m_parts.model.contextWindow});
}

} // namespace nightshift::engine
