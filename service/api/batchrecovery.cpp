#include "api/batchadmission.h"
#include "api/batches.h"
#include "api/problemof.h"
#include "batch/keptbatch.h"
#include <QFile>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::api {

// How batches go on that stood still, and which do not.

using batch::BatchSpec;
using http::Judged, http::Problem, http::ProblemCode;
using Status = BatchState::Status;

constexpr auto againIn = 200ms;
constexpr auto mournedFor = 30s; // a process whose server was lost

void Batches::recheckTokens()
{
    for (auto &[id, child] : m_children) {
        BatchLog &log = *m_logs.at(id);
        BatchSpec spec = log.spec();
        if (!child.withdrawn)
            child.withdrawn = withdrawn(spec, log.state().payer, m_sessions.access());
        if (!child.withdrawn || std::exchange(child.isFinishing, true))
            continue;
        child.process->tell(
            json::object({{"finish", true}})); // items that run are turns that run: they end by themselves
        std::ignore = log.append("batch.updated", {{u"reason"_s, json::string(QStringView(child.withdrawn->reason))}});
    }
}

Judged<void> Batches::resume(BatchLog &log, const QStringList &again, const http::Token &caller)
{
    if (m_draining)
        return std::unexpected(Problem{ProblemCode::Draining, u"the service is stopping"_s});
    if (m_children.contains(log.id()) || log.isRunElsewhere())
        return std::unexpected(Problem{ProblemCode::Busy, u"the batch is running"_s});
    if (!log.hasSpec())
        return std::unexpected(Problem{ProblemCode::WorkspaceLocked,
                                       u"its items are not known here: give its command again where it was started"_s});
    BatchSpec spec = log.spec(); // of another caller, maybe, who may do more
    if (const auto admitted = admit(spec, caller, m_sessions.access()); !admitted)
        return admitted;
    if (const auto kept = batch::keepSpec(log.out(), spec); !kept)
        return std::unexpected(problemOf(kept.error()));
    log.setSpec(spec);
    if (const auto allowed = m_allowance.beginTurn(caller); !allowed)
        return allowed;
    const auto noted = log.append("batch.updated", {{u"token_id"_s, json::string(QStringView(caller.id))}});
    return noted ? begin(log, again) : std::unexpected(problemOf(noted.error()));
}

void Batches::recover()
{
    for (const BatchFiles::Mark &mark : m_files.marks()) {
        BatchLog *log = open(mark.id, mark.out);
        const bool isOurs = log->state().status == Status::Running || log->state().status == Status::Queued;
        if (!isOurs || !log->hasSpec()) {
            m_files.unmark(mark.id);
            continue;
        }
        ++log->users;
        beginWhenGone(*log, pid_t(mark.pid), mournedFor);
    }
}

/// The process of a lost server ends in good order by itself; until then it holds its sessions' logs.
void Batches::beginWhenGone(BatchLog &log, pid_t pid, std::chrono::milliseconds left)
{
    QFile commandLine(u"/proc/%1/cmdline"_s.arg(pid));
    const bool lives =
        pid > 0 && commandLine.open(QIODevice::ReadOnly) && commandLine.readAll().contains(log.out().toUtf8());
    if (lives && left.count() <= 0)
        ::kill(pid, SIGKILL);
    if (lives)
        return QTimer::singleShot(againIn, this, [this, &log, pid, left] { beginWhenGone(log, pid, left - againIn); });
    --log.users;
    if (m_draining || m_children.contains(log.id()))
        return;
    BatchSpec spec = log.spec();
    if (const auto why = withdrawn(spec, log.state().payer, m_sessions.access()))
        return finish(log, {"cancelled", why->reason, why->message});
    if (spec != log.spec() && batch::keepSpec(log.out(), spec))
        log.setSpec(spec);
    std::ignore = begin(log, {});
}

} // namespace nightshift::api
