#include "support/filetree.h"
#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Containment : public QObject
{
    Q_OBJECT

private slots:
    void writesOnlyWhereTheSandboxAllows_data();
    void writesOnlyWhereTheSandboxAllows();
    void refusesAPatchOutsideTheSandbox_data();
    void refusesAPatchOutsideTheSandbox();
    void hasNoNetworkUnlessItIsGiven_data();
    void hasNoNetworkUnlessItIsGiven();
    void hidesKeysFromCommands();
};

/// What each command printed, by its call.
static QByteArray outputOf(const ScriptedServer::Request &request, const QByteArray &call)
{
    const auto body = JsonDocument::parse(request.body);
    for (const JsonView item : body->root()["input"].items()) {
        if (item["call_id"].utf8() == call && item["type"].utf8().endsWith("_output")) {
            const QByteArray text = item["output"].utf8().toByteArray();
            return text.sliced(qMax(0, text.indexOf("Output:\n") + 8));
        }
    }
    return "no output of " + call;
}

void tst_Containment::writesOnlyWhereTheSandboxAllows_data()
{
    QTest::addColumn<QString>("sandbox");
    QTest::addColumn<QByteArray>("written"); // the names of the places that took a file
    QTest::newRow("read-only") << u"read-only"_s << ""_ba;
    QTest::newRow("workspace-write") << u"workspace-write"_s << "cwd tmp "_ba;
    QTest::newRow("danger-full-access") << u"danger-full-access"_s << "cwd tmp home git "_ba;
}

void tst_Containment::writesOnlyWhereTheSandboxAllows()
{
    QFETCH(const QString, sandbox);
    QFETCH(const QByteArray, written);
    Program program;
    const QByteArray mark = QFileInfo(program.home()).dir().dirName().toUtf8();
    program.environment.insert(u"MARK"_s, QString::fromUtf8(mark));
    program.server.play({sse::command("call_1", "try() { { echo x > $2; } 2>/dev/null && echo -n \"$1 \"; }\n"
                                                "try cwd file; try tmp /tmp/$MARK; try home ~/file; try git .git/file\n"
                                                "true")});
    program.server.play({sse::message("msg_1", "Tried.")});
    QCOMPARE(program.exec({u"-s"_s, sandbox, u"p"_s}).exitCode, 0);
    QCOMPARE(outputOf(program.server.requests().at(1), "call_1"), written);
    QByteArray found;
    for (const auto &[name, path] : {std::pair{"cwd ", program.work() + u"/file"_s},
                                     {"tmp ", u"/tmp/"_s + QString::fromUtf8(mark)},
                                     {"home ", program.home() + u"/file"_s},
                                     {"git ", program.work() + u"/.git/file"_s}})
        found += QFile::exists(path) ? name : "";
    QFile::remove(u"/tmp/"_s + QString::fromUtf8(mark));
    QCOMPARE(found, written);
}

void tst_Containment::refusesAPatchOutsideTheSandbox_data()
{
    QTest::addColumn<QString>("sandbox");
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("read-only, in the working tree") << u"read-only"_s << "new"_ba;
    QTest::newRow("workspace-write, in the home") << u"workspace-write"_s << "../home/new"_ba;
    QTest::newRow("workspace-write, in .git") << u"workspace-write"_s << ".git/hooks/pre-commit"_ba;
}

void tst_Containment::refusesAPatchOutsideTheSandbox()
{
    QFETCH(const QString, sandbox);
    QFETCH(const QByteArray, path);
    Program program;
    program.server.play({sse::patch("call_1", "*** Begin Patch\n*** Add File: " + path + "\n+text\n*** End Patch\n")});
    program.server.play({sse::message("msg_1", "Tried.")});
    const FileTree before = readTree(program.work());
    const Ended ended = program.exec({u"--json"_s, u"-s"_s, sandbox, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(readTree(program.work()), before);
    QCOMPARE(readTree(program.home()), FileTree());
    QVERIFY2(ended.out.contains(R"("kind":"add"}],"status":"failed"}})"), ended.out);
    QCOMPARE(program.server.violations(), QStringList());
}

void tst_Containment::hasNoNetworkUnlessItIsGiven_data()
{
    QTest::addColumn<QStringList>("flags");
    QTest::addColumn<QByteArray>("reached");
    QTest::newRow("read-only") << QStringList{u"-s"_s, u"read-only"_s} << "unreachable\n"_ba;
    QTest::newRow("workspace-write") << QStringList{u"-s"_s, u"workspace-write"_s} << "unreachable\n"_ba;
    QTest::newRow("granted") << QStringList{u"-s"_s, u"workspace-write"_s, u"-c"_s,
                                            u"sandbox_workspace_write.network_access=true"_s}
                             << "reached\n"_ba;
    QTest::newRow("danger-full-access") << QStringList{u"-s"_s, u"danger-full-access"_s} << "reached\n"_ba;
}

void tst_Containment::hasNoNetworkUnlessItIsGiven()
{
    QFETCH(const QStringList, flags);
    QFETCH(const QByteArray, reached);
    Program program;
    const QByteArray port = program.server.url().section(u':', 2).section(u'/', 0, 0).toUtf8();
    program.server.play({sse::command("call_1", "{ : > /dev/tcp/127.0.0.1/" + port +
                                                    "; } 2>/dev/null && echo reached || echo unreachable")});
    program.server.play({sse::message("msg_1", "Tried.")});
    QCOMPARE(program.exec(flags + QStringList{u"p"_s}).exitCode, 0);
    QCOMPARE(outputOf(program.server.requests().at(1), "call_1"), reached);
}

void tst_Containment::hidesKeysFromCommands()
{
    Program program;
    program.environment.insert(u"PLAIN"_s, u"seen"_s);
    program.server.play({sse::command("call_1", "echo \"$PLAIN$MOCK_KEY\"; cat /proc/[0-9]*/environ | tr '\\0' '\\n' | "
                                                "grep -c key-of-the-tests")});
    program.server.play({sse::message("msg_1", "Tried.")});
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    QCOMPARE(outputOf(program.server.requests().at(1), "call_1"), "seen\n0\n");
}

QTEST_GUILESS_MAIN(tst_Containment)
#include "tst_containment.moc"
