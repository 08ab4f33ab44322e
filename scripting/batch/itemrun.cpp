#include "itemrun.h"
#include "batch/runner.h"
#include "engine/replay.h"
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

QString outcomeOf(FailureCode code)
{
    if (code == FailureCode::CancelledByUser)
        return u"cancelled"_s;
    return code == FailureCode::Interrupted || code == FailureCode::ProcessLost ? u"interrupted"_s : u"failed"_s;
}

bool hitsLimitAbove(const ItemResult &result)
{
    return std::ranges::any_of(result.limitsHit, [](const QString &limit) { return !limit.startsWith("item."_L1); });
}

/// What a new attempt on the old conversation is told.
QString failureText(const QString &reason, const QString &message)
{
    if (reason == "check_failed"_L1)
        return u"Your work was checked, and it is not right yet:\n\n"_s + message + u"\n\nMend it."_s;
    return u"The last attempt ended early: "_s + message + u"\n\nGo on from here until the work is done."_s;
}

} // namespace

ItemRun::ItemRun(Runner &runner, PreparedItem item, QObject *parent)
    : QObject(parent)
    , m_runner(runner)
    , m_item(std::move(item))
    , m_budget(u"item"_s, m_item.options.limits, &runner.budget())
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
    delete m_check;
}

void ItemRun::begin()
{
    using Step = Decision::Step;
    if (m_interrupted)
        return fail(*m_interrupted);
    if (m_item.decision.step == Step::Take) {
        m_result = m_runner.m_journal->result(*m_runner.m_journal->known().find(key()));
        m_result.index = m_item.index;
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

/// The session of a lost process goes on, or its result is taken if nothing was missing. False when there is
/// nothing to go on from.
bool ItemRun::continueOpen()
{
    const auto &known = *m_runner.m_journal->known().find(key());
    const auto log = store::sessionFile(m_item.settings.home.state, known.start->session);
    if (!log)
        return false;
    m_settings = m_item.settings;
    auto place = Workplace::reenter(m_settings, known.start->session);
    auto replay = engine::Replay::open(m_item.settings.home.state, log->path, m_runner.m_surroundings.decompress);
    if (!place || !replay)
        return false;
    Transcript recorded;
    while (const auto event = replay->next())
        recorded.take(*event);
    if (!recorded.asked)
        return false;
    m_place = std::move(*place);
    m_budget.charge(recorded.usage, recorded.requests);
    m_attempt.usage = recorded.usage;
    m_attempt.requests = recorded.requests;
    if (recorded.completed || (recorded.isWhole && recorded.error->code == FailureCode::ProcessLost)) {
        recorded.completed = true;
        recorded.error.reset();
        m_attemptAge.start();
        takeOutcome(recorded, known.start->session);
        judge();
        return true;
    }
    SessionRun::Order made = order();
    made.way = SessionRun::Order::Way::Resume;
    made.log = log->path;
    made.goesOn = true;
    made.before = recorded;
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
    m_charged = m_attempt.usage; // was paid for in an earlier run
    m_settings = m_item.settings;
    m_attemptAge.start();
    auto place = Workplace::reenter(m_settings, m_result.session);
    if (!place) {
        place = Workplace::enter(m_settings, m_runner.baseCommit(m_item.settings.cwd));
        const auto restored = place ? place->restore(m_result.diff) : std::unexpected(place.error());
        if (!restored)
            return fail({FailureCode::SandboxError, restored.error().message});
    }
    m_place = std::move(*place);
    m_result.ok = true;
    m_result.outcome = m_attempt.outcome = u"completed"_s;
    m_result.reason = m_attempt.reason = u"final_message"_s;
    m_result.message = m_attempt.message = QString();
    judge();
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

void ItemRun::takeOutcome(const Transcript &transcript, const QString &session)
{
    m_attempt.session = session;
    m_attempt.usage += transcript.usage;
    m_attempt.requests += transcript.requests;
    m_result.session = session;
    m_result.text = transcript.text.value_or(QString());
    m_result.json.reset();
    m_result.limitsHit.clear();
    const auto error = transcript.error ? transcript.error
                       : transcript.completed
                           ? std::nullopt
                           : std::optional(TurnError{FailureCode::Internal, u"the turn had no end"_s});
    m_attempt.outcome = error ? outcomeOf(error->code) : u"completed"_s;
    m_attempt.reason = error                ? codeName(error->code).toString()
                       : transcript.refusal ? u"model_refusal"_s
                                            : u"final_message"_s;
    m_attempt.message = error ? error->message : QString();
    if (error) {
        if (const QString limit = m_budget.limitBehind(error->code); !limit.isEmpty())
            m_result.limitsHit += limit;
    }
    if (!error && m_item.options.schema)
        m_result.json = compact(RawJson{m_result.text.toUtf8()});
    m_result.files = transcript.files;
    for (QString &file : m_result.files)
        file = file.startsWith(m_settings.cwd + u'/') ? file.sliced(m_settings.cwd.size() + 1) : file;
    m_result.files.sort();
    const auto diff = m_place.diff(); // before the check makes files of its own
    if (!diff) {
        m_attempt.outcome = u"failed"_s;
        m_attempt.reason = codeName(FailureCode::Internal).toString();
        m_attempt.message = diff.error().message;
    } else if (m_place.isIsolated()) {
        m_result.diff = *diff;
        m_result.files = filesInPatch(*diff);
    }
    m_result.outcome = m_attempt.outcome;
    m_result.reason = m_attempt.reason;
    m_result.message = m_attempt.message;
    m_result.ok = m_attempt.reason == "final_message"_L1;
}

void ItemRun::judge()
{
    m_runner.hasToken(m_item.prefix); // whoever waits must not wait for one that failed
    if (!m_result.ok || m_interrupted)
        return endAttempt();
    if (!m_item.options.check.isEmpty()) {
        m_check =
            new CheckRun(m_item.options.check, m_settings, m_runner.m_surroundings.environment, m_result.session, this);
        connect(m_check, &CheckRun::finished, this, &ItemRun::onJudged);
        return;
    }
    if (!m_judge)
        return endAttempt();
    m_judge(m_result, [self = QPointer(this)](const std::optional<QString> &failure) {
        if (self)
            QMetaObject::invokeMethod(self.data(), [self, failure] { self->onJudged(failure); }, Qt::QueuedConnection);
    });
}

void ItemRun::onJudged(const std::optional<QString> &failure)
{
    if (m_check) {
        std::exchange(m_check, nullptr)->deleteLater();
        if (!failure && m_judge) // both must agree
            return m_judge(m_result, [self = QPointer(this)](const std::optional<QString> &second) {
                if (self)
                    QMetaObject::invokeMethod(
                        self.data(), [self, second] { self->onJudged(second); }, Qt::QueuedConnection);
            });
    }
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

void ItemRun::interrupt(const TurnError &why)
{
    if (m_isEnding || m_interrupted)
        return;
    m_interrupted = why;
    if (m_session && !m_check && m_session->transcript().completed == false && !m_pause.isActive())
        return m_session->interrupt(why);
    m_pause.stop();
    delete std::exchange(m_check, nullptr);
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
    m_result.from = ItemResult::From::Run;
    // What others' limits or signals ended is not done: it goes on in another run.
    const bool isOpen = !m_result.ok && ((m_interrupted && isOutside(m_interrupted->code)) || hitsLimitAbove(m_result));
    if (m_runner.m_journal && !isOpen) {
        const auto kept =
            m_runner.m_journal->done({m_result, m_item.fingerprint.hex, m_item.fingerprint.parts, m_item.check});
        if (!kept) {
            m_result.ok = false;
            m_result.outcome = u"failed"_s;
            m_result.reason = codeName(FailureCode::DiskFull).toString();
            m_result.message = kept.error().message;
        }
    }
    emit finished(m_result);
}

} // namespace nightshift::batch
