#include "support/program.h"
#include <QStandardPaths>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Sessions shared with the reference, codex 0.169: found through NIGHTSHIFT_TEST_CODEX or on PATH.
class tst_Interop : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void theReferenceResumesOurs();
    void resumesTheReferences();
    void sharesWhatWasSummedUp_data();
    void sharesWhatWasSummedUp();

private:
    QStringList m_codexFlags;
    QString m_codex;
};

static QString findCodex()
{
    const QString named = qEnvironmentVariable("NIGHTSHIFT_TEST_CODEX");
    for (const QString &name : {named, u"codex"_s}) {
        const QString path = name.isEmpty() ? QString() : QStandardPaths::findExecutable(name);
        QProcess process;
        process.start(path, {u"--version"_s});
        if (!path.isEmpty() && process.waitForFinished() && process.readAllStandardOutput().contains(" 0.169."))
            return path;
    }
    return {};
}

void tst_Interop::initTestCase()
{
    m_codex = findCodex();
    if (m_codex.isEmpty())
        QSKIP("there is no codex 0.169: name one in NIGHTSHIFT_TEST_CODEX");
    for (const QString &setting :
         {u"model_providers.mock.supports_websockets=false"_s, u"check_for_update_on_startup=false"_s,
          u"analytics.enabled=false"_s, u"features.plugins=false"_s, u"features.apps=false"_s,
          u"features.remote_plugin=false"_s})
        m_codexFlags += {u"-c"_s, setting};
}

/// The conversation of a request without what introduces it: prompts, answers, calls and their outputs.
static QByteArrayList conversation(const ScriptedServer::Request &request)
{
    QByteArrayList told;
    const auto body = JsonDocument::parse(request.body);
    for (const JsonView item : body->root()["input"].items()) {
        const QByteArray type = item["type"].utf8().toByteArray();
        const QByteArray text = item["content"][qsizetype(0)]["text"].utf8().toByteArray();
        if (type == "message" && item["role"].utf8() != "developer" && !text.startsWith('<'))
            told += item["role"].utf8().toByteArray() + ": " + text;
        else if (type == "reasoning")
            told += "reasoning " + item["encrypted_content"].utf8().toByteArray();
        else if (type.endsWith("_output"))
            told += "output of " + item["call_id"].utf8().toByteArray() + ": " +
                    item["output"].utf8().toByteArray().split('\n').value(5);
        else if (type != "message")
            told += "call " + item["call_id"].utf8().toByteArray() + ": " + item["arguments"].utf8().toByteArray();
    }
    return told;
}

static const QByteArrayList wholeConversation{
    "user: first prompt",
    "reasoning sealed",
    R"(call call_1: {"cmd":"echo one"})",
    R"(call call_2: {"cmd":"echo two"})",
    "output of call_1: one",
    "output of call_2: two",
    "assistant: First answer.",
    "user: second prompt",
};

static void playBothRuns(ScriptedServer &server)
{
    server.play({sse::reasoning("rs_1", "**Looking**"), sse::command("call_1", "echo one"),
                 sse::command("call_2", "echo two")});
    server.play({sse::message("msg_1", "First answer.")});
    server.play({sse::message("msg_2", "Second answer.")});
}

void tst_Interop::theReferenceResumesOurs()
{
    Program program;
    playBothRuns(program.server);
    QCOMPARE(program.exec({u"first prompt"_s}).out, "First answer.\n");
    program.binary = m_codex;
    const Ended ended = program.exec(m_codexFlags + QStringList{u"resume"_s, u"--last"_s, u"second prompt"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);
    QCOMPARE(ended.out, "Second answer.\n");
    QCOMPARE(conversation(program.server.requests().back()), wholeConversation);
    QCOMPARE(program.logs().size(), 1);
}

void tst_Interop::resumesTheReferences()
{
    Program program;
    const QString ours = std::exchange(program.binary, m_codex);
    playBothRuns(program.server);
    const Ended first = program.exec(m_codexFlags + QStringList{u"first prompt"_s});
    QVERIFY2(first.exitCode == 0, first.err);
    QCOMPARE(first.out, "First answer.\n");
    program.binary = ours;
    QCOMPARE(program.exec({u"resume"_s, u"--last"_s, u"second prompt"_s}).out, "Second answer.\n");
    QCOMPARE(conversation(program.server.requests().back()), wholeConversation);
    QCOMPARE(program.logs().size(), 1);
}

void tst_Interop::sharesWhatWasSummedUp_data()
{
    QTest::addColumn<bool>("oursFirst");
    QTest::newRow("by us") << true;
    QTest::newRow("by the reference") << false;
}

void tst_Interop::sharesWhatWasSummedUp()
{
    QFETCH(const bool, oursFirst);
    Program program;
    const QString ours = program.binary;
    const auto run = [&](bool withOurs, const QStringList &args) {
        program.binary = withOurs ? ours : m_codex;
        const QStringList limit{u"-c"_s, u"model_auto_compact_token_limit=20000"_s};
        return program.exec((withOurs ? limit : m_codexFlags + limit) + args);
    };
    program.server.play(ScriptedServer::Answer{
        .body = sse::stream({sse::created(), sse::command("call_1", "echo one"), sse::completed(30'000)})});
    program.server.play({sse::message("s", "Did it.")});
    program.server.play({sse::message("msg_1", "First answer.")});
    program.server.play({sse::message("msg_2", "Second answer.")});
    const Ended first = run(oursFirst, {u"first prompt"_s});
    QVERIFY2(first.out == "First answer.\n", first.err);
    const Ended second = run(!oursFirst, {u"resume"_s, u"--last"_s, u"second prompt"_s});
    QVERIFY2(second.out == "Second answer.\n", second.err);
    QCOMPARE(program.server.requests().size(), size_t(4)); // what was summed up is not summed up again
    const QByteArray input = program.server.requests().back().input();
    QVERIFY(!input.contains("call_1"));
    qsizetype at = 0;
    for (const char *text : {"first prompt", "Did it.", "First answer.", "second prompt"}) {
        at = input.indexOf(text, at);
        QVERIFY2(at > 0, text);
    }
}

QTEST_GUILESS_MAIN(tst_Interop)
#include "tst_interop.moc"
