#include "support/service.h"
#include "support/wirespeech.h"
#include <QDir>
#include <QTest>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// No contained command sees what is ours: keys, tokens, sockets, and the state of other sessions.
class tst_Hiding : public QObject
{
    Q_OBJECT

private slots:
    void noCommandReadsOurFiles_data();
    void noCommandReadsOurFiles();
    void standardFoldersAreHiddenWhereverTheHomeIs_data() { mechanisms(); }
    void standardFoldersAreHiddenWhereverTheHomeIs();
    void theHomeOfAnotherServiceIsHidden_data() { mechanisms(); }
    void theHomeOfAnotherServiceIsHidden();
    void skillsCanBeRead_data() { mechanisms(); }
    void skillsCanBeRead();
    void aWorkspaceAroundOurFoldersIsOtherwiseWhole_data() { mechanisms(); }
    void aWorkspaceAroundOurFoldersIsOtherwiseWhole();
    void aWorkspaceThatIsOurFolderShowsOnlyWhatIsNotOurs_data() { mechanisms(); }
    void aWorkspaceThatIsOurFolderShowsOnlyWhatIsNotOurs();
    void anIsolatedSessionSeesItsOwnTreeAlone_data() { mechanisms(); }
    void anIsolatedSessionSeesItsOwnTreeAlone();
    void aContainedMcpServerReadsNothingOfOurs_data() { mechanisms(); }
    void aContainedMcpServerReadsNothingOfOurs();
    void theServiceAnswersNoContainedCommand();
    void everyRouteOverTcpAsksForAToken();
    void aFolderInsideOursIsNoWorkspaceWhereItHoldsSessions_data() { mechanisms(); }
    void aFolderInsideOursIsNoWorkspaceWhereItHoldsSessions();

private:
    static void mechanisms();
};

static bool hasLandlock()
{
    return syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) >= 6;
}

void tst_Hiding::mechanisms()
{
    QTest::addColumn<QString>("mechanism");
    QTest::newRow("bubblewrap") << u"bubblewrap"_s;
    if (hasLandlock())
        QTest::newRow("landlock") << u"landlock"_s;
}

static const QByteArray mark = "PLANTED";

/// Fills a folder of ours as runs, logins and the service do.
static void plant(const Program &program, const QString &folder)
{
    for (const char *name :
         {"auth.json", "tokens.json", "p.config.toml", "history.jsonl", "sessions/2026/01/01/rollout-x.jsonl",
          "archived_sessions/rollout-y.jsonl", "artifacts/id/files/report.md", "isolation/other/copy/tree/file",
          "serve/token", "serve/webhooks/secret.json", "serve/uploads/one", "serve/answers/one", "notes.txt"})
        program.write(folder + u'/' + QLatin1StringView(name), mark + '-' + name + '\n');
}

static QStringList contained(const QString &mode, bool online, const QString &script)
{
    QStringList words{u"sandbox"_s, u"--mode"_s, mode};
    if (online)
        words += {u"-c"_s, u"sandbox_workspace_write.network_access=true"_s};
    return words + QStringList{u"--"_s, u"bash"_s, u"-c"_s, script};
}

void tst_Hiding::noCommandReadsOurFiles_data()
{
    QTest::addColumn<QString>("mechanism");
    QTest::addColumn<QString>("mode");
    QTest::addColumn<bool>("online");
    for (const char *mechanism : {"bubblewrap", "landlock"}) {
        if (mechanism == "landlock"_L1 && !hasLandlock())
            continue;
        const QString name = QLatin1StringView(mechanism);
        QTest::addRow("%s, read-only", mechanism) << name << u"read-only"_s << false;
        QTest::addRow("%s, workspace-write", mechanism) << name << u"workspace-write"_s << false;
        QTest::addRow("%s, with network", mechanism) << name << u"workspace-write"_s << true;
    }
}

void tst_Hiding::noCommandReadsOurFiles()
{
    QFETCH(const QString, mechanism);
    QFETCH(const QString, mode);
    QFETCH(const bool, online);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"FOLDER"_s, program.state());
    plant(program, u"../state"_s);
    program.write(u"../state/config.toml"_s, program.read(u"../state/config.toml"_s) + "# PLANTED\n");
    const QString script =
        u"cd \"$FOLDER\"; grep -rs PLANTED . \"$FOLDER\" /proc/self/root\"$FOLDER\" /proc/*/root\"$FOLDER\"; "
        "for f in $(find /proc/self/root\"$FOLDER\" -type f 2>/dev/null); do cat $f 2>/dev/null; done; "
        "exec 3< \"$FOLDER/auth.json\" && cat <&3; mv \"$FOLDER\" x; ln \"$FOLDER/auth.json\" y; "
        "cp \"$FOLDER/serve/token\" z; echo new > \"$FOLDER/config.toml\"; cat x y z; true"_s;
    const Ended ended = program.run(contained(mode, online, script));
    QCOMPARE(ended.exitCode, 0);
    QVERIFY2(!ended.out.contains(mark), ended.out);
    QVERIFY(program.read(u"../state/config.toml"_s).contains(mark)); // and it is as it was
    QCOMPARE(program.read(u"../state/auth.json"_s), "PLANTED-auth.json\n"_ba);
}

void tst_Hiding::standardFoldersAreHiddenWhereverTheHomeIs()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"XDG_STATE_HOME"_s, program.home() + "/xdg-state"_L1);
    program.environment.insert(u"XDG_RUNTIME_DIR"_s, program.home() + "/run"_L1);
    for (const char *folder : {".codex", ".config/nightshift", ".local/state/nightshift", "xdg-state/nightshift"})
        plant(program, u"../home/"_s + QLatin1StringView(folder));
    program.write(u"../home/run/nightshift/token"_s, mark);
    const Ended ended = program.run(contained(u"workspace-write"_s, false, u"grep -rs PLANTED ~; true"_s));
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(ended.out, ""_ba);
}

void tst_Hiding::theHomeOfAnotherServiceIsHidden()
{
    QFETCH(const QString, mechanism);
    Service other;
    plant(other.program, u"../state"_s);
    other.start();
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"FOLDER"_s, other.program.state());
    const Ended ended = program.run(contained(u"workspace-write"_s, true, u"grep -rs PLANTED \"$FOLDER\"; true"_s));
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(ended.out, ""_ba);
}

void tst_Hiding::skillsCanBeRead()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"FOLDER"_s, program.state());
    program.write(u"../state/skills/one/SKILL.md"_s, "a skill\n");
    program.write(u"../state/AGENTS.md"_s, "for agents\n");
    const Ended ended = program.run(
        contained(u"read-only"_s, false,
                  u"cat \"$FOLDER/skills/one/SKILL.md\" \"$FOLDER/AGENTS.md\"; echo x > \"$FOLDER/AGENTS.md\""_s));
    QCOMPARE(ended.out, "a skill\nfor agents\n"_ba);
    QCOMPARE(ended.exitCode, 1);
}

/// The user's home as workspace, with the standard folders in it.
void tst_Hiding::aWorkspaceAroundOurFoldersIsOtherwiseWhole()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.remove(u"CODEX_HOME"_s);
    program.environment.insert(u"XDG_STATE_HOME"_s, program.work() + "/.local/state"_L1);
    program.environment.insert(u"XDG_CONFIG_HOME"_s, program.work() + "/.config"_L1);
    plant(program, u".local/state/nightshift"_s);
    program.write(u".config/nightshift/config.toml"_s, "# PLANTED\n");
    program.write(u".config/other/file"_s, "of another program\n");
    const QString script = u"cat .config/other/file; echo new > file; cat file; echo new > .config/file; cat < "
                           u".config/file; mkdir -p d/e; "
                           "echo deep > d/e/f; cat d/e/f; mv d/e/f .config/other/g; cat .config/other/g; "
                           "mv .local x; mv .config y; mv .local/state z; mv .config/nightshift z; "
                           "mv -T --exchange .local d; ln -s .local/state/nightshift link; grep -rs PLANTED . link/; "
                           "echo evil > .config/nightshift/config.toml; true"_s;
    const Ended ended = program.run(contained(u"workspace-write"_s, false, script));
    QCOMPARE(ended.out, "of another program\nnew\nnew\ndeep\ndeep\n"_ba);
    QCOMPARE(ended.exitCode, 0);
    QCOMPARE(program.read(u".config/nightshift/config.toml"_s), "# PLANTED\n"_ba);
    QCOMPARE(program.read(u".local/state/nightshift/auth.json"_s), "PLANTED-auth.json\n"_ba);
    const Ended next = program.run(contained(u"workspace-write"_s, false, u"grep -rs PLANTED .; true"_s));
    QCOMPARE(next.out, ""_ba);
}

void tst_Hiding::aWorkspaceThatIsOurFolderShowsOnlyWhatIsNotOurs()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"CODEX_HOME"_s, program.work());
    plant(program, u"."_s);
    const Ended ended = program.run(contained(u"workspace-write"_s, false, u"grep -rs PLANTED .; true"_s));
    QCOMPARE(ended.out, "./notes.txt:PLANTED-notes.txt\n"_ba);
}

void tst_Hiding::anIsolatedSessionSeesItsOwnTreeAlone()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"FOLDER"_s, program.state());
    plant(program, u"../state"_s);
    program.write(u"mine"_s, "my file\n");
    program.server.play(
        {sse::command("call_1", "cat mine; echo written > new; cat new; mkdir d; cp /bin/true d; d/true && "
                                "echo ran; grep -rs PLANTED \"$FOLDER\"; echo end")});
    program.server.play({sse::message("msg_1", "Done.")});
    const Ended ended =
        program.exec({u"-s"_s, u"workspace-write"_s, u"--isolation"_s, u"copy"_s, u"--diff"_s, u"../diff"_s, u"p"_s});
    QCOMPARE(ended.exitCode, 0);
    const QByteArray body = program.server.requests().at(1).body;
    QVERIFY2(body.contains("my file\\nwritten\\nran\\nend"), body);
    QVERIFY(program.read(u"../diff"_s).contains("+written"));
}

void tst_Hiding::aContainedMcpServerReadsNothingOfOurs()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    plant(program, u"../state"_s);
    program.write(u"../state/servers/one.sh"_s, "cat \"$1/auth.json\" \"$1/serve/token\" > \"$2/read\" 2> /dev/null\n"
                                                "echo ran >> \"$2/read\"\n");
    program.write(
        u"../state/config.toml"_s,
        program.read(u"../state/config.toml"_s) +
            "[mcp_servers.one]\ncommand = \"bash\"\nsandbox = \"workspace-write\"\n"
            "args = [\"" +
            (program.state() + "/servers/one.sh\", \""_L1 + program.state() + "\", \""_L1 + program.work()).toUtf8() +
            "\"]\n");
    std::ignore = program.run({u"mcp"_s, u"test"_s, u"one"_s});
    QCOMPARE(program.read(u"read"_s), "ran\n"_ba);
}

/// Another name of the socket leads to the service, too; it knows whom it may not trust.
void tst_Hiding::theServiceAnswersNoContainedCommand()
{
    Service service;
    service.start();
    const QString socket = service.program.home() + "/nightshift/http.sock"_L1;
    const QString other = service.program.work() + "/other.sock"_L1;
    QCOMPARE(link(QFile::encodeName(socket).constData(), QFile::encodeName(other).constData()), 0);
    service.program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, u"bubblewrap"_s);
    const auto ask = [&](const QString &path) {
        return service.program
            .run(contained(u"workspace-write"_s, true,
                           u"curl -s -m 5 -w ' %{http_code}' --unix-socket '"_s + path +
                               u"' http://localhost/v1/info"_s))
            .out;
    };
    QCOMPARE(ask(socket), " 000"_ba);
    QVERIFY2(ask(other).endsWith(" 401"), ask(other));
    QCOMPARE(service.get("/v1/info").status, 200);
}

void tst_Hiding::everyRouteOverTcpAsksForAToken()
{
    Service service({u"--listen"_s, u"127.0.0.1:0"_s});
    service.start();
    service.token.clear();
    const auto api = JsonDocument::parse(service.get("/openapi.json").body);
    QVERIFY(api);
    int routes = 0;
    for (const auto &[path, methods] : api->root()["paths"].members()) {
        if (!path.startsWith("/v1"_L1))
            continue;
        QByteArray target = path.toUtf8();
        for (qsizetype at; (at = target.indexOf('{')) >= 0;)
            target.replace(at, target.indexOf('}', at) - at + 1, "01a22e7c-1fc2-7f7f-8d8f-09df2e4d6b75");
        for (const auto &[method, description] : methods.members()) {
            if (method != "get"_L1 && method != "post"_L1 && method != "patch"_L1 && method != "delete"_L1)
                continue;
            const QByteArray body = method == "post"_L1 || method == "patch"_L1 ? "{}" : "";
            const Reply reply = service.send(method.toUpper().toUtf8(), target, body);
            QVERIFY2(reply.status == 401, method.toUtf8() + ' ' + target + ": " + QByteArray::number(reply.status));
            ++routes;
        }
    }
    QVERIFY(routes > 30);
}

void tst_Hiding::aFolderInsideOursIsNoWorkspaceWhereItHoldsSessions()
{
    QFETCH(const QString, mechanism);
    Program program;
    program.environment.insert(u"NIGHTSHIFT_SANDBOX_MECHANISM"_s, mechanism);
    program.environment.insert(u"CODEX_HOME"_s, program.work());
    plant(program, u"."_s);
    for (const char *folder : {"sessions", "serve", "isolation", "isolation/other"}) {
        const QString cwd = program.work() + u'/' + QLatin1StringView(folder);
        const QStringList words{u"sandbox"_s, u"--mode"_s, u"workspace-write"_s, u"-C"_s, cwd, u"--"_s,
                                u"grep"_s,    u"-rs"_s,    u"PLANTED"_s,         u"."_s,  cwd};
        const Ended ended = program.run(words);
        QVERIFY2(!ended.out.contains(mark), ended.out);
    }
}

QTEST_GUILESS_MAIN(tst_Hiding)
#include "tst_hiding.moc"
