#include "support/filetree.h"
#include "support/program.h"
#include "support/scriptbatch.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What a batch script may do that its user did not allow: nothing beyond its folder and the command line's sandbox.
class tst_Scripts : public QObject
{
    Q_OBJECT

private slots:
    void startsNothingOutsideOfTheSandbox_data();
    void startsNothingOutsideOfTheSandbox();
    void startsNothingThatOnlyAProjectOrProviderNames_data();
    void startsNothingThatOnlyAProjectOrProviderNames();
    void letsNoCommandLeaveTheSandbox_data();
    void letsNoCommandLeaveTheSandbox();
    void keepsTheSandboxThatTheCommandLineNames();
    void readsNothingOutsideOfItsFolder_data();
    void readsNothingOutsideOfItsFolder();
    void goesOnWithNoSessionOfAnotherFolder();
    void writesNothingOutsideOfItsOutput_data();
    void writesNothingOutsideOfItsOutput();
    void asksForWhatWasWrittenWhateverAPrototypeSays_data();
    void asksForWhatWasWrittenWhateverAPrototypeSays();
};

using Request = ScriptedServer::Request;

static constexpr auto secret = "SECRET-4711";

/// `MARK` is a file that nothing may make; `n` is the host module.
static Ended runScript(Program &program, QByteArray body, const QStringList &options = {})
{
    body.replace("MARK", program.home().toUtf8() + "/mark");
    program.write(u"s.js"_s, script(body));
    return program.run(QStringList{u"batch"_s, u"s.js"_s} + options);
}

static bool isMarked(const Program &program)
{
    return QFile::exists(program.home() + u"/mark"_s);
}

void tst_Scripts::startsNothingOutsideOfTheSandbox_data()
{
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &body) { QTest::newRow(name) << body; };
    row("a check with full access", "return n.run('x', { sandbox: 'danger-full-access', check: ['touch', 'MARK'] });");
    row("a check in a folder of others",
        "return n.run('x', { cwd: '/', sandbox: 'workspace-write', check: ['touch', 'MARK'] });");
    row("a check in the home",
        "return n.run('x', { cwd: '../home', sandbox: 'workspace-write', check: ['touch', 'mark'] });");
    row("a check of bestOf",
        "return n.bestOf(1, { prompt: 'x', sandbox: 'danger-full-access', check: ['touch', 'MARK'] });");
    row("a check of a batch", "return n.batch({ items: [{}], prompt: 'x', session: { sandbox: 'danger-full-access' },\n"
                              "  check: ['touch', 'MARK'] });");
    row("a check of a batch's item",
        "return n.batch({ items: [{ check: ['touch', 'MARK'] }], prompt: 'x', session: { cwd: '/', sandbox: "
        "'workspace-write' } });");
    row("a session", "const s = n.session({ sandbox: 'danger-full-access' });\nreturn s.send('x');");
    row("a fork", "const s = n.session({ sandbox: 'danger-full-access' });\nawait s.fork();");
    row("exec", "return n.exec(['touch', 'MARK']);");
}

void tst_Scripts::startsNothingOutsideOfTheSandbox()
{
    QFETCH(const QByteArray, body);
    Program program;
    const QByteArray touch = "touch " + program.home().toUtf8() + "/mark";
    program.server.script = [&](const Request &request) {
        return hasRun(request) ? saying("done") : answer(sse::command("c1", touch));
    };
    const Ended ended = runScript(program, body);
    QVERIFY2(!isMarked(program), ended.err);
    QVERIFY2(ended.exitCode == 70 && ended.err.contains("--allow-exec"), ended.err);
    if (body.startsWith("return n.run"))
        QCOMPARE(runScript(program, body, {u"--allow-exec"_s}).exitCode, 0);
    if (body.startsWith("return n.run"))
        QVERIFY(isMarked(program));
}

void tst_Scripts::startsNothingThatOnlyAProjectOrProviderNames_data()
{
    QTest::addColumn<QString>("file"); // of the folder sub
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("options");
    const QByteArray below = "cwd: 'sub'";
    QTest::newRow("an MCP server") << u"config.toml"_s << "[mcp_servers.m]\ncommand = \"touch\"\nargs = [\"MARK\"]\n"_ba
                                   << below;
    QTest::newRow("a hook")
        << u"hooks.json"_s << R"({"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"touch MARK"}]}]}})"_ba
        << below;
    QTest::newRow("a rule") << u"rules/a.rules"_s << "prefix_rule(pattern=[\"touch\"], decision=\"allow\")\n"_ba
                            << below;
    QTest::newRow("an auth command") << u"unused"_s << ""_ba << "provider: 'other'"_ba;
}

void tst_Scripts::startsNothingThatOnlyAProjectOrProviderNames()
{
    QFETCH(const QString, file);
    QFETCH(QByteArray, text);
    QFETCH(const QByteArray, options);
    Program program;
    program.server.otherwise = saying("done");
    const QByteArray mark = program.home().toUtf8() + "/mark";
    makeTree(program.work(),
             {{u".git/HEAD"_s, "ref: refs/heads/main\n"}, {u"sub/.codex/"_s + file, text.replace("MARK", mark)}});
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) + "\n[projects.\"" +
                                                 program.work().toUtf8() + "\"]\ntrust_level = \"trusted\"\n");
    const Ended ended = runScript(
        program, "return n.run('x', { " + options + " });",
        {u"-c"_s, u"model_providers.other={name=\"other\",base_url=\"http://127.0.0.1:1\",request_max_retries=0,"
                  "auth={command=\"touch\",args=[\"%1\"]}}"_s.arg(QString::fromUtf8(mark))});
    QVERIFY2(!isMarked(program), ended.err);
    QVERIFY2(ended.exitCode == 70 && ended.err.contains("--allow-exec"), ended.err);
}

void tst_Scripts::letsNoCommandLeaveTheSandbox_data()
{
    QTest::addColumn<QByteArray>("hooks");
    QTest::newRow("by agreeing") << "onApproval: a => n.allow()"_ba;
    QTest::newRow("by another command") << "onApproval: a => n.rewrite({ command: 'touch MARK' })"_ba;
    QTest::newRow("by silence that agrees") << "onApproval: a => n.ask({ wait_s: 0, default: 'allow' })"_ba;
    QTest::newRow("in the words of others")
        << "onApproval: a => ({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: { behavior: 'allow' } } })"_ba;
    QTest::newRow("before anybody asks") << "onCommand: c => n.ask({ wait_s: 0, default: 'allow' })"_ba;
}

void tst_Scripts::letsNoCommandLeaveTheSandbox()
{
    QFETCH(const QByteArray, hooks);
    Program program;
    const QByteArray arguments = json::object({{"cmd", "touch " + program.home().toUtf8() + "/mark"},
                                               {"sandbox_permissions", "require_escalated"},
                                               {"justification", "it belongs there"}})
                                     .text;
    program.server.script = [&](const Request &request) {
        return hasRun(request) ? saying("Done.") : answer(sse::call("c1", "exec_command", arguments));
    };
    const QByteArray body = "n.hooks({ " + hooks + " });\nreturn (await n.run('x', { approval: 'on-request' })).text;";
    const Ended ended = runScript(program, body);
    QVERIFY2(!isMarked(program), ended.err);
    QCOMPARE(ended.out, QByteArray("\"Done.\"\n"));
}

void tst_Scripts::keepsTheSandboxThatTheCommandLineNames()
{
    Program program;
    program.server.otherwise = saying("done");
    const QByteArray body = "return (await n.run('x', { sandbox: 'workspace-write', check: ['touch', 'made'] })).ok;";
    const Ended named = runScript(program, body, {u"-s"_s, u"read-only"_s});
    QVERIFY2(named.exitCode == 70 && named.err.contains("the sandbox workspace-write is more than"), named.err);
    QVERIFY(!QFile::exists(program.work() + u"/made"_s));
    const Ended unnamed = runScript(program, body);
    QVERIFY2(unnamed.exitCode == 0, unnamed.err);
    QVERIFY(QFile::exists(program.work() + u"/made"_s));
}

void tst_Scripts::readsNothingOutsideOfItsFolder_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("a file") << "return n.read.text('../home/secret');"_ba;
    QTest::newRow("a link") << "return n.read.text('link');"_ba;
    QTest::newRow("a folder that is a link") << "return n.read.text('folder/secret');"_ba;
    QTest::newRow("a table") << "return n.read.csv('link', { header: false });"_ba;
    QTest::newRow("a template") << "return n.template('{{file:link}}', {});"_ba;
    QTest::newRow("a batch's prompt") << "return n.batch({ items: [{}], prompt: '{{file:link}}' });"_ba;
    QTest::newRow("a batch's check") << "return n.batch({ items: [{}], prompt: 'x', check: ['{{file:link}}'] });"_ba;
    QTest::newRow("a batch's input") << "return n.batch({ items: [{ vars: {}, inputs: ['link'] }], prompt: 'x' });"_ba;
    QTest::newRow("a batch's attachment")
        << "return n.batch({ items: [{}], prompt: 'x', session: { attachments: ['link'] } });"_ba;
    QTest::newRow("a session's input")
        << "return n.session().send([{ type: 'file', path: 'link' }, { type: 'text', text: 'x' }]);"_ba;
    QTest::newRow("names") << "return n.glob('*', { cwd: 'folder' });"_ba;
    QTest::newRow("instructions of another folder") << "return n.run('x', { cwd: '../home' });"_ba;
}

void tst_Scripts::readsNothingOutsideOfItsFolder()
{
    QFETCH(const QByteArray, body);
    Program program;
    program.server.otherwise = saying("done");
    makeTree(program.work(), {{u"link"_s, "-> ../home/secret"}, {u"folder"_s, "-> ../home"}});
    makeTree(program.home(), {{u"secret"_s, secret}, {u"AGENTS.md"_s, secret}});
    const Ended ended = runScript(program, body);
    QVERIFY2(!ended.out.contains(secret) && !ended.err.contains(secret), ended.out + ended.err);
    QVERIFY2(ended.exitCode == 70 && ended.err.contains("--allow-read DIR"), ended.err);
    QCOMPARE(program.server.requests().size(), size_t(0));
}

void tst_Scripts::goesOnWithNoSessionOfAnotherFolder()
{
    Program program;
    program.server.otherwise = saying(secret);
    makeTree(program.home(), {{u"elsewhere/a.txt"_s, ""}});
    QCOMPARE(program.exec({u"-C"_s, program.home() + u"/elsewhere"_s, u"--skip-git-repo-check"_s, u"p"_s}).exitCode, 0);
    const QByteArray id = program.logs().front().section(u'-', -5).chopped(6).toUtf8();
    program.server.otherwise = saying("done");
    const Ended ended = runScript(program, "const s = n.session({ id: '" + id + "' });\nreturn s.send('go on');");
    QVERIFY2(ended.exitCode == 70 && ended.err.contains("worked elsewhere"), ended.err);
    QCOMPARE(program.server.requests().size(), size_t(1));
}

void tst_Scripts::writesNothingOutsideOfItsOutput_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<FileTree>("files");
    QTest::newRow("above") << "../x"_ba << FileTree();
    QTest::newRow("absolute") << "/x"_ba << FileTree();
    QTest::newRow("a link that leads nowhere") << "mark"_ba << FileTree{{u"out/mark"_s, "-> ../../home/mark"}};
    QTest::newRow("a folder that is a link") << "f/mark"_ba << FileTree{{u"out/f"_s, "-> ../../home"}};
    QTest::newRow("settings") << "a/.codex/config.toml"_ba << FileTree();
    QTest::newRow("a repository") << ".git/config"_ba << FileTree();
    QTest::newRow("the journal") << ".nightshift/spec.json"_ba << FileTree();
}

void tst_Scripts::writesNothingOutsideOfItsOutput()
{
    QFETCH(const QByteArray, path);
    QFETCH(const FileTree, files);
    Program program;
    makeTree(program.work(), files);
    const FileTree before = readTree(program.home());
    const Ended ended = runScript(program, "n.write.text('" + path + "', 'x');");
    QCOMPARE(readTree(program.home()), before);
    if (path != "mark") // there the link gives way
        QVERIFY2(ended.exitCode == 70, ended.err);
    const Ended results = runScript(program, "return 1;");
    QVERIFY2(results.exitCode == 0, results.err);
    QFile::remove(program.work() + u"/out/results.csv"_s);
    QFile::link(program.home() + u"/mark"_s, program.work() + u"/out/results.csv"_s);
    runScript(program, "return 1;");
    QCOMPARE(readTree(program.home()), before);
}

void tst_Scripts::asksForWhatWasWrittenWhateverAPrototypeSays_data()
{
    QTest::addColumn<QByteArray>("pollution");
    QTest::newRow("a value") << "Object.prototype.sandbox = 'workspace-write';"_ba;
    QTest::newRow("a setter")
        << "Object.defineProperty(Object.prototype, 'sandbox', { set(v) { }, get() { return 'workspace-write'; } });"_ba;
    QTest::newRow("a function")
        << "JSON.stringify = () => '{\"options\":{\"prompt\":\"x\",\"sandbox\":\"workspace-write\"}}';"_ba;
    QTest::newRow("toJSON") << "Object.prototype.toJSON = function () { return this.prompt ? { prompt: 'x', sandbox: "
                               "'workspace-write' } : this; };"_ba;
}

void tst_Scripts::asksForWhatWasWrittenWhateverAPrototypeSays()
{
    QFETCH(const QByteArray, pollution);
    Program program;
    program.server.otherwise = saying("done");
    const Ended ended =
        runScript(program, pollution + "\nreturn (await n.run('x', { sandbox: 'read-only', check: ['touch', "
                                       "'made'] })).ok;");
    QVERIFY2(!QFile::exists(program.work() + u"/made"_s), ended.out + ended.err);
    QVERIFY2(ended.exitCode != 0, ended.out);
}

QTEST_GUILESS_MAIN(tst_Scripts)
#include "tst_scripts.moc"
