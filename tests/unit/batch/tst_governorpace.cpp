#include "batch/governorstate.h"
#include <QTest>
#include <cmath>
#include <deque>
#include <functional>
#include <queue>
#include <random>

using namespace Qt::StringLiterals;
using namespace nightshift::batch;
using std::chrono::milliseconds;

/// How long a thousand requests take at servers that refuse some of them, in a time of its own: nothing here waits.
class tst_GovernorPace : public QObject
{
    Q_OBJECT

private slots:
    void takesLittleMoreThanTheServerAllows_data();
    void takesLittleMoreThanTheServerAllows();
};

namespace {

enum class Hint { None, Seconds, Milliseconds };

/// Grants `rate` requests a second, as many at once after a pause, and refuses `part` of all besides.
struct Server
{
    double rate = 100;
    double part = 0;
    double latency = 20; ///< ms, of an answer; a refusal comes at once.
    Hint hint = Hint::None;
};

struct Outcome
{
    double seconds = 0;
    double refusedPart = 0;
};

/// Processes that share one state, as Governor drives it: each looks again when something of its own ends, else when it
/// may be granted or every 25 ms.
class Simulation
{
public:
    Simulation(const Server &server, int requests, int processes, unsigned seed)
        : m_server(server)
        , m_random(seed)
        , m_tokens(server.rate)
        , m_processes(size_t(processes))
    {
        for (int i = 0; i < processes; ++i) {
            m_processes[size_t(i)].self = {i + 1, 1, 0};
            m_processes[size_t(i)].left = requests / processes;
        }
    }

    Outcome run()
    {
        for (Process &process : m_processes)
            start(process);
        while (!m_events.empty()) {
            const Event event = m_events.top();
            m_events.pop();
            m_now = event.time;
            event.action();
        }
        return {m_lastAnswer / 1000, double(m_refused) / m_asked};
    }

private:
    struct Process
    {
        GovernorState::Holder self;
        int left = 0;    ///< Not begun.
        int running = 0; ///< Sent, waiting or queued.
        int alone = 0;   ///< Of them, waiting alone.
        int queued = 0;
        double busyUntil = 0;
        int look = 0;        ///< Which look is the next.
        double lookAt = 1e9; ///< Far away when there is none.
    };
    struct Event
    {
        double time;
        int order;
        std::function<void()> action;
        bool operator<(const Event &other) const { return std::tie(time, order) > std::tie(other.time, other.order); }
    };

    double random01() { return m_random() / 4294967296.; }
    qint64 clock() const { return epoch + qint64(m_now); }
    void at(double time, std::function<void()> action)
    {
        m_events.push({std::max(time, m_now), m_order++, std::move(action)});
    }

    void start(Process &process)
    {
        const int limit = std::max(GovernorState::firstLimit, m_state.limit);
        while (process.left > 0 && process.running < limit + std::min(GovernorState::highestLimit, process.alone)) {
            --process.left;
            ++process.running;
            enqueue(process);
        }
    }

    void enqueue(Process &process)
    {
        ++process.queued;
        if (process.lookAt > m_now + 1e6)
            lookIn(process, 0);
    }

    void lookIn(Process &process, double delay)
    {
        process.lookAt = m_now + delay;
        at(process.lookAt, [this, &process, look = ++process.look] {
            if (look == process.look)
                pump(process);
        });
    }

    void pump(Process &process)
    {
        process.lookAt = 1e9;
        auto answer = GovernorState::Answer::Granted;
        while (process.queued > 0 && (answer = m_state.take(process.self, clock())) == GovernorState::Answer::Granted) {
            --process.queued;
            send(process);
        }
        if (process.queued > 0) {
            const double pause = answer == GovernorState::Answer::Early ? double(m_state.earliest() - clock()) : 25;
            lookIn(process, std::clamp(pause, 1., 1000.) + std::floor(random01() * 10));
        }
    }

    void send(Process &process)
    {
        const qint64 sentAt = clock();
        process.busyUntil = std::max(process.busyUntil, m_now) + 0.4; // what a request costs us
        at(process.busyUntil + 0.3, [this, &process, sentAt] { arrive(process, sentAt); });
    }

    void arrive(Process &process, qint64 sentAt)
    {
        ++m_asked;
        m_tokens = std::min(m_server.rate, m_tokens + (m_now - m_filledAt) / 1000 * m_server.rate);
        m_filledAt = m_now;
        const bool isUnlucky = random01() < m_server.part;
        if (!isUnlucky && m_tokens >= 1) {
            --m_tokens;
            return at(m_now + m_server.latency + 0.5, [this, &process, sentAt] { answered(process, sentAt); });
        }
        ++m_refused;
        const double wait = std::max(10., (1 - m_tokens) / m_server.rate * 1000);
        RateHint hint;
        if (m_server.hint == Hint::Seconds)
            hint.retryAfter = milliseconds(qint64(std::ceil(wait / 1000)) * 1000);
        if (m_server.hint == Hint::Milliseconds)
            hint.retryAfter = milliseconds(qint64(std::ceil(wait)));
        at(m_now + 0.5, [this, &process, sentAt, hint] { refused(process, sentAt, hint); });
    }

    void giveBack(Process &process)
    {
        m_state.giveBack(process.self);
        if (process.queued > 0 && m_state.nextAllowed <= clock())
            lookIn(process, 0);
    }

    void refused(Process &process, qint64 sentAt, const RateHint &hint)
    {
        const qint64 again = m_state.refused(hint, sentAt, clock(), random01());
        giveBack(process);
        if (again == 0)
            return enqueue(process);
        ++process.alone;
        at(double(again - epoch), [this, &process] {
            --process.alone;
            enqueue(process);
        });
        start(process);
    }

    void answered(Process &process, qint64 sentAt)
    {
        giveBack(process);
        m_state.succeeded({}, clock(), {clock() - sentAt, clock() - sentAt});
        --process.running;
        m_lastAnswer = m_now;
        at(m_now + 0.3, [this, &process] { start(process); });
    }

    static constexpr qint64 epoch = 1'000'000'000;
    const Server m_server;
    std::mt19937 m_random;
    GovernorState m_state;
    double m_now = 0; ///< ms
    double m_tokens, m_filledAt = 0;
    int m_asked = 0, m_refused = 0, m_order = 0;
    double m_lastAnswer = 0;
    std::vector<Process> m_processes;
    std::priority_queue<Event> m_events;
};

} // namespace

void tst_GovernorPace::takesLittleMoreThanTheServerAllows_data()
{
    QTest::addColumn<Server>("server");
    QTest::addColumn<double>("atMost"); // of the ideal
    struct Named
    {
        const char *name;
        Hint hint;
    };
    for (const double rate : {20., 100.}) {
        for (const double latency : {20., 300.}) {
            for (const auto &[name, hint] : {Named{"no hint", Hint::None}, Named{"retry-after", Hint::Seconds},
                                             Named{"retry-after-ms", Hint::Milliseconds}}) {
                QTest::addRow("%s, %g/s, after %g ms", name, rate, latency) << Server{rate, 0, latency, hint} << 1.25;
                const bool isSlowToLearn = hint == Hint::Seconds && rate >= 100; // whole seconds of nine
                QTest::addRow("%s, %g/s, after %g ms, three of ten at random", name, rate, latency)
                    << Server{rate, 0.3, latency, hint} << (isSlowToLearn ? 3. : 1.5);
            }
        }
    }
    QTest::addRow("long answers") << Server{20, 0, 2000, Hint::None} << 1.5;
    QTest::addRow("a fifth at random") << Server{20, 0.2, 300, Hint::None} << 1.25;
    QTest::addRow("a tenth at random") << Server{20, 0.1, 300, Hint::None} << 1.25;
    QTest::addRow("four of ten at random") << Server{100, 0.4, 300, Hint::Milliseconds} << 1.4;
}

void tst_GovernorPace::takesLittleMoreThanTheServerAllows()
{
    QFETCH(const Server, server);
    QFETCH(const double, atMost);
    const int requests = server.rate < 100 ? 400 : 1000;
    const double ideal = (requests - server.rate) / server.rate;
    for (const int processes : {1, 8}) {
        constexpr unsigned runs = 5;
        Outcome sum;
        for (unsigned seed = 1; seed <= runs; ++seed) {
            const Outcome outcome = Simulation(server, requests, processes, seed).run();
            sum.seconds += outcome.seconds / runs;
            sum.refusedPart += outcome.refusedPart / runs;
        }
        const double ratio = sum.seconds / ideal;
        const QString said = u"%1 processes: %2 of the ideal, %3 % refused"_s.arg(processes)
                                 .arg(ratio, 0, 'f', 2)
                                 .arg(100 * sum.refusedPart, 0, 'f', 0);
        QVERIFY2(ratio <= atMost, qPrintable(said));
        if (qEnvironmentVariableIsSet("NIGHTSHIFT_TELL"))
            qInfo().noquote() << said;
        if (server.part == 0 && server.latency >= 300) // it does not live by being refused
            QVERIFY2(sum.refusedPart < 0.15, qPrintable(said));
    }
}

QTEST_GUILESS_MAIN(tst_GovernorPace)
#include "tst_governorpace.moc"
