#include "engine/contextgauge.h"
#include "engine/items.h"
#include "engine/summary.h"
#include "support/loggenerator.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::engine;
using Kind = HistoryItem::Kind;

class tst_Summary : public QObject
{
    Q_OBJECT

private slots:
    void countsAnImageAsOneWhateverItsSize();
    void estimatesOnlyWhatTheServerHasNotCounted();
    void cutsAConversationInThree();
    void halvesWhereEveryCallIsAnswered();
    void isDueAtTheLimitOrNineTenthsOfTheWindow_data();
    void isDueAtTheLimitOrNineTenthsOfTheWindow();
    void isNotDueWhereItWouldNotHelp();
    void keepsTheTaskTheNewestPromptsAndWhatIsUnanswered();
    void keepsNeitherContextNorAnEarlierSummary();
};

static HistoryItem user(const QString &text)
{
    return {Kind::User, userText(text), {}};
}

static HistoryItem developer(const QString &text)
{
    return {Kind::Developer, developerText({text}), {}};
}

static HistoryItem assistant(const QString &text)
{
    return {Kind::Assistant, test::messageItem("assistant", text), {}};
}

static HistoryItem thought()
{
    return {Kind::Reasoning, {R"({"type":"reasoning","summary":[]})"}, {}};
}

static HistoryItem call(const QString &id)
{
    return {Kind::Call, test::callItem(id), id};
}

static HistoryItem output(const QString &id, const QString &text = u"out"_s)
{
    return {Kind::Output, test::outputItem(id, text), id};
}

static Settings withWindow(qint64 tokens)
{
    Settings settings;
    settings.modelInfo.contextWindow = tokens;
    return settings;
}

/// A text of about so many tokens.
static QString words(qint64 tokens)
{
    return u"word"_s.repeated(tokens);
}

void tst_Summary::countsAnImageAsOneWhateverItsSize()
{
    const QByteArray url = "data:image/png;base64," + QByteArray("A").repeated(400'000);
    const RawJson image = json::object({{"type", "input_image"}, {"image_url", url}});
    const RawJson item = json::object({{"type", "function_call_output"}, {"output", json::array({image, image})}});
    const qint64 tokens = estimatedTokens(History{{Kind::Output, item, {}}});
    QVERIFY2(tokens > 2000 && tokens < 4000, QByteArray::number(tokens));
}

void tst_Summary::estimatesOnlyWhatTheServerHasNotCounted()
{
    ContextGauge gauge;
    History history{user(words(1000))};
    QCOMPARE(gauge.tokens(history), estimatedTokens(history));
    gauge.measure(5000, history.size());
    QCOMPARE(gauge.tokens(history), 5000);
    history.push_back(output(u"c"_s));
    QCOMPARE(gauge.tokens(history), 5000 + estimatedTokens(std::span(history).last(1)));
    gauge.reset();
    QCOMPARE(gauge.tokens(history), estimatedTokens(history));
}

void tst_Summary::cutsAConversationInThree()
{
    QCOMPARE(sections({}), (Sections{0, 0}));
    QCOMPARE(sections({developer(u"d"_s), user(u"u"_s)}), (Sections{2, 2}));
    QVERIFY(!sections({developer(u"d"_s), user(u"u"_s)}).canBeSummedUp());
    QCOMPARE(sections({developer(u"d"_s), user(u"u"_s), assistant(u"a"_s)}), (Sections{2, 3}));
    QCOMPARE(sections({user(u"u"_s), call(u"c"_s), output(u"c"_s), user(u"v"_s), developer(u"d"_s)}), (Sections{1, 3}));
}

void tst_Summary::halvesWhereEveryCallIsAnswered()
{
    const History history{user(u"u"_s),    thought(), call(u"c1"_s), call(u"c2"_s),   output(u"c1"_s),
                          output(u"c2"_s), thought(), call(u"c3"_s), output(u"c3"_s), assistant(u"a"_s)};
    QCOMPARE(newerHalf(history, 1, history.size()), size_t(6));
    QCOMPARE(newerHalf(history, 6, history.size()), size_t(9));
    QCOMPARE(newerHalf(history, 9, history.size()), history.size()); // nothing newer is left
}

void tst_Summary::isDueAtTheLimitOrNineTenthsOfTheWindow_data()
{
    QTest::addColumn<std::optional<qint64>>("configured");
    QTest::addColumn<std::optional<qint64>>("catalogue");
    QTest::addColumn<bool>("bodyOnly");
    QTest::addColumn<qint64>("dueAt");
    using Maybe = std::optional<qint64>;
    QTest::newRow("the window") << Maybe() << Maybe() << false << qint64(9000);
    QTest::newRow("the model's limit") << Maybe() << Maybe(7000) << false << qint64(7000);
    QTest::newRow("the user's limit") << Maybe(5000) << Maybe(7000) << false << qint64(5000);
    QTest::newRow("never above the window's") << Maybe(50'000) << Maybe() << false << qint64(9000);
    QTest::newRow("behind the introduction") << Maybe(5000) << Maybe() << true << qint64(6000);
    QTest::newRow("behind it, but the window is full") << Maybe(8500) << Maybe() << true << qint64(9000);
}

void tst_Summary::isDueAtTheLimitOrNineTenthsOfTheWindow()
{
    QFETCH(const std::optional<qint64>, configured);
    QFETCH(const std::optional<qint64>, catalogue);
    QFETCH(const bool, bodyOnly);
    QFETCH(const qint64, dueAt);
    Settings settings = withWindow(10'000);
    settings.autoCompactTokenLimit = configured;
    settings.modelInfo.autoCompactTokenLimit = catalogue;
    settings.compactBodyAfterPrefix = bodyOnly;
    History history{user({}), assistant(u"a"_s)};
    history[0] = user(words(1000 - estimatedTokens(std::span(history).first(1))));
    QCOMPARE(estimatedTokens(std::span(history).first(1)), 1000);
    QVERIFY(!isTooLong(settings, history, dueAt - 1));
    QVERIFY(isTooLong(settings, history, dueAt));
}

void tst_Summary::isNotDueWhereItWouldNotHelp()
{
    const Settings settings = withWindow(10'000);
    QVERIFY(!isTooLong(settings, {user(words(20'000))}, 20'000));
    QVERIFY(!isTooLong(settings, {user(words(20'000)), assistant(u"a"_s)}, 20'200));
    QVERIFY(!isTooLong(settings, {user(u"u"_s), assistant(u"a"_s), user(words(20'000))}, 20'200));
}

void tst_Summary::keepsTheTaskTheNewestPromptsAndWhatIsUnanswered()
{
    Settings settings = withWindow(2000); // of which 450 tokens, 1800 bytes, are for prompts
    const History context{developer(u"now"_s), user(u"<environment_context>now"_s)};
    const History history{developer(u"before"_s), user(u"the task"_s), assistant(u"a"_s),
                          user(u"gone"_s),        assistant(u"a"_s),   user(u"head "_s + words(500) + u" end"_s),
                          call(u"c"_s),           output(u"c"_s),      user(u"newest"_s),
                          assistant(u"a"_s),      context[0],          user(u"unanswered"_s)};
    const History result = summedUp(settings, history, context, u"It went well.\n"_s);
    QCOMPARE(result.size(), size_t(7));
    QCOMPARE(History(result.begin(), result.begin() + 3), (History{context[0], context[1], user(u"the task"_s)}));
    const QString cut = promptTexts(result[3]).join(QString());
    QVERIFY2(cut.startsWith("head word"_L1) && cut.endsWith("word end"_L1) && cut.contains("bytes omitted"_L1) &&
                 cut.size() < 1800,
             qPrintable(cut));
    QCOMPARE(result[4], user(u"newest"_s));
    QCOMPARE(result[5], user(introducedSummary(u"It went well."_s)));
    QCOMPARE(result[6], user(u"unanswered"_s));
}

void tst_Summary::keepsNeitherContextNorAnEarlierSummary()
{
    const History history{user(u"# AGENTS.md instructions"_s), user(introducedSummary(u"old"_s)),
                          user(u"<turn_aborted>\nx"_s),        {Kind::User, limitReached(u"x"_s), {}},
                          user(u"<task>mine</task>"_s),        assistant(u"a"_s)};
    QCOMPARE(summedUp(withWindow(100'000), history, {}, u"new"_s),
             (History{user(u"<task>mine</task>"_s), user(introducedSummary(u"new"_s))}));
}

QTEST_APPLESS_MAIN(tst_Summary)
#include "tst_summary.moc"
