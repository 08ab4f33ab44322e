#include "support/terminal.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// What somebody sees who watches a run.
class tst_Terminal : public QObject
{
    Q_OBJECT

private slots:
    void showsWhatRuns();
    void showsItBesideJsonInAFile();
    void drawsNothingInAPipe();
    void drawsNothingOnATerminalThatCannot();
    void colorsRespectNoColor_data();
    void colorsRespectNoColor();
};

static void play(Program &program)
{
    program.environment.insert(u"TERM"_s, u"xterm"_s);
    program.server.play({sse::command("c1", "true")});
    program.server.play({sse::message("m1", "Done.")});
}

static const QByteArray drawn = "\r\x1b[K\x1b[?7l";

void tst_Terminal::showsWhatRuns()
{
    Program program;
    play(program);
    program.environment.insert(u"NO_COLOR"_s, u"1"_s);
    Terminal terminal(program);
    const Ended ended = program.exec({u"p"_s});
    QCOMPARE(ended.out, "Done.\n");
    const QByteArray shown = terminal.read();
    QVERIFY2(shown.contains(drawn + "thinking · 0s\x1b[?7h"), shown);
    QVERIFY2(shown.contains(drawn + "exec true · "), shown);
    QVERIFY2(shown.contains(" tokens\x1b[?7h"), shown);
    QVERIFY2(shown.endsWith("\r\x1b[Ktokens used\n900\n"), shown);
}

void tst_Terminal::showsItBesideJsonInAFile()
{
    Program program;
    play(program);
    Terminal terminal(program);
    const Ended ended = program.exec({u"--json"_s, u"p"_s});
    QVERIFY(!ended.out.contains('\x1b'));
    const QByteArray shown = terminal.read();
    QVERIFY2(shown.contains(drawn), shown);
    QVERIFY2(shown.endsWith("\r\x1b[K"), shown);
}

void tst_Terminal::drawsNothingInAPipe()
{
    Program program;
    play(program);
    const Ended ended = program.exec({u"p"_s});
    QVERIFY2(!ended.err.contains('\r') && !ended.err.contains('\x1b'), ended.err);
}

void tst_Terminal::drawsNothingOnATerminalThatCannot()
{
    Program program;
    play(program);
    program.environment.insert(u"TERM"_s, u"dumb"_s);
    Terminal terminal(program);
    QCOMPARE(program.exec({u"p"_s}).exitCode, 0);
    const QByteArray shown = terminal.read();
    QVERIFY2(!shown.contains('\r') && !shown.contains('\x1b'), shown);
}

void tst_Terminal::colorsRespectNoColor_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<bool>("noColor");
    QTest::addColumn<bool>("colored");
    QTest::newRow("a terminal") << QStringList() << false << true;
    QTest::newRow("NO_COLOR") << QStringList() << true << false;
    QTest::newRow("--color always beats it") << QStringList{u"--color"_s, u"always"_s} << true << true;
    QTest::newRow("--color never") << QStringList{u"--color"_s, u"never"_s} << false << false;
}

void tst_Terminal::colorsRespectNoColor()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const bool, noColor);
    QFETCH(const bool, colored);
    Program program;
    play(program);
    if (noColor)
        program.environment.insert(u"NO_COLOR"_s, u"1"_s);
    Terminal terminal(program);
    QCOMPARE(program.exec(arguments + QStringList{u"p"_s}).exitCode, 0);
    const QByteArray shown = terminal.read();
    QCOMPARE(shown.contains("\x1b[1mworkdir:\x1b[0m"), colored);
    QCOMPARE(shown.contains("\x1b[2mthinking"), colored);
}

QTEST_GUILESS_MAIN(tst_Terminal)
#include "tst_terminal.moc"
