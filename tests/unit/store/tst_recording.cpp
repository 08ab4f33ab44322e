#include "base/jsonreader.h"
#include "store/recording.h"
#include "support/loggenerator.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::store;
using test::callItem;
using test::logLine;
using test::messageItem;
using test::outputItem;
using Kind = HistoryItem::Kind;

class tst_Recording : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void readsALogOfTheReference();
    void splicesTextFromTheFile();
    void skipsGarbageAndATornLine();
    void readsALogOfAnOlderReleaseWithoutOrdinals();
    void beginsAtTheLastCompaction();
    void keepsUserMessagesBeforeACompactionThatOnlySummed();
    void countsWhatTheContextHolds();
    void takesForeignMembersOutWhereverTheyStand();
    void findsTheTurnThatWasLost();
    void seesTheLatestTurnsContext();
    void answersOrphansOfAnEarlierTurnWhereTheUserSpokeNext();
    void leavesTheLatestOrphansToWhoeverGoesOn();
    void answersAnOrphanWithItsRecordedEnd();
    void readsAForkOnInItsParent();
    void namesTheFileThatIsNoLog();

private:
    QString written(const QByteArray &log, const QString &name = u"log.jsonl"_s);
    Recording read(const QByteArray &log);

    std::unique_ptr<QTemporaryDir> m_state;
};

static const QByteArray metaLine =
    logLine(0, "session_meta",
            json::object({{"id", "01a1fbce-612f-7362-a1a6-e4356cdc164a"}, {"cwd", "/w"}, {"model_provider", "mock"}}));

static QByteArray itemLine(const RawJson &item)
{
    return logLine(7, "response_item", item);
}

static QByteArray eventLine(std::initializer_list<json::Member> members)
{
    return logLine(7, "event_msg", json::object(members));
}

static QByteArrayList texts(const History &history)
{
    QByteArrayList texts;
    for (const HistoryItem &item : history)
        texts += item.json.text;
    return texts;
}

void tst_Recording::init()
{
    m_state = std::make_unique<QTemporaryDir>();
}

QString tst_Recording::written(const QByteArray &log, const QString &name)
{
    const QString path = m_state->filePath(name);
    QDir().mkpath(path.section(u'/', 0, -2));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(log) != log.size())
        qFatal("cannot write %s", qPrintable(path));
    return path;
}

Recording tst_Recording::read(const QByteArray &log)
{
    Result<Recording> recording = readRecording(m_state->path(), written(log));
    if (!recording)
        qFatal("%s", qPrintable(recording.error().message));
    return std::move(*recording);
}

void tst_Recording::readsALogOfTheReference()
{
    const Result<Recording> recording = readRecording(m_state->path(), QStringLiteral(TEST_DATA "/reference.jsonl"));
    QVERIFY(recording);
    QCOMPARE(recording->meta.id, u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s);
    QCOMPARE(recording->meta.baseInstructions, u"Placeholder instructions."_s);
    QCOMPARE(recording->meta.format, 0);
    QCOMPARE(recording->usage, (Usage{3000, 1800, 0, 150, 30}));
    QCOMPARE(recording->contextWindow, 258400);
    QCOMPARE(recording->model, u"gpt-5.5"_s);
    QCOMPARE(recording->provider, u"mock"_s);
    QCOMPARE(recording->cwd, u"/w"_s);
    QVERIFY(!recording->openTurn);
    QVERIFY(recording->unanswered.empty());
    std::vector<Kind> kinds;
    for (const HistoryItem &item : recording->history) {
        kinds.push_back(item.kind);
        QVERIFY2(JsonDocument::parse(item.json.text), item.json.text.constData());
        QVERIFY(!item.json.text.contains("passthrough"));
    }
    QCOMPARE(kinds, (std::vector<Kind>{Kind::Developer, Kind::User, Kind::User, Kind::Reasoning, Kind::Call, Kind::Call,
                                       Kind::Output, Kind::Output, Kind::Call, Kind::Output, Kind::Assistant}));
    QCOMPARE(recording->history[9].call, u"call_2_0"_s);
    QCOMPARE(recording->history[10].json.text,
             QByteArray("{\"type\":\"message\",\"id\":\"msg_3_0\",\"role\":\"assistant\",\"content\":[{\"type\":"
                        "\"output_text\",\"text\":\"all done\"}]}"));
}

void tst_Recording::splicesTextFromTheFile()
{
    const RawJson item = messageItem("user", u"a \"quoted\\\" {brace"_s);
    const Recording recording = read(metaLine + itemLine(item));
    QCOMPARE(recording.history, (History{{Kind::User, item, {}}}));
    const QByteArrayView file = recording.files.front()->text();
    const char *text = recording.history[0].json.text.constData();
    QVERIFY(text > file.begin() && text < file.end());
}

void tst_Recording::skipsGarbageAndATornLine()
{
    const QByteArray good = itemLine(messageItem("user", u"a"_s));
    const Recording recording = read(metaLine + "garbage\n\n{}\n" + good.chopped(3) + '\n' + good +
                                     QByteArray(20, '\0') + '\n' + itemLine({"[]"}) + good.first(90));
    QCOMPARE(texts(recording.history), QByteArrayList{messageItem("user", u"a"_s).text});
}

void tst_Recording::readsALogOfAnOlderReleaseWithoutOrdinals()
{
    const Recording recording =
        read("{\"timestamp\":\"t\",\"type\":\"session_meta\",\"payload\":{\"id\":\"x\",\"instructions\":\"Old.\"}}\n"
             "{\"payload\":{\"type\":\"message\",\"role\":\"user\"},\"type\":\"response_item\",\"timestamp\":\"t\"}\n");
    QCOMPARE(recording.meta.baseInstructions, u"Old."_s);
    QCOMPARE(texts(recording.history), QByteArrayList{"{\"type\":\"message\",\"role\":\"user\"}"});
}

void tst_Recording::beginsAtTheLastCompaction()
{
    const RawJson a = messageItem("user", u"a"_s), b = messageItem("user", u"b"_s), c = messageItem("user", u"c"_s);
    const auto compacted = [](const std::vector<RawJson> &items) {
        return logLine(7, "compacted", json::object({{"message", "sum"}, {"replacement_history", json::array(items)}}));
    };
    const Recording recording =
        read(metaLine + logLine(1, "turn_context", json::object({{"model", "m"}, {"cwd", "/v"}})) + itemLine(a) +
             compacted({a}) + itemLine(a) + compacted({b, c}) + itemLine(c));
    QCOMPARE(texts(recording.history), (QByteArrayList{b.text, c.text, c.text}));
    QCOMPARE(recording.model, u"m"_s); // it stands before the compaction
}

void tst_Recording::keepsUserMessagesBeforeACompactionThatOnlySummed()
{
    const RawJson a = messageItem("user", u"a"_s), b = messageItem("assistant", u"b"_s),
                  c = messageItem("user", u"c"_s);
    const Recording recording = read(metaLine + itemLine(a) + itemLine(b) +
                                     logLine(7, "compacted", json::object({{"message", "sum"}})) + itemLine(c));
    QCOMPARE(texts(recording.history), (QByteArrayList{a.text, messageItem("user", u"sum"_s).text, c.text}));
}

void tst_Recording::countsWhatTheContextHolds()
{
    const auto usage = [](int total) { return json::object({{"input_tokens", 7}, {"total_tokens", total}}); };
    const QByteArray item = itemLine(messageItem("user", u"a"_s));
    const QByteArray counted =
        eventLine({{"type", "token_count"},
                   {"info", json::object({{"total_token_usage", usage(90)}, {"last_token_usage", usage(50)}})}});
    const QByteArray compacted =
        logLine(7, "compacted",
                json::object({{"message", "sum"},
                              {"replacement_history", json::array({messageItem("user", u"b"_s)})},
                              {"token_usage", json::object({{"thread_token_usage", usage(140)}})}}));
    Recording recording = read(metaLine + item + counted + item + item);
    QCOMPARE(recording.contextTokens, 50);
    QCOMPARE(recording.uncountedItems, size_t(2));
    const QByteArray untold =
        eventLine({{"type", "token_count"},
                   {"info", json::object({{"total_token_usage", usage(90)}, {"last_token_usage", usage(0)}})}});
    recording = read(metaLine + item + counted + item + untold);
    QCOMPARE(recording.contextTokens, 50);
    QCOMPARE(recording.uncountedItems, size_t(1));
    QCOMPARE(recording.usage.inputTokens, 7);
    recording = read(metaLine + item + counted + compacted + item);
    QCOMPARE(recording.contextTokens, 0); // what was counted is gone
    QCOMPARE(recording.usage.inputTokens, 7);
    recording = read(metaLine + item + compacted + counted + item);
    QCOMPARE(recording.contextTokens, 50);
    QCOMPARE(recording.uncountedItems, size_t(1));
}

void tst_Recording::takesForeignMembersOutWhereverTheyStand()
{
    const RawJson foreign{"{\"turn_id\":\"t\",\"list\":[\"}\"]}"};
    const Recording recording =
        read(metaLine +
             itemLine(json::object({{"type", "reasoning"}, {"internal_chat_message_metadata_passthrough", foreign}})) +
             itemLine(json::object(
                 {{"type", "reasoning"}, {"internal_chat_message_metadata_passthrough", foreign}, {"id", "r"}})) +
             itemLine(json::object({{"internal_chat_message_metadata_passthrough", foreign}, {"type", "reasoning"}})) +
             itemLine(json::object({{"type", "reasoning"},
                                    {"deep", json::object({{"internal_chat_message_metadata_passthrough", 1}})}})));
    QCOMPARE(
        texts(recording.history),
        (QByteArrayList{"{\"type\":\"reasoning\"}", "{\"type\":\"reasoning\",\"id\":\"r\"}", "{\"type\":\"reasoning\"}",
                        "{\"type\":\"reasoning\",\"deep\":{\"internal_chat_message_metadata_passthrough\":1}}"}));
}

void tst_Recording::findsTheTurnThatWasLost()
{
    const QByteArray begun = eventLine({{"type", "task_started"}, {"turn_id", "t2"}, {"started_at", 1795225968}});
    const OpenTurn lost{u"t2"_s, 1795225968};
    QVERIFY(read(metaLine + eventLine({{"type", "task_complete"}}) + begun).openTurn == lost);
    QVERIFY(!read(metaLine + begun + eventLine({{"type", "task_complete"}})).openTurn);
    QVERIFY(!read(metaLine + begun + eventLine({{"type", "turn_aborted"}})).openTurn);
    QVERIFY(!read(metaLine).openTurn);
}

void tst_Recording::seesTheLatestTurnsContext()
{
    const auto context = [](const char *model, const char *provider) {
        return logLine(7, "turn_context",
                       json::object({{"cwd", "/v"}, {"model", model}, {"model_provider", provider}}));
    };
    const Recording recording = read(metaLine + context("a", "p") + context("b", "q"));
    QCOMPARE(recording.model, u"b"_s);
    QCOMPARE(recording.provider, u"q"_s);
    QCOMPARE(recording.cwd, u"/v"_s);
    QCOMPARE(read(metaLine).cwd, u"/w"_s);
}

void tst_Recording::answersOrphansOfAnEarlierTurnWhereTheUserSpokeNext()
{
    const RawJson user = messageItem("user", u"go on"_s);
    const Recording recording = read(metaLine + itemLine(callItem(u"c1"_s)) + itemLine(callItem(u"c2"_s)) +
                                     itemLine(outputItem(u"c2"_s, u"ok"_s)) + itemLine(user));
    QCOMPARE(texts(recording.history),
             (QByteArrayList{callItem(u"c1"_s).text, callItem(u"c2"_s).text, outputItem(u"c2"_s, u"ok"_s).text,
                             outputItem(u"c1"_s, u"aborted"_s).text, user.text}));
    QVERIFY(recording.unanswered.empty());
}

void tst_Recording::leavesTheLatestOrphansToWhoeverGoesOn()
{
    const Recording recording = read(metaLine + eventLine({{"type", "task_started"}, {"turn_id", "t"}}) +
                                     itemLine(callItem(u"c1"_s)) + itemLine(callItem(u"c2"_s, "custom_tool_call")));
    QCOMPARE(texts(recording.unanswered),
             (QByteArrayList{outputItem(u"c1"_s, u"aborted"_s).text,
                             "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c2\",\"output\":\"aborted\"}"}));
}

void tst_Recording::answersAnOrphanWithItsRecordedEnd()
{
    const RawJson time = json::object({{"secs", 1}, {"nanos", 500'000'000}});
    const Recording recording = read(metaLine + eventLine({{"type", "task_started"}, {"turn_id", "t"}}) +
                                     itemLine(callItem(u"c1"_s)) + itemLine(callItem(u"c2"_s)) +
                                     eventLine({{"type", "exec_command_end"},
                                                {"call_id", "c1"},
                                                {"aggregated_output", "out\n"},
                                                {"exit_code", 3},
                                                {"duration", time}}) +
                                     eventLine({{"type", "item_completed"},
                                                {"item", json::object({{"type", "CommandExecution"},
                                                                       {"id", "c2"},
                                                                       {"aggregated_output", "two"},
                                                                       {"exit_code", 0},
                                                                       {"duration", time}})}}));
    QCOMPARE(texts(recording.unanswered),
             (QByteArrayList{
                 outputItem(u"c1"_s, u"Wall time: 1.5000 seconds\nProcess exited with code 3\nOutput:\nout\n"_s).text,
                 outputItem(u"c2"_s, u"Wall time: 1.5000 seconds\nProcess exited with code 0\nOutput:\ntwo"_s).text}));
}

void tst_Recording::readsAForkOnInItsParent()
{
    const RawJson a = messageItem("user", u"a"_s), b = messageItem("user", u"b"_s), c = messageItem("user", u"c"_s);
    const QString parent = u"01a1fbce-612f-7362-a1a6-000000000001"_s;
    const QByteArray shared = metaLine + itemLine(a);
    written(shared + itemLine(b), u"sessions/2020/01/02/rollout-2020-01-02T00-00-00-"_s + parent + u".jsonl"_s);
    const RawJson base =
        json::object({{"thread_id", parent}, {"end_ordinal_exclusive", 2}, {"end_byte_offset", qint64(shared.size())}});
    const QByteArray fork =
        logLine(0, "session_meta", json::object({{"id", "x"}, {"forked_from_id", parent}, {"history_base", base}})) +
        itemLine(c);
    const Recording recording = read(fork);
    QCOMPARE(texts(recording.history), (QByteArrayList{a.text, c.text}));
    QCOMPARE(recording.meta.forkedFrom, parent);
}

void tst_Recording::namesTheFileThatIsNoLog()
{
    for (const QByteArray &log : {QByteArray(), QByteArray("hello\n")}) {
        const QString path = written(log);
        const Result<Recording> recording = readRecording(m_state->path(), path);
        QVERIFY(!recording);
        QCOMPARE(recording.error().message, path + u":1: expected the session_meta line that begins a session log"_s);
    }
    QVERIFY(!readRecording(m_state->path(), m_state->filePath(u"none.jsonl"_s)));
}

QTEST_APPLESS_MAIN(tst_Recording)
#include "tst_recording.moc"
