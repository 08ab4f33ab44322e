#include "support/program.h"
#include "support/terminal.h"
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// What models, commands and files say, where a terminal or a CI runner would obey it and where a person decides by it.
class tst_Terminals : public QObject
{
    Q_OBJECT

private slots:
    void givesNoRunnerACommand_data();
    void givesNoRunnerACommand();
    void givesNoRunnerTheKeysOfABatch();
    void givesProgramsTheAnswerByteForByte();
    void givesJsonTheSameMeaningUnderARunner();
    void printsNoControlsAsMarkdown();
    void printsNoControlsOnATerminal_data();
    void printsNoControlsOnATerminal();
    void spellsOutWhatHidesInACommand();
};

static const QByteArray commands = "::error::x\n  ::add-mask::x\n##[error]x\na ##vso[task.complete]x\n"
                                   "##teamcity[message text='x']\nsection_start:1:a\rb\nc\r::stop-commands::x\n";

/// Lines, however they end, that a runner obeys.
static QStringList obeyed(const QByteArray &output)
{
    static const QRegularExpression lineEnd(u"[\\n\\r\\x{2028}\\x{2029}\\x85]"_s);
    static const QRegularExpression command(u"^\\s*(::[\\w-]+.*::|section_(start|end):)|##\\w*\\["_s);
    return QString::fromUtf8(output).split(lineEnd).filter(command);
}

static void play(Program &program, const QByteArray &answer)
{
    program.write(u"::error::name"_s, commands);
    program.server.play({sse::reasoning("r1", commands), sse::command("c1", "cat ::error::name; cat ::error::name >&2"),
                         sse::command("::error::c2", "::error::no"), sse::completed()});
    program.server.play({sse::message("m1", answer), sse::completed()});
}

void tst_Terminals::givesNoRunnerACommand_data()
{
    QTest::addColumn<QString>("variable");
    for (const char *name : {"GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "BUILDKITE", "APPVEYOR",
                             "DRONE", "CIRCLECI", "CI"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void tst_Terminals::givesNoRunnerACommand()
{
    QFETCH(QString, variable);
    Program program;
    program.environment.insert(variable, u"true"_s);
    play(program, commands);
    const Ended ended = program.exec({QString::fromUtf8(commands)});
    QCOMPARE(ended.exitCode, 0);
    QVERIFY(ended.err.contains("add-mask"));
    QCOMPARE(obeyed(ended.out), QStringList());
    QCOMPARE(obeyed(ended.err), QStringList());
    const Ended shown = program.run({u"sessions"_s, u"list"_s});
    QCOMPARE(obeyed(shown.out + shown.err), QStringList());
    const Ended wrong = program.exec({u"-C"_s, u"\n::error::x"_s, u"p"_s});
    QCOMPARE(obeyed(wrong.out + wrong.err), QStringList());
}

void tst_Terminals::givesNoRunnerTheKeysOfABatch()
{
    Program program;
    program.environment.insert(u"GITHUB_ACTIONS"_s, u"true"_s);
    program.write(u"items.jsonl"_s, R"({"key":"::error::first"})"
                                    "\n"
                                    R"({"key":"a\n::error::second"})"
                                    "\n");
    program.server.otherwise =
        ScriptedServer::Answer{.status = 400, .body = R"({"error":{"message":"\n::error::no"}})"};
    const Ended planned = program.run({u"batch"_s, u"plan"_s, u"--input"_s, u"items.jsonl"_s, u"--prompt"_s,
                                       u"::error::{{key}}"_s, u"--out"_s, u"o"_s});
    QCOMPARE(obeyed(planned.out + planned.err), QStringList());
    const Ended ended = program.run(
        {u"batch"_s, u"--input"_s, u"items.jsonl"_s, u"--prompt"_s, u"::error::{{key}}"_s, u"--out"_s, u"o"_s});
    QVERIFY(ended.err.contains("error::second"));
    QCOMPARE(obeyed(ended.out + ended.err), QStringList());
}

void tst_Terminals::givesProgramsTheAnswerByteForByte()
{
    const QByteArray answer = commands + "\x1b[31m \xE2\x80\xAE end";
    Program program;
    play(program, answer);
    QCOMPARE(program.exec({u"-o"_s, u"answer"_s, u"p"_s}).out, answer + '\n');
    QCOMPARE(program.read(u"answer"_s), answer);
    Program underRunner;
    underRunner.environment.insert(u"GITHUB_ACTIONS"_s, u"true"_s);
    play(underRunner, answer);
    QVERIFY(underRunner.exec({u"-o"_s, u"answer"_s, u"p"_s}).out != answer + '\n');
    QCOMPARE(underRunner.read(u"answer"_s), answer);
}

void tst_Terminals::givesJsonTheSameMeaningUnderARunner()
{
    Program program;
    program.environment.insert(u"TF_BUILD"_s, u"True"_s);
    play(program, R"({"a":"##vso[task.complete]x"})");
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QVERIFY(!ended.out.contains("##vso["));
    bool isSaid = false;
    for (const QByteArray &line : ended.out.split('\n')) {
        const auto document = JsonDocument::parse(line);
        isSaid = isSaid || (document && document->root()["item"]["text"].utf8() == R"({"a":"##vso[task.complete]x"})");
    }
    QVERIFY(isSaid);
    play(program, R"({"a":"##vso[task.complete]x"})");
    const QByteArray answer = program.exec({u"p"_s}).out;
    QVERIFY(!answer.contains("##vso["));
    QCOMPARE(JsonDocument::parse(answer.trimmed())->root()["a"].utf8(), "##vso[task.complete]x");
}

static const QByteArray hostile = "\x1b]0;title\a\x1b[2J\x1b]52;c;YQ==\x1b\\\xC2\x9B"
                                  "2J\b\b\x7f end";

static bool hasControls(const QByteArray &bytes)
{
    return std::ranges::any_of(QString::fromUtf8(bytes), [](QChar c) {
        return (c < u' ' && c != u'\n' && c != u'\t') || (c >= u'\x7f' && c <= u'\x9f');
    });
}

void tst_Terminals::printsNoControlsAsMarkdown()
{
    Program program;
    program.write(u"hostile"_s, hostile);
    program.server.play(
        {sse::reasoning("r1", hostile), sse::command("c1", "cat hostile; : '" + hostile + "'"), sse::completed()});
    program.server.play({sse::message("m1", hostile), sse::completed()});
    QCOMPARE(program.exec({QString::fromUtf8(hostile)}).exitCode, 0);
    const QString id = QString::fromUtf8(program.run({u"sessions"_s, u"list"_s}).out).section(u' ', 0, 0);
    for (const QStringList &words : {QStringList{u"show"_s, id, u"--format"_s, u"markdown"_s}, QStringList{u"list"_s},
                                     QStringList{u"search"_s, u"end"_s}}) {
        const Ended shown = program.run(QStringList{u"sessions"_s} + words);
        QVERIFY2(shown.exitCode == 0 && shown.out.contains("end"), shown.err);
        QVERIFY2(!hasControls(shown.out), shown.out);
    }
}

void tst_Terminals::printsNoControlsOnATerminal_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::newRow("an answer") << QStringList{u"exec"_s, u"--color"_s, u"never"_s, u"p"_s};
    QTest::newRow("events") << QStringList{u"exec"_s, u"--json"_s, u"p"_s};
    QTest::newRow("an error") << QStringList{u"exec"_s, u"-C"_s, QString::fromUtf8(hostile), u"p"_s};
    QTest::newRow("an unknown command") << QStringList{u"sessions"_s, u"show"_s, QString::fromUtf8(hostile)};
}

void tst_Terminals::printsNoControlsOnATerminal()
{
    QFETCH(QStringList, words);
    Program program;
    program.environment.insert(u"TERM"_s, u"dumb"_s);
    program.server.play({sse::message("m1", hostile), sse::completed()});
    Terminal terminal(program);
    program.inChild = [both = program.inChild] {
        both();
        ::dup2(STDERR_FILENO, STDOUT_FILENO);
    };
    program.run(words);
    const QByteArray shown = terminal.read();
    QVERIFY(!shown.isEmpty());
    QVERIFY2(!hasControls(shown), shown);
}

void tst_Terminals::spellsOutWhatHidesInACommand()
{
    Program program;
    const QByteArray command = "echo \xE2\x80\xAE\xE2\x80\x8B; : \x1b[2K\b";
    program.server.play({sse::command("c1", command), sse::completed()});
    program.server.play({sse::message("m1", "Done."), sse::completed()});
    const Ended ended = program.exec({u"p"_s});
    QVERIFY2(ended.err.contains("echo <U+202E><U+200B>; : <U+001B>[2K<U+0008>"), ended.err);
    QVERIFY(!ended.err.contains("\xE2\x80\xAE"));
}

QTEST_GUILESS_MAIN(tst_Terminals)
#include "tst_terminals.moc"
