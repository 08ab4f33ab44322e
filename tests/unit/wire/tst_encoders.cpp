#include "support/golden.h"
#include "wire/eventmessage.h"
#include "wire/protocolencoder.h"
#include "wire/threadencoder.h"
#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::wire;

/// CASE.events.jsonl holds a session's events as messages; beside it stand the lines each format makes of them.
class tst_Encoders : public QObject
{
    Q_OBJECT

private slots:
    void encodesACase_data();
    void encodesACase();
    void beginsWithTheTwoPrefaceLines();
    void endsWithTheShutdown();
};

static QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

static std::vector<Event> events(const QByteArray &lines)
{
    std::vector<Event> events;
    for (const QByteArray &line : lines.split('\n')) {
        if (line.isEmpty())
            continue;
        const auto read = JsonDocument::parse(line);
        const std::optional<Event> event = read ? fromMessage(read->root()) : std::nullopt;
        if (!event)
            qFatal("no event: %s", line.constData());
        events.push_back(*event);
    }
    return events;
}

static QByteArray encoded(EventEncoder &&encoder, const std::vector<Event> &events)
{
    QByteArray lines;
    for (const Event &event : events) {
        if (const std::optional<RawJson> line = encoder.encode(event))
            lines += line->text + '\n';
    }
    return lines;
}

void tst_Encoders::encodesACase_data()
{
    QTest::addColumn<QString>("path");
    const QDir data(QStringLiteral(TEST_DATA));
    for (const QString &name : data.entryList({u"*.events.jsonl"_s}, QDir::Files))
        QTest::addRow("%s", qPrintable(name.section(u'.', 0, 0))) << data.filePath(name.section(u'.', 0, 0));
}

void tst_Encoders::encodesACase()
{
    QFETCH(const QString, path);
    const std::vector<Event> session = events(contents(path + u".events.jsonl"_s));
    QVERIFY(test::matchesGolden(path + u".thread.jsonl"_s, encoded(ThreadEncoder(), session)));
    QVERIFY(
        test::matchesGolden(path + u".deltas.jsonl"_s, encoded(ThreadEncoder(ThreadEncoder::Deltas::Yes), session)));
    QVERIFY(test::matchesGolden(path + u".protocol.jsonl"_s, encoded(ProtocolEncoder(), session)));
}

void tst_Encoders::beginsWithTheTwoPrefaceLines()
{
    QCOMPARE(
        ProtocolEncoder::summaryLine({u"/w"_s, u"m"_s, u"openai"_s, u"never"_s, u"read-only"_s, u"high"_s, {}}).text,
        QByteArray("{\"workdir\":\"/w\",\"model\":\"m\",\"provider\":\"openai\",\"approval\":\"never\","
                   "\"sandbox\":\"read-only\",\"reasoning effort\":\"high\"}"));
    QCOMPARE(ProtocolEncoder::promptLine(u"do \"it\""_s).text, QByteArray("{\"prompt\":\"do \\\"it\\\"\"}"));
}

void tst_Encoders::endsWithTheShutdown()
{
    ProtocolEncoder encoder;
    encoder.encode(TurnStarted{u"t1"_s, 0});
    QCOMPARE(encoder.shutdownLine().text, QByteArray("{\"id\":\"1\",\"msg\":{\"type\":\"shutdown_complete\"}}"));
}

QTEST_APPLESS_MAIN(tst_Encoders)
#include "tst_encoders.moc"
