#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// A provider whose key a program prints.
class tst_Tokens : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void sendsWhatTheProgramPrints();
    void asksForANewTokenOnceWhenTheOldIsRefused();
    void failsWhenTheNewTokenIsRefusedToo();
    void keepsATokenForItsTime_data();
    void keepsATokenForItsTime();
    void endsBeforeAnyRequestWithoutAToken_data();
    void endsBeforeAnyRequestWithoutAToken();
    void endsTheTurnWhenTheProgramFailsLater();

private:
    void setCommand(const QByteArray &script, const QByteArray &more = {});
    QByteArrayList tokens() const;

    std::unique_ptr<Program> m_program;
};

/// token-1, token-2 … with a note of each run.
static const QByteArray counting = "echo run >> runs; echo token-$(wc -l < runs)";

void tst_Tokens::init()
{
    m_program = std::make_unique<Program>();
}

void tst_Tokens::setCommand(const QByteArray &script, const QByteArray &more)
{
    m_program->write(u"token.sh"_s, script + '\n');
    m_program->write(u"../state/config.toml"_s,
                     "model = \"gpt-5.5\"\nmodel_provider = \"a\"\n[model_providers.a]\nbase_url = \"" +
                         m_program->server.url().toUtf8() +
                         "\"\n[model_providers.a.auth]\ncommand = \"sh\"\nargs = [\"token.sh\"]\n" + more);
}

QByteArrayList tst_Tokens::tokens() const
{
    QByteArrayList sent;
    for (const auto &request : m_program->server.requests())
        sent += request.headers["authorization"];
    return sent;
}

void tst_Tokens::sendsWhatTheProgramPrints()
{
    setCommand(counting);
    m_program->server.play({sse::command("c1", "true")});
    m_program->server.play({sse::message("m1", "Done.")});
    QCOMPARE(m_program->exec({u"p"_s}).exitCode, 0);
    QCOMPARE(tokens(), (QByteArrayList{"Bearer token-1", "Bearer token-1"}));
}

void tst_Tokens::asksForANewTokenOnceWhenTheOldIsRefused()
{
    setCommand(counting);
    m_program->server.play({.status = 401, .body = "expired"});
    m_program->server.play({sse::message("m1", "Done.")});
    const Ended ended = m_program->exec({u"--json"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY2(!ended.out.contains("error"), ended.out);
    QCOMPARE(tokens(), (QByteArrayList{"Bearer token-1", "Bearer token-2"}));
    QCOMPARE(m_program->server.violations(), QStringList());
}

void tst_Tokens::failsWhenTheNewTokenIsRefusedToo()
{
    setCommand(counting);
    m_program->server.play({.status = 401, .body = "expired"});
    m_program->server.play({.status = 401, .body = "who are you"});
    const Ended ended = m_program->exec({u"--json"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY2(ended.out.contains("unexpected status 401 Unauthorized: who are you"), ended.out);
    QVERIFY2(ended.out.contains(R"("code":"auth")"), ended.out);
    QCOMPARE(tokens(), (QByteArrayList{"Bearer token-1", "Bearer token-2"}));
}

void tst_Tokens::keepsATokenForItsTime_data()
{
    QTest::addColumn<QByteArray>("interval");
    QTest::addColumn<bool>("kept");
    QTest::newRow("until it is refused") << "0"_ba << true;
    QTest::newRow("for less than a command takes") << "1"_ba << false;
}

void tst_Tokens::keepsATokenForItsTime()
{
    QFETCH(const QByteArray, interval);
    QFETCH(const bool, kept);
    setCommand(counting, "refresh_interval_ms = " + interval + '\n');
    m_program->server.play({sse::command("c1", "sleep 0.01")});
    m_program->server.play({sse::message("m1", "Done.")});
    QCOMPARE(m_program->exec({u"p"_s}).exitCode, 0);
    QCOMPARE(tokens().last() == "Bearer token-1", kept);
}

void tst_Tokens::endsBeforeAnyRequestWithoutAToken_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("it fails") << "exit 3"_ba;
    QTest::newRow("it prints nothing") << "true"_ba;
}

void tst_Tokens::endsBeforeAnyRequestWithoutAToken()
{
    QFETCH(const QByteArray, script);
    setCommand(script);
    const Ended ended = m_program->exec({u"p"_s});
    QVERIFY2(ended.err.startsWith("Error: the token command of the provider `a` failed: `sh token.sh` "), ended.err);
    QCOMPARE(ended.exitCode, 1);
    QVERIFY(m_program->server.requests().empty());
}

void tst_Tokens::endsTheTurnWhenTheProgramFailsLater()
{
    setCommand("[ -e first ] && exit 3; touch first; echo token-1");
    m_program->server.play({.status = 401, .body = "expired"});
    const Ended ended = m_program->exec({u"--json"_s, u"p"_s});
    QVERIFY2(ended.out.contains(
                 R"({"message":"the token command `sh token.sh` failed: it ended with code 3","code":"auth"})"),
             ended.out);
    QCOMPARE(ended.exitCode, 1);
    QCOMPARE(m_program->server.requests().size(), 1u);
}

QTEST_GUILESS_MAIN(tst_Tokens)
#include "tst_tokens.moc"
