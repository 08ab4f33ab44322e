#include "batches.h"
#include "api/batchadmission.h"
#include "api/batchend.h"
#include "api/batchobjects.h"
#include "api/problemof.h"
#include "base/ids.h"
#include "batch/keptbatch.h"
#include <QDateTime>
#include <QDir>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::api {

using batch::BatchSpec;
using http::Judged, http::Problem, http::ProblemCode;
using Status = BatchState::Status;

namespace {

constexpr auto nearTick = 200ms;     // how soon is told what a process of ours writes,
constexpr auto farTick = 1s;         // and what others write
constexpr auto tablePatience = 120s; // it says something every second
constexpr auto scriptPatience = 30s; // one that computes for so long without waiting for anything is lost

} // namespace

Batches::Batches(Sessions &sessions, http::Allowance &allowance, Places places)
    : m_sessions(sessions)
    , m_items(sessions)
    , m_allowance(allowance)
    , m_places(std::move(places))
    , m_files(m_places.stateFolder, sessions.opener().stateFolder())
{
    connect(&m_tick, &QTimer::timeout, this, &Batches::onTick);
}

Batches::~Batches()
{
    for (const auto &[id, child] : m_children)
        delete child.process; // before the logs it is followed in
}

BatchLog *Batches::open(const QString &id, const QString &out)
{
    auto &log = m_logs[id];
    if (!log) {
        log = BatchLog::open(id, out, m_files.log(id),
                             m_files.isMarked(id) ? BatchLog::RunBy::Service : BatchLog::RunBy::Others);
        connect(log.get(), &BatchLog::recorded, this,
                [this, id](const http::FeedEvent &event) { emit recorded(id, event); });
        connect(log.get(), &BatchLog::itemBegan, this, [this](const QString &session) { m_items.follow(session); });
        connect(log.get(), &BatchLog::itemEnded, this, [this](const QString &session) { m_items.leave(session); });
        if (!m_tick.isActive())
            m_tick.start(farTick);
    }
    return log.get();
}

Judged<BatchLog *> Batches::log(const QString &name, const http::Token &caller)
{
    const QString id = name.toLower();
    const Problem none{ProblemCode::NotFound, u"there is no batch %1"_s.arg(id)};
    const auto out = m_files.folderOf(id);
    if (!out)
        return std::unexpected(none);
    BatchLog *log = open(id, *out);
    log->readOn();
    if (!m_sessions.access().sees(caller, log->cwd()))
        return std::unexpected(none);
    return log;
}

std::vector<BatchLog *> Batches::running() const
{
    std::vector<BatchLog *> logs;
    for (const auto &[id, child] : m_children)
        logs.push_back(m_logs.at(id).get());
    return logs;
}

Judged<BatchLog *> Batches::create(BatchSpec spec, const http::Token &caller)
{
    if (m_draining)
        return std::unexpected(Problem{ProblemCode::Draining, u"the service is stopping"_s});
    if (const auto admitted = admit(spec, caller, m_sessions.access()); !admitted)
        return std::unexpected(admitted.error());
    if (const auto allowed = m_allowance.beginTurn(caller); !allowed)
        return std::unexpected(allowed.error());
    const QString id = newId();
    const auto kept = m_files.keep(id, spec);
    BatchLog *log = kept ? open(id, *kept) : nullptr;
    const auto noted = log ? log->append("batch.created", {{u"name"_s, json::string(QStringView(spec.name))},
                                                           {u"total"_s, json::number(qint64(spec.items.size()))},
                                                           {u"token_id"_s, json::string(QStringView(caller.id))}})
                           : Result<>();
    if (!kept || !noted) {
        m_allowance.endTurn(caller.id, {});
        return std::unexpected(problemOf(kept ? noted.error() : kept.error()));
    }
    if (const auto begun = begin(*log, {}); !begun)
        return std::unexpected(begun.error());
    return log;
}

/// The process is started; all that comes of it is told by its log.
Judged<void> Batches::begin(BatchLog &log, const QStringList &again)
{
    if (const auto marked = m_files.mark({log.id(), log.out(), 0}); !marked)
        return std::unexpected(problemOf(marked.error()));
    log.setRunBy(BatchLog::RunBy::Service);
    if (log.state().status != Status::Running) {
        if (const auto noted = log.append("batch.started", {{u"name"_s, json::string(QStringView(log.spec().name))}});
            !noted)
            return std::unexpected(problemOf(noted.error()));
    }
    const bool isScript = log.spec().isScript();
    const QByteArray told =
        json::object(
            {{"id", log.id()}, {"again", json::array(again)}, {"script_folder", isScript ? log.cwd() : QString()}})
            .text;
    const auto payer = m_sessions.access().current(log.state().payer);
    QStringList command = m_places.command;
    if (!payer || !payer->most().network) // the rest of what it may have stands in the kept batch
        command += {u"-c"_s, u"sandbox_workspace_write.network_access=false"_s};
    command += log.out();
    const auto patience = isScript ? log.spec().limits.idle.value_or(scriptPatience) : tablePatience;
    auto *process = new BatchChild({.command = command,
                                    .cwd = QDir(log.cwd()).exists() ? log.cwd() : log.out(),
                                    .logPath = log.out() + u"/.nightshift/log.txt"_s,
                                    .firstLine = told.chopped(1) + m_places.hooks + '}',
                                    .patience = patience},
                                   this);
    m_children[log.id()] = {process};
    connect(process, &BatchChild::ended, this,
            [this, &log](const BatchChild::Ending &ending) { onEnded(log, ending); });
    connect(process, &BatchChild::progress, this, [this, &log](const RawJson &progress) { onProgress(log, progress); });
    process->start();
    m_tick.start(nearTick);
    const auto marked = m_files.mark({log.id(), log.out(), process->pid()});
    return marked ? Judged<void>() : std::unexpected(problemOf(marked.error()));
}

bool Batches::Throttle::take()
{
    if (m_last.isValid() && m_last.durationElapsed() < 1s)
        return false;
    m_last.start();
    return true;
}

void Batches::onProgress(BatchLog &log, const RawJson &progress)
{
    const auto told = JsonDocument::parse(progress.text);
    if (m_children.contains(log.id()) && told)
        charge(log, told->root()["usage"]["cost_usd"].toDouble());
    log.readOn();
    if (const auto child = m_children.find(log.id()); child != m_children.end() && child->second.tells.take())
        log.tell("batch.progress", progressObject(log));
}

/// At once, items under way included, so that others who spend with the token are judged by it.
void Batches::charge(BatchLog &log, double spentUsd)
{
    Child &child = m_children.at(log.id());
    const double news = spentUsd - std::exchange(child.chargedUsd, std::max(child.chargedUsd, spentUsd));
    if (news <= 0)
        return;
    m_allowance.charge(log.state().payer, log.id(), news);
    divideBudget(log.state().payer);
}

/// No batch may spend more than what the others left of its token's budget.
void Batches::divideBudget(const QString &payer)
{
    const auto token = m_sessions.access().current(payer);
    const auto left = token ? m_allowance.budgetLeftUsd(*token) : std::nullopt;
    if (!left)
        return;
    for (auto &[id, child] : m_children) {
        const BatchLog &log = *m_logs.at(id);
        const double most = child.chargedUsd + *left;
        const auto allowed = child.allowedUsd ? child.allowedUsd : log.spec().limits.costUsd;
        if (log.state().payer != payer || (allowed && *allowed <= most))
            continue;
        child.allowedUsd = most;
        child.process->tell(json::object({{"cost_usd", most}}));
    }
}

void Batches::onEnded(BatchLog &log, const BatchChild::Ending &ending)
{
    log.readOn();
    const Child child = m_children.extract(log.id()).mapped();
    child.process->deleteLater();
    const std::vector<BatchItem> items = itemsOf(log);
    for (const BatchItem &item : items) {
        if (item.known && item.known->start)
            m_items.leave(item.known->start->session);
    }
    const BatchSpec &spec = log.spec();
    BatchEnd end = endOf(ending, spec.isScript(), child.isCancelled, countsOf(items).failed > 0);
    if (child.withdrawn)
        end = {"cancelled", child.withdrawn->reason, child.withdrawn->message};
    const bool isForNextServer = m_draining && end.reason == u"process_lost"_s;
    if (end.outcome == "limit" && spec.onLimit == BatchSpec::OnLimit::Pause)
        std::ignore = log.append("batch.updated", {{u"paused"_s, json::boolean(true)},
                                                   {u"reason"_s, json::string(QStringView(end.reason))},
                                                   {u"charged_usd"_s, json::number(child.chargedUsd)}});
    else if (!isForNextServer)
        finish(log, end, child.chargedUsd);
    if (m_draining && m_children.empty())
        emit drained();
}

void Batches::finish(BatchLog &log, const BatchEnd &end, double chargedUsd)
{
    std::vector<std::pair<QString, RawJson>> members{{u"outcome"_s, json::string(QByteArrayView(end.outcome))},
                                                     {u"reason"_s, json::string(QStringView(end.reason))}};
    if (!end.message.isEmpty())
        members.emplace_back(u"message"_s, json::string(QStringView(end.message)));
    members.emplace_back(u"charged_usd"_s, json::number(chargedUsd));
    if (end.result)
        members.emplace_back(u"result"_s, *end.result);
    if (const auto noted = log.append("batch.done", members); !noted)
        qWarning("%s", qPrintable(noted.error().message));
    log.setRunBy(BatchLog::RunBy::Others);
    m_allowance.endTurn(log.state().payer, log.id());
    m_files.unmark(log.id());
}

Judged<void> Batches::change(BatchLog &log, const Change &change, const http::Token &caller)
{
    const auto running = m_children.find(log.id());
    const bool isPaused = log.state().status == Status::Paused;
    if (!log.hasSpec() || (change.paused && running == m_children.end() && !isPaused))
        return std::unexpected(Problem{ProblemCode::Busy, u"the batch does not run here"_s});
    const bool goesOn = isPaused && running == m_children.end() && (change.paused == false || change.costUsd);
    BatchSpec spec = log.spec();
    if (const auto admitted = goesOn ? admit(spec, caller, m_sessions.access()) : Judged<void>(); !admitted)
        return admitted; // whoever lets it go on makes it run
    const bool changesHands = goesOn && caller.id != log.state().payer;
    for (const auto &token : {std::optional(caller), m_sessions.access().current(log.state().payer)}) {
        if (token && token->concurrency && change.concurrency > *token->concurrency)
            return std::unexpected(
                refused(u"/concurrency"_s, u"is more than the %1 of the token"_s.arg(*token->concurrency)));
    }
    spec.concurrency = change.concurrency.value_or(spec.concurrency);
    if (const auto left = m_allowance.budgetLeftUsd(caller); left && change.costUsd > *left)
        return std::unexpected(refused(u"/cost_usd"_s, u"is more than is left of the token's budget"_s));
    spec.limits.costUsd = change.costUsd ? change.costUsd : spec.limits.costUsd;
    if (const auto kept = batch::keepSpec(log.out(), spec); !kept)
        return std::unexpected(problemOf(kept.error()));
    log.setSpec(spec);
    std::vector<std::pair<QString, RawJson>> members;
    if (change.concurrency)
        members.emplace_back(u"concurrency"_s, json::number(*change.concurrency));
    if (change.costUsd)
        members.emplace_back(u"cost_usd"_s, json::number(*change.costUsd));
    if (changesHands) {
        if (const auto allowed = m_allowance.beginTurn(caller); !allowed)
            return allowed;
        m_allowance.endTurn(log.state().payer, log.id());
        members.emplace_back(u"token_id"_s, json::string(QStringView(caller.id)));
    }
    if (change.paused || goesOn)
        members.emplace_back(u"paused"_s, json::boolean(change.paused.value_or(false)));
    if (members.empty())
        return {};
    if (const auto noted = log.append("batch.updated", members); !noted)
        return std::unexpected(problemOf(noted.error()));
    if (running != m_children.end()) {
        running->second.allowedUsd = change.costUsd ? change.costUsd : running->second.allowedUsd;
        running->second.process->tell(json::object(members));
    }
    return goesOn ? begin(log, {}) : Judged<void>();
}

Judged<bool> Batches::cancel(BatchLog &log, Cancel mode)
{
    const auto running = m_children.find(log.id());
    if (running == m_children.end()) {
        if (log.state().status != Status::Paused)
            return false;
        finish(log, {"cancelled", u"cancelled_by_user"_s});
        return true;
    }
    running->second.isCancelled = true;
    if (mode == Cancel::FinishRunning)
        running->second.process->tell(json::object({{"finish", true}}));
    else
        running->second.process->stop();
    return true;
}

void Batches::drain()
{
    m_draining = true;
    for (const auto &[id, child] : m_children)
        child.process->stop();
    if (m_children.empty())
        QMetaObject::invokeMethod(this, &Batches::drained, Qt::QueuedConnection);
}

void Batches::onTick()
{
    std::erase_if(m_logs,
                  [this](const auto &entry) { return entry.second->users == 0 && !m_children.contains(entry.first); });
    std::vector<BatchLog *> logs; // whoever is told of what they hold may open others
    for (const auto &[id, log] : m_logs)
        logs.push_back(log.get());
    for (BatchLog *log : logs)
        log->readOn();
    if (m_logs.empty())
        m_tick.stop();
    else
        m_tick.start(m_children.empty() ? farTick : nearTick);
}

} // namespace nightshift::api
