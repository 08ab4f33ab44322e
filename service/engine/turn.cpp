#include "turn.h"
#include "engine/hostedtools.h"
#include "engine/items.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using std::chrono::milliseconds;

Turn::Turn(const Settings &settings, Model &model, tools::ToolBox &tools, Ledger &ledger, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_model(model)
    , m_tools(tools)
    , m_ledger(ledger)
    , m_repeats(model.provider(), ledger, this)
{
    connect(&m_repeats, &Repeats::event, this, &Turn::tell);
    connect(&m_repeats, &Repeats::due, this, &Turn::goOn);
    m_timeLimit.setSingleShot(true);
    connect(&m_timeLimit, &QTimer::timeout, this, &Turn::onTimeUp);
    connect(&m_tools, &tools::ToolBox::event, this, &Turn::tell);
    connect(&m_tools, &tools::ToolBox::settled, this, &Turn::onSettled);
}

void Turn::start(TurnRequest request)
{
    m_request = std::move(request);
    m_age.start();
    m_spending = Spending(m_request.limits);
    m_answer = FinalAnswer(m_request.mismatch, m_request.render);
    if (m_request.limits.time)
        m_timeLimit.start(*m_request.limits.time);
    tell(TurnStarted{m_request.turnId, m_settings.modelInfo.contextWindow});
    if (m_request.turnContext)
        m_ledger.note("turn_context", *m_request.turnContext);
    for (HistoryItem &item : m_request.items)
        m_ledger.commit(std::move(item));
    tell(UserSaid{m_request.input});
    if (!m_model.problem().isEmpty())
        return end(TurnError{FailureCode::Auth, m_model.problem()});
    ask();
}

void Turn::interrupt(const TurnError &why)
{
    QMetaObject::invokeMethod(this, [this, why] { end(why); }, Qt::QueuedConnection);
}

void Turn::ask()
{
    if (m_ledger.failure())
        return end(TurnError{FailureCode::DiskFull, m_ledger.failure()->message});
    m_repeats.begin();
    m_endTurn = true;
    m_spending.countRequest();
    llm::ModelRequest request = m_model.request();
    if (!m_limit) {
        request.tools = m_tools.definitions();
        std::ranges::move(hostedTools(m_settings), std::back_inserter(request.tools));
    }
    request.outputSchema = m_request.outputSchema;
    request.input.reserve(m_ledger.history().size());
    for (const HistoryItem &item : m_ledger.history())
        request.input.push_back(item.json);
    m_stream = m_model.ask(request, this);
    connect(m_stream, &llm::ModelStream::event, this, &Turn::onModelEvent);
    connect(m_stream, &llm::ModelStream::finished, this, &Turn::onAnswered);
}

void Turn::onModelEvent(const llm::ModelEvent &modelEvent)
{
    using Kind = HistoryItem::Kind;
    std::visit(Overloaded{
                   [this](const llm::TextDelta &e) { tell(MessageDelta{e.text}); },
                   [this](const llm::ThoughtDelta &e) { tell(ReasoningDelta{e.text}); },
                   [this](const llm::MessageDone &e) {
                       commit(Kind::Assistant, e.item);
                       tell(m_answer.take({e.text, e.refusal}));
                   },
                   [this](const llm::ThoughtDone &e) {
                       commit(Kind::Reasoning, e.item);
                       tell(ReasoningCompleted{e.summary, e.raw});
                   },
                   [this](const llm::CallDone &e) {
                       commit(Kind::Call, e.item, e.call.id);
                       startCall(e.call);
                   },
                   [this](const llm::SearchBegun &e) { tell(SearchStarted{e.id}); },
                   [this](const llm::SearchDone &e) {
                       commit(Kind::Other, e.item);
                       tell(SearchFinished{e.id, e.query, e.action});
                   },
                   [this](const llm::OtherDone &e) { commit(Kind::Other, e.item); },
                   [this](const llm::ResponseDone &e) {
                       m_endTurn = e.endTurn;
                       if (!e.usage)
                           return;
                       m_ledger.charge(*e.usage);
                       m_spending.count(*e.usage);
                       tell(UsageReported{*e.usage, m_ledger.usage(), m_settings.modelInfo.contextWindow});
                   },
               },
               modelEvent);
}

void Turn::onAnswered(const std::optional<llm::ModelFailure> &failure)
{
    std::exchange(m_stream, nullptr)->deleteLater();
    if (!failure)
        m_repeats.end();
    else if (!m_repeats.plan(*failure))
        return end(TurnError{failure->code, failure->message});
    goOn();
}

void Turn::startCall(const ToolCall &call)
{
    // A command with effects must be on record before it has any, also when the power fails.
    if (m_settings.durability != Durability::None && m_settings.sandbox.mode != SandboxPolicy::Mode::ReadOnly)
        m_ledger.sync();
    if (m_ledger.failure())
        return end(TurnError{FailureCode::DiskFull, m_ledger.failure()->message});
    if (m_limit) {
        m_calls.add({call, nullptr, ToolAnswer{call.id, json::string(u"not run: "_s + m_limit->message)}});
        return;
    }
    tools::ToolJob *job = m_tools.call(call, this);
    m_calls.add({call, job, {}});
    connect(job, &tools::ToolJob::finished, this,
            [this, id = call.id](const ToolAnswer &answer) { onCalled(id, answer); });
    connect(job, &tools::ToolJob::finished, job, &QObject::deleteLater);
}

void Turn::onCalled(const CallId &id, const ToolAnswer &answer)
{
    m_calls.answer(id, answer);
    goOn();
}

/// Takes the next step as soon as nothing is under way that it depends on.
void Turn::goOn()
{
    if (m_stream || !m_calls.areAnswered() || m_repeats.isWaiting())
        return;
    const bool mustAsk = !m_calls.isEmpty() || m_repeats.isUnderWay() || !m_endTurn;
    answerCalls();
    if (m_ending)
        return m_tools.settle();
    if (m_limit && !m_repeats.isUnderWay())
        return end(m_limit);
    if (!mustAsk && !asksAgainForItsSchema())
        return end({});
    if (const auto limit = m_spending.exhausted(milliseconds(m_age.elapsed())); limit && !m_limit)
        return conclude(*limit);
    ask();
}

void Turn::onTimeUp()
{
    m_endTurn = false; // there is a request to come
    stopWork();
    goOn();
}

/// Asks for a last answer: what was found so far is worth more than nothing.
void Turn::conclude(const TurnError &limit)
{
    m_limit = limit;
    m_repeats.end();
    commit(HistoryItem::Kind::User,
           userText(u"This turn ends now, because %1. No tool can be called any more. Give your "
                    "final answer from what you know, and say what is missing."_s.arg(limit.message)));
    ask();
}

void Turn::stopWork()
{
    m_repeats.end();
    if (m_stream) {
        m_stream->disconnect(this);
        std::exchange(m_stream, nullptr)->deleteLater();
    }
    m_calls.cancel();
}

void Turn::answerCalls()
{
    for (const OpenCalls::Call &call : m_calls.take())
        commit(HistoryItem::Kind::Output, callOutput(call.call, *call.answer), call.call.id);
}

/// The answer must fit its schema: the model is told once how it does not.
bool Turn::asksAgainForItsSchema()
{
    const auto objection = m_answer.objection();
    if (!objection)
        return false;
    commit(HistoryItem::Kind::User, userText(*objection));
    return true;
}

void Turn::end(std::optional<TurnError> error)
{
    if (m_ending)
        return;
    m_ending = true;
    m_error = std::move(error);
    if (!m_error && m_limit)
        m_error = m_limit;
    if (!m_error)
        m_error = m_answer.failure();
    m_timeLimit.stop();
    stopWork();
    goOn();
}

void Turn::onSettled()
{
    const milliseconds duration(m_age.elapsed());
    if (!m_error) {
        tell(TurnCompleted{m_ledger.usage(), m_answer.text(), m_answer.isRefusal(), duration});
    } else {
        const bool interrupted =
            m_error->code == FailureCode::Interrupted || m_error->code == FailureCode::CancelledByUser;
        if (interrupted)
            commit(HistoryItem::Kind::User, turnAborted());
        else
            tell(ErrorReported{m_error->message});
        tell(TurnFailed{*m_error, duration});
    }
    if (m_settings.durability != Durability::None)
        m_ledger.sync();
    m_tools.disconnect(this); // the session's tools outlive this turn
    emit finished();
}

void Turn::tell(const Event &e)
{
    m_ledger.record(e);
    if (m_settings.durability == Durability::Event && !isFleeting(e))
        m_ledger.sync();
    emit event(e);
}

void Turn::commit(HistoryItem::Kind kind, const RawJson &item, const CallId &call)
{
    m_ledger.commit({kind, item, call});
}

} // namespace nightshift::engine
