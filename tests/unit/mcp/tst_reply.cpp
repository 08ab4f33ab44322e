#include "mcp/reply.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::mcp;

class tst_Reply : public QObject
{
    Q_OBJECT

private slots:
    void tellsAResult_data();
    void tellsAResult();
    void cutsWhatIsTooLong();
    void showsEventsNoSound();
    void hidesImagesFromModelsThatSeeNone();
};

static const QByteArray png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
static const QByteArray head = R"({"type":"input_text","text":"Wall time: 0.0015 seconds\nOutput:"})";
static constexpr std::chrono::microseconds wallTime{1'500};

static QByteArray replyTo(const QByteArray &result, qint64 tokens = 100)
{
    return replyOf({result}, wallTime, {}, tokens).text;
}

void tst_Reply::tellsAResult_data()
{
    QTest::addColumn<QByteArray>("result");
    QTest::addColumn<QByteArray>("told"); // after the wall time; alone when it is a string
    QTest::newRow("texts") << R"({"content":[{"type":"text","text":"a\n"},{"type":"text","text":"b"}]})"_ba
                           << R"({"type":"input_text","text":"a\n"},{"type":"input_text","text":"b"})"_ba;
    QTest::newRow("nothing") << R"({"content":[]})"_ba << ""_ba;
    QTest::newRow("no content at all") << "{}"_ba << ""_ba;
    QTest::newRow("image") << R"({"content":[{"type":"image","mimeType":"image/jpeg","data":")" + png + R"("}]})"
                           << R"({"type":"input_image","image_url":"data:image/png;base64,)" + png +
                                  R"(","detail":"high"})";
    QTest::newRow("no image")
        << R"({"content":[{"type":"image","mimeType":"image/png","data":"AAAA"}]})"_ba
        << R"({"type":"input_text","text":"image content omitted because it could not be processed"})"_ba;
    QTest::newRow("resource")
        << R"({"content":[{"type":"resource","resource":{"uri":"a://b","text":"t"}}]})"_ba
        << R"({"type":"input_text","text":"{\"type\":\"resource\",\"resource\":{\"uri\":\"a://b\",\"text\":\"t\"}}"})"_ba;
    QTest::newRow("structured") << R"({"content":[{"type":"text","text":"x"}],"structuredContent":{"b":1,"a":2}})"_ba
                                << R"("Wall time: 0.0015 seconds\nOutput:\n{\"b\":1,\"a\":2}")"_ba;
    QTest::newRow("failed") << R"({"content":[{"type":"text","text":"bad"}],"isError":true})"_ba
                            << R"({"type":"input_text","text":"bad"})"_ba;
}

void tst_Reply::tellsAResult()
{
    QFETCH(const QByteArray, result);
    QFETCH(const QByteArray, told);
    QCOMPARE(replyTo(result), told.startsWith('"') ? told : '[' + head + (told.isEmpty() ? "" : "," + told) + ']');
}

void tst_Reply::cutsWhatIsTooLong()
{
    const QByteArray part = R"({"type":"text","text":"0123456789abcdef"})";
    QCOMPARE(replyTo(R"({"content":[)" + part + ',' + part + "]}", 6),
             '[' + head + R"(,{"type":"input_text","text":"0123456789abcdef"},)" +
                 R"({"type":"input_text","text":"0123…2 tokens truncated…cdef"}])");
}

void tst_Reply::showsEventsNoSound()
{
    QCOMPARE(
        shownResult(
            {R"({"content":[{"type":"audio","data":"AAAA","mimeType":"audio/wav"},{"type":"text","text":"t"}],"x":1})"})
            .text,
        R"({"content":[{"type":"text","text":"<audio content omitted because you do not support audio input>"},)"
        R"({"type":"text","text":"t"}],"x":1})"_ba);
}

void tst_Reply::hidesImagesFromModelsThatSeeNone()
{
    const RawJson reply =
        replyOf({R"({"content":[{"type":"image","data":"AAAA"}]})"}, wallTime, {.images = false}, 100);
    QVERIFY2(reply.text.contains("this model takes no images"), reply.text);
}

QTEST_APPLESS_MAIN(tst_Reply)
#include "tst_reply.moc"
