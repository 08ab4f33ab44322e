#include "support/terminal.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// `--oss`: a model server on this machine, found by CODEX_OSS_BASE_URL.
class tst_LocalModels : public QObject
{
    Q_OBJECT

private slots:
    void asksOllamaOverTheChatWire();
    void pullsWhatOllamaLacks();
    void drawsABarOnATerminalOnly();
    void endsBeforeReadingStdinWhenNothingListens();
    void asksNobodyWithoutOss();
};

static const QByteArray chatAnswer =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello.\"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

static void beOllama(Program &program, const QByteArray &model)
{
    program.environment.insert(u"CODEX_OSS_BASE_URL"_s, program.server.url());
    program.server.routes["GET /v1/models"].body = "{\"data\":[{\"id\":\"" + model + "\"}]}";
    program.server.play({.body = chatAnswer});
}

static const QStringList ossArguments{u"--oss"_s, u"--local-provider"_s, u"ollama"_s, u"-c"_s, u"model=gpt-oss:20b"_s};

void tst_LocalModels::asksOllamaOverTheChatWire()
{
    Program program;
    beOllama(program, "gpt-oss:20b");
    const Ended ended = program.exec(ossArguments + QStringList{u"p"_s});
    QCOMPARE(ended.out, "Hello.\n");
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.server.requests().size(), 1u);
    const auto &request = program.server.requests()[0];
    QCOMPARE(request.path, "/v1/chat/completions");
    QVERIFY(!request.headers.contains("authorization"));
    QVERIFY(request.body.contains("\"model\":\"gpt-oss:20b\""));
}

static const QByteArray pullAnswer = "{\"status\":\"pulling manifest\"}\n"
                                     "{\"status\":\"pulling 6a07\",\"total\":13800000000,\"completed\":1}\n"
                                     "{\"status\":\"pulling 6a07\",\"total\":13800000000,\"completed\":6900000000}\n"
                                     "{\"status\":\"success\"}\n";

void tst_LocalModels::pullsWhatOllamaLacks()
{
    Program program;
    beOllama(program, "llama3:latest");
    program.server.routes["POST /api/pull"].body = pullAnswer;
    const Ended ended = program.exec(QStringList{u"--json"_s} + ossArguments + QStringList{u"p"_s});
    QCOMPARE(ended.err, "Pulling the model gpt-oss:20b\npulling manifest\npulling 6a07 (13.8 GB)\nsuccess\n"
                        "Reading additional input from stdin...\n");
    QCOMPARE(ended.exitCode, 0);
}

void tst_LocalModels::drawsABarOnATerminalOnly()
{
    Program program;
    beOllama(program, "llama3:latest");
    program.server.routes["POST /api/pull"].body = pullAnswer;
    program.environment.insert(u"TERM"_s, u"xterm"_s);
    Terminal terminal(program);
    const Ended ended = program.exec(QStringList{u"--json"_s} + ossArguments + QStringList{u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    const QByteArray shown = terminal.read();
    QVERIFY2(shown.contains("\r\x1b[Kpulling 6a07  ██████████░░░░░░░░░░  50 %  6.9 of 13.8 GB"), shown);
}

void tst_LocalModels::endsBeforeReadingStdinWhenNothingListens()
{
    Program program;
    program.environment.insert(u"CODEX_OSS_BASE_URL"_s, u"http://127.0.0.1:1/v1"_s);
    const Ended ended = program.exec(ossArguments + QStringList{u"p"_s}, "unread");
    QCOMPARE(ended.out, "");
    QVERIFY2(ended.err.startsWith("Error: OSS setup failed: No running Ollama server was found at "
                                  "http://127.0.0.1:1/v1 ("),
             ended.err);
    QCOMPARE(ended.err.count('\n'), 1);
    QCOMPARE(ended.exitCode, 1);
    QVERIFY(program.logs().isEmpty());
}

void tst_LocalModels::asksNobodyWithoutOss()
{
    Program program;
    beOllama(program, "llama3:latest");
    QCOMPARE(program.exec({u"--provider"_s, u"ollama"_s, u"-m"_s, u"gpt-oss:20b"_s, u"p"_s}).exitCode, 0);
    QCOMPARE(program.server.routed(), QByteArrayList());
}

QTEST_GUILESS_MAIN(tst_LocalModels)
#include "tst_localmodels.moc"
