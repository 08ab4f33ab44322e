#include "support/program.h"
#include "support/wirespeech.h"
#include <QDirIterator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Keys and passwords reach no command, whatever their variable is called, and are shown nowhere.
class tst_Keys : public QObject
{
    Q_OBJECT

private slots:
    void noCommandSeesWhatTheSettingsNameAsACredential_data();
    void noCommandSeesWhatTheSettingsNameAsACredential();
    void noCommandSeesPasswordsByName();
    void nothingShowsThePasswordOfAnAddress_data();
    void nothingShowsThePasswordOfAnAddress();
    void aRedactedBundleHoldsNoPassword();
};

static const QByteArray mark = "PLANTED";

/// The output of the only command, as the model was told it.
static QByteArray commandOutput(Program &program, const QStringList &flags)
{
    program.server.play({sse::command("call_1", "env; echo end")});
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended ended = program.exec(flags + QStringList{u"p"_s});
    return ended.exitCode == 0 ? program.server.requests().at(1).body : "failed: " + ended.err;
}

void tst_Keys::noCommandSeesWhatTheSettingsNameAsACredential_data()
{
    QTest::addColumn<QStringList>("flags");
    QTest::newRow("read-only") << QStringList();
    QTest::newRow("without a sandbox") << QStringList{u"-s"_s, u"danger-full-access"_s};
    QTest::newRow("with variables of any name")
        << QStringList{u"-c"_s, u"shell_environment_policy.ignore_default_excludes=true"_s};
}

void tst_Keys::noCommandSeesWhatTheSettingsNameAsACredential()
{
    QFETCH(const QStringList, flags);
    Program program;
    for (const char *name : {"ONE", "TWO", "THREE", "FOUR", "FIVE"})
        program.environment.insert(QLatin1StringView(name), QString::fromUtf8(mark));
    program.write(u"../state/config.toml"_s,
                  program.read(u"../state/config.toml"_s) +
                      "env_http_headers = { x-one = \"ONE\" }\n"
                      "[model_providers.unused]\nname = \"unused\"\nbase_url = \"http://127.0.0.1:1\"\n"
                      "env_key = \"TWO\"\nenv_http_headers = { x-three = \"THREE\" }\n"
                      "[mcp_servers.unused]\nenabled = false\nurl = \"http://127.0.0.1:1\"\n"
                      "bearer_token_env_var = \"FOUR\"\nenv_http_headers = { x-five = \"FIVE\" }\n");
    const QByteArray output = commandOutput(program, flags);
    QVERIFY2(output.contains("PATH=") && !output.contains(mark), output);
}

void tst_Keys::noCommandSeesPasswordsByName()
{
    Program program;
    for (const char *name : {"DB_PASSWORD", "MYSQL_PWD", "APP_PASSWD", "GCP_CREDENTIALS", "NPM_AUTH", "AZURE_PAT"})
        program.environment.insert(QLatin1StringView(name), QString::fromUtf8(mark));
    program.environment.insert(u"DATABASE_URL"_s, u"postgres://user:PLANTED@host/db"_s);
    program.environment.insert(u"HTTPS_PROXY"_s, u"http://user:PLANTED@proxy.example:3128"_s);
    program.environment.insert(u"NO_PROXY"_s, u"127.0.0.1"_s);
    program.environment.insert(u"GIT_AUTHOR_NAME"_s, u"Ada"_s);
    const QByteArray output = commandOutput(program, {});
    QVERIFY2(!output.contains(mark), output);
    QVERIFY2(output.contains("GIT_AUTHOR_NAME=Ada") && output.contains("HTTPS_PROXY=http://proxy.example:3128"),
             output);
}

/// A provider, a server of tools and a proxy whose addresses hold what nobody should read.
static void plantAddresses(Program &program)
{
    QByteArray settings = program.read(u"../state/config.toml"_s);
    settings.replace("http://127", "http://user:PLANTED@127");
    program.write(u"../state/config.toml"_s,
                  settings + "stream_max_retries = 0\nrequest_max_retries = 0\n"
                             "[mcp_servers.remote]\nurl = \"http://user:PLANTED@127.0.0.1:1/mcp?api_key=PLANTED\"\n"
                             "[mcp_servers.local]\ncommand = \"true\"\nargs = [\"postgres://user:PLANTED@host/db\"]\n");
}

void tst_Keys::nothingShowsThePasswordOfAnAddress_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QByteArray>("shown");
    QTest::newRow("config show") << QStringList{u"config"_s, u"show"_s} << "base_url"_ba;
    QTest::newRow("doctor") << QStringList{u"doctor"_s} << "mock"_ba;
    QTest::newRow("doctor, JSON") << QStringList{u"doctor"_s, u"--json"_s} << "mock"_ba;
    QTest::newRow("mcp list") << QStringList{u"mcp"_s, u"list"_s} << "user:[redacted]@127.0.0.1"_ba;
    QTest::newRow("mcp list, JSON") << QStringList{u"mcp"_s, u"list"_s, u"--json"_s} << "user:[redacted]@127.0.0.1"_ba;
    QTest::newRow("mcp test") << QStringList{u"mcp"_s, u"test"_s, u"remote"_s} << "user:[redacted]@127.0.0.1"_ba;
    QTest::newRow("mcp test, JSON") << QStringList{u"mcp"_s, u"test"_s, u"remote"_s, u"--json"_s}
                                    << "user:[redacted]@127.0.0.1"_ba;
    QTest::newRow("exec") << QStringList{u"exec"_s, u"p"_s} << "[redacted]"_ba;
    QTest::newRow("exec, events") << QStringList{u"exec"_s, u"--json"_s, u"p"_s} << "[redacted]"_ba;
}

void tst_Keys::nothingShowsThePasswordOfAnAddress()
{
    QFETCH(const QStringList, words);
    QFETCH(const QByteArray, shown);
    Program program;
    plantAddresses(program);
    program.environment.insert(u"NIGHTSHIFT_LOG"_s, u"debug"_s);
    program.server.otherwise = ScriptedServer::Answer{.status = 400, .body = "{\"error\":{\"message\":\"no\"}}"};
    const Ended ended = program.run(words);
    const QByteArray said = ended.out + ended.err;
    QVERIFY2(!said.contains(mark), said);
    QVERIFY2(said.contains(shown), said);
    QDirIterator logs(program.state() + "/sessions"_L1, QDir::Files, QDirIterator::Subdirectories);
    while (logs.hasNext()) {
        QFile log(logs.next());
        QVERIFY(log.open(QIODevice::ReadOnly) && !log.readAll().contains(mark));
    }
}

void tst_Keys::aRedactedBundleHoldsNoPassword()
{
    Program program;
    program.write(u"settings.py"_s, "DATABASE = 'postgres://user:PLANTED@host/db'\n"
                                    "HOOK = 'https://ci.example/x?token=PLANTED&job=1'\n");
    program.server.play({sse::command("call_1", "cat settings.py")});
    program.server.play({sse::message("msg_1", "It is postgres://user:PLANTED@host/db.")});
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    const QString id = program.logs().at(0).chopped(6).right(36);
    const QString bundle = program.work() + "/bundle.tar.gz"_L1;
    QCOMPARE(program.run({u"sessions"_s, u"export"_s, id, u"--redact"_s, u"-o"_s, bundle}).exitCode, 0);
    QProcess tar;
    tar.start(u"tar"_s, {u"-xzOf"_s, bundle});
    QVERIFY(tar.waitForFinished());
    const QByteArray whole = tar.readAllStandardOutput();
    QVERIFY(whole.contains("postgres://user:[redacted]@host/db"));
    QVERIFY(!whole.contains(mark));
}

QTEST_GUILESS_MAIN(tst_Keys)
#include "tst_keys.moc"
