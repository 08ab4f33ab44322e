#include "support/program.h"
#include <QDirIterator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Secrets : public QObject
{
    Q_OBJECT

private slots:
    void keysAreNowhereButInTheirHeaders_data();
    void keysAreNowhereButInTheirHeaders();
};

// Planted where a key may be; what all of them have in common is looked for everywhere.
static const QByteArray mark = "PLANTED";

void tst_Secrets::keysAreNowhereButInTheirHeaders_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::newRow("for people") << QStringList();
    QTest::newRow("events") << QStringList{u"--json"_s};
    QTest::newRow("older protocol") << QStringList{u"--json=protocol"_s};
    QTest::newRow("without a sandbox") << QStringList{u"-s"_s, u"danger-full-access"_s};
}

static void plant(Program &program)
{
    program.environment.insert(u"MOCK_KEY"_s, u"PLANTED-of-the-provider"_s);
    program.environment.insert(u"OPENAI_API_KEY"_s, u"PLANTED-of-openai"_s);
    program.environment.insert(u"GITHUB_TOKEN"_s, u"PLANTED-of-github"_s);
    program.environment.insert(u"HEADER_SECRET"_s, u"PLANTED-of-a-header"_s);
    program.write(u"../state/auth.json"_s, R"({"OPENAI_API_KEY":"PLANTED-of-auth-json"})");
    program.write(u"../state/config.toml"_s,
                  program.read(u"../state/config.toml"_s) +
                      "http_headers = { x-key = \"PLANTED-of-http-headers\" }\n"
                      "env_http_headers = { x-other = \"HEADER_SECRET\" }\n"
                      "[model_providers.unused]\nname = \"unused\"\nbase_url = \"http://127.0.0.1:1\"\n"
                      "experimental_bearer_token = \"PLANTED-of-another\"\n");
}

/// What is on disk below a folder, but for what was planted there.
static QByteArray filesBelow(const QString &folder)
{
    QByteArray all;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        const bool planted = file.fileName().endsWith("/config.toml"_L1) || file.fileName().endsWith("/auth.json"_L1);
        if (!planted && file.open(QIODevice::ReadOnly))
            all += file.readAll();
    }
    return all;
}

void tst_Secrets::keysAreNowhereButInTheirHeaders()
{
    QFETCH(const QStringList, options);
    Program program;
    plant(program);
    // What a careless server does: it repeats the key in its error, once to be tried again, once for good.
    const QByteArray repeated = R"({"error":{"message":"Incorrect API key PLANTED-of-the-provider, header )"
                                R"(PLANTED-of-http-headers, other PLANTED-of-a-header","code":"server_error"}})";
    program.server.play({sse::command("call_1", "env; export -p; cat /proc/self/environ /proc/$PPID/environ "
                                                "/proc/1/environ 2>/dev/null | tr '\\0' '\\n'; echo end")});
    program.server.play({.status = 500, .body = repeated});
    program.server.play({.status = 401, .body = repeated});
    const Ended ended = program.exec(options + QStringList{u"-o"_s, u"answer.txt"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 1);
    QVERIFY(program.server.requests().size() >= 3);
    for (const ScriptedServer::Request &request : program.server.requests()) {
        QCOMPARE(request.headers.value("authorization"), "Bearer PLANTED-of-the-provider"_ba);
        QVERIFY(!request.body.contains(mark));
    }
    const auto found = [](const QByteArray &text) {
        const qsizetype at = text.indexOf(mark);
        return at < 0 ? QByteArray() : text.sliced(qMax(0, at - 100), qMin(200, text.size() - qMax(0, at - 100)));
    };
    QCOMPARE(found(ended.out), QByteArray());
    QCOMPARE(found(ended.err), QByteArray());
    QCOMPARE(found(filesBelow(program.state())), QByteArray());
    QCOMPARE(found(filesBelow(program.work())), QByteArray());
}

QTEST_GUILESS_MAIN(tst_Secrets)
#include "tst_secrets.moc"
