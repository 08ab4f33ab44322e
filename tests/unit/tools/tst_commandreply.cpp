#include "base/outputwindow.h"
#include "tools/commandreply.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;
using namespace std::chrono_literals;

/// The expected texts were printed by the reference for the same commands.
class tst_CommandReply : public QObject
{
    Q_OBJECT

private slots:
    void laysOutHowACommandEnded_data();
    void laysOutHowACommandEnded();
    void cutsTheMiddleOutOfLongOutput_data();
    void cutsTheMiddleOutOfLongOutput();
    void leavesOutputOfExactlyTheBudgetAlone();
    void saysWhatTheWindowLeftOut();
    void keepsTheWholeReplyWithinTheModelsPolicy_data();
    void keepsTheWholeReplyWithinTheModelsPolicy();
    void makesSixDigitChunkIds();
    void saysHowLongAnAbortedCallRan();
};

static QByteArray numbers(int from, int to)
{
    QByteArray lines;
    for (int number = from; number <= to; ++number)
        lines += QByteArray::number(number) + '\n';
    return lines;
}

static CommandReply ended(const QByteArray &output)
{
    return {.chunkId = "0a1b2c", .exitCode = 0, .output = output, .totalBytes = output.size()};
}

static QByteArray headerFor(qint64 tokens)
{
    return "Chunk ID: 0a1b2c\nWall time: 0.0000 seconds\nProcess exited with code 0\nOriginal token count: " +
           QByteArray::number(tokens) + "\nOutput:\n";
}

void tst_CommandReply::laysOutHowACommandEnded_data()
{
    QTest::addColumn<CommandReply>("reply");
    QTest::addColumn<QByteArray>("text");

    QTest::newRow("success")
        << CommandReply{.chunkId = "6ada3f", .wallTime = 96'512us, .exitCode = 0, .output = "out\n", .totalBytes = 4}
        << "Chunk ID: 6ada3f\nWall time: 0.0965 seconds\nProcess exited with code 0\n"
           "Original token count: 1\nOutput:\nout\n"_ba;
    QTest::newRow("killed by a signal") << CommandReply{.chunkId = "ee6c9e", .exitCode = 137}
                                        << "Chunk ID: ee6c9e\nWall time: 0.0000 seconds\nProcess exited with code 137\n"
                                           "Original token count: 0\nOutput:\n"_ba;
    QTest::newRow("still running")
        << CommandReply{.chunkId = "3434c4",
                        .wallTime = 12'251'700us,
                        .sessionId = 20868,
                        .output = "a\r\n",
                        .totalBytes = 3}
        << "Chunk ID: 3434c4\nWall time: 12.2517 seconds\n"
           "Process running with session ID 20868\nOriginal token count: 1\nOutput:\na\r\n"_ba;
    QTest::newRow("stopped by us") << CommandReply{.chunkId = "3434c4", .wallTime = 1s}
                                   << "Chunk ID: 3434c4\nWall time: 1.0000 seconds\n"
                                      "Process was stopped before it ended\nOriginal token count: 0\nOutput:\n"_ba;
    QTest::newRow("not UTF-8") << CommandReply{.chunkId = "e0b55a",
                                               .exitCode = 0,
                                               .output = "\xff\xff\xff\xff\xff",
                                               .totalBytes = 5}
                               << "Chunk ID: e0b55a\nWall time: 0.0000 seconds\nProcess exited with code 0\n"
                                  "Original token count: 2\nOutput:\n\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"_ba;
}

void tst_CommandReply::laysOutHowACommandEnded()
{
    QFETCH(CommandReply, reply);
    QTEST(replyText(reply, {}), "text");
}

void tst_CommandReply::cutsTheMiddleOutOfLongOutput_data()
{
    QTest::addColumn<QByteArray>("output");
    QTest::addColumn<qint64>("tokens");
    QTest::addColumn<QByteArray>("text");

    QTest::newRow("lines") << numbers(1, 3000) << qint64(100)
                           << headerFor(3474) +
                                  "Warning: truncated output (original token count: 3474)\n"
                                  "Total output lines: 3000\n\n" +
                                  numbers(1, 70).chopped(1) + "…3374 tokens truncated…" + numbers(2961, 3000);
    QTest::newRow("no budget at all") << numbers(1, 5) << qint64(0)
                                      << headerFor(3) + "Warning: truncated output (original token count: 3)\n"
                                                        "Total output lines: 5\n\n…3 tokens truncated…";
    QTest::newRow("cut inside a character")
        << QByteArray("aé").repeated(300) << qint64(25)
        << headerFor(225) +
               "Warning: truncated output (original token count: 225)\n"
               "Total output lines: 1\n\n" +
               QByteArray("aé").repeated(16) + "a…200 tokens truncated…é" + QByteArray("aé").repeated(16);
    QTest::newRow("not UTF-8") << QByteArray(50, '\xff') << qint64(5)
                               << headerFor(13) + "Warning: truncated output (original token count: 38)\n"
                                                  "Total output lines: 1\n\n\uFFFD\uFFFD\uFFFD…33 tokens truncated…"
                                                  "\uFFFD\uFFFD\uFFFD";
}

void tst_CommandReply::cutsTheMiddleOutOfLongOutput()
{
    QFETCH(QByteArray, output);
    QFETCH(qint64, tokens);
    QTEST(replyText(ended(output), {.tokens = tokens}), "text");
}

void tst_CommandReply::leavesOutputOfExactlyTheBudgetAlone()
{
    const QByteArray fits(40'000, 'x');
    QCOMPARE(replyText(ended(fits), {}), headerFor(10'000) + fits);
    const QByteArray half(20'000, 'x');
    QCOMPARE(replyText(ended(fits + 'x'), {}), headerFor(10'001) +
                                                   "Warning: truncated output (original token count: 10001)\n"
                                                   "Total output lines: 1\n\n" +
                                                   half + "…1 tokens truncated…" + half);
}

void tst_CommandReply::saysWhatTheWindowLeftOut()
{
    OutputWindow window(1 << 20);
    window.feed(numbers(1, 400'000));
    const CommandReply reply{.chunkId = "0a1b2c",
                             .exitCode = 0,
                             .output = window.text(),
                             .totalBytes = window.totalBytes(),
                             .omittedBytes = window.omittedBytes()};
    QCOMPARE(replyText(reply, {.tokens = 30}), headerFor(672'224) +
                                                   "Warning: truncated output (original token count: 672224)\n"
                                                   "... 1640319 bytes omitted ...\n\n" +
                                                   numbers(1, 23) + "…262122 tokens truncated…992\n" +
                                                   numbers(399'993, 400'000));
}

void tst_CommandReply::keepsTheWholeReplyWithinTheModelsPolicy_data()
{
    QTest::addColumn<QByteArray>("output");
    QTest::addColumn<ReplyBudget>("budget");
    QTest::addColumn<QByteArray>("text");

    const QByteArray long3000 = headerFor(3474) + "Warning: truncated output (original token count: 3474)\n"
                                                  "Total output lines: 3000\n\n";
    QTest::newRow("a small policy") << numbers(1, 3000) << ReplyBudget{.policyTokens = 50}
                                    << long3000 + numbers(1, 6) + "…3468 tokens truncated…8\n2999\n3000\n";
    QTest::newRow("a call that asks for less")
        << numbers(1, 3000) << ReplyBudget{.tokens = 20, .policyTokens = 200}
        << long3000 + numbers(1, 16) + "1…3454 tokens truncated…" + numbers(2993, 3000);
    QTest::newRow("the header alone is too much") << numbers(1, 50) << ReplyBudget{.policyTokens = 50}
                                                  << headerFor(36) +
                                                         "Warning: truncated output (original token count: 36)\n"
                                                         "Total output lines: 50\n\n" +
                                                         numbers(1, 8) + "…28 tokens truncated…\n" + numbers(46, 50);
    QTest::newRow("short output") << "hi\n"_ba << ReplyBudget{.policyTokens = 50} << headerFor(1) + "hi\n";
}

void tst_CommandReply::keepsTheWholeReplyWithinTheModelsPolicy()
{
    QFETCH(QByteArray, output);
    QFETCH(ReplyBudget, budget);
    QTEST(replyText(ended(output), budget), "text");
}

void tst_CommandReply::makesSixDigitChunkIds()
{
    for (int i = 0; i < 1000; ++i) {
        const QByteArray id = newChunkId();
        QCOMPARE(id.size(), 6);
        QVERIFY(std::ranges::all_of(id, [](char c) { return "0123456789abcdef"_ba.contains(c); }));
    }
}

void tst_CommandReply::saysHowLongAnAbortedCallRan()
{
    QCOMPARE(abortedText(1700ms), "Wall time: 1.7 seconds\naborted by user"_ba);
}

QTEST_APPLESS_MAIN(tst_CommandReply)
#include "tst_commandreply.moc"
