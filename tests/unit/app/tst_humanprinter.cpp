#include "app/finalanswer.h"
#include "app/humanprinter.h"
#include "app/terminaltext.h"
#include "domain/settings.h"
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using namespace nightshift::app;

static const QString sessionId = u"01a1fb5e-6a89-7441-9933-31c37fc54290"_s;

static nightshift::CommandLine bash(const QString &script)
{
    return {{u"/bin/bash"_s, u"-lc"_s, script}, u"/w/repo"_s};
}

/// A run in which everything happens once.
static std::vector<Event> wholeRun()
{
    const std::vector<FileChange> changes{
        {.path = u"/w/repo/a.txt"_s, .unifiedDiff = u"@@ -1 +1 @@\n-old\n+new\n"_s, .movedTo = {}},
        {.path = u"/w/repo/d.txt"_s, .kind = FileChange::Kind::Delete, .content = u"d\n"_s, .movedTo = {}},
        {.path = u"/w/repo/m.txt"_s, .unifiedDiff = u"@@ -1 +1 @@\n-m\n+n"_s, .movedTo = u"/w/repo/m2.txt"_s},
        {.path = u"/w/repo/new.txt"_s, .kind = FileChange::Kind::Add, .content = u"hi\nyo"_s, .movedTo = {}},
        {.path = u"/v/out.txt"_s, .kind = FileChange::Kind::Add, .content = u""_s, .movedTo = {}},
    };
    const McpCall mcp{u"t"_s, u"echo"_s, {}};
    return {
        SessionStarted{.sessionId = sessionId,
                       .model = u"gpt-5.5"_s,
                       .provider = u"mock"_s,
                       .cwd = u"/w/repo"_s,
                       .sandbox = u"read-only"_s},
        Notice{u"1 setting is not known:\n  `bogus` is ignored."_s},
        TurnStarted{u"t1"_s},
        UserSaid{{u"do it\nnow\n"_s, {}}},
        ReasoningDelta{u"**Look"_s},
        ReasoningCompleted{u"**Looking**\n\nabout"_s, u"raw thought"_s},
        MessageDelta{u"I "_s},
        MessageCompleted{u"I will\nlook"_s},
        CommandStarted{u"c1"_s, bash(u"echo one"_s)},
        CommandOutput{u"c1"_s, "one\n"},
        CommandFinished{u"c1"_s, bash(u"echo one"_s), u"one\n"_s, 0, 12ms},
        CommandStarted{u"c2"_s, bash(u"exit 3"_s)},
        CommandStarted{u"c3"_s, bash(u"true"_s)},
        CommandFinished{u"c2"_s, bash(u"exit 3"_s), u""_s, 3, 1500ms},
        CommandFinished{u"c3"_s, bash(u"true"_s), u""_s, 0, 125s},
        CommandStarted{u"c4"_s, bash(u"sleep 9"_s)},
        CommandFinished{u"c4"_s, bash(u"sleep 9"_s), u"\x1b[31mred\x1b[0m \x1b[2Jmess\r\n"_s, {}, 40ms},
        PlanChanged{u"why"_s,
                    {{u"a"_s, PlanStep::Status::Completed},
                     {u"b"_s, PlanStep::Status::InProgress},
                     {u"c"_s, PlanStep::Status::Pending}}},
        PatchStarted{u"p1"_s, changes},
        PatchFinished{u"p1"_s, changes, true, u"Success."_s},
        PatchFinished{u"p2"_s, {changes[0]}, false, u"read-only sandbox\n"_s},
        McpCallStarted{u"m1"_s, mcp},
        McpCallFinished{.call = u"m1"_s, .invocation = mcp, .result = {}, .error = {}},
        McpCallFinished{.call = u"m2"_s, .invocation = mcp, .result = {}, .error = u"boom"_s, .failed = true},
        SearchStarted{u"s1"_s},
        SearchFinished{u"s1"_s, u"qt6 json"_s, {}},
        ContextCompacted{244'800, 12'345},
        ApprovalRequested{{.id = u"a1"_s,
                           .call = u"c5"_s,
                           .kind = Approval::Kind::Sandbox,
                           .reason = u"needs the network"_s,
                           .command = bash(u"curl x"_s)}},
        ApprovalResolved{.approvalId = u"a1"_s,
                         .call = u"c5"_s,
                         .decision = ApprovalResolved::Decision::Expired,
                         .by = u"timeout"_s,
                         .message = {},
                         .command = {}},
        HookDecided{.source = u"h.mjs"_s,
                    .hook = u"onCommand"_s,
                    .decision = u"deny"_s,
                    .reason = u"pushing is for CI"_s,
                    .call = u"c8"_s,
                    .what = u"git push"_s,
                    .duration = 3ms},
        RetryScheduled{u"Reconnecting... 1/5 (stream cut)"_s},
        MessageCompleted{u"all done"_s},
        PlanClosed{},
        TurnCompleted{.usage = {.inputTokens = 1'236'000, .cachedInputTokens = 600, .outputTokens = 50},
                      .lastMessage = u"all done"_s},
    };
}

class tst_HumanPrinter : public QObject
{
    Q_OBJECT

private slots:
    void tellsAWholeRun_data();
    void tellsAWholeRun();
    void showsReasoningAsAskedFor();
    void saysAFailureOnce();
    void saysThatATurnWasInterrupted();
    void summarisesTheSandbox();
    void decidesAboutColor_data();
    void decidesAboutColor();
    void makesTextHarmless_data();
    void makesTextHarmless();
    void elidesWhatHasNoRoom();
    void keepsTheAnswer();
};

static QByteArray print(HumanPrinter &printer, const std::vector<Event> &events)
{
    QByteArray all;
    for (const Event &event : events)
        all += printer.onEvent(event);
    return all;
}

void tst_HumanPrinter::tellsAWholeRun_data()
{
    QTest::addColumn<bool>("color");
    QTest::newRow("human-plain") << false;
    QTest::newRow("human-color") << true;
}

void tst_HumanPrinter::tellsAWholeRun()
{
    QFETCH(bool, color);
    HumanPrinter printer({.color = color});
    const QByteArray told = print(printer, wholeRun());
    QFile golden(QStringLiteral(TEST_DATA) + u'/' + QString::fromLatin1(QTest::currentDataTag()) + u".txt"_s);
    if (qEnvironmentVariableIsSet("UPDATE_GOLDEN")) {
        QVERIFY(golden.open(QIODevice::WriteOnly));
        golden.write(told);
        return;
    }
    QVERIFY(golden.open(QIODevice::ReadOnly));
    const QByteArray expected = golden.readAll().replace("@VERSION@", NIGHTSHIFT_VERSION);
    const QList<QByteArray> lines = told.split('\n');
    QCOMPARE(lines, expected.split('\n'));
}

void tst_HumanPrinter::showsReasoningAsAskedFor()
{
    const Event thought = ReasoningCompleted{u"summary\n"_s, u"raw"_s};
    const Event onlySummary = ReasoningCompleted{u"summary"_s, {}};
    const Event none = ReasoningCompleted{{}, u"raw"_s};
    QCOMPARE(HumanPrinter({}).onEvent(thought), "summary\n");
    QCOMPARE(HumanPrinter({}).onEvent(none), "");
    QCOMPARE(HumanPrinter({.rawReasoning = true}).onEvent(thought), "raw\n");
    QCOMPARE(HumanPrinter({.rawReasoning = true}).onEvent(onlySummary), "summary\n");
    QCOMPARE(HumanPrinter({.hideReasoning = true, .rawReasoning = true}).onEvent(thought), "");
}

void tst_HumanPrinter::saysAFailureOnce()
{
    HumanPrinter printer({});
    const TurnFailed failed{{FailureCode::Network, u"stream cut"_s}};
    QCOMPARE(print(printer, {ErrorReported{u"stream cut"_s}, failed}), "ERROR: stream cut\n");
    QCOMPARE(printer.onEvent(failed), "ERROR: stream cut\n");
}

void tst_HumanPrinter::saysThatATurnWasInterrupted()
{
    HumanPrinter printer({});
    const Usage usage{.inputTokens = 1000, .cachedInputTokens = 600, .outputTokens = 50};
    const QByteArray told = print(printer, {UsageReported{.last = usage, .total = usage},
                                            TurnFailed{{FailureCode::Interrupted, u"interrupted by SIGINT"_s}}});
    QCOMPARE(told, "turn interrupted\ntokens used\n450\n");
}

void tst_HumanPrinter::summarisesTheSandbox()
{
    using Mode = SandboxPolicy::Mode;
    QCOMPARE(sandboxSummary({}), u"read-only"_s);
    QCOMPARE(sandboxSummary({.mode = Mode::DangerFullAccess}), u"danger-full-access"_s);
    QCOMPARE(sandboxSummary({.mode = Mode::WorkspaceWrite, .writableRoots = {u"/extra"_s}, .networkAccess = true}),
             u"workspace-write [workdir, /tmp, $TMPDIR, /extra] (network access enabled)"_s);
    QCOMPARE(sandboxSummary({.mode = Mode::WorkspaceWrite, .excludeSlashTmp = true, .excludeTmpdirEnvVar = true}),
             u"workspace-write [workdir]"_s);
}

void tst_HumanPrinter::decidesAboutColor_data()
{
    QTest::addColumn<ColorMode>("mode");
    QTest::addColumn<ColorHints>("hints");
    QTest::addColumn<bool>("wanted");
    const auto row = [](const char *name, ColorMode mode, const ColorHints &hints, bool wanted) {
        QTest::newRow(name) << mode << hints << wanted;
    };
    row("terminal", ColorMode::Auto, {.isTerminal = true}, true);
    row("file", ColorMode::Auto, {}, false);
    row("NO_COLOR", ColorMode::Auto, {.isTerminal = true, .noColor = "1"}, false);
    row("FORCE_COLOR", ColorMode::Auto, {.forceColor = "1"}, true);
    row("FORCE_COLOR=0", ColorMode::Auto, {.isTerminal = true, .forceColor = "0"}, false);
    row("dumb terminal", ColorMode::Auto, {.isTerminal = true, .term = "dumb"}, false);
    row("always beats NO_COLOR", ColorMode::Always, {.noColor = "1"}, true);
    row("never beats FORCE_COLOR", ColorMode::Never, {.isTerminal = true, .forceColor = "1"}, false);
}

void tst_HumanPrinter::decidesAboutColor()
{
    QFETCH(ColorMode, mode);
    QFETCH(ColorHints, hints);
    QFETCH(bool, wanted);
    QCOMPARE(wantsColor(mode, hints), wanted);
}

void tst_HumanPrinter::makesTextHarmless_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("dropped"); // with colours dropped
    QTest::addColumn<QString>("kept");
    const auto row = [](const char *name, const QString &text, const QString &dropped, const QString &kept) {
        QTest::newRow(name) << text << dropped << kept;
    };
    row("plain", u"a\tb\nü 🦉"_s, u"a\tb\nü 🦉"_s, u"a\tb\nü 🦉"_s);
    row("colour", u"\x1b[1;31mred"_s, u"red"_s, u"\x1b[1;31mred\x1b[0m"_s);
    row("cursor", u"a\x1b[2J\x1b[1;1Hb"_s, u"ab"_s, u"ab"_s);
    row("clipboard", u"a\x1b]52;c;ZXZpbA==\ab"_s, u"ab"_s, u"ab"_s);
    row("title, other end", u"a\x1b]0;title\x1b\\b"_s, u"ab"_s, u"ab"_s);
    row("string without end", u"a\x1b]0;title\nb"_s, u"a0;title\nb"_s, u"a0;title\nb"_s);
    row("character set", u"a\x1b(0b\x1b\x37"_s, u"ab"_s, u"ab"_s);
    row("private sequence ending in m", u"\x1b[>4;1mx"_s, u"x"_s, u"x"_s);
    row("C1 control", u"a\u009b31mb\b\a"_s, u"a31mb"_s, u"a31mb"_s);
    row("line ends", u"a\r\nb\rc\r"_s, u"a\nb\nc\n"_s, u"a\nb\nc\n"_s);
    row("lone escape", u"a\x1b"_s, u"a"_s, u"a"_s);
    row("escape before a line end", u"a\x1b\nb"_s, u"a\nb"_s, u"a\nb"_s);
    row("sequence without end", u"a\x1b[12"_s, u"a"_s, u"a"_s);
}

void tst_HumanPrinter::makesTextHarmless()
{
    QFETCH(QString, text);
    QTEST(printable(text), "dropped");
    QTEST(printable(text, Colors::Keep), "kept");
}

void tst_HumanPrinter::elidesWhatHasNoRoom()
{
    QCOMPARE(elided(u"A long title"_s, 0), u"A long title"_s);
    QCOMPARE(elided(u"A long title"_s, 12), u"A long title"_s);
    QCOMPARE(elided(u"A long title"_s, 11), u"A long tit…"_s);
}

void tst_HumanPrinter::keepsTheAnswer()
{
    const auto answerOf = [](const std::vector<Event> &events) {
        FinalAnswer answer;
        for (const Event &event : events)
            answer.onEvent(event);
        return answer.text();
    };
    const Event started = TurnStarted{};
    const Event message = MessageCompleted{u"partial"_s};
    const Event limit = TurnFailed{{FailureCode::LimitTokens, u"limit"_s}};
    const Event failed = TurnFailed{{FailureCode::Network, u"cut"_s}};
    QCOMPARE(answerOf({started, message, TurnCompleted{.usage = {}, .lastMessage = u"final"_s}}), u"final"_s);
    QCOMPARE(answerOf({started, TurnCompleted{}}), std::nullopt);
    QCOMPARE(answerOf({started, message, failed}), std::nullopt);
    QCOMPARE(answerOf({started, message, limit}), u"partial"_s);
    QCOMPARE(answerOf({started, message, failed, started, limit}), std::nullopt);
}

QTEST_APPLESS_MAIN(tst_HumanPrinter)
#include "tst_humanprinter.moc"
