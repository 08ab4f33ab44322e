#include "hostedsession.h"
#include "api/facts.h"
#include "api/inpool.h"
#include "api/turnstart.h"
#include "base/ids.h"
#include "store/rollout.h"
#include <QElapsedTimer>

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Problem;
using http::ProblemCode;

HostedSession::HostedSession(SessionOpener &opener, SessionLog &log, engine::Session *opened, QObject *parent)
    : QObject(parent)
    , m_opener(opener)
    , m_log(log)
{
    ++m_log.users;
    if (opened)
        use(opened);
}

HostedSession::~HostedSession()
{
    delete m_session;
    --m_log.users;
}

void HostedSession::use(engine::Session *session)
{
    m_session = session;
    m_ready = m_closing = false;
    m_paid = view().inherited.costUsd.value_or(0) + view().usage.costUsd.value_or(0);
    connect(m_session, &engine::Session::event, &m_log, &SessionLog::onEvent);
    connect(m_session, &engine::Session::event, this, &HostedSession::onEvent);
    connect(m_session, &engine::Session::turnEnded, this, &HostedSession::onTurnEnded);
}

http::Judged<void> HostedSession::open(engine::OpenTurns turns)
{
    if (m_session)
        return {};
    SessionOptions options = view().options;
    const auto settings = m_opener.settings(options);
    if (!settings)
        return std::unexpected(settings.error());
    std::vector<std::vector<InputPart>> untold;
    if (const TurnView *lost = view().running())
        untold.assign(lost->steers.end() - lost->untold(), lost->steers.end());
    const auto session = m_opener.resume(m_log.path(), *settings, turns);
    if (!session)
        return std::unexpected(problemOf(session.error()));
    use(*session);
    if (options.costSource != view().options.costSource)
        m_session->note(pricedFact(options.costSource));
    for (const auto &input : untold) // what the model was to be told when its process was lost
        m_session->addInput(userInput(input, settings->cwd));
    m_log.readOn();
    return {};
}

void HostedSession::onEvent(const Event &event)
{
    const auto *usage = std::get_if<UsageReported>(&event);
    if (!usage || m_turnId.isEmpty())
        return;
    const double paid = usage->total.costUsd.value_or(0);
    emit charged(m_turnId, paid - std::exchange(m_paid, paid));
}

http::Judged<void> HostedSession::note(const std::vector<RawJson> &facts)
{
    if (m_session) {
        for (const RawJson &fact : facts) {
            QElapsedTimer age;
            age.start();
            m_session->note(fact);
            if (m_appendMeter)
                m_appendMeter(double(age.nsecsElapsed()) / 1e9);
        }
        m_log.readOn();
        const auto &failure = m_session->failure();
        return failure ? http::Judged<void>(std::unexpected(problemOf(*failure))) : http::Judged<void>();
    }
    auto rollout = store::Rollout::reopen(m_opener.stateFolder(), m_log.path(), m_opener.decompress());
    if (!rollout)
        return std::unexpected(problemOf(rollout.error()));
    for (const RawJson &fact : facts) {
        if (const auto written = rollout->append("event_msg", fact); !written)
            return std::unexpected(problemOf(written.error()));
    }
    m_log.readOn();
    return {};
}

http::Judged<HostedSession::Accepted> HostedSession::accept(const TurnOptions &turn)
{
    if (view().isClosed() || m_closeReason)
        return std::unexpected(Problem{ProblemCode::SessionClosed, u"the session was closed"_s});
    if (const auto limit = exhausted(view()))
        return std::unexpected(*limit);
    if (turn.whenBusy == u"reject"_s && isBusy())
        return std::unexpected(Problem{ProblemCode::Busy, u"a turn is running or waits"_s});
    if (turn.goesOn && (view().turns.empty() || isBusy()))
        return std::unexpected(Problem{ProblemCode::Busy, u"there is no ended turn to go on from"_s});
    if (const auto opened = open(); !opened)
        return std::unexpected(opened.error());
    Accepted accepted{.turnId = newId(), .as = "queue", .after = m_log.lastSeq()};
    const TurnView *running = view().running();
    if (turn.whenBusy == u"steer"_s && running && m_session->steer(userInput(turn.input, view().options.cwd))) {
        accepted.turnId = running->id;
        accepted.as = "steer";
        const auto noted = note({acceptedFact(accepted.as, turn, accepted.turnId)});
        return noted ? http::Judged<Accepted>(accepted) : std::unexpected(noted.error());
    }
    const bool replaces = turn.whenBusy == u"replace"_s && isBusy();
    accepted.as = replaces ? "replace" : "queue";
    accepted.position = replaces ? 1 : qint64(view().queue.size()) + 1;
    if (const auto noted =
            note({acceptedFact(accepted.as, turn, accepted.turnId), queuedFact(accepted.position, accepted.turnId)});
        !noted)
        return std::unexpected(noted.error());
    if (replaces)
        m_session->interrupt({FailureCode::Superseded, u"another prompt was to replace this one"_s});
    QMetaObject::invokeMethod(this, &HostedSession::goOn, Qt::QueuedConnection);
    return accepted;
}

http::Judged<bool> HostedSession::cancel(const Cancellation &what)
{
    const TurnView *running = view().running();
    const bool hits = running && m_session && (what.turnId.isEmpty() || what.turnId == running->id);
    std::vector<RawJson> facts;
    std::vector<QString> ended;
    for (const QString &waiting : view().queue) {
        if (waiting == what.turnId || (what.turnId.isEmpty() && what.queued)) {
            facts.push_back(failedFact(waiting, what.why));
            ended.push_back(waiting);
        }
    }
    if (!facts.empty()) {
        if (const auto noted = note(facts); !noted)
            return std::unexpected(noted.error());
    }
    for (const QString &turnId : ended)
        emit turnEnded(turnId);
    if (hits && m_opening)
        m_cancelled = what.why;
    else if (hits)
        m_session->interrupt(what.why, what.grace);
    else if (!ended.empty())
        QMetaObject::invokeMethod(this, &HostedSession::goOn, Qt::QueuedConnection);
    return hits || !facts.empty();
}

void HostedSession::close(const QString &reason)
{
    m_closeReason = reason;
}

/// Nothing is done any more.
void HostedSession::settle()
{
    m_settled = true;
    if (m_closeReason && !view().isClosed() && !isBusy())
        std::ignore = note({closedFact(*m_closeReason)});
    emit settled();
}

std::optional<Withdrawn> HostedSession::refusedStart(const TurnView &turn) const
{
    return m_admission ? m_admission(turn) : std::nullopt;
}

void HostedSession::recheckQueue()
{
    std::vector<RawJson> facts;
    std::vector<QString> ended;
    for (const QString &waiting : view().queue) {
        const auto refused = refusedStart(*view().turn(waiting));
        if (!refused)
            continue;
        facts.push_back(failedFact(waiting, *refused));
        ended.push_back(waiting);
    }
    if (facts.empty() || !note(facts))
        return; // they are asked about again before they begin
    for (const QString &turnId : ended)
        emit turnEnded(turnId);
    QMetaObject::invokeMethod(this, &HostedSession::goOn, Qt::QueuedConnection);
}

void HostedSession::goOn()
{
    if (m_opening || m_closing || m_settled || view().running() || (m_session && m_session->isBusy()))
        return;
    if (view().queue.empty() || m_held)
        release();
    else if (!waitsForBudget())
        begin();
}

/// What was accepted before the session's limits were used up waits until they are raised.
bool HostedSession::waitsForBudget()
{
    const bool waited = view().waitingFor == u"budget"_s;
    const auto limit = spent(view());
    if (limit.has_value() == waited)
        return waited;
    std::ignore = note({budgetFact(limit ? std::optional(limit->detail) : std::nullopt, view().queue.front())});
    return limit.has_value();
}

/// The turn that was to begin cannot.
template <typename Why>
void HostedSession::failNext(const Why &why)
{
    if (view().queue.empty())
        return goOn(); // it was cancelled meanwhile
    const QString turnId = view().queue.front();
    if (!note({failedFact(turnId, why)})) {
        hold(); // nothing can be recorded now; it waits for the next start of the service
        return release();
    }
    emit turnEnded(turnId);
    goOn();
}

void HostedSession::begin()
{
    if (const auto refused = refusedStart(*view().turn(view().queue.front())))
        return failNext(*refused);
    if (const auto opened = open(); !opened) {
        const bool isFull = opened.error().code == ProblemCode::DiskFull;
        return failNext(TurnError{isFull ? FailureCode::DiskFull : FailureCode::Internal, opened.error().detail});
    }
    if (m_ready)
        return start();
    m_servers = m_opener.servers(m_session->settings());
    if (!m_servers)
        return start();
    m_opening = true;
    connect(m_servers.get(), &mcp::Servers::settled, this, &HostedSession::onServersSettled);
}

void HostedSession::onServersSettled()
{
    m_opening = false;
    const QString missing = m_servers->missing();
    m_session->use(std::move(m_servers));
    m_ready = true;
    if (goOnWaiting())
        return;
    if (missing.isEmpty())
        goOn();
    else
        failNext(TurnError{FailureCode::ToolCrash, missing});
}

void HostedSession::start()
{
    m_ready = true;
    if (!std::exchange(m_announced, true))
        m_session->announce();
    const TurnView &turn = *view().turn(view().queue.front());
    m_turnId = turn.id;
    emit turnBegins(m_turnId);
    const std::vector<InputPart> input = turn.wanted ? turn.wanted->input : std::vector<InputPart>();
    engine::Session::Wishes wished = wishes(view(), turn);
    if (m_refusal)
        wished.refusal = [refusal = m_refusal, id = m_turnId](double costUsd) { return refusal(id, costUsd); };
    m_session->submit(userInput(input, view().options.cwd), std::move(wished));
}

void HostedSession::onTurnEnded()
{
    m_log.readOn();
    emit turnEnded(std::exchange(m_turnId, {}));
    QMetaObject::invokeMethod(this, &HostedSession::goOn, Qt::QueuedConnection);
}

/// An idle session is its log and nothing else.
void HostedSession::release()
{
    if (!m_session)
        return settle();
    m_closing = true;
    connect(m_session, &engine::Session::closed, this, &HostedSession::drop, Qt::QueuedConnection);
    m_session->close();
}

void HostedSession::drop()
{
    delete std::exchange(m_session, nullptr);
    const QString &isolation = view().options.isolation;
    if (isolation.isEmpty() || isolation == u"none"_s)
        return afterRelease();
    const auto collect = [state = m_opener.stateFolder(), id = id()] { return SessionOpener::collect(state, id); };
    inPool(this, collect, [this](const Result<> &) { afterRelease(); }); // without a patch there is the tree
}

void HostedSession::afterRelease()
{
    m_closing = false;
    if (view().queue.empty() || m_held)
        settle();
    else
        goOn();
}

} // namespace nightshift::api
