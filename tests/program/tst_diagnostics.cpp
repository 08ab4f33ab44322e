#include "support/program.h"
#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// NIGHTSHIFT_LOG and NIGHTSHIFT_CAPTURE.
class tst_Diagnostics : public QObject
{
    Q_OBJECT

private slots:
    void logsNothingUnasked();
    void logsToStderrByCategory();
    void saysWhatItDoesNotUnderstand();
    void capturesEveryRequestAndAnswer();
    void capturesNoKey();
    void numbersGoOnAcrossRuns();
    void endsWhenThereIsNoFolderToCaptureTo();
};

void tst_Diagnostics::logsNothingUnasked()
{
    Program program;
    program.server.play({sse::message("m1", "Done.")});
    QVERIFY(!program.exec({u"--json"_s, u"p"_s}).err.contains("nightshift."));
}

void tst_Diagnostics::logsToStderrByCategory()
{
    Program program;
    program.environment.insert(u"NIGHTSHIFT_LOG"_s, u"debug"_s);
    program.server.otherwise =
        ScriptedServer::Answer{.body = sse::stream({sse::created(), sse::message("m1", "Done."), sse::completed()})};
    const Ended all = program.exec({u"p"_s});
    QCOMPARE(all.out, "Done.\n");
    for (const char *line : {" debug nightshift.llm: status 200\n", " debug nightshift.config: reading ",
                             " debug nightshift.engine: session ", " debug nightshift.store: recording to "})
        QVERIFY2(all.err.contains(line), all.err);
    program.environment.insert(u"NIGHTSHIFT_LOG"_s, u"llm=debug"_s);
    const Ended one = program.exec({u"p"_s});
    QVERIFY(one.err.contains("nightshift.llm: "));
    QVERIFY(!one.err.contains("nightshift.engine: "));
}

void tst_Diagnostics::saysWhatItDoesNotUnderstand()
{
    Program program;
    program.environment.insert(u"NIGHTSHIFT_LOG"_s, u"loud"_s);
    program.server.play({sse::message("m1", "Done.")});
    const Ended ended = program.exec({u"p"_s});
    QVERIFY2(ended.err.contains(
                 "NIGHTSHIFT_LOG: `loud` is neither a level (debug, info, warning, error) nor CATEGORY=LEVEL\n"),
             ended.err);
    QCOMPARE(ended.exitCode, 0);
}

static QStringList captured(const Program &program)
{
    return QDir(program.work() + u"/capture"_s).entryList(QDir::Files, QDir::Name);
}

void tst_Diagnostics::capturesEveryRequestAndAnswer()
{
    Program program;
    program.environment.insert(u"NIGHTSHIFT_CAPTURE"_s, u"capture"_s);
    program.server.play({sse::command("c1", "true")});
    const QByteArray answer = sse::stream({sse::created(), sse::message("m1", "Done."), sse::completed()});
    program.server.play(ScriptedServer::Answer{.body = answer});
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    QCOMPARE(captured(program), (QStringList{u"0001-exchange.txt"_s, u"0001-request.json"_s, u"0001-response.sse"_s,
                                             u"0002-exchange.txt"_s, u"0002-request.json"_s, u"0002-response.sse"_s}));
    QCOMPARE(program.read(u"capture/0001-request.json"_s), program.server.requests().at(0).body);
    QCOMPARE(program.read(u"capture/0002-response.sse"_s), answer);
    const QByteArray exchange = program.read(u"capture/0001-exchange.txt"_s);
    QVERIFY2(exchange.startsWith("POST " + program.server.url().toUtf8() + "/responses\n"), exchange);
    QVERIFY2(exchange.contains("\nauthorization: ***\n"), exchange);
    QVERIFY2(exchange.contains("\n200\n"), exchange);
    QCOMPARE(QFile::permissions(program.work() + u"/capture/0001-request.json"_s) &
                 (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
}

void tst_Diagnostics::capturesNoKey()
{
    const QByteArray key = "sk-planted-0123456789";
    Program program;
    program.environment.insert(u"NIGHTSHIFT_CAPTURE"_s, u"capture"_s);
    program.environment.insert(u"MOCK_KEY"_s, QString::fromLatin1(key));
    program.environment.insert(u"OTHER_SECRET"_s, u"planted\"with quotes"_s);
    const QStringList planted{u"-c"_s, u"model_providers.mock.http_headers={\"x-inconspicuous\"=\"planted-header\"}"_s,
                              u"-c"_s, u"model_providers.mock.query_params={code=\"planted-query\"}"_s};
    program.server.play(ScriptedServer::Answer{.status = 400, .body = "bad key " + key + " in the middle"});
    const Ended ended =
        program.exec(planted + QStringList{u"Is %1 or planted\"with quotes a key?"_s.arg(QString::fromLatin1(key))});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY(program.server.requests().at(0).body.contains(key)); // it was sent, so that there is one to find
    QCOMPARE(captured(program).size(), 3);
    for (const QString &file : captured(program)) {
        const QByteArray text = program.read(u"capture/"_s + file);
        QVERIFY(!text.isEmpty());
        QVERIFY2(!text.contains("planted"), text);
    }
    QCOMPARE(program.read(u"capture/0001-response.sse"_s), "bad key *** in the middle");
}

void tst_Diagnostics::numbersGoOnAcrossRuns()
{
    Program program;
    program.environment.insert(u"NIGHTSHIFT_CAPTURE"_s, u"capture"_s);
    for (int run = 0; run < 2; ++run) {
        program.server.play({sse::message("m1", "Done.")});
        QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    }
    QCOMPARE(captured(program).size(), 6);
    QCOMPARE(captured(program).last(), u"0002-response.sse"_s);
}

void tst_Diagnostics::endsWhenThereIsNoFolderToCaptureTo()
{
    Program program;
    program.environment.insert(u"NIGHTSHIFT_CAPTURE"_s, program.write(u"file"_s, "x"));
    const Ended ended = program.exec({u"p"_s});
    QVERIFY2(ended.err.contains("Error: NIGHTSHIFT_CAPTURE: the folder "), ended.err);
    QCOMPARE(ended.exitCode, 1);
    QVERIFY(program.server.requests().empty());
}

QTEST_GUILESS_MAIN(tst_Diagnostics)
#include "tst_diagnostics.moc"
