#include "governor.h"
#include <QDateTime>
#include <QRandomGenerator>

namespace nightshift::batch {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// How often to look whether another process has given a slot back: nobody tells us.
constexpr qint64 lookMs = 25;
/// A pause that is long may be cut short by nobody, but the clock may be set.
constexpr qint64 longestSleepMs = 1'000;

qint64 now()
{
    return QDateTime::currentMSecsSinceEpoch();
}

double random01()
{
    return QRandomGenerator::global()->generateDouble();
}

} // namespace

Governor::Ticket::Ticket(Governor *governor, std::function<void()> granted)
    : m_governor(governor)
    , m_granted(std::move(granted))
{}

Governor::Ticket::~Ticket()
{
    if (m_governor)
        m_governor->giveBack(this);
}

Governor::Governor(const QString &path, QObject *parent)
    : QObject(parent)
    , m_file(path)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Governor::pump);
}

Governor::~Governor()
{
    for (Ticket *ticket : m_queue)
        ticket->m_governor = nullptr;
    for (Ticket *ticket : m_granted)
        ticket->m_governor = nullptr;
    m_file.update([this](GovernorState &state, const GovernorState::Holder &self) {
        for (size_t i = 0; i < m_granted.size(); ++i)
            state.giveBack(self);
    });
}

std::unique_ptr<Governor::Ticket> Governor::acquire(std::function<void()> granted)
{
    auto ticket = std::make_unique<Ticket>(this, std::move(granted));
    m_queue.push_back(ticket.get());
    if (!m_timer.isActive())
        m_timer.start(0);
    return ticket;
}

/// As many as may go, in one look at the file.
void Governor::pump()
{
    std::vector<Ticket *> ready;
    auto answer = GovernorState::Answer::Granted;
    const GovernorState state = m_file.update([&](GovernorState &each, const GovernorState::Holder &self) {
        while (!m_queue.empty() && (answer = each.take(self, now())) == GovernorState::Answer::Granted) {
            ready.push_back(m_queue.front());
            m_queue.pop_front();
        }
    });
    see(state);
    for (Ticket *ticket : ready) {
        ticket->m_isGranted = true;
        m_granted.push_back(ticket);
    }
    if (!m_queue.empty()) {
        const qint64 pause = answer == GovernorState::Answer::Early ? m_earliest - now() : lookMs;
        m_timer.start(milliseconds(std::clamp<qint64>(pause, 1, longestSleepMs)) +
                      milliseconds(qint64(random01() * 10))); // so that processes do not come back as one
    }
    for (Ticket *ticket : ready) { // any of them may be deleted by what another one does
        if (std::ranges::find(m_granted, ticket) != m_granted.end())
            ticket->m_granted();
    }
}

void Governor::giveBack(Ticket *ticket)
{
    std::erase(m_queue, ticket);
    if (std::erase(m_granted, ticket) == 0)
        return;
    see(m_file.update([](GovernorState &state, const GovernorState::Holder &self) { state.giveBack(self); }));
    if (!m_queue.empty() && m_nextAllowed <= now())
        m_timer.start(0);
}

void Governor::succeeded(const RateHint &hint, GovernorState::Took took)
{
    see(m_file.update(
        [&](GovernorState &state, const GovernorState::Holder &) { state.succeeded(hint, now(), took); }));
}

void Governor::pauseFor(const RateHint &hint)
{
    see(m_file.update([&](GovernorState &state, const GovernorState::Holder &) { state.pauseFor(hint, now()); }));
}

qint64 Governor::refused(const RateHint &hint, qint64 sentAt)
{
    qint64 again = 0;
    see(m_file.update([&](GovernorState &state, const GovernorState::Holder &) {
        again = state.refused(hint, sentAt, now(), random01());
    }));
    return again;
}

void Governor::see(const GovernorState &state)
{
    m_limit = state.limit;
    m_nextAllowed = state.nextAllowed;
    m_earliest = state.earliest();
}

} // namespace nightshift::batch
