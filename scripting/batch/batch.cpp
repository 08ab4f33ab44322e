#include "batch.h"
#include "batch/sharing.h"
#include <QDateTime>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

using std::chrono::milliseconds;

Batch::Batch(Runner &runner, std::vector<PreparedItem> items, Config config, Claims *claims, QObject *parent)
    : QObject(parent)
    , m_runner(runner)
    , m_items(std::move(items))
    , m_config(std::move(config))
    , m_claims(claims)
{
    m_report.name = m_config.name;
    for (const PreparedItem &item : m_items) {
        m_places[item.options.key] = m_report.items.size();
        m_report.items.push_back(
            {.key = item.options.key, .index = item.index, .json = {}, .attempts = {}, .labels = item.options.labels});
    }
    m_wall.setSingleShot(true);
    connect(&m_look, &QTimer::timeout, this, &Batch::lookAtOthers);
    connect(&m_wall, &QTimer::timeout, this,
            [this] { end(Report::End::Limit, u"batch.wall_s"_s, u"the batch's time is up"_s); });
}

void Batch::start()
{
    m_age.start();
    if (m_config.wall)
        m_wall.start(*m_config.wall);
    if (m_claims)
        m_look.start(m_claims->interval());
    QMetaObject::invokeMethod(this, &Batch::pump, Qt::QueuedConnection);
}

int Batch::concurrency() const
{
    return m_config.concurrency > 0 ? m_config.concurrency : m_runner.advisedConcurrency();
}

void Batch::pump()
{
    while (!m_isEnding && !m_isPaused && m_next < m_items.size() && int(m_running.size()) < concurrency()) {
        if (!startNext())
            return;
    }
    finishWhenIdle();
}

/// False when the batch has ended over it.
bool Batch::startNext()
{
    const size_t index = m_next++;
    if (m_config.leftOut.contains(m_items[index].options.key))
        return true;
    if (!m_claims || m_items[index].decision.step == Decision::Step::Take)
        start(m_items[index]);
    else if (claim(index))
        start(m_items[index]);
    return !m_isEnding;
}

/// Whether the item is ours now; one of others is looked at again where it makes sense.
bool Batch::claim(size_t index)
{
    PreparedItem &item = m_items[index];
    const QString &key = item.options.key;
    const bool awaits = m_config.others == Config::Others::Await;
    const auto isOurs =
        awaits ? whoseIs(item, *m_claims, m_runner).transform([](Whose whose) { return whose == Whose::Ours; })
               : m_claims->take(key);
    if (!isOurs) {
        end(Report::End::Interrupted, isOurs.error().message, isOurs.error().message);
        return false;
    }
    if (*isOurs && item.decision.step != Decision::Step::Take)
        m_claimed += key;
    else if (const auto sign = m_claims->othersSign(key); !*isOurs && (awaits || sign))
        m_others.push_back({index, sign.value_or(0)});
    return *isOurs;
}

/// Until there is a result of each.
void Batch::lookAtAwaited()
{
    for (const Other &other : std::exchange(m_others, {})) {
        if (m_isEnding || int(m_running.size()) >= concurrency())
            m_others.push_back(other);
        else if (claim(other.item))
            start(m_items[other.item]);
    }
    finishWhenIdle();
}

/// What others had when we came to it is left to those who have given a sign of life since, or are done with it. We
/// wait for no more than that, and take over from the dead.
void Batch::lookAtOthers()
{
    if (m_config.others == Config::Others::Await)
        return lookAtAwaited();
    std::erase_if(m_others, [this](const Other &other) {
        return m_claims->othersSign(m_items[other.item].options.key) != other.sign;
    });
    while (!m_isEnding && !m_others.empty() && int(m_running.size()) < concurrency()) {
        const auto dead = std::ranges::find_if(m_others, [this](const Other &other) {
            return m_claims->take(m_items[other.item].options.key).value_or(false);
        });
        if (dead == m_others.end())
            break;
        PreparedItem &item = m_items[dead->item];
        m_others.erase(dead);
        m_claimed += item.options.key;
        m_runner.decideAgain(item); // by what the dead one had journaled
        start(item);
    }
    finishWhenIdle();
}

void Batch::start(const PreparedItem &item)
{
    auto *run = m_runner.start(item, this, m_config.budget);
    if (m_config.judge)
        run->setJudge(m_config.judge);
    m_running.emplace_back(run, Progress::Running{item.options.key, QDateTime::currentMSecsSinceEpoch(), 0});
    const auto setRetry = [this, run](qint64 at) {
        for (auto &[each, shown] : m_running) {
            if (each == run)
                shown.retryAt = at;
        }
    };
    connect(run, &ItemRun::waitStarted, this, setRetry);
    connect(run, &ItemRun::waitEnded, this, [setRetry] { setRetry(0); });
    connect(run, &ItemRun::finished, this, [this, run](const ItemResult &result) { onDone(run, result); });
}

void Batch::onDone(ItemRun *run, const ItemResult &result)
{
    std::erase_if(m_running, [run](const auto &each) { return each.first == run; });
    run->deleteLater();
    m_report.items[m_places[result.key]] = result;
    if (m_claims && (result.ok || wasRun(result)))
        m_claims->settle(result.key);
    m_fromJournal += result.from == ItemResult::From::Journal;
    m_settled += result.from != ItemResult::From::Journal;
    m_failures += !result.ok && wasRun(result);
    emit itemDone(result);
    checkLimits();
    pump();
}

void Batch::checkLimits()
{
    if (m_isEnding)
        return;
    if (const auto hit = budget().exhausted())
        return end(Report::End::Limit, hit->limit, hit->error.message);
    if (m_config.maxFailures && m_failures >= *m_config.maxFailures)
        return end(Report::End::Limit, u"batch.max_failures"_s, u"%1 items failed"_s.arg(m_failures));
    foresee();
}

/// Says what is going to happen while it can still be helped.
void Batch::foresee()
{
    constexpr qint64 enough = 5; // before, one odd item would make a prophet of us
    const Limits &limits = budget().limits();
    if (m_isForeseen || m_settled < enough)
        return;
    const double whole = double(qint64(m_items.size()) - m_fromJournal) / double(m_settled);
    const Usage &usage = budget().usage();
    const double cost = usage.costUsd.value_or(0) * whole, tokens = double(usage.totalTokens()) * whole;
    QString sentence;
    if (limits.costUsd && cost > *limits.costUsd)
        sentence = u"at this rate the batch costs %1 USD; its limit is %2"_s.arg(cost, 0, 'f', 2).arg(*limits.costUsd);
    else if (limits.tokens && tokens > double(*limits.tokens))
        sentence = u"at this rate the batch takes %1 tokens; its limit is %2"_s.arg(qint64(tokens)).arg(*limits.tokens);
    if (sentence.isEmpty())
        return;
    m_isForeseen = true;
    emit warned(sentence);
}

void Batch::stop()
{
    for (const auto &[run, shown] : m_running)
        run->interrupt({FailureCode::Interrupted, u"the batch was stopped"_s}); // also when it was to finish them
    end(Report::End::Interrupted, u"signal"_s, u"the batch was stopped"_s);
}

void Batch::finish()
{
    if (std::exchange(m_isEnding, true))
        return;
    m_report.end = Report::End::Interrupted;
    m_report.endReason = u"finished"_s;
    QMetaObject::invokeMethod(this, &Batch::finishWhenIdle, Qt::QueuedConnection);
}

void Batch::setPaused(bool paused)
{
    m_isPaused = paused;
    QMetaObject::invokeMethod(this, &Batch::pump, Qt::QueuedConnection);
}

void Batch::setConcurrency(int concurrency)
{
    m_config.concurrency = concurrency;
    QMetaObject::invokeMethod(this, &Batch::pump, Qt::QueuedConnection);
}

void Batch::end(Report::End how, const QString &reason, const QString &sentence)
{
    if (std::exchange(m_isEnding, true))
        return;
    m_wall.stop();
    m_report.end = how;
    m_report.endReason = reason;
    for (const auto &[run, shown] : m_running)
        run->interrupt({FailureCode::Interrupted, sentence}, how == Report::End::Limit ? reason : QString());
    QMetaObject::invokeMethod(this, &Batch::finishWhenIdle, Qt::QueuedConnection);
}

void Batch::finishWhenIdle()
{
    const bool isOver = m_running.empty() && (m_isEnding || (m_next == m_items.size() && m_others.empty()));
    if (!isOver || std::exchange(m_isFinished, true))
        return;
    m_wall.stop();
    m_look.stop();
    for (const QString &key : std::as_const(m_claimed)) {
        if (!m_report.items[m_places[key]].ok) // not before: others would try it again at once
            m_claims->release(key);
    }
    if (m_claims && m_report.end == Report::End::Done) // what others did is no part of how we fared
        std::erase_if(m_report.items, [](const ItemResult &item) { return item.outcome.isEmpty(); });
    m_report.duration = milliseconds(m_age.elapsed());
    emit finished(m_report);
}

Progress Batch::progress() const
{
    Progress progress{.total = qint64(m_items.size()),
                      .running = qint64(m_running.size()),
                      .fromJournal = m_fromJournal,
                      .usage = budget().usage(),
                      .requests = budget().requests(),
                      .items = {}};
    for (const ItemResult &item : m_report.items) {
        progress.succeeded += item.ok;
        progress.failed += !item.ok && wasRun(item);
    }
    for (const auto &[run, shown] : m_running)
        progress.items.push_back(shown);
    return progress;
}

} // namespace nightshift::batch
