#include "sessions.h"
#include "api/costlimit.h"
#include "api/facts.h"
#include "api/turnstart.h"
#include "api/workingtree.h"
#include "base/ids.h"
#include "isolation/isolatedtree.h"
#include "store/artifacts.h"
#include "store/sessionindex.h"
#include "store/sessionmoves.h"
#include "store/writerlock.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

using http::Judged;
using http::Problem;
using http::ProblemCode;

constexpr auto sweepInterval = std::chrono::seconds(1); // in which what another process writes is seen, too

Sessions::Sessions(const engine::Surroundings &surroundings, http::Allowance &allowance, http::TokenStore &tokens,
                   const QString &stateFolder)
    : m_opener(surroundings)
    , m_allowance(allowance)
    , m_access(m_opener, allowance, tokens)
    , m_payers(allowance)
    , m_catalogue(stateFolder + u"/sessions.jsonl"_s)
    , m_running(stateFolder + u"/running.jsonl"_s)
    , m_deleted(stateFolder + u"/deleted.jsonl"_s)
    , m_syncer(m_opener.durability() != Durability::None)
{
    m_opener.setSync([this](const QString &path, QObject *context, std::function<void(const Result<> &)> done) {
        // The list, too: after a loss of power somebody must know whose turn to end.
        m_syncer.sync({path, m_running.path()}, context, std::move(done));
    });
    connect(&m_sweep, &QTimer::timeout, this, &Sessions::sweep);
    m_sweep.start(sweepInterval);
}

Sessions::~Sessions()
{
    m_hosted.clear(); // before the logs they write
}

static Problem notFound(const QString &id)
{
    return {ProblemCode::NotFound, u"there is no session %1"_s.arg(id)};
}

Judged<SessionLog *> Sessions::openLog(const QString &id, const QString &path)
{
    auto log = SessionLog::open(id, path, m_opener.decompress(), store::Artifacts(m_opener.stateFolder(), id).origin());
    if (!log)
        return std::unexpected(problemOf(log.error()));
    connect(log->get(), &SessionLog::recorded, this,
            [this, id](const http::FeedEvent &event) { emit recorded(id, event); });
    return m_logs.insert_or_assign(id, std::move(*log)).first->second.get();
}

Judged<SessionLog *> Sessions::log(const QString &name, const http::Token &caller)
{
    const QString id = name.toLower();
    Judged<SessionLog *> log = std::unexpected(notFound(id));
    if (const auto known = m_logs.find(id); known != m_logs.end()) {
        log = known->second.get();
        (*log)->readOn();
    } else if (const auto file = isUuid(id) ? store::sessionFile(m_opener.stateFolder(), id) : std::nullopt) {
        log = openLog(id, file->path);
    } else if (const auto folder = m_deleted.folderOf(id); folder && m_access.sees(caller, *folder)) {
        return std::unexpected(Problem{ProblemCode::SessionDeleted, u"the session %1 was deleted"_s.arg(id)});
    }
    if (log && !m_access.sees(caller, (*log)->view()))
        return std::unexpected(notFound(id));
    return log;
}

HostedSession *Sessions::hosted(const QString &id) const
{
    const auto known = m_hosted.find(id.toLower());
    return known == m_hosted.end() ? nullptr : known->second.get();
}

std::vector<HostedSession *> Sessions::hosted() const
{
    std::vector<HostedSession *> all;
    for (const auto &[id, session] : m_hosted)
        all.push_back(session.get());
    return all;
}

HostedSession *Sessions::host(SessionLog &log, engine::Session *opened)
{
    auto session = std::make_unique<HostedSession>(m_opener, log, opened, nullptr);
    HostedSession *raw = session.get();
    connect(raw, &HostedSession::turnEnded, this,
            [this, raw](const QString &turnId) { onTurnEnded(raw->id(), turnId); });
    connect(raw, &HostedSession::settled, this, [this, raw] { onSettled(raw); });
    meter(*raw);
    m_hosted.insert_or_assign(log.view().id, std::move(session));
    emit hostingBegan(raw);
    return raw;
}

/// Its turns are judged when they begin, and what they cost is judged and counted while they run.
void Sessions::meter(HostedSession &session)
{
    session.setRefusal([this](const QString &turnId, double costUsd) { return m_payers.refusal(turnId, costUsd); });
    session.setAdmission([this, &session](const TurnView &turn) -> std::optional<Withdrawn> {
        const QString tokenId = turn.wanted ? turn.wanted->tokenId : QString();
        return tokenId.isEmpty() ? std::nullopt : m_access.refusedStart(tokenId, session.view().options);
    });
    connect(&session, &HostedSession::turnBegins, this, [this, &session](const QString &turnId) {
        const TurnView *turn = session.view().turn(turnId);
        if (const auto payer = turn && turn->wanted ? m_access.current(turn->wanted->tokenId) : std::nullopt)
            m_payers.adopt(turnId, *payer);
    });
    session.setAppendMeter([this](double seconds) { emit appended(seconds); });
    connect(&session, &HostedSession::charged, this,
            [this](const QString &turnId, double costUsd) { m_payers.charge(turnId, costUsd); });
}

Judged<HostedSession *> Sessions::host(const QString &id, const http::Token &caller)
{
    const auto log = this->log(id, caller);
    if (!log)
        return std::unexpected(log.error());
    HostedSession *session = hosted(id);
    if (!session)
        session = host(**log, nullptr);
    QMetaObject::invokeMethod(session, &HostedSession::goOn, Qt::QueuedConnection); // lets go when nothing was asked
    return session;
}

Judged<void> Sessions::place(HostedSession &session, const TurnOptions &wanted, const http::Token &caller) const
{
    const SessionOptions &before = session.view().options;
    SessionOptions options = before;
    options.cwd = wanted.cwd.isEmpty() ? options.cwd : wanted.cwd;
    options.sandbox = wanted.sandbox.isEmpty() ? options.sandbox : wanted.sandbox;
    options.network = wanted.network ? wanted.network : options.network;
    if (options.cwd.isEmpty())
        return std::unexpected(AccessControl::noFolder());
    if (const auto judged = m_access.work(caller, options, AccessControl::Of::OldSession); !judged)
        return std::unexpected(judged.error());
    SessionOptions known = before;
    std::ignore = m_opener.settings(known); // of a run of the command line nobody wrote down all of it
    if (options.cwd == before.cwd && options.sandbox == known.sandbox && options.network == known.network)
        return {};
    if (session.isBusy() || session.session())
        return std::unexpected(
            Problem{ProblemCode::Busy, u"the session works in another folder or another sandbox just now"_s});
    return session.note({placedFact(options)});
}

void Sessions::recheckTokens()
{
    for (HostedSession *session : hosted())
        session->recheckQueue();
}

Judged<HostedSession *> Sessions::hostNew(const Result<engine::Session *> &opened, const SessionOptions &options,
                                          const std::optional<QString> &forkedFrom)
{
    if (!opened)
        return std::unexpected(problemOf(opened.error()));
    const auto log = openLog((*opened)->id(), (*opened)->path());
    if (!log) {
        delete *opened;
        return std::unexpected(log.error());
    }
    HostedSession *session = host(**log, *opened);
    if (const auto noted = session->note({createdFact(options, forkedFrom)}); !noted)
        return std::unexpected(noted.error());
    m_catalogue.put(session->id(), {options.externalId, options.labels});
    return session;
}

Judged<Sessions::Made> Sessions::make(const SessionDraft &draft, const SessionOpener::Tree &tree)
{
    if (const auto stands = m_access.stillStands(draft.caller); !stands) // the tree may have taken its time
        return std::unexpected(stands.error());
    const auto &parent = draft.parent;
    const auto opened = parent ? m_opener.fork(parent->path, draft.settings, tree, parent->atTurn)
                               : m_opener.create(draft.settings, tree);
    const auto session = hostNew(opened, draft.options, parent ? std::optional(parent->id) : std::nullopt);
    if (!session)
        return std::unexpected(session.error());
    Made made{*session, {}};
    if (draft.turn.isEmpty()) {
        QMetaObject::invokeMethod(made.session, &HostedSession::goOn, Qt::QueuedConnection);
        return made;
    }
    const auto accepted = submit(*made.session, draft.turn, draft.caller);
    if (!accepted) {
        const QString id = made.session->id();
        m_hosted.erase(id);
        std::ignore = remove(id);
        return std::unexpected(accepted.error());
    }
    made.accepted = *accepted;
    return made;
}

Judged<HostedSession::Accepted> Sessions::submit(HostedSession &session, TurnOptions turn, const http::Token &caller)
{
    if (m_draining)
        return std::unexpected(Problem{ProblemCode::Draining, u"the service is stopping"_s});
    if (const auto placed = place(session, turn, caller); !placed)
        return std::unexpected(placed.error());
    turn.tokenId = caller.id;
    const SessionOptions &options = session.view().options;
    if (const auto known = checkCostLimit(turn.limits, options, m_opener); !known)
        return std::unexpected(known.error());
    if (const auto readable = judge(inputProblems(turn.input, options.cwd)); !readable)
        return std::unexpected(readable.error());
    if (const auto free = checkTree(options, session.id(), hosted()); !free)
        return std::unexpected(free.error());
    if (const auto left = m_allowance.budgetLeftUsd(caller))
        turn.limits.costUsd = turn.limits.costUsd ? std::min(*turn.limits.costUsd, *left) : *left;
    if (const auto allowed = m_allowance.beginTurn(caller); !allowed)
        return std::unexpected(allowed.error());
    const auto listed = m_running.add(session.id(), session.log().path()); // first: nobody looks for what is not listed
    auto accepted = listed ? session.accept(turn) : std::unexpected(problemOf(listed.error()));
    if (!accepted || accepted->as == "steer")
        m_allowance.endTurn(caller.id, {});
    else
        m_payers.add(accepted->turnId, caller);
    if (!accepted && !session.isBusy())
        m_running.remove(session.id());
    return accepted;
}

void Sessions::onTurnEnded(const QString &sessionId, const QString &turnId)
{
    m_payers.end(turnId);
    emit turnEnded(sessionId, turnId);
}

void Sessions::onSettled(HostedSession *session)
{
    if (!session->isBusy())
        m_running.remove(session->id());
    const auto node = m_hosted.find(session->id());
    node->second.release()->deleteLater(); // it is what called us
    m_hosted.erase(node);
    if (m_draining && m_hosted.empty())
        emit drained();
}

Judged<void> Sessions::remove(const QString &id)
{
    const auto file = store::sessionFile(m_opener.stateFolder(), id);
    if (!file)
        return std::unexpected(notFound(id));
    const auto log = m_logs.find(id);
    const QString cwd = log == m_logs.end() ? QString() : log->second->view().options.cwd;
    m_hosted.erase(id);
    m_logs.erase(id);
    if (const auto gone = store::remove(m_opener.stateFolder(), *file); !gone)
        return std::unexpected(problemOf(gone.error()));
    isolation::IsolatedTree::forget(m_opener.stateFolder(), id);
    m_running.remove(id);
    m_catalogue.remove(id);
    m_deleted.add(id, cwd);
    emit removed(id);
    return {};
}

std::vector<QString> Sessions::ids(const SessionFilter &filter) const
{
    std::vector<QString> found;
    for (const auto &[id, row] : m_catalogue.rows()) {
        if (filter.fits(row) && (!filter.isOfWork() || m_hosted.contains(id)))
            found.push_back(id);
    }
    if (!filter.isOfWork() && filter.fits({})) {
        for (const store::SessionRow &row : store::SessionIndex(m_opener.stateFolder()).rows({.archived = false}))
            found.push_back(row.id.toLower());
    }
    std::ranges::sort(found, std::greater<>());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

void Sessions::sync(const SessionLog &log, QObject *context, std::function<void(const Result<> &)> done)
{
    m_syncer.sync({log.path(), m_running.path()}, context, std::move(done));
}

void Sessions::recover()
{
    QHash<QString, QString> left = m_running.read();
    std::ignore = m_running.write(left);
    for (auto session = left.begin(); session != left.end(); ++session) {
        const auto log = openLog(session.key(), session.value());
        const bool isOurs = log && !store::WriterLock::isHeld(m_opener.stateFolder(), session.key());
        HostedSession *hosting = isOurs ? host(**log, nullptr) : nullptr;
        if (!hosting || !hosting->isBusy()) {
            m_running.remove(session.key());
            m_hosted.erase(session.key());
            continue;
        }
        hosting->recover();
    }
}

void Sessions::drain(std::chrono::milliseconds patience)
{
    m_draining = true;
    for (HostedSession *session : hosted()) {
        session->hold();
        session->goOn();
    }
    if (m_hosted.empty())
        QMetaObject::invokeMethod(this, &Sessions::drained, Qt::QueuedConnection);
    else
        QTimer::singleShot(patience, this, &Sessions::interruptAll);
}

void Sessions::interruptAll()
{
    for (HostedSession *session : hosted())
        std::ignore = session->cancel({.why = {FailureCode::Interrupted, u"the service was stopped"_s}});
}

void Sessions::sweep()
{
    std::erase_if(m_logs, [](const auto &entry) { return entry.second->users == 0; });
    std::vector<SessionLog *> idle; // whoever is told of what they hold may open others
    for (const auto &[id, log] : m_logs) {
        if (!m_hosted.contains(id))
            idle.push_back(log.get());
    }
    for (SessionLog *log : idle)
        log->readOn();
}

} // namespace nightshift::api
