#include "base/jsonreader.h"
#include "tools/heredoc.h"
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_Heredoc : public QObject
{
    Q_OBJECT

private slots:
    void takesWhatTheReferenceTakes_data();
    void takesWhatTheReferenceTakes();
    void findsFolderAndText_data();
    void findsFolderAndText();
    void leavesTheRestToTheShell_data();
    void leavesTheRestToTheShell();
};

void tst_Heredoc::takesWhatTheReferenceTakes_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<bool>("isPatch");
    QFile file(QStringLiteral(TEST_DATA "/apply_patch.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const Result<JsonDocument> vectors = JsonDocument::parse(file.readAll());
    QVERIFY(vectors);
    for (const JsonView form : vectors->root()["shell_forms"].items())
        QTest::newRow(form["name"].utf8().data()) << form["cmd"].toString() << (form["handled_as"].utf8() != "shell");
}

void tst_Heredoc::takesWhatTheReferenceTakes()
{
    QFETCH(QString, script);
    QTEST(patchInShellCommand(script).has_value(), "isPatch");
}

void tst_Heredoc::findsFolderAndText_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("text");
    QTest::newRow("no folder") << u"apply_patch <<EOF\na\nEOF\n"_s << u""_s << u"a\n"_s;
    QTest::newRow("no blank") << u"apply_patch<<EOF\na\nEOF"_s << u""_s << u"a\n"_s;
    QTest::newRow("blank behind the arrows") << u"apply_patch << 'E F'\na\nE F\n\n"_s << u""_s << u"a\n"_s;
    QTest::newRow("escaped word") << u"apply_patch <<E\\OF\na\nEOF"_s << u""_s << u"a\n"_s;
    QTest::newRow("word with a variable") << u"apply_patch <<\"$X\"\na\n$X"_s << u""_s << u"a\n"_s;
    QTest::newRow("nothing is expanded") << u"apply_patch <<EOF\n$HOME `x` \\\\\nEOF"_s << u""_s
                                         << u"$HOME `x` \\\\\n"_s;
    QTest::newRow("no last word") << u"apply_patch <<EOF\na\nb"_s << u""_s << u"a\nb\n"_s;
    QTest::newRow("indented last word") << u"apply_patch <<EOF\n EOF x\n  EOF"_s << u""_s << u" EOF x\n"_s;
    QTest::newRow("indented word in the body") << u"apply_patch <<EOF\n EOF\na\nEOF"_s << u""_s << u" EOF\na\n"_s;
    QTest::newRow("tabs in front") << u"apply_patch <<-EOF\n\ta\n\t b\n\tEOF"_s << u""_s << u"a\n b\n"_s;
    QTest::newRow("bare folder") << u"cd a/b && apply_patch <<EOF\na\nEOF"_s << u"a/b"_s << u"a\n"_s;
    QTest::newRow("quoted folder") << u"cd 'a $b' && apply_patch <<EOF\na\nEOF"_s << u"a $b"_s << u"a\n"_s;
    QTest::newRow("escaped folder") << u"cd a\\ b && apply_patch <<EOF\na\nEOF"_s << u"a\\ b"_s << u"a\n"_s;
    QTest::newRow("tilde") << u"cd ~/x && apply_patch <<EOF\na\nEOF"_s << u"~/x"_s << u"a\n"_s;
    QTest::newRow("no blanks around and") << u"cd x&&apply_patch <<EOF\na\nEOF"_s << u"x"_s << u"a\n"_s;
    QTest::newRow("next line") << u"cd x &&\n  apply_patch <<EOF\na\nEOF"_s << u"x"_s << u"a\n"_s;
    QTest::newRow("continued line") << u"cd x && \\\napply_patch <<EOF\na\nEOF"_s << u"x"_s << u"a\n"_s;
    QTest::newRow("assignments") << u"A=1 B='x y' cd x && C= D=\"z\" apply_patch <<EOF\na\nEOF"_s << u"x"_s << u"a\n"_s;
}

void tst_Heredoc::findsFolderAndText()
{
    QFETCH(QString, script);
    QFETCH(QString, folder);
    QFETCH(QString, text);
    const std::optional<ShellPatch> patch = patchInShellCommand(script);
    QVERIFY(patch);
    QCOMPARE(patch->folder, folder);
    QCOMPARE(patch->text, text);
    QVERIFY(!patch->isBare);
}

void tst_Heredoc::leavesTheRestToTheShell_data()
{
    QTest::addColumn<QString>("script");
    const QString body = u"\na\nEOF\n"_s;
    QTest::newRow("empty") << u""_s;
    QTest::newRow("only the name") << u"apply_patch"_s;
    QTest::newRow("no word") << u"apply_patch <<"_s + body;
    QTest::newRow("here-string") << u"apply_patch <<<EOF"_s + body;
    QTest::newRow("comment behind") << u"apply_patch <<EOF # why"_s + body;
    QTest::newRow("comment before") << u"# why\napply_patch <<EOF"_s + body;
    QTest::newRow("semicolon") << u"apply_patch <<EOF;"_s + body;
    QTest::newRow("background") << u"apply_patch <<EOF &"_s + body;
    QTest::newRow("pipe") << u"apply_patch <<EOF | cat"_s + body;
    QTest::newRow("argument") << u"apply_patch -v <<EOF"_s + body;
    QTest::newRow("descriptor") << u"apply_patch 0<<EOF"_s + body;
    QTest::newRow("other name") << u"apply_patches <<EOF"_s + body;
    QTest::newRow("command behind") << u"apply_patch <<EOF"_s + body + u"ls\n"_s;
    QTest::newRow("option of cd") << u"cd -P x && apply_patch <<EOF"_s + body;
    QTest::newRow("cd alone") << u"cd && apply_patch <<EOF"_s + body;
    QTest::newRow("variable as folder") << u"cd $X && apply_patch <<EOF"_s + body;
    QTest::newRow("variable in a quoted folder") << u"cd \"$PWD/x\" && apply_patch <<EOF"_s + body;
    QTest::newRow("glob as folder") << u"cd src* && apply_patch <<EOF"_s + body;
    QTest::newRow("command in an assignment") << u"A=$(ls) apply_patch <<EOF"_s + body;
    QTest::newRow("negation") << u"! apply_patch <<EOF"_s + body;
    QTest::newRow("half a patch") << u"*** Begin Patch\n*** Update File: f\n-x\n"_s;
}

void tst_Heredoc::leavesTheRestToTheShell()
{
    QFETCH(QString, script);
    QVERIFY(!patchInShellCommand(script));
}

QTEST_APPLESS_MAIN(tst_Heredoc)
#include "tst_heredoc.moc"
