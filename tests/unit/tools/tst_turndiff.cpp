#include "tools/turndiff.h"
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_TurnDiff : public QObject
{
    Q_OBJECT

private slots:
    void showsOneFileAsGitDoes_data();
    void showsOneFileAsGitDoes();
    void joinsWhatAllPatchesChanged();
    void isSilentWhenNothingChanged();
};

using Content = std::optional<QByteArray>;

void tst_TurnDiff::showsOneFileAsGitDoes_data()
{
    QTest::addColumn<Content>("before");
    QTest::addColumn<Content>("after");
    QTest::addColumn<QString>("diff");
    const QString none(40, u'0');
    const QString a = u"78981922613b2afb6025042ff6bd878ac1994e85"_s; // git hash-object of "a\n"
    const QString empty = u"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"_s;
    QTest::newRow("new") << Content() << Content("a\n")
                         << "diff --git a/f b/f\nnew file mode 100644\nindex "_L1 + none + ".."_L1 + a +
                                "\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n"_L1;
    QTest::newRow("deleted") << Content("a\n") << Content()
                             << "diff --git a/f b/f\ndeleted file mode 100644\nindex "_L1 + a + ".."_L1 + none +
                                    "\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"_L1;
    QTest::newRow("new and empty") << Content() << Content("")
                                   << "diff --git a/f b/f\nnew file mode 100644\nindex "_L1 + none + ".."_L1 + empty +
                                          u'\n';
    QTest::newRow("the same") << Content("a\n") << Content("a\n") << QString();
}

void tst_TurnDiff::showsOneFileAsGitDoes()
{
    QFETCH(const Content, before);
    QFETCH(const Content, after);
    QTEST(gitFileDiff(u"f"_s, before, after), "diff");
}

static void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

void tst_TurnDiff::joinsWhatAllPatchesChanged()
{
    const QTemporaryDir folder;
    const QString a = folder.filePath(u"a"_s), b = folder.filePath(u"b"_s);
    write(b, "one\n");
    TurnDiff diff(folder.path());
    diff.begin({{.path = b}});
    write(b, "two\n");
    QVERIFY(diff.end({{.path = b}}));
    diff.begin({{.path = a}, {.path = b}});
    write(a, "a\n");
    write(b, "three\n");
    const QString whole = gitFileDiff(u"a"_s, {}, "a\n") + gitFileDiff(u"b"_s, "one\n", "three\n");
    QCOMPARE(diff.end({{.path = a}, {.path = b}}), std::optional(whole));
}

void tst_TurnDiff::isSilentWhenNothingChanged()
{
    const QTemporaryDir folder;
    const QString a = folder.filePath(u"a"_s);
    TurnDiff diff(folder.path());
    diff.begin({{.path = a}});
    QCOMPARE(diff.end({{.path = a}}), std::nullopt);
}

QTEST_GUILESS_MAIN(tst_TurnDiff)
#include "tst_turndiff.moc"
