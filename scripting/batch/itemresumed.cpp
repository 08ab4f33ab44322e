#include "batch/itemrun.h"
#include "batch/leftsession.h"
#include "batch/runner.h"
#include "store/writerlock.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

// How an item begins with what an earlier run has left.

/// The session of a lost process goes on, or its result is taken if nothing was missing. False when there is
/// nothing to go on from.
bool ItemRun::continueOpen()
{
    auto left = leftSession(m_runner.m_journal->known().find(key())->start->session, m_item.settings,
                            m_runner.m_surroundings.decompress);
    if (!left)
        return false;
    m_settings = left->settings;
    m_place = std::move(left->place);
    m_budget.countPaid(left->transcript.usage, left->transcript.requests);
    if (left->isDone) {
        m_attemptAge.start();
        takeOutcome(left->transcript, left->id);
        judge();
        return true;
    }
    m_attempt.usage = left->transcript.usage;
    m_attempt.requests = left->transcript.requests;
    SessionRun::Order made = order();
    made.way = SessionRun::Order::Way::Resume;
    made.log = left->log;
    made.goesOn = true;
    made.before = left->transcript;
    launch(std::move(made));
    return true;
}

/// Only the check: on the session's own tree where it is still there, else on a new one with the kept diff.
void ItemRun::recheck()
{
    m_result = m_runner.m_journal->result(*m_runner.m_journal->known().find(key()));
    m_result.index = m_item.index;
    m_attempt = m_result.attempts.empty() ? Attempt{} : m_result.attempts.back();
    if (!m_result.attempts.empty())
        m_result.attempts.pop_back();
    m_settings = m_item.settings;
    m_attemptAge.start();
    auto place = treeOf(m_settings, m_result.session, m_result.diff, m_runner.baseCommit(m_item.settings.cwd));
    if (!place)
        return fail({FailureCode::SandboxError, place.error().message});
    m_place = std::move(*place);
    m_result.ok = true;
    m_result.outcome = m_attempt.outcome = u"completed"_s;
    m_result.reason = m_attempt.reason = u"final_message"_s;
    m_result.message = m_attempt.message = QString();
    judge();
}

/// Nothing goes on from the trees of earlier runs any more, but where somebody is at work just now.
void ItemRun::leaveEarlierTrees()
{
    const KnownItem *known = m_runner.m_journal ? m_runner.m_journal->known().find(key()) : nullptr;
    if (!known || m_item.settings.isolation == Isolation::None)
        return;
    QStringList sessions = known->done ? sessionsOf(known->done->result) : QStringList();
    if (known->start)
        sessions += known->start->session;
    sessions.removeIf(
        [this](const QString &session) { return store::WriterLock::isHeld(m_item.settings.home.state, session); });
    m_runner.letTreesGo(m_item.settings, sessions);
}

} // namespace nightshift::batch
