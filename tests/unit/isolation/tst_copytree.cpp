#include "isolation/changedpaths.h"
#include "support/filetree.h"
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::isolation;
using namespace nightshift::test;

class tst_CopyTree : public QObject
{
    Q_OBJECT

private slots:
    void copiesFilesFoldersAndLinks();
    void copiesToAnotherFileSystem();
    void namesWhatItCouldNotCopy();
    void knowsWhatWasTouchedInTheCopy();
};

static FileTree project()
{
    return {{u"a.txt"_s, "one\n"},
            {u"big"_s, QByteArray(300'000, 'b')},
            {u"deep/er/run.sh"_s, "x:#!/bin/sh\n"},
            {u"empty/"_s, ""},
            {u"nothing"_s, ""},
            {u"link"_s, "-> nowhere"}};
}

static bool isCopied(const QString &from, const QString &to)
{
    CopiedFiles copied;
    QByteArray failed;
    return copyTree(from.toUtf8(), to.toUtf8(), copied, failed) && readTree(to) == project() && copied.size() == 5;
}

static void writeFile(const char *path, const QByteArray &text)
{
    QFile file(QString::fromLatin1(path));
    if (file.open(QIODevice::WriteOnly))
        file.write(text);
}

/// What the work says where `folder` is a file system of its own, seen by nobody else.
static bool withOwnFileSystem(const QByteArray &folder, const std::function<bool()> &work)
{
    const QByteArray user = "0 " + QByteArray::number(getuid()) + " 1",
                     group = "0 " + QByteArray::number(getgid()) + " 1";
    const pid_t child = fork();
    if (child == 0) {
        const bool apart = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
        writeFile("/proc/self/setgroups", "deny");
        writeFile("/proc/self/uid_map", user);
        writeFile("/proc/self/gid_map", group);
        const bool done = apart && mount("none", folder.constData(), "tmpfs", 0, nullptr) == 0 && work();
        _exit(done ? 0 : 1);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && status == 0;
}

void tst_CopyTree::copiesFilesFoldersAndLinks()
{
    QTemporaryDir folder;
    makeTree(folder.filePath(u"from"_s), project());
    QVERIFY(isCopied(folder.filePath(u"from"_s), folder.filePath(u"to"_s)));
}

void tst_CopyTree::copiesToAnotherFileSystem()
{
    QTemporaryDir folder, other;
    makeTree(folder.filePath(u"from"_s), project());
    const auto copies = [&] { return isCopied(folder.filePath(u"from"_s), other.filePath(u"to"_s)); };
    QVERIFY(withOwnFileSystem(other.path().toUtf8(), copies));
    QVERIFY(readTree(other.path()).isEmpty());
}

void tst_CopyTree::namesWhatItCouldNotCopy()
{
    QTemporaryDir folder;
    makeTree(folder.filePath(u"from"_s), project());
    makeTree(folder.filePath(u"to"_s), {{u"deep/er/run.sh"_s, "in the way"}});
    CopiedFiles copied;
    QByteArray failed;
    QVERIFY(!copyTree(folder.filePath(u"from"_s).toUtf8(), folder.filePath(u"to"_s).toUtf8(), copied, failed));
    QCOMPARE(failed, folder.filePath(u"from/deep/er/run.sh"_s).toUtf8());
}

void tst_CopyTree::knowsWhatWasTouchedInTheCopy()
{
    QTemporaryDir folder;
    makeTree(folder.filePath(u"from"_s), project());
    const QByteArray to = folder.filePath(u"to"_s).toUtf8();
    CopiedFiles copied;
    QByteArray failed;
    QVERIFY(copyTree(folder.filePath(u"from"_s).toUtf8(), to, copied, failed));
    QCOMPARE(changedInCopy(to, copied), QByteArrayList());
    makeTree(folder.filePath(u"to"_s), {{u"deep/new"_s, "new"}, {u"big"_s, "small"}});
    QVERIFY(QFile::remove(folder.filePath(u"to/a.txt"_s)));
    QCOMPARE(changedInCopy(to, copied), QByteArrayList({"a.txt", "big", "deep/new"}));
}

QTEST_GUILESS_MAIN(tst_CopyTree)
#include "tst_copytree.moc"
