#include "api/facts.h"
#include "api/hostedsession.h"
#include "base/ids.h"
#include "engine/reopening.h"

using namespace Qt::StringLiterals;

namespace nightshift::api {

// How a session goes on with what a lost process left.

void HostedSession::recover()
{
    const TurnView *lost = view().running();
    const bool wasRunning = lost && !refusedStart(*lost); // else it ends here
    const bool closes = view().options.onRestart == u"interrupt"_s || (lost && !wasRunning);
    const auto turns = closes ? engine::OpenTurns::Close : engine::OpenTurns::Keep;
    m_lostToken = lost && lost->wanted ? lost->wanted->tokenId : QString();
    if (const auto opened = open(turns);
        !opened) { // its folder or its model may be gone; its turn has ended all the same
        Settings settings;
        settings.home.state = m_opener.stateFolder();
        settings.model = view().options.model;
        std::ignore = engine::reopen(m_log.path(), settings, true, m_opener.decompress());
        m_log.readOn();
    }
    if (m_session && view().running()) {
        m_servers = m_opener.servers(m_session->settings());
        m_opening = m_servers != nullptr;
        if (m_servers)
            connect(m_servers.get(), &mcp::Servers::settled, this, &HostedSession::onServersSettled);
    }
    if (m_opening || goOnWaiting())
        return;
    if (wasRunning && view().options.onRestart == u"resume"_s)
        goOnUnasked();
    QMetaObject::invokeMethod(this, &HostedSession::goOn, Qt::QueuedConnection);
}

/// In place of the turn that was lost comes one that continues it, before all that waits; unless it is what kills us.
void HostedSession::goOnUnasked()
{
    constexpr qsizetype mostDeaths = 3; // in a row
    const auto wasLost = [](const TurnView &turn) {
        return turn.error && turn.error->code == FailureCode::ProcessLost;
    };
    qsizetype deaths = 0;
    for (auto turn = view().turns.rbegin(); turn != view().turns.rend(); ++turn) {
        if (turn->status != TurnView::Status::Done)
            continue;
        if (!wasLost(*turn))
            break;
        ++deaths;
    }
    if (deaths >= mostDeaths)
        return;
    const QString turnId = newId();
    TurnOptions goesOn;
    goesOn.goesOn = true;
    goesOn.tokenId = m_lostToken;
    std::ignore = note({acceptedFact("queue", goesOn, turnId), queuedFact(1, turnId)});
}

/// What waited for somebody to agree still does; the turn goes on from the answer.
bool HostedSession::goOnWaiting()
{
    const TurnView *waiting = view().running();
    if (!waiting || !m_session || !m_session->goOnWaiting())
        return false;
    m_turnId = waiting->id;
    emit turnBegins(m_turnId);
    if (m_cancelled)
        m_session->interrupt(*std::exchange(m_cancelled, {}));
    return true;
}

} // namespace nightshift::api
