#include "turn.h"
#include "engine/gitstate.h"
#include "engine/hostedtools.h"
#include "engine/items.h"
#include "engine/recordedcall.h"
#include "engine/summary.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

using std::chrono::milliseconds;

Turn::Turn(const Settings &settings, Model &model, tools::ToolBox &tools, Ledger &ledger, Gate *gate, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_model(model)
    , m_tools(tools)
    , m_ledger(ledger)
    , m_gate(gate)
    , m_clock(this)
    , m_repeats(model.provider(), ledger, this)
    , m_nearby(settings)
{
    connect(&m_repeats, &Repeats::event, this, &Turn::tell);
    connect(&m_repeats, &Repeats::due, this, &Turn::goOn);
    connect(&m_clock, &TurnClock::timeNear, this, &Turn::warn);
    connect(&m_clock, &TurnClock::timeUp, this, &Turn::onTimeUp);
    connect(&m_tools, &tools::ToolBox::event, this, &Turn::tell);
    connect(&m_tools, &tools::ToolBox::settled, this, &Turn::onSettled);
    if (!m_gate)
        return;
    m_hooks = new TurnHooks(*m_gate, this);
    connect(m_hooks, &TurnHooks::opened, this, &Turn::enter);
    connect(m_hooks, &TurnHooks::closed, this, &Turn::onHooksClosed);
    connect(m_gate, &Gate::event, this, &Turn::tell);
    connect(m_gate, &Gate::waitBegan, &m_clock, &TurnClock::hold);
    connect(m_gate, &Gate::waitEnded, &m_clock, &TurnClock::release);
    connect(m_gate, &Gate::aborted, this, [this](const TurnError &why) { interrupt(why); });
}

void Turn::start(TurnRequest request)
{
    m_request = std::move(request);
    m_spending = Spending(m_request.limits);
    m_lastMessage = LastMessage(m_request.mismatch, m_request.render);
    const bool diffs = m_request.diffs == Asides::Diffs::Yes;
    m_asides = Asides(m_request.review, m_request.diffs, diffs ? repositoryRoot(m_settings.cwd) : QString());
    m_model.setTraceParent(m_request.traceParent);
    m_clock.start(m_request.limits.time);
    if (!m_request.pending.empty())
        return goOnWaiting();
    tell(TurnStarted{m_request.turnId, m_settings.modelInfo.contextWindow});
    if (m_request.turnContext)
        m_ledger.note("turn_context", *m_request.turnContext);
    if (m_hooks && !m_request.goesOn)
        m_hooks->open(m_request.input);
    else
        enter({});
}

/// Its beginning is on record already.
void Turn::goOnWaiting()
{
    for (const PendingCall &pending : m_request.pending)
        follow(m_gate->resume(pending.call, pending.approval, this), pending.call);
    if (!m_model.problem().isEmpty())
        end(TurnError{FailureCode::Auth, m_model.problem()});
}

/// What was denied never enters the conversation.
void Turn::enter(const TurnOpening &opening)
{
    if (opening.denial)
        return end(opening.denial);
    const auto contexts = [this](const QStringList &texts) {
        for (const QString &text : texts)
            commit(HistoryItem::Kind::Developer, developerText({text}));
    };
    contexts(opening.sessionContexts);
    for (HistoryItem &item : m_request.items)
        m_ledger.commit(std::move(item));
    contexts(opening.promptContexts);
    if (!m_request.goesOn)
        tell(UserSaid{m_request.input});
    if (!m_model.problem().isEmpty())
        return end(TurnError{FailureCode::Auth, m_model.problem()});
    ask();
}

void Turn::interrupt(const TurnError &why, milliseconds grace)
{
    QMetaObject::invokeMethod(this, [this, why, grace] { stop(why, grace); }, Qt::QueuedConnection);
}

void Turn::stop(const TurnError &why, milliseconds grace)
{
    if (grace == milliseconds(0) || m_calls.areAnswered())
        return end(why);
    if (m_ending || m_stopping)
        return;
    m_stopping = why;
    stopAsking();
    if (m_gate)
        m_gate->withdraw();
    m_tools.interrupt();
    QTimer::singleShot(grace, this, [this] { end(m_stopping); });
}

bool Turn::add(const UserInput &input, std::vector<HistoryItem> items)
{
    if (m_ending || m_stopping || m_limit)
        return false;
    m_additions.emplace_back(input, std::move(items));
    return true;
}

/// After the calls' answers, which must stand next to their calls.
void Turn::takeAdditions()
{
    for (auto &[input, items] : std::exchange(m_additions, {})) {
        for (HistoryItem &item : items)
            m_ledger.commit(std::move(item));
        tell(UserSaid{input});
        m_mustAsk = true;
    }
}

void Turn::ask()
{
    if (m_ledger.failure())
        return end(TurnError{FailureCode::DiskFull, m_ledger.failure()->message});
    if (!isPaidFor())
        return;
    const bool isDue = !m_limit && isTooLong(m_settings, m_ledger.history(), m_ledger.contextTokens());
    if (isDue || m_overflowed)
        return compact();
    for (HistoryItem &item : m_nearby.take(m_ledger.history()))
        m_ledger.commit(std::move(item));
    m_repeats.begin();
    m_mustAsk = false;
    m_spending.countRequest();
    llm::ModelRequest request = m_model.request(m_ledger.history());
    if (!m_limit)
        request.tools = offeredTools();
    request.outputSchema = m_request.outputSchema;
    m_answer =
        new Answer(m_model.ask(request, nullptr), {m_ledger, m_spending, m_lastMessage, m_settings.modelInfo}, this);
    connect(m_answer, &Answer::event, this, &Turn::tell);
    connect(m_answer, &Answer::called, this, &Turn::startCall);
    connect(m_answer, &Answer::finished, this, &Turn::onAnswered);
}

/// Ends the turn when it is not: a last answer would have to be paid for, too.
bool Turn::isPaidFor()
{
    const Usage least = priced({.inputTokens = m_ledger.contextTokens()}, m_settings.modelInfo);
    const auto limit = m_request.refusal ? m_request.refusal(least.costUsd.value_or(0)) : std::nullopt;
    if (!limit)
        return true;
    tell(*limit);
    end(TurnError{limit->use.limit, limit->message});
    return false;
}

std::vector<RawJson> Turn::offeredTools()
{
    std::vector<RawJson> tools = m_tools.definitions();
    std::ranges::move(hostedTools(m_settings), std::back_inserter(tools));
    return tools;
}

void Turn::compact()
{
    m_overflowed = false;
    m_compaction = new Compaction({m_settings, m_model, m_ledger, m_spending, m_request.context, offeredTools()}, this);
    connect(m_compaction, &Compaction::event, this, &Turn::tell);
    connect(m_compaction, &Compaction::finished, this, &Turn::onCompacted);
}

void Turn::onCompacted(const std::optional<TurnError> &error)
{
    std::exchange(m_compaction, nullptr)->deleteLater();
    if (!error)
        return goOn();
    if (m_mustAsk)
        return end(error);
    tell(Notice{u"The conversation could not be summed up: "_s + error->message}); // the turn has its answer
    end({});
}

void Turn::onAnswered(const std::optional<llm::ModelFailure> &failure)
{
    m_mustAsk = m_answer->wantsMore() && !m_limit;
    std::exchange(m_answer, nullptr)->deleteLater();
    warn();
    m_overflowed =
        failure && failure->code == FailureCode::ContextExhausted && sections(m_ledger.history()).canBeSummedUp();
    m_mustAsk = m_mustAsk || m_overflowed;
    if (!failure || m_overflowed)
        m_repeats.end();
    else if (!m_repeats.plan(*failure))
        return endFor(*failure);
    goOn();
}

/// Before any limit is reached, so that somebody can raise it.
void Turn::warn()
{
    if (m_limit)
        return;
    for (const LimitUse &near : m_spending.takeNear(m_clock.worked()))
        tell(LimitWarning{near});
}

/// Asking again would not heal it.
void Turn::endFor(const llm::ModelFailure &failure)
{
    if (const auto limit = idleReached(failure, m_settings.provider))
        tell(*limit);
    end(TurnError{failure.code, failure.message});
}

void Turn::startCall(const ToolCall &call)
{
    if (m_ledger.failure())
        return end(TurnError{FailureCode::DiskFull, m_ledger.failure()->message});
    if (m_limit) {
        m_calls.add({call, nullptr, ToolAnswer{call.id, json::string(u"not run: "_s + m_limit->message)}});
        return;
    }
    const auto begin = [this, call](QObject *parent) {
        return m_gate ? m_gate->call(call, parent) : m_tools.call(call, parent);
    };
    // A command with effects must be on record before it has any, also when the power fails.
    if (m_settings.durability != Durability::None && m_settings.sandbox.mode != SandboxPolicy::Mode::ReadOnly)
        follow(new RecordedCall(m_ledger, call, begin, this), call);
    else
        follow(begin(this), call);
}

void Turn::follow(tools::ToolJob *job, const ToolCall &call)
{
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
    if (m_answer || m_compaction || !m_calls.areAnswered() || m_repeats.isWaiting() || (m_hooks && m_hooks->isAsking()))
        return;
    m_mustAsk = m_mustAsk || m_repeats.isUnderWay() || (!m_limit && !m_calls.isEmpty());
    answerCalls();
    takeAdditions();
    if (m_ending)
        return m_tools.settle();
    if (m_stopping)
        return end(m_stopping);
    if (m_limit && !m_mustAsk)
        return end(m_limit);
    m_mustAsk = m_mustAsk || asksAgainForItsSchema();
    if (!m_mustAsk)
        return isTooLongToKeep(m_settings, m_ledger.history(), m_ledger.contextTokens()) ? compact() : concludeWell();
    if (const auto limit = m_spending.exhausted(m_clock.worked()); limit && !m_limit)
        return conclude(*limit);
    ask();
}

/// The hooks may want more of the model.
void Turn::concludeWell()
{
    if (!m_hooks || !m_hooks->close(m_lastMessage.text().value_or(QString())))
        end({});
}

void Turn::onHooksClosed(const std::optional<QString> &again)
{
    if (!again)
        return end({});
    commit(HistoryItem::Kind::User, userText(*again));
    m_mustAsk = true;
    goOn();
}

void Turn::onTimeUp()
{
    if (m_compaction && !m_mustAsk)
        return end({}); // the answer is there
    m_mustAsk = true;
    stopWork();
    goOn();
}

/// Asks for a last answer: what was found so far is worth more than nothing.
void Turn::conclude(const LimitReached &limit)
{
    tell(limit);
    m_limit = TurnError{limit.use.limit, limit.message};
    m_repeats.end();
    m_mustAsk = true;
    commit(HistoryItem::Kind::User, limitReached(limit.message));
    ask();
}

void Turn::stopAsking()
{
    m_repeats.end();
    if (m_compaction)
        m_compaction->stop();
    delete std::exchange(m_compaction, nullptr);
    if (m_answer)
        std::exchange(m_answer, nullptr)->cancel();
}

void Turn::stopWork()
{
    stopAsking();
    m_calls.cancel();
    if (m_hooks)
        m_hooks->cancel();
}

void Turn::answerCalls()
{
    for (const OpenCalls::Call &call : m_calls.take())
        commit(HistoryItem::Kind::Output, callOutput(call.call, *call.answer), call.call.id);
    for (const QString &text : m_gate ? m_gate->takeContexts() : QStringList())
        commit(HistoryItem::Kind::Developer, developerText({text}));
}

/// The answer must fit its schema: the model is told once how it does not.
bool Turn::asksAgainForItsSchema()
{
    const auto objection = m_lastMessage.objection();
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
        m_error = m_lastMessage.failure();
    m_clock.stop();
    stopWork();
    goOn();
}

void Turn::onSettled()
{
    const milliseconds duration = m_clock.age();
    if (!m_error) {
        tell(TurnCompleted{m_ledger.usage(), m_lastMessage.text(), m_lastMessage.isRefusal(), duration});
    } else {
        const bool interrupted = m_error->code == FailureCode::Interrupted ||
                                 m_error->code == FailureCode::CancelledByUser ||
                                 m_error->code == FailureCode::Superseded;
        if (interrupted)
            commit(HistoryItem::Kind::User, turnAborted());
        else
            tell(ErrorReported{m_error->message});
        tell(TurnFailed{*m_error, duration});
    }
    m_tools.disconnect(this); // the session's tools outlive this turn, and so does its gate
    if (m_gate)
        m_gate->disconnect(this);
    if (m_settings.durability == Durability::None)
        return emit finished();
    m_ledger.sync(this, [this] { emit finished(); });
}

void Turn::tell(const Event &e)
{
    if (const auto aside = m_asides.before(e, m_lastMessage.written()))
        put(*aside);
    put(e);
    if (const auto aside = m_asides.after(e))
        put(*aside);
}

void Turn::put(const Event &e)
{
    m_nearby.note(e);
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
