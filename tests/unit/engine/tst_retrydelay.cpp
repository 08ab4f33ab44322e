#include "engine/retrydelay.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using engine::RetryDelay;
using llm::ModelFailure;

class tst_RetryDelay : public QObject
{
    Q_OBJECT

private slots:
    void repeatsSilentlyFirstAndThenWithNotice();
    void announcesACutStreamAtOnce();
    void obeysTheServersWish();
    void givesUpOnWhatCannotHeal();
    void givesUpAtTheDeadline();
    void spreadsAndCapsTheDelay();
};

static ModelFailure failure(ModelFailure::Retry retry, std::optional<std::chrono::milliseconds> after = {})
{
    return {FailureCode::Network, u"x"_s, retry, after};
}

static ProviderSettings provider(int requests, int streams)
{
    ProviderSettings settings;
    settings.requestMaxRetries = requests;
    settings.streamMaxRetries = streams;
    return settings;
}

using Verdict = std::optional<RetryDelay::Verdict>;

void tst_RetryDelay::repeatsSilentlyFirstAndThenWithNotice()
{
    RetryDelay delay(provider(2, 2));
    const ModelFailure unreachable = failure(ModelFailure::Retry::Silent);
    std::vector<Verdict> verdicts;
    for (int i = 0; i < 9; ++i)
        verdicts.push_back(delay.after(unreachable, 0ms, 0));
    const std::vector<Verdict> expected{{{200ms, 0}}, {{400ms, 0}}, {{200ms, 1}},
                                        {{200ms, 0}}, {{400ms, 0}}, {{400ms, 2}},
                                        {{200ms, 0}}, {{400ms, 0}}, {}};
    QVERIFY(verdicts == expected);
}

void tst_RetryDelay::announcesACutStreamAtOnce()
{
    RetryDelay delay(provider(4, 1));
    QVERIFY(delay.after(failure(ModelFailure::Retry::Announced), 0ms, 0) == Verdict({200ms, 1}));
    QVERIFY(!delay.after(failure(ModelFailure::Retry::Announced), 0ms, 0));
}

void tst_RetryDelay::obeysTheServersWish()
{
    RetryDelay delay(provider(4, 5));
    QVERIFY(delay.after(failure(ModelFailure::Retry::Announced, 7s), 0ms, 1) == Verdict({7s, 1}));
}

void tst_RetryDelay::givesUpOnWhatCannotHeal()
{
    RetryDelay delay(provider(4, 5));
    QVERIFY(!delay.after(failure(ModelFailure::Retry::Never), 0ms, 0));
}

void tst_RetryDelay::givesUpAtTheDeadline()
{
    ProviderSettings settings = provider(4, 5);
    settings.retryDeadline = 10s;
    RetryDelay delay(settings);
    QVERIFY(delay.after(failure(ModelFailure::Retry::Announced, 9s), 1s, 0));
    QVERIFY(!delay.after(failure(ModelFailure::Retry::Announced, 9s), 1001ms, 0));
}

void tst_RetryDelay::spreadsAndCapsTheDelay()
{
    QVERIFY(RetryDelay(provider(0, 5)).after(failure(ModelFailure::Retry::Announced), 0ms, 1) == Verdict({220ms, 1}));
    QVERIFY(RetryDelay(provider(0, 5)).after(failure(ModelFailure::Retry::Announced), 0ms, -1) == Verdict({180ms, 1}));
    RetryDelay delay(provider(0, 20));
    Verdict last;
    for (int i = 0; i < 20; ++i)
        last = delay.after(failure(ModelFailure::Retry::Announced), 0ms, 0);
    QVERIFY(last == Verdict({30s, 20}));
}

QTEST_APPLESS_MAIN(tst_RetryDelay)
#include "tst_retrydelay.moc"
