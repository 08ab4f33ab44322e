#include "itemrun.h"
#include "batch/leftsession.h"
#include "batch/runner.h"
#include "batch/turnresult.h"
#include "store/sessionfiles.h"
#include <QDir>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

using std::chrono::milliseconds;

namespace {

bool isOutside(FailureCode code)
{
    return code == FailureCode::Interrupted || code == FailureCode::CancelledByUser;
}

bool hitsLimitAbove(const ItemResult &result)
{
    return std::ranges::any_of(result.limitsHit, [](const QString &limit) { return !limit.startsWith("item."_L1); });
}

} // namespace

ItemRun::ItemRun(Runner &runner, PreparedItem item, Budget &above, QObject *parent)
    : QObject(parent)
    , m_runner(runner)
    , m_item(std::move(item))
    , m_budget(u"item"_s, m_item.options.limits, &above)
{
    m_result.key = m_item.options.key;
    m_result.index = m_item.index;
    m_result.labels = m_item.options.labels;
    m_pause.setSingleShot(true);
    m_age.start();
    QMetaObject::invokeMethod(this, &ItemRun::begin, Qt::QueuedConnection);
}

ItemRun::~ItemRun()
{
    m_runner.forget(this);
    delete m_session; // before the tree that it works in
    delete m_judging;
}

void ItemRun::begin()
{
    using Step = Decision::Step;
    if (m_interrupted)
        return fail(*m_interrupted);
    if (m_item.decision.step == Step::Take) {
        m_result = m_runner.m_journal->result(*m_runner.m_journal->known().find(key()));
        m_result.index = m_item.index;
        leaveEarlierTrees();
        emit finished(m_result);
        return;
    }
    if (const auto hit = m_budget.exhausted()) {
        m_result.limitsHit += hit->limit;
        return fail(hit->error);
    }
    if (m_item.decision.step == Step::Recheck)
        return recheck();
    m_runner.afterFirstOf(m_item.prefix, this, [this] {
        if (m_isEnding || (m_item.decision.step == Step::Continue && continueOpen()))
            return;
        leaveEarlierTrees();
        attempt(Way::New);
    });
}

SessionRun::Order ItemRun::order() const
{
    SessionRun::Order order{.settings = m_settings,
                            .input = {.text = m_item.options.prompt, .images = {}},
                            .limits = m_budget.left(),
                            .schema = m_item.options.schema,
                            .log = {},
                            .before = {}};
    for (const QString &name : m_item.options.attachments)
        order.input.images += QDir::cleanPath(QDir(m_item.settings.cwd).absoluteFilePath(name));
    if (order.limits.time)
        order.limits.time = std::max(milliseconds(1), *order.limits.time - milliseconds(m_age.elapsed()));
    return order;
}

void ItemRun::attempt(Way way)
{
    m_attempt = {};
    if (const auto hit = m_budget.exhausted(); hit && !m_result.attempts.empty())
        return finish();
    Transcript before = m_session ? m_session->transcript() : Transcript();
    const QString earlier = m_session ? m_session->session() : QString();
    if (m_session)
        std::exchange(m_session, nullptr)->deleteLater();
    const auto log = way == Way::Fork ? store::sessionFile(m_item.settings.home.state, earlier) : std::nullopt;
    if (!log) {
        m_settings = m_item.settings;
        m_place = Workplace(); // first, so that a tree nobody adopted is gone
        if (!earlier.isEmpty())
            m_runner.letTreesGo(m_item.settings, {earlier});
        auto place = Workplace::enter(m_settings, m_runner.baseCommit(m_item.settings.cwd));
        if (!place)
            return fail({FailureCode::SandboxError, place.error().message});
        m_place = std::move(*place);
    }
    SessionRun::Order made = order();
    if (log) {
        made.way = SessionRun::Order::Way::Fork;
        made.log = log->path;
        made.before = before;
        made.input = {.text = failureText(m_result.reason, m_result.message), .images = {}};
    }
    launch(std::move(made));
}

void ItemRun::launch(SessionRun::Order order)
{
    const auto door = m_runner.doorTo(m_settings);
    if (!door)
        return fail({FailureCode::Auth, door.error().message});
    m_attemptAge.start();
    m_charged = {};
    m_chargedRequests = 0;
    m_client = (*door)->governed.get();
    m_session = new SessionRun(*(*door)->engine, *(*door)->client, std::move(order), this);
    connect(m_session, &SessionRun::opened, this, &ItemRun::onOpened);
    connect(m_session, &SessionRun::event, this, &ItemRun::onEvent);
    connect(m_session, &SessionRun::finished, this, &ItemRun::onSessionEnded);
    const auto mine = [this](auto react) {
        return [this, react](const QString &session, auto... more) {
            if (m_session && session == m_session->session())
                react(more...);
        };
    };
    connect(m_client, &GovernedClient::queued, m_session, mine([this] { m_session->holdClock(); }));
    connect(m_client, &GovernedClient::sent, m_session, mine([this] { m_session->releaseClock(); }));
    connect(m_client, &GovernedClient::waitStarted, m_session, mine([this](qint64 at) { emit waitStarted(at); }));
    connect(m_client, &GovernedClient::waitEnded, m_session, mine([this] { emit waitEnded(); }));
}

void ItemRun::onOpened(const QString &sessionId)
{
    if (const auto adopted = m_place.adopt(sessionId); !adopted)
        m_session->interrupt({FailureCode::SandboxError, adopted.error().message});
    const JournalStart start{.key = key(),
                             .index = m_item.index,
                             .fingerprint = m_item.fingerprint.hex,
                             .parts = m_item.fingerprint.parts,
                             .session = sessionId,
                             .attempt = int(m_result.attempts.size()) + 1};
    const auto noted = m_runner.m_journal ? m_runner.m_journal->start(start) : Result<>();
    if (!noted)
        m_session->interrupt({FailureCode::DiskFull, noted.error().message});
    emit opened(sessionId);
}

void ItemRun::onEvent(const Event &e)
{
    const Transcript &transcript = m_session->transcript();
    if (transcript.requests != m_chargedRequests) {
        m_budget.charge(difference(transcript.usage, m_charged), transcript.requests - m_chargedRequests);
        m_charged = transcript.usage;
        m_chargedRequests = transcript.requests;
        emit m_runner.charged();
    }
    if (transcript.sawToken)
        m_runner.hasToken(m_item.prefix);
    emit event(e);
}

void ItemRun::onSessionEnded()
{
    takeOutcome(m_session->transcript(), m_session->session());
    judge();
}

void ItemRun::takeOutcome(Transcript transcript, const QString &session)
{
    if (!transcript.error && !transcript.completed)
        transcript.error = TurnError{FailureCode::Internal, u"the turn had no end"_s};
    const ItemResult turn = resultOf(transcript, m_item.options.schema ? Wanted::Json : Wanted::Text);
    m_attempt.session = session;
    m_attempt.usage += transcript.usage;
    m_attempt.requests += transcript.requests;
    m_attempt.outcome = turn.outcome;
    m_attempt.reason = turn.reason;
    m_attempt.message = turn.message;
    m_result.session = session;
    m_result.text = turn.text;
    m_result.json = turn.json;
    m_result.limitsHit.clear();
    if (const QString limit = transcript.error ? m_budget.limitBehind(transcript.error->code) : QString();
        !limit.isEmpty())
        m_result.limitsHit += limit;
    m_result.files = turn.files;
    for (QString &file : m_result.files)
        file = file.startsWith(m_settings.cwd + u'/') ? file.sliced(m_settings.cwd.size() + 1) : file;
    m_result.files.sort();
    collectDiff();
    m_result.outcome = m_attempt.outcome;
    m_result.reason = m_attempt.reason;
    m_result.message = m_attempt.message;
    m_result.ok = m_attempt.reason == "final_message"_L1;
}

/// Before the check makes files of its own.
void ItemRun::collectDiff()
{
    const auto diff = m_place.diff();
    if (!diff) {
        m_attempt.outcome = u"failed"_s;
        m_attempt.reason = codeName(FailureCode::Internal).toString();
        m_attempt.message = diff.error().message;
    } else if (m_place.isIsolated()) {
        m_result.diff = *diff;
        m_result.files = filesInPatch(*diff);
    }
}

void ItemRun::judge()
{
    m_runner.hasToken(m_item.prefix); // whoever waits must not wait for one that failed
    const bool isJudged = m_judge || !m_item.options.check.isEmpty();
    if (!m_result.ok || m_interrupted || !isJudged)
        return endAttempt();
    m_judging =
        new Judging(m_item.options.check, m_judge, m_result, m_settings, m_runner.m_surroundings.environment, this);
    connect(m_judging, &Judging::finished, this, &ItemRun::onJudged);
}

void ItemRun::onJudged(const std::optional<QString> &failure)
{
    std::exchange(m_judging, nullptr)->deleteLater();
    if (failure) {
        m_result.ok = false;
        m_result.outcome = m_attempt.outcome = u"failed"_s;
        m_result.reason = m_attempt.reason = u"check_failed"_s;
        m_result.message = m_attempt.message = *failure;
    }
    endAttempt();
}

bool ItemRun::mayRepeat() const
{
    const Retries &retries = m_item.options.retries;
    const Limits &limits = m_item.options.limits;
    if (m_result.ok || m_interrupted || int(m_result.attempts.size()) > retries.max)
        return false;
    if (limits.turns && qint64(m_result.attempts.size()) >= *limits.turns)
        return false;
    const bool usual = isRetryable(m_result.reason) || m_result.reason == "check_failed"_L1;
    return retries.on.isEmpty() ? usual : retries.on.contains(m_result.reason);
}

void ItemRun::endAttempt()
{
    m_attempt.duration = milliseconds(m_attemptAge.elapsed());
    m_result.attempts.push_back(std::exchange(m_attempt, {}));
    if (!mayRepeat())
        return finish();
    const int earlier = int(m_result.attempts.size()) - 1;
    const bool goesOn = !m_item.options.retries.fresh && m_session && !m_session->session().isEmpty();
    m_pause.disconnect(this);
    connect(&m_pause, &QTimer::timeout, this, [this, goesOn] { attempt(goesOn ? Way::Fork : Way::New); });
    m_pause.start(m_item.options.retries.backOff * (1 << std::min(earlier, 10)));
}

void ItemRun::interrupt(const TurnError &why, const QString &limit)
{
    if (m_isEnding || m_interrupted)
        return;
    m_interrupted = why;
    m_limitAbove = limit;
    if (m_session && !m_judging && m_session->transcript().completed == false && !m_pause.isActive())
        return m_session->interrupt(why);
    m_pause.stop();
    delete std::exchange(m_judging, nullptr);
    QMetaObject::invokeMethod(this, [this, why] { fail(why); }, Qt::QueuedConnection);
}

/// It ends before, or beside, a session.
void ItemRun::fail(const TurnError &error)
{
    m_result.ok = false;
    m_result.outcome = outcomeOf(error.code);
    m_result.reason = codeName(error.code).toString();
    m_result.message = error.message;
    if (m_attempt.session.isEmpty() && !m_result.attempts.empty())
        return finish();
    m_attempt.outcome = m_result.outcome;
    m_attempt.reason = m_result.reason;
    m_attempt.message = error.message;
    m_result.attempts.push_back(std::exchange(m_attempt, {}));
    finish();
}

void ItemRun::finish()
{
    if (std::exchange(m_isEnding, true))
        return;
    m_runner.forget(this);
    m_result.usage = {};
    for (const Attempt &attempt : m_result.attempts)
        m_result.usage += attempt.usage;
    m_result.duration = milliseconds(m_age.elapsed());
    if (!m_result.ok && !m_limitAbove.isEmpty()) {
        m_result.limitsHit += m_limitAbove;
        if (m_limitAbove.endsWith(".wall_s"_L1))
            m_result.reason = codeName(FailureCode::LimitTime);
    }
    m_result.from = ItemResult::From::Run; // also from a cassette: what is replayed is what was
    // What others' limits or signals ended is not done: it goes on in another run.
    const bool isOpen = !m_result.ok && ((m_interrupted && isOutside(m_interrupted->code)) || hitsLimitAbove(m_result));
    if (m_runner.m_journal && !isOpen)
        keepResult();
    emit finished(m_result);
}

/// Then its trees are needed no more, but the last of a failure: somebody may look at it before the next run.
void ItemRun::keepResult()
{
    const auto kept =
        m_runner.m_journal->done({m_result, m_item.fingerprint.hex, m_item.fingerprint.parts, m_item.check});
    if (kept)
        return m_runner.letTreesGo(m_item.settings, sessionsOf(m_result), m_result.ok ? QString() : m_result.session);
    m_result.ok = false;
    m_result.outcome = u"failed"_s;
    m_result.reason = codeName(FailureCode::DiskFull).toString();
    m_result.message = kept.error().message;
}

} // namespace nightshift::batch
