#include "tools/turndiff.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_TurnDiff : public QObject
{
    Q_OBJECT

private slots:
    void isWhatGitShows_data();
    void isWhatGitShows();
    void joinsWhatAllPatchesChanged();
    void showsAMoveHoweverMuchChanged();
    void isSilentWhenNothingChanged();
};

static QByteArray run(const QString &folder, const QString &script)
{
    QProcess shell;
    shell.setWorkingDirectory(folder);
    shell.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    shell.start(u"/bin/sh"_s, {u"-ec"_s, script});
    shell.waitForFinished();
    return shell.exitCode() == 0 ? shell.readAllStandardOutput() : "failed: " + script.toUtf8();
}

/// A Git repository in which the script was run.
static void prepare(const QTemporaryDir &folder, const QString &script)
{
    run(folder.path(), script);
    run(folder.path(), u"git init -q && git add -A && git -c user.name=n -c user.email=e commit -qm before "
                       "--allow-empty"_s);
}

static QByteArray gitDiff(const QTemporaryDir &folder)
{
    return run(folder.path(),
               u"git add -A && git -c core.quotePath=false diff --cached --full-index --find-renames HEAD"_s);
}

/// "a" is changed, "a > b" is moved, "-a" goes.
static std::vector<FileChange> changesIn(const QTemporaryDir &folder, const QStringList &patch)
{
    std::vector<FileChange> changes;
    for (const QString &change : patch) {
        const QStringList names = change.split(u" > "_s);
        const bool goes = change.startsWith(u'-');
        changes.push_back({.path = folder.filePath(goes ? change.sliced(1) : names[0]),
                           .kind = goes ? FileChange::Kind::Delete : FileChange::Kind::Update,
                           .movedTo = names.size() > 1 ? std::optional(folder.filePath(names[1])) : std::nullopt});
    }
    return changes;
}

void tst_TurnDiff::isWhatGitShows_data()
{
    QTest::addColumn<QString>("before");  // a script
    QTest::addColumn<QString>("patched"); // another
    QTest::addColumn<QStringList>("patch");
    const QString numbers = u"seq 1 100 > a"_s;
    const auto row = [](const char *name, const QString &before, const QString &patched, const QStringList &patch) {
        QTest::newRow(name) << before << patched << patch;
    };
    row("changed", numbers, u"sed -i 's/50/fifty/; s/90/ninety/' a"_s, {u"a"_s});
    row("new", u":"_s, u"echo a > a"_s, {u"a"_s});
    row("new and empty", u":"_s, u": > a"_s, {u"a"_s});
    row("deleted", u"echo a > a"_s, u"rm a"_s, {u"-a"_s});
    row("moved", numbers, u"mv a b"_s, {u"a > b"_s});
    row("moved and changed", numbers, u"mv a b && sed -i s/50/fifty/ b"_s, {u"a > b"_s});
    row("moved, half of it another", numbers, u"mv a b && sed -i s/5/five/ b"_s, {u"a > b"_s});
    row("moved into a folder", u"mkdir x && seq 1 9 > x/a"_s, u"mkdir y && mv x/a y/b && echo 10 >> y/b"_s,
        {u"x/a > y/b"_s});
    row("moved, and made a program", numbers, u"mv a b && chmod +x b && echo 101 >> b"_s, {u"a > b"_s});
    row("moved, and another came", numbers, u"mv a b && echo other > a"_s, {u"a > b"_s, u"a"_s});
    row("moved over another", numbers + u" && echo old > b"_s, u"mv a b"_s, {u"a > b"_s});
    row("a program", u"echo a > a && chmod +x a"_s, u"echo b >> a"_s, {u"a"_s});
    row("a new program", u":"_s, u"echo a > a && chmod +x a"_s, {u"a"_s});
    row("made a program", u"echo a > a"_s, u"chmod +x a"_s, {u"a"_s});
    row("made a program and changed", u"echo a > a"_s, u"chmod +x a && echo b >> a"_s, {u"a"_s});
    row("a link led elsewhere", u"ln -s one a"_s, u"ln -sfn two a"_s, {u"a"_s});
    row("a new link", u":"_s, u"ln -s one a"_s, {u"a"_s});
    row("a link became a file", u"ln -s one a"_s, u"rm a && echo one > a"_s, {u"a"_s});
    row("a deleted link", u"echo b > b && ln -s b a"_s, u"rm a"_s, {u"-a"_s});
    row("the file behind a link", u"echo b > b && ln -s b a"_s, u"echo c > a"_s, {u"a"_s});
    row("behind a linked folder", u"mkdir x && ln -s x y && echo a > x/a"_s, u"echo b > y/a"_s, {u"y/a"_s});
    row("no line end", u"printf one > a"_s, u"printf two > a"_s, {u"a"_s});
    row("bytes", u"printf 'a\\000b' > a"_s, u"printf 'a\\000c' > a"_s, {u"a"_s});
    row("new bytes", u":"_s, u"printf 'a\\000c' > a"_s, {u"a"_s});
    row("blanks in a name", u"echo a > 'a b'"_s, u"echo b > 'a b'"_s, {u"a b"_s});
    row("quotes in a name", u"echo a > 'a\"b'"_s, u"echo b > 'a\"b'"_s, {u"a\"b"_s});
    row("a tab in a name", u"echo a > 'a\tb'"_s, u"echo b > 'a\tb'"_s, {u"a\tb"_s});
    row("another alphabet", u"echo a > ä"_s, u"echo b > ä"_s, {u"ä"_s});
    row("in a function", u"printf 'int f()\\n{\\n1\\n2\\n3\\n4\\n5\\n}\\n' > a"_s, u"sed -i s/5/five/ a"_s, {u"a"_s});
    row("several", u"seq 1 9 > a && seq 10 30 > b"_s, u"echo 10 >> a && mv b c && echo d > d"_s,
        {u"a"_s, u"b > c"_s, u"d"_s});
}

void tst_TurnDiff::isWhatGitShows()
{
    QFETCH(const QString, before);
    QFETCH(const QString, patched);
    QFETCH(const QStringList, patch);
    const QTemporaryDir folder;
    prepare(folder, before);
    const std::vector<FileChange> changes = changesIn(folder, patch);
    TurnDiff diff(folder.path());
    diff.begin(changes);
    run(folder.path(), patched);
    QCOMPARE(diff.end(changes).value_or(QString()), QString::fromUtf8(gitDiff(folder)));
}

void tst_TurnDiff::joinsWhatAllPatchesChanged()
{
    const QTemporaryDir folder;
    prepare(folder, u"seq 1 100 > a && echo b > b && seq 200 300 > d"_s);
    TurnDiff diff(folder.path());
    const std::pair<QString, QStringList> patches[] = {
        {u"echo c > b"_s, {u"b"_s}},
        {u"mv a x && sed -i s/50/fifty/ x"_s, {u"a > x"_s}},
        {u"mv x y && sed -i s/60/sixty/ y && echo new > n"_s, {u"x > y"_s, u"n"_s}},
        {u"mv d e"_s, {u"d > e"_s}},
        {u"mv e d"_s, {u"e > d"_s}}, // as it was
    };
    for (const auto &[script, patch] : patches) {
        const std::vector<FileChange> changes = changesIn(folder, patch);
        diff.begin(changes);
        run(folder.path(), script);
        QCOMPARE(diff.end(changes), std::optional(QString::fromUtf8(gitDiff(folder))));
    }
}

void tst_TurnDiff::showsAMoveHoweverMuchChanged()
{
    const QTemporaryDir folder;
    prepare(folder, u"seq 1 10 > a"_s);
    const std::vector<FileChange> changes = changesIn(folder, {u"a > b"_s});
    TurnDiff diff(folder.path());
    diff.begin(changes);
    run(folder.path(), u"rm a && echo all new > b"_s);
    const QString shown = diff.end(changes).value_or(QString());
    QVERIFY2(shown.startsWith(u"diff --git a/a b/b\nsimilarity index 0%\nrename from a\nrename to b\nindex "_s),
             qPrintable(shown));
}

void tst_TurnDiff::isSilentWhenNothingChanged()
{
    const QTemporaryDir folder;
    const std::vector<FileChange> changes = changesIn(folder, {u"a"_s});
    TurnDiff diff(folder.path());
    diff.begin(changes);
    QCOMPARE(diff.end(changes), std::nullopt);
}

QTEST_GUILESS_MAIN(tst_TurnDiff)
#include "tst_turndiff.moc"
