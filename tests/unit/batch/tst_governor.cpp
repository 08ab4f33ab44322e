#include "batch/governedclient.h"
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using namespace nightshift::batch;

/// How many requests may be under way, and what becomes of those that a server refuses.
class tst_Governor : public QObject
{
    Q_OBJECT

private slots:
    void readsWhatHeadersSay_data();
    void readsWhatHeadersSay();
    void grantsAsManyAsTheLimit();
    void growsAfterARoundOfSuccesses();
    void growsQuicklyWhileTheServerIsAtEase();
    void growsFromOne();
    void bearsWhatAPauseDoesNotHeal();
    void takesForTooMuchWhatAPauseHeals();
    void halvesWhenMoreIsRefusedThanIsBorne();
    void bearsMoreWhenHalvingHealsNothing();
    void triesSeldomWhatWasTooMuch();
    void takesTurns();
    void halvesOnceForABurst();
    void pausesAsTheServerAsks();
    void stateSurvivesItsFile();
    void sharesSlotsAmongGovernors();
    void takesSlotsOfTheDeadBack();
    void sendsARefusedRequestAgain();
    void passesOnWhatWaitingCannotHeal();
    void passesOnWhenItsPatienceIsUsedUp();
};

void tst_Governor::readsWhatHeadersSay_data()
{
    QTest::addColumn<llm::HttpHeaders>("headers");
    QTest::addColumn<RateHint>("hint");
    using Headers = llm::HttpHeaders;
    QTest::newRow("nothing") << Headers{{"date", "x"}} << RateHint{};
    QTest::newRow("seconds") << Headers{{"retry-after", "1.5"}} << RateHint{1500ms, {}};
    QTest::newRow("milliseconds beat seconds")
        << Headers{{"retry-after", "3"}, {"retry-after-ms", "20"}} << RateHint{20ms, {}};
    QTest::newRow("date") << Headers{{"retry-after", "Sun, 06 Nov 1994 08:49:40 GMT"}} << RateHint{3s, {}};
    QTest::newRow("nonsense") << Headers{{"retry-after", "soon"}} << RateHint{};
    QTest::newRow("something is left") << Headers{{"x-ratelimit-remaining-requests", "2"},
                                                  {"x-ratelimit-reset-requests", "1s"}}
                                       << RateHint{};
    QTest::newRow("nothing is left") << Headers{{"x-ratelimit-remaining-requests", "0"},
                                                {"x-ratelimit-reset-requests", "1m2.5s"}}
                                     << RateHint{{}, 62500ms};
    QTest::newRow("the longer of two") << Headers{{"x-ratelimit-remaining-requests", "0"},
                                                  {"x-ratelimit-reset-requests", "20ms"},
                                                  {"x-ratelimit-remaining-tokens", "0"},
                                                  {"x-ratelimit-reset-tokens", "2s"}}
                                       << RateHint{{}, 2s};
    QTest::newRow("a moment") << Headers{{"anthropic-ratelimit-requests-remaining", "0"},
                                         {"anthropic-ratelimit-requests-reset", "1994-11-06T08:49:39Z"}}
                              << RateHint{{}, 2s};
}

constexpr qint64 start = 784111777000; // 1994-11-06T08:49:37Z

void tst_Governor::readsWhatHeadersSay()
{
    QFETCH(const llm::HttpHeaders, headers);
    QFETCH(const RateHint, hint);
    QCOMPARE(rateHint(headers, start), hint);
}

static const GovernorState::Holder me{1, 10, 0}, other{2, 20, 0};
using Answer = GovernorState::Answer;

void tst_Governor::grantsAsManyAsTheLimit()
{
    GovernorState state;
    for (int i = 0; i < GovernorState::firstLimit; ++i)
        QCOMPARE(state.take(i % 2 ? me : other, start), Answer::Granted);
    QCOMPARE(state.take(me, start), Answer::Full);
    state.giveBack(other);
    QCOMPARE(state.take(me, start), Answer::Granted);
    QCOMPARE(state.holders, (std::vector<GovernorState::Holder>{{2, 20, 1}, {1, 10, 3}}));
}

void tst_Governor::growsAfterARoundOfSuccesses()
{
    GovernorState state{.holders = {{1, 2, 3}}};
    for (int i = 0; i < 4; ++i)
        state.succeeded({}, start, {});
    QCOMPARE(state.limit, 5);
    for (int i = 0; i < 4; ++i)
        state.succeeded({}, start, {});
    QCOMPARE(state.limit, 5);
    state.succeeded({}, start, {});
    QCOMPARE(state.limit, 6);
    state.holders = {{1, 2, 1}}; // nobody asks for more
    for (int i = 0; i < 99; ++i)
        state.succeeded({}, start, {});
    QCOMPARE(state.limit, 6);
}

void tst_Governor::growsQuicklyWhileTheServerIsAtEase()
{
    GovernorState state{.holders = {{1, 2, 8}}};
    for (int i = 0; i < 4; ++i)
        state.succeeded({}, start, {100, 900});
    QCOMPARE(state.limit, 8);
    state.succeeded({}, start, {201, 900}); // it lets requests wait
    QCOMPARE(state.limit, 8);
    state.succeeded({}, start, {200, 900});
    QCOMPARE(state.limit, 9);
    state.borne = 0;
    state.refused({}, start, start, 0);
    state.succeeded({}, start, {100, 900});
    QCOMPARE(state.limit, 4);
}

void tst_Governor::growsFromOne()
{
    GovernorState state{.limit = 1, .ceiling = 8};
    state.succeeded({}, start, {100, 900}); // it has given its slot back
    QCOMPARE(state.limit, 4);               // half of what is missing
}

/// One request after the other, 100 ms apart or when it may go; `isRefused` says of each what becomes of it.
static void ask(GovernorState &state, int count, const std::function<bool(int which)> &isRefused)
{
    qint64 now = std::max(start, state.earliest());
    for (int which = 0; which < count; ++which) {
        now = std::max(now + 100, state.earliest());
        QCOMPARE(state.take(me, now), Answer::Granted);
        state.giveBack(me);
        if (isRefused(which))
            state.refused({.retryAfter = 10ms}, now, now + 1, 0);
        else
            state.succeeded({}, now + 20, {20, 20});
    }
}

void tst_Governor::bearsWhatAPauseDoesNotHeal()
{
    GovernorState state;
    ask(state, 47, [](int which) { return which % 8 < 2; }); // the first after a pause, too
    QCOMPARE(state.borne, GovernorState::unknown);
    ask(state, 1, [](int) { return false; });
    QCOMPARE(state.borne, 25);
    const qint64 now = state.earliest() + 1000;
    QCOMPARE(state.take(me, now), Answer::Granted);
    QCOMPARE(state.refused({.retryAfter = 9s}, now, now + 1, 0), now + 9001); // alone
    QCOMPARE(state.take(me, now + 20), Answer::Granted);
}

void tst_Governor::takesForTooMuchWhatAPauseHeals()
{
    GovernorState state;
    ask(state, 32, [](int which) { return which % 4 == 2; }); // never the first after a pause
    QCOMPARE(state.borne, GovernorState::unknown);
    QCOMPARE(state.limit, GovernorState::firstLimit / 2);
}

void tst_Governor::halvesWhenMoreIsRefusedThanIsBorne()
{
    GovernorState state{.limit = 8, .sent = 20, .turnedDown = 12, .borne = 30};
    QCOMPARE(state.refused({.retryAfter = 10ms}, start, start + 1, 0), start + 11);
    QCOMPARE(state.limit, 8);
    QCOMPARE(state.refused({.retryAfter = 10ms}, start, start + 1, 0), 0);
    QCOMPARE(state.limit, 4);
    QCOMPARE(state.borne, 30);
    QCOMPARE(state.take(me, start + 10), Answer::Early); // all wait
}

void tst_Governor::bearsMoreWhenHalvingHealsNothing()
{
    GovernorState state{.limit = 64, .borne = 10};
    for (int i = 0; i < 3; ++i) {
        state.sent = 20;
        state.turnedDown = 7;
        QCOMPARE(state.limit, 64 >> i);
        state.refused({.retryAfter = 10ms}, start + 10 * i + 1, start + 10 * i + 2, 0);
    }
    QCOMPARE(state.borne, 25); // half of the way to 40
    QCOMPARE(state.ceiling, 0);
}

void tst_Governor::triesSeldomWhatWasTooMuch()
{
    GovernorState state{.limit = 8, .borne = 0, .holders = {{1, 2, 8}}};
    state.refused({.retryAfter = 1s}, start, start, 0);
    QCOMPARE(state.limit, 4);
    for (int i = 0; i < 99; ++i)
        state.succeeded({}, start + 9'999, {});
    QCOMPARE(state.limit, 7);
    state.succeeded({}, start + 10'000, {}); // a tenth of the time may be lost to a refusal
    QCOMPARE(state.limit, 8);
    for (int i = 0; i < 8; ++i)
        state.succeeded({}, start + 10'000, {});
    QCOMPARE(state.limit, 9);
}

void tst_Governor::halvesOnceForABurst()
{
    GovernorState state{.limit = 16, .borne = 0, .holders = {}};
    state.refused({}, start, start + 100, 0);
    state.refused({}, start + 50, start + 110, 0); // sent before the cut
    QCOMPARE(state.limit, 8);
    state.refused({}, start + 101, start + 200, 0);
    QCOMPARE(state.limit, 4);
    for (int i = 0; i < 9; ++i)
        state.refused({}, start + 1000 * (i + 1), start + 1000 * (i + 1) + 1, 0);
    QCOMPARE(state.limit, 1);
}

void tst_Governor::takesTurns()
{
    GovernorState state{.limit = 8, .roundTrip = 800};
    const qint64 later = start + 5000;
    int granted = 0;
    while (state.take(me, later) == Answer::Granted)
        ++granted;
    QCOMPARE(granted, 4); // those three that were late, and one
    QCOMPARE(state.earliest(), later + 75);
    QCOMPARE(state.take(me, later + 74), Answer::Early);
    QCOMPARE(state.take(me, later + 75), Answer::Granted);
    QCOMPARE(state.take(me, later + 75), Answer::Early);
}

void tst_Governor::pausesAsTheServerAsks()
{
    GovernorState state;
    state.refused({.retryAfter = 2s}, start, start + 1, 0);
    QCOMPARE(state.take(me, start + 2000), Answer::Early);
    QCOMPARE(state.take(me, start + 2001), Answer::Granted);
    state.succeeded({.reset = 5s}, start + 3000, {});
    QCOMPARE(state.nextAllowed, start + 8000);

    GovernorState doubling;
    qint64 now = start;
    for (const qint64 pause : {50, 100, 200, 400}) {
        doubling.refused(pause == 100 ? RateHint{.retryAfter = 0ms} : RateHint{}, now + 1, now + 2, 0);
        QCOMPARE(doubling.nextAllowed, now + 2 + pause);
        now = doubling.nextAllowed;
    }
}

void tst_Governor::stateSurvivesItsFile()
{
    const GovernorState state{.limit = 7,
                              .nextAllowed = start,
                              .lastCut = start - 1,
                              .ceiling = 14,
                              .probeAt = start + 9,
                              .quickest = 20,
                              .roundTrip = 300,
                              .turnAt = start + 7,
                              .successes = 3,
                              .refusals = 2,
                              .sent = 30,
                              .turnedDown = 9,
                              .borne = 31,
                              .cuts = 1,
                              .firstAt = start + 1,
                              .lastPause = 50,
                              .signs = 2,
                              .holders = {{1, 2, 3}, {4, 5, 6}}};
    QCOMPARE(decodeGovernorState(encode(state)), state);
    QCOMPARE(decodeGovernorState("{\"limit\":0,"), GovernorState());
}

void tst_Governor::sharesSlotsAmongGovernors()
{
    const QTemporaryDir folder;
    const QString path = governorPath(folder.path(), u"api.example"_s, "key");
    QVERIFY(path != governorPath(folder.path(), u"api.example"_s, "other"));
    Governor one(path), two(path);
    std::vector<std::unique_ptr<Governor::Ticket>> tickets;
    int granted = 0;
    for (int i = 0; i < 3; ++i) {
        tickets.push_back(one.acquire([&] { ++granted; }));
        tickets.push_back(two.acquire([&] { ++granted; }));
    }
    QCOMPARE(granted, 0); // never from inside
    QTRY_COMPARE(granted, 4);
    QTest::qWait(60); // time for a fifth, if there were one
    QCOMPARE(granted, 4);
    for (auto &ticket : tickets) {
        if (ticket->isGranted()) {
            ticket.reset();
            break;
        }
    }
    QTRY_COMPARE(granted, 5);
}

void tst_Governor::takesSlotsOfTheDeadBack()
{
    const QTemporaryDir folder;
    const QString path = governorPath(folder.path(), u"h"_s, {});
    GovernorFile(path).update([](GovernorState &state, const GovernorState::Holder &self) {
        state.holders = {{self.pid, self.startTime - 1, 0}, {0x7ffffff0, 1, 3}, {1, 1, 4}};
    });
    const GovernorState seen = GovernorFile(path).update([](auto &, const auto &) {});
    for (const GovernorState::Holder &holder : seen.holders)
        QVERIFY(holder.pid != 0x7ffffff0 && holder.startTime != 1);
}

/// A server in memory: answers one after the other, from the event loop.
class Answers final : public QObject, public llm::HttpClient
{
public:
    struct Answer
    {
        int status = 200;
        llm::HttpHeaders headers;
        QByteArray body;
    };
    std::deque<Answer> answers;
    int sent = 0;

    std::unique_ptr<llm::HttpExchange> send(llm::HttpRequest, llm::HttpHandlers handlers) override
    {
        struct Exchange final : QObject, llm::HttpExchange
        {};
        auto exchange = std::make_unique<Exchange>();
        const Answer answer = answers.empty() ? Answer{} : answers.front();
        if (!answers.empty())
            answers.pop_front();
        ++sent;
        QMetaObject::invokeMethod(
            exchange.get(),
            [answer, handlers] {
                handlers.head(answer.status, answer.headers);
                handlers.body(answer.body);
                handlers.end({});
            },
            Qt::QueuedConnection);
        return exchange;
    }
};

struct Told
{
    int status = 0;
    QByteArray body;
    int ends = 0;
    bool operator==(const Told &) const = default;
};

static Told ask(Answers &server, std::chrono::milliseconds patience, QStringList *waits = nullptr)
{
    const QTemporaryDir folder;
    GovernedClient client(server, {folder.path(), patience});
    if (waits) {
        QObject::connect(&client, &GovernedClient::waitStarted, &client,
                         [waits](const QString &session) { *waits += u"wait "_s + session; });
        QObject::connect(&client, &GovernedClient::waitEnded, &client,
                         [waits](const QString &session) { *waits += u"go "_s + session; });
    }
    Told told;
    const auto exchange =
        client.send({.url = u"https://api.example/v1"_s, .headers = {{"session-id", "s1"}}, .body = {}},
                    {.head = [&](int status, const llm::HttpHeaders &) { told.status = status; },
                     .body = [&](const QByteArray &bytes) { told.body += bytes; },
                     .end = [&](const Result<> &) { ++told.ends; }});
    [&] { QTRY_COMPARE(told.ends, 1); }();
    return told;
}

void tst_Governor::sendsARefusedRequestAgain()
{
    Answers server;
    server.answers = {{429, {{"retry-after-ms", "1"}}, "slow"}, {529, {{"retry-after-ms", "1"}}, "x"}, {200, {}, "ok"}};
    QStringList waits;
    QCOMPARE(ask(server, 1h, &waits), (Told{200, "ok", 1}));
    QCOMPARE(server.sent, 3);
    QCOMPARE(waits, (QStringList{u"wait s1"_s, u"go s1"_s, u"wait s1"_s, u"go s1"_s}));
}

void tst_Governor::passesOnWhatWaitingCannotHeal()
{
    Answers server;
    const QByteArray body = R"({"error":{"code":"insufficient_quota","message":"pay"}})";
    server.answers = {{429, {{"retry-after", "1"}}, body}};
    QCOMPARE(ask(server, 1h), (Told{429, body, 1}));
    QCOMPARE(server.sent, 1);
}

void tst_Governor::passesOnWhenItsPatienceIsUsedUp()
{
    Answers server;
    for (int i = 0; i < 100; ++i)
        server.answers.push_back({429, {{"retry-after-ms", "20"}}, "slow"});
    QCOMPARE(ask(server, 50ms), (Told{429, "slow", 1}));
    QVERIFY(server.sent > 1 && server.sent < 100);
}

QTEST_GUILESS_MAIN(tst_Governor)
#include "tst_governor.moc"
