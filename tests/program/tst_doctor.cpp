#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// `nightshift doctor`: what is wrong with this machine, and how to mend it.
class tst_Doctor : public QObject
{
    Q_OBJECT

private slots:
    void isContentWithAGoodMachine();
    void saysHowToMend_data();
    void saysHowToMend();
    void warnsWithoutFailing();
    void reportsAsJson();
    void needsNothingForTheDemonstration();
    void showsNoKey();
};

static void answer(Program &program, int status)
{
    program.server.routes["GET /v1/models"] = {.status = status, .body = R"({"data":[]})"};
}

/// The report with the line of the sandbox left out: whether there is one is the machine's affair.
static QByteArray report(const Program &program, const Ended &ended)
{
    QByteArrayList lines = program.plain(ended.out).split('\n');
    lines.removeIf([](const QByteArray &line) { return line.contains(" sandbox "); });
    return lines.join('\n');
}

void tst_Doctor::isContentWithAGoodMachine()
{
    Program program;
    answer(program, 200);
    const Ended ended = program.run({u"doctor"_s, u"-s"_s, u"read-only"_s});
    QCOMPARE(report(program, ended), "ok       settings  STATE/config.toml\n"
                                     "ok       sessions  recorded in STATE/sessions\n"
                                     "ok       git       the repository WORK\n"
                                     "ok       key       there is one for the provider mock\n"
                                     "ok       provider  mock answers at SERVER\n");
    QVERIFY2(ended.out.contains("ok       sandbox   a command ran in it, in mode read-only\n"), ended.out);
    QCOMPARE(ended.err, "");
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.server.routed(), QByteArrayList{"GET /v1/models"});
    QVERIFY(program.logs().isEmpty());
}

void tst_Doctor::saysHowToMend_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("expected");
    const QStringList none;
    QTest::newRow("no key") << u"MOCK_KEY"_s << u""_s << none << 200
                            << "error    key       Missing environment variable: `MOCK_KEY`.\n"_ba;
    QTest::newRow("a key that is refused")
        << u"X"_s << u""_s << none << 401
        << "error    provider  mock at SERVER refuses the key (status 401)\n"
           "                   → check that the key belongs to this provider and is still valid\n"_ba;
    QTest::newRow("nobody there")
        << u"X"_s << u""_s << QStringList{u"-c"_s, u"model_providers.mock.base_url=http://127.0.0.1:1/v1"_s} << 200
        << "error    provider  mock cannot be reached: http://127.0.0.1:1/v1/models: Connection refused\n"
           "                   → check the network, base_url, HTTPS_PROXY and NO_PROXY, and for certificates "
           "NIGHTSHIFT_CA_FILE\n"_ba;
    QTest::newRow("settings that cannot be read")
        << u"X"_s << u""_s << QStringList{u"-c"_s, u"sandbox_mode=loose"_s} << 200
        << "error    settings  -c: `sandbox_mode` is \"loose\", expected one of read-only, workspace-write, "
           "danger-full-access\n"_ba;
}

void tst_Doctor::saysHowToMend()
{
    QFETCH(const QString, variable);
    QFETCH(const QString, value);
    QFETCH(const QStringList, arguments);
    QFETCH(const int, status);
    QFETCH(const QByteArray, expected);
    Program program;
    answer(program, status);
    program.environment.insert(variable, value);
    const Ended ended = program.run(QStringList{u"doctor"_s} + arguments);
    QVERIFY2(report(program, ended).contains(expected), ended.out);
    QCOMPARE(ended.exitCode, 1);
}

void tst_Doctor::warnsWithoutFailing()
{
    Program program;
    answer(program, 503);
    const Ended ended =
        program.run({u"doctor"_s, u"-C"_s, u"/"_s, u"-s"_s, u"danger-full-access"_s, u"-c"_s, u"bogus=1"_s});
    const QByteArray text = program.plain(ended.out);
    for (const char *line :
         {"warning  settings  nightshift is ignoring 1 unrecognized configuration setting: `bogus` (-c)\n",
          "warning  git       / is in no Git repository\n",
          "warning  sandbox   commands run without one: sandbox_mode is danger-full-access\n",
          "warning  provider  mock at SERVER has trouble (status 503)\n"})
        QVERIFY2(text.contains(line), text);
    QCOMPARE(ended.exitCode, 0);
}

void tst_Doctor::reportsAsJson()
{
    Program program;
    answer(program, 401);
    const Ended ended = program.run({u"doctor"_s, u"--json"_s});
    const auto document = JsonDocument::parse(ended.out);
    QVERIFY2(document, ended.out);
    QCOMPARE(document->root()["ok"].isBool(), true);
    QCOMPARE(document->root()["ok"].toBool(), false);
    QStringList checks;
    for (const JsonView check : document->root()["checks"].items())
        checks += check["check"].toString();
    QCOMPARE(checks, (QStringList{u"settings"_s, u"sessions"_s, u"git"_s, u"sandbox"_s, u"key"_s, u"provider"_s}));
    const JsonView last = document->root()["checks"][5];
    QCOMPARE(last["status"].toString(), u"error"_s);
    QVERIFY(!last["cure"].toString().isEmpty());
    QCOMPARE(ended.out.count('\n'), 1);
    QCOMPARE(ended.exitCode, 1);
}

void tst_Doctor::needsNothingForTheDemonstration()
{
    Program program;
    const Ended ended = program.run({u"doctor"_s, u"--provider"_s, u"demo"_s, u"-m"_s, u"demo"_s});
    QVERIFY2(ended.out.contains("ok       provider  demo is part of the program\n"), ended.out);
    QCOMPARE(ended.exitCode, 0);
}

void tst_Doctor::showsNoKey()
{
    Program program;
    answer(program, 200);
    const Ended ended = program.run({u"doctor"_s});
    QVERIFY(!ended.out.contains("key-of-the-tests") && !ended.err.contains("key-of-the-tests"));
}

QTEST_GUILESS_MAIN(tst_Doctor)
#include "tst_doctor.moc"
