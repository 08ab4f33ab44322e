#include "host/agentsession.h"
#include "batch/turnresult.h"
#include "store/sessionfiles.h"

using namespace Qt::StringLiterals;

namespace nightshift::host {

using Way = batch::SessionRun::Order::Way;

AgentSession::AgentSession(batch::Runner &runner, Runs &runs, batch::PreparedItem item, Origin origin, QObject *parent)
    : QObject(parent)
    , m_runner(runner)
    , m_runs(runs)
    , m_item(std::move(item))
    , m_settings(m_item.settings)
    , m_sessionBudget(u"session"_s, m_item.options.limits, &runner.budget())
    , m_origin(std::move(origin))
{}

AgentSession::~AgentSession()
{
    delete m_run; // before the tree that it works in
    if (m_isInside)
        m_runs.leave();
}

void AgentSession::Send::answer(const Result<RawJson> &result) const
{
    for (const script::Answer &each : answers)
        each(result);
}

void AgentSession::send(const TurnAsk &ask, const script::Answer &answer)
{
    if (m_isBusy && ask.whenBusy == TurnAsk::WhenBusy::Reject)
        return answer(fail(Error::Kind::Invalid, u"send(): a turn is running or waits"_s));
    if (m_isBusy && (joins(ask, answer) || replaces(ask, answer)))
        return;
    m_sends.push_back({ask, {answer}});
    next();
}

bool AgentSession::joins(const TurnAsk &ask, const script::Answer &answer)
{
    if (ask.whenBusy != TurnAsk::WhenBusy::Steer || !m_run || !m_run->steer(ask.input))
        return false;
    m_sends.front().answers.push_back(answer);
    return true;
}

/// One that waits for its place is simply another one from now on.
bool AgentSession::replaces(const TurnAsk &ask, const script::Answer &answer)
{
    if (ask.whenBusy != TurnAsk::WhenBusy::Replace)
        return false;
    const TurnError why{FailureCode::Superseded, u"another prompt was to replace this one"_s};
    if (m_run) {
        m_sends.insert(m_sends.begin() + 1, Send{ask, {answer}});
        m_run->interrupt(why);
        return true;
    }
    const Send replaced = std::exchange(m_sends.front(), {ask, {answer}});
    batch::Transcript transcript;
    transcript.error = why;
    replaced.answer(toJson(resultOf(transcript, batch::Wanted::Text)));
    return true;
}

void AgentSession::next()
{
    if (m_isBusy || m_sends.empty())
        return;
    m_isBusy = true;
    m_runs.enter([self = QPointer(this), runs = &m_runs] {
        if (self)
            self->begin();
        else
            runs->leave();
    });
}

void AgentSession::begin()
{
    m_isInside = true;
    auto made =
        m_runs.isStopped() ? fail(Error::Kind::Canceled, u"the script was stopped"_s) : order(m_sends.front().ask);
    if (made)
        return launch(std::move(*made));
    m_sends.front().answer(std::unexpected(made.error()));
    end({});
}

/// What the turn is, or why there is no place for it.
Result<batch::SessionRun::Order> AgentSession::order(const TurnAsk &ask)
{
    if (const auto placed = m_origin.way == Way::Resume ? returnToItsPlace() : goToANewPlace(); !placed)
        return std::unexpected(placed.error());
    m_budget.emplace(u"turn"_s, ask.limits, &m_sessionBudget);
    batch::SessionRun::Order order{.settings = m_settings,
                                   .input = ask.input,
                                   .limits = m_budget->left(),
                                   .schema = ask.schema ? ask.schema : m_item.options.schema,
                                   .log = m_origin.log,
                                   .way = m_origin.way,
                                   .atTurn = m_origin.atTurn,
                                   .before = m_origin.before};
    m_wantsJson = order.schema.has_value();
    return order;
}

void AgentSession::launch(batch::SessionRun::Order order)
{
    if (const auto &most = m_item.options.limits.turns; most && m_turns >= *most)
        return refuse({FailureCode::LimitRequests, u"the session's limit of %1 turns is reached"_s.arg(*most)},
                      u"turns"_s);
    if (const auto hit = m_budget->exhausted())
        return refuse(hit->error);
    ++m_turns;
    m_charged = {};
    m_chargedRequests = 0;
    auto run = m_runner.launch(std::move(order), this);
    if (!run)
        return refuse({FailureCode::Auth, run.error().message});
    m_run = *run;
    connect(m_run, &batch::SessionRun::opened, this, [this](const QString &id) {
        m_origin.id = id;
        if (const auto adopted = m_place.adopt(id); !adopted)
            m_run->interrupt({FailureCode::SandboxError, adopted.error().message});
    });
    connect(m_run, &batch::SessionRun::event, this, &AgentSession::onEvent);
    connect(m_run, &batch::SessionRun::finished, this, &AgentSession::onFinished);
}

void AgentSession::onEvent(const Event &e)
{
    const batch::Transcript &transcript = m_run->transcript();
    if (transcript.requests != m_chargedRequests) {
        m_budget->charge(batch::difference(transcript.usage, m_charged), transcript.requests - m_chargedRequests);
        m_charged = transcript.usage;
        m_chargedRequests = transcript.requests;
        emit m_runner.charged();
    }
    if (const auto line = m_encoder.encode(e))
        emit event(*line);
}

void AgentSession::onFinished()
{
    const batch::Transcript transcript = m_run->transcript();
    std::exchange(m_run, nullptr)->deleteLater();
    if (const auto log = store::sessionFile(state(), m_origin.id)) {
        m_origin = {.log = log->path, .way = Way::Resume, .atTurn = {}, .id = m_origin.id, .before = transcript};
    }
    m_total += transcript.usage;
    m_usage += transcript.usage;
    if (goOn(transcript))
        return;
    batch::ItemResult result = resultOf(transcript, m_wantsJson ? batch::Wanted::Json : batch::Wanted::Text);
    result.usage = std::exchange(m_usage, {});
    result.session = m_origin.id;
    result.key = m_item.options.key;
    if (const auto diff = m_place.diff(); diff && m_place.isIsolated()) {
        result.diff = *diff;
        result.files = batch::filesInPatch(*diff);
    }
    if (const QString limit = transcript.error ? m_budget->limitBehind(transcript.error->code) : QString();
        !limit.isEmpty())
        result.limitsHit += limit;
    end(toJson(result));
}

/// Whether another turn follows, for what was said meanwhile.
bool AgentSession::goOn(const batch::Transcript &transcript)
{
    const auto said = std::exchange(m_steers, {});
    if (said.empty() || transcript.error || m_runs.isStopped())
        return false;
    TurnAsk ask = m_sends.front().ask;
    ask.input = {};
    QStringList texts;
    for (const UserInput &each : said) {
        texts += each.text;
        ask.input.images += each.images;
    }
    ask.input.text = texts.join(u"\n\n"_s);
    auto next = order(ask);
    if (!next)
        return false;
    launch(std::move(*next));
    return true;
}

/// The turn did not even begin.
void AgentSession::refuse(const TurnError &error, const QString &limit)
{
    batch::Transcript transcript;
    transcript.error = error;
    batch::ItemResult result = resultOf(transcript, batch::Wanted::Text);
    result.session = m_origin.id;
    if (!limit.isEmpty()) {
        result.reason = result.attempts.front().reason = u"limit_"_s + limit; // which no turn itself can end with
        result.limitsHit += u"session."_s + limit;
    }
    end(toJson(result));
}

/// The first of the sends is over; without a result it was answered before.
void AgentSession::end(const RawJson &result)
{
    const Send send = std::move(m_sends.front());
    m_sends.pop_front();
    m_isBusy = m_isInside = false;
    if (const auto document = JsonDocument::parse(result.text); document && !result.text.isEmpty()) {
        std::vector<std::pair<QString, RawJson>> members;
        for (const auto &[name, value] : document->root().members())
            members.emplace_back(name, value.raw());
        members.emplace_back(u"total"_s, batch::toJson(m_total));
        send.answer(json::object(members));
    }
    m_runs.leave();
    next();
}

Result<> AgentSession::steer(const UserInput &input)
{
    if (!m_isBusy)
        return fail(Error::Kind::Invalid, u"steer(): no turn is under way"_s);
    if (!m_run || !m_run->steer(input))
        m_steers.push_back(input);
    return {};
}

void AgentSession::cancel(const TurnError &why, std::chrono::milliseconds grace)
{
    while (m_sends.size() > (m_isBusy ? 1 : 0)) {
        m_sends.back().answer(fail(Error::Kind::Canceled, why.message));
        m_sends.pop_back();
    }
    if (m_run)
        m_run->interrupt(why, grace);
}

Result<AgentSession::Origin> AgentSession::fork(std::optional<qint64> atTurn) const
{
    if (m_origin.log.isEmpty() || m_origin.way != Way::Resume)
        return fail(Error::Kind::Invalid, u"fork(): the session has had no turn yet"_s);
    return Origin{.log = m_origin.log, .way = Way::Fork, .atTurn = atTurn, .id = {}, .before = m_origin.before};
}

Result<> AgentSession::returnToItsPlace()
{
    if (m_isPlaced || m_origin.id.isEmpty())
        return {};
    const auto placed = settleIn(batch::Workplace::reenter(m_settings, m_origin.id));
    if (m_place.cameBack())
        m_runner.letTreesGo(m_settings, {m_origin.id}); // in the end, as before
    return placed;
}

Result<> AgentSession::goToANewPlace()
{
    return m_isPlaced ? Result<>()
                      : settleIn(batch::Workplace::enter(m_settings, m_runner.baseCommit(m_item.settings.cwd)));
}

Result<> AgentSession::settleIn(Result<batch::Workplace> place)
{
    if (!place)
        return std::unexpected(place.error());
    m_place = std::move(*place);
    m_isPlaced = true;
    return {};
}

Result<batch::CheckRun *> AgentSession::check(const QStringList &argv)
{
    if (const auto placed = returnToItsPlace(); !placed)
        return std::unexpected(placed.error());
    Settings settings = m_settings, wished = m_item.settings;
    wished.sandbox.mode = SandboxPolicy::Mode::WorkspaceWrite; // a build writes, and the tree is its own
    if (settings.sandbox.mode == SandboxPolicy::Mode::ReadOnly &&
        (!m_runner.bounds() || m_runner.bounds()->admit(wished)))
        settings.sandbox.mode = wished.sandbox.mode;
    return new batch::CheckRun(argv, settings, m_runner.environment(), m_origin.id, this);
}

Result<QString> AgentSession::diff()
{
    if (const auto placed = returnToItsPlace(); !placed)
        return std::unexpected(placed.error());
    const auto diff = m_place.diff();
    return diff ? Result<QString>(QString::fromUtf8(*diff)) : std::unexpected(diff.error());
}

} // namespace nightshift::host
