#include "isolation/repository.h"
#include "support/filetree.h"
#include "support/git.h"
#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::isolation;
using namespace nightshift::test;

/// Where a working tree's repository lies, told without Git.
class tst_Repository : public QObject
{
    Q_OBJECT

private slots:
    void findsWhatGitFinds_data();
    void findsWhatGitFinds();
    void waitsForNoPipe();
    void linksATreeAsGitDoes();
    void unlinksOnlyItsOwn();

private:
    QTemporaryDir m_folder;
    QString path(const QString &name) const { return QFileInfo(m_folder.path()).canonicalFilePath() + u'/' + name; }
    QString made(const QString &name) const;
};

/// A repository with one commit.
QString tst_Repository::made(const QString &name) const
{
    makeTree(path(name), {{u"a.txt"_s, "one\n"}});
    gitIn(path(name), {u"init"_s, u"-q"_s});
    gitIn(path(name), {u"add"_s, u"-A"_s});
    gitIn(path(name), {u"commit"_s, u"-qm"_s, u"start"_s});
    return path(name);
}

static const FileTree bare{{u"HEAD"_s, "ref: refs/heads/main\n"}, {u"objects/"_s, ""}, {u"refs/"_s, ""}};

static FileTree in(const QString &folder, const FileTree &tree)
{
    FileTree moved;
    for (const auto &[name, content] : tree.asKeyValueRange())
        moved[folder + u'/' + name] = content;
    return moved;
}

static FileTree operator+(FileTree one, const FileTree &other)
{
    one.insert(other);
    return one;
}

void tst_Repository::findsWhatGitFinds_data()
{
    QTest::addColumn<FileTree>("files");
    QTest::addColumn<QString>("git"); // empty: no repository
    QTest::addColumn<QString>("common");
    QTest::newRow("a folder") << in(u".git"_s, bare) << u".git"_s << u".git"_s;
    QTest::newRow("a link to one") << in(u"g"_s, bare) + FileTree{{u".git"_s, "-> g"}} << u"g"_s << u"g"_s;
    QTest::newRow("a file, relative") << in(u"g"_s, bare) + FileTree{{u".git"_s, "gitdir: g\n"}} << u"g"_s << u"g"_s;
    QTest::newRow("a worktree") << in(u"g"_s, bare) + FileTree{{u"w/HEAD"_s, "0\n"},
                                                               {u"w/commondir"_s, "../g\n"},
                                                               {u".git"_s, "gitdir: w\n"}}
                                << u"w"_s << u"g"_s;
    QTest::newRow("an empty folder") << FileTree{{u".git/"_s, ""}} << QString() << QString();
    QTest::newRow("a file that names nothing") << FileTree{{u".git"_s, "gitdir: nowhere\n"}} << QString() << QString();
    QTest::newRow("a file that is something else") << FileTree{{u".git"_s, "text\n"}} << QString() << QString();
    QTest::newRow("nothing") << FileTree{{u"a"_s, ""}} << QString() << QString();
}

void tst_Repository::findsWhatGitFinds()
{
    QFETCH(const FileTree, files);
    QFETCH(const QString, git);
    QFETCH(const QString, common);
    const QTemporaryDir folder;
    const QString tree = QFileInfo(folder.path()).canonicalFilePath();
    makeTree(tree, files);
    const auto found = Repository::of(tree);
    QCOMPARE(found.has_value(), !git.isEmpty());
    if (found)
        QCOMPARE(*found, (Repository{tree, tree + u'/' + git, tree + u'/' + common}));
}

void tst_Repository::waitsForNoPipe()
{
    QVERIFY(QDir().mkpath(path(u"pipe"_s)));
    QCOMPARE(mkfifo(QFile::encodeName(path(u"pipe/.git"_s)).constData(), 0600), 0);
    QVERIFY(!Repository::of(path(u"pipe"_s)));
}

void tst_Repository::linksATreeAsGitDoes()
{
    const QString real = made(u"real"_s);
    QVERIFY(QDir().mkpath(path(u"w/real"_s)));
    makeTree(path(u"w/real"_s), {{u"a.txt"_s, "one\n"}});
    const QByteArray commit = gitIn(real, {u"rev-parse"_s, u"HEAD"_s}).trimmed();
    const auto repository = Repository::of(real);
    QVERIFY(repository);
    const auto linked = repository->link(path(u"w/real"_s), commit, real + u"/.git/index"_s);
    QVERIFY2(linked, qPrintable(linked ? QString() : linked.error().message));
    QCOMPARE(*linked, *Repository::of(path(u"w/real"_s)));
    QCOMPARE(*linked, *repository->linked(path(u"w/real"_s)));
    QCOMPARE(gitIn(path(u"w/real"_s), {u"status"_s, u"--porcelain"_s}), "");
    QVERIFY(gitIn(real, {u"worktree"_s, u"list"_s}).contains(path(u"w/real"_s).toUtf8() + ' '));
    QCOMPARE(gitIn(real, {u"worktree"_s, u"prune"_s, u"-v"_s}), "");
    QCOMPARE(gitIn(real, {u"fsck"_s}), "");
    repository->unlink(path(u"w/real"_s));
    QVERIFY(!QFile::exists(real + u"/.git/worktrees"_s));
}

void tst_Repository::unlinksOnlyItsOwn()
{
    const QString real = made(u"other"_s);
    gitIn(real, {u"worktree"_s, u"add"_s, u"-q"_s, u"--detach"_s, path(u"theirs"_s)});
    const auto repository = Repository::of(real);
    const QString precious = path(u"precious"_s);
    makeTree(precious, {{u"gitdir"_s, path(u"gone"_s).toUtf8() + "/.git\n"}});
    QVERIFY(QFile::link(precious, real + u"/.git/worktrees/gone"_s));
    repository->unlink(path(u"gone"_s));
    QVERIFY(QFile::exists(precious + u"/gitdir"_s));
    QVERIFY(QFile::exists(real + u"/.git/worktrees/theirs/HEAD"_s));
}

QTEST_GUILESS_MAIN(tst_Repository)
#include "tst_repository.moc"
