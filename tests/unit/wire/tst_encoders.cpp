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
    void tellsARunWithoutAPrompt();
    void repeatsWhatWasSaidEarlier();
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

static QByteArray threadLines(ThreadEncoder &&encoder, const std::vector<Event> &events)
{
    QByteArray lines;
    for (const Event &event : events) {
        if (const std::optional<RawJson> line = encoder.encode(event))
            lines += line->text + '\n';
    }
    return lines;
}

static QByteArray protocolLines(ProtocolEncoder &&encoder, const std::vector<Event> &events)
{
    QByteArray lines;
    for (const Event &event : events) {
        for (const RawJson &line : encoder.encode(event))
            lines += line.text + '\n';
    }
    for (const RawJson &line : encoder.finish())
        lines += line.text + '\n';
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
    QVERIFY(test::matchesGolden(path + u".thread.jsonl"_s, threadLines(ThreadEncoder(), session)));
    QVERIFY(test::matchesGolden(path + u".deltas.jsonl"_s,
                                threadLines(ThreadEncoder(ThreadEncoder::Deltas::Yes), session)));
    QVERIFY(test::matchesGolden(path + u".protocol.jsonl"_s, protocolLines(ProtocolEncoder(), session)));
}

void tst_Encoders::beginsWithTheTwoPrefaceLines()
{
    const SessionStarted session{.sessionId = u"s"_s,
                                 .model = u"m"_s,
                                 .provider = u"openai"_s,
                                 .cwd = u"/w"_s,
                                 .reasoningEffort = u"high"_s,
                                 .sandbox = u"read-only"_s};
    const QByteArrayList lines = protocolLines(ProtocolEncoder(), {session, Notice{u"careful"_s}, TurnStarted{u"t1"_s},
                                                                   UserSaid{{u"do \"it\""_s, {}}}})
                                     .split('\n');
    QCOMPARE(lines.value(0), QByteArray("{\"workdir\":\"/w\",\"model\":\"m\",\"provider\":\"openai\",\"approval\":"
                                        "\"never\",\"sandbox\":\"read-only\",\"reasoning effort\":\"high\"}"));
    QCOMPARE(lines.value(1), QByteArray("{\"prompt\":\"do \\\"it\\\"\"}"));
    QVERIFY2(lines.value(2).startsWith("{\"id\":\"0\",\"msg\":{\"type\":\"session_configured\","), lines.value(2));
    QCOMPARE(lines.value(3),
             QByteArray("{\"id\":\"0\",\"msg\":{\"type\":\"background_event\",\"message\":\"careful\"}}"));
}

void tst_Encoders::tellsARunWithoutAPrompt()
{
    const QByteArrayList lines = protocolLines(ProtocolEncoder(), {SessionStarted{.sessionId = u"s"_s}}).split('\n');
    QCOMPARE(lines.size(), 4); // what it works with, the session, the shutdown, and the end of the text
    QCOMPARE(lines.value(2), QByteArray("{\"id\":\"0\",\"msg\":{\"type\":\"shutdown_complete\"}}"));
}

void tst_Encoders::repeatsWhatWasSaidEarlier()
{
    const std::vector<RawJson> earlier{*ProtocolEncoder::earlierMessage(MessageCompleted{u"Done."_s})};
    QVERIFY(!ProtocolEncoder::earlierMessage(SessionStarted{}));
    const QByteArray lines = protocolLines(ProtocolEncoder(earlier), {SessionStarted{.sessionId = u"s"_s}});
    QVERIFY2(lines.contains("\"initial_messages\":[{\"type\":\"agent_message\",\"message\":\"Done.\"}]"), lines);
}

QTEST_APPLESS_MAIN(tst_Encoders)
#include "tst_encoders.moc"
