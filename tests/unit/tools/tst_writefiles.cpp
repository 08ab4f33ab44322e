#include "support/filetree.h"
#include "support/writefiles.h"
#include "tools/fileedit.h"
#include <QTemporaryDir>
#include <QTest>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift::test;
using nightshift::tools::encodeEdits;
using nightshift::tools::FileEdit;

/// The helper's `write` mode as a program.
class tst_WriteFiles : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void carriesOutEveryEditInOrder();
    void keepsPermissions();
    void givesAMovedFileThePermissionsOfItsSource();
    void writesThroughLinksAndRemovesThem();
    void removesWhatAKilledOneLeft();
    void replacesFoldersAndMakesLinks_data();
    void replacesFoldersAndMakesLinks();
    void putsEverythingBackWhenTheThirdWriteFails_data();
    void putsEverythingBackWhenTheThirdWriteFails();
    void putsEverythingBackWhenTheDiskIsFull();
    void writesAFileInAFolderThatTakesNoOthers();
    void refusesAFileThatIsReadOnly();
    void changesNothingWhenTheEditsAreCutShort();

private:
    QString path(const QString &name) const { return m_dir->path() + u'/' + name; }
    FileEdit write(const QString &name, const QByteArray &content, const QString &modeOf = {}) const
    {
        return {FileEdit::Kind::Write, path(name), content, modeOf.isEmpty() ? modeOf : path(modeOf)};
    }
    FileEdit remove(const QString &name) const { return {.kind = FileEdit::Kind::Remove, .path = path(name)}; }
    mode_t modeOf(const QString &name) const;

    std::optional<QTemporaryDir> m_dir;
};

void tst_WriteFiles::init()
{
    m_dir.emplace();
}

mode_t tst_WriteFiles::modeOf(const QString &name) const
{
    struct stat info{};
    stat(QFile::encodeName(path(name)).constData(), &info);
    return info.st_mode & 07777;
}

void tst_WriteFiles::carriesOutEveryEditInOrder()
{
    makeTree(m_dir->path(), {{u"old"_s, "1"}, {u"gone"_s, "2"}, {u"kept"_s, "3"}});
    const Written written = writeFiles(
        encodeEdits({write(u"a/b/new"_s, QByteArray("\0\n\xFF", 3)), write(u"old"_s, "11"), remove(u"gone"_s),
                     write(u"gone"_s, "22"), write(u"old"_s, "111"), write(u"a/tmp"_s, "x"), remove(u"a/tmp"_s)}));
    QCOMPARE(written, (Written{0, "done\n"}));
    const FileTree expected{
        {u"a/b/new"_s, QByteArray("\0\n\xFF", 3)}, {u"old"_s, "111"}, {u"gone"_s, "22"}, {u"kept"_s, "3"}};
    QCOMPARE(readTree(m_dir->path()), expected);
}

void tst_WriteFiles::keepsPermissions()
{
    makeTree(m_dir->path(), {{u"script"_s, "x:1"}, {u"secret"_s, "1"}});
    chmod(QFile::encodeName(path(u"secret"_s)).constData(), 0600);
    QCOMPARE(writeFiles(encodeEdits({write(u"script"_s, "2"), write(u"secret"_s, "2"), write(u"new"_s, "2")})).code, 0);
    const mode_t mask = umask(0);
    umask(mask);
    QCOMPARE(modeOf(u"script"_s), 0777 & ~mask);
    QCOMPARE(modeOf(u"secret"_s), 0600u);
    QCOMPARE(modeOf(u"new"_s), 0666 & ~mask);
}

void tst_WriteFiles::givesAMovedFileThePermissionsOfItsSource()
{
    makeTree(m_dir->path(), {{u"from"_s, "x:1"}, {u"over"_s, "1"}});
    QCOMPARE(
        writeFiles(encodeEdits({write(u"to"_s, "2", u"from"_s), write(u"over"_s, "3", u"from"_s), remove(u"from"_s)})),
        (Written{0, "done\n"}));
    QCOMPARE(readTree(m_dir->path()), (FileTree{{u"to"_s, "x:2"}, {u"over"_s, "x:3"}}));
}

void tst_WriteFiles::writesThroughLinksAndRemovesThem()
{
    makeTree(m_dir->path(), {{u"d/file"_s, "1"},
                             {u"link"_s, "-> chain"},
                             {u"chain"_s, "-> d/file"},
                             {u"dangling"_s, "-> d/e/new"},
                             {u"dirlink"_s, "-> d"},
                             {u"gone"_s, "-> d/file"},
                             {u"round"_s, "-> round"}});
    QCOMPARE(writeFiles(encodeEdits(
                 {write(u"link"_s, "2"), write(u"dangling"_s, "3"), write(u"dirlink/in"_s, "4"), remove(u"gone"_s)})),
             (Written{0, "done\n"}));
    QCOMPARE(writeFiles(encodeEdits({write(u"round"_s, "5")})).code, 1);
    const FileTree expected{{u"d/file"_s, "2"},      {u"d/e/new"_s, "3"},       {u"d/in"_s, "4"},
                            {u"link"_s, "-> chain"}, {u"chain"_s, "-> d/file"}, {u"dangling"_s, "-> d/e/new"},
                            {u"dirlink"_s, "-> d"},  {u"round"_s, "-> round"}};
    QCOMPARE(readTree(m_dir->path()), expected);
}

void tst_WriteFiles::removesWhatAKilledOneLeft()
{
    const FileTree others{{u".nightshift-Ab3xYz~old"_s, "the only one"},
                          {u".nightshift-notes"_s, "a user's"},
                          {u"d/.nightshift-Ab3xYz"_s, "elsewhere"}};
    makeTree(m_dir->path(), others);
    makeTree(m_dir->path(), {{u".nightshift-Ab3xYz"_s, "half"}, {u".nightshift-Ab3xYz~"_s, "old"}});
    const int busy = open(QFile::encodeName(m_dir->path()).constData(), O_RDONLY | O_DIRECTORY);
    QVERIFY(flock(busy, LOCK_SH) == 0); // as another one does that is at work there
    QCOMPARE(writeFiles(encodeEdits({write(u"file"_s, "1")})).code, 0);
    QVERIFY(QFile::exists(path(u".nightshift-Ab3xYz"_s)));
    close(busy);
    QCOMPARE(writeFiles(encodeEdits({write(u"file"_s, "2")})).code, 0);
    FileTree expected = others;
    expected[u"file"_s] = "2";
    QCOMPARE(readTree(m_dir->path()), expected);
}

static QByteArray line(const char *kind, const QString &path, const QByteArray &content = {})
{
    return kind + QByteArray(" ") + QByteArray::number(path.toUtf8().size()) + " 0 " +
           QByteArray::number(content.size()) + '\n' + path.toUtf8() + content;
}

void tst_WriteFiles::replacesFoldersAndMakesLinks_data()
{
    QTest::addColumn<bool>("fails"); // in the end, so that all is put back
    QTest::newRow("carried out") << false;
    QTest::newRow("put back") << true;
}

void tst_WriteFiles::replacesFoldersAndMakesLinks()
{
    QFETCH(bool, fails);
    const FileTree before{
        {u"d/e/one"_s, "1"}, {u"d/two"_s, "x:2"}, {u"full/kept"_s, "3"}, {u"full/gone"_s, "4"}, {u"empty/"_s, ""}};
    makeTree(m_dir->path(), before);
    QByteArray edits = "edits 1\n" + line("remove", path(u"d/e/one"_s)) + line("remove", path(u"d/two"_s)) +
                       line("remove", path(u"full/gone"_s)) + line("rmdir", path(u"d/e"_s)) +
                       line("rmdir", path(u"d"_s)) + line("rmdir", path(u"full"_s)) + line("rmdir", path(u"empty"_s)) +
                       line("rmdir", path(u"missing"_s)) + line("write", path(u"d"_s), "a file") +
                       line("link", path(u"x/link"_s), "../d");
    if (fails)
        edits += line("link", path(u"full"_s), "where something is");
    QCOMPARE(writeFiles(edits + "end\n").code, fails ? 1 : 0);
    const FileTree after{{u"d"_s, "a file"}, {u"full/kept"_s, "3"}, {u"x/link"_s, "-> ../d"}};
    QCOMPARE(readTree(m_dir->path()), fails ? before : after);
}

void tst_WriteFiles::putsEverythingBackWhenTheThirdWriteFails_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("removing");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("parent is a file") << u"file/x"_s << false << "Failed to write file %1: Not a directory; "_ba;
    QTest::newRow("it is a folder") << u"folder"_s << false << "Failed to write file %1: Is a directory; "_ba;
    QTest::newRow("nothing to remove") << u"none"_s << true
                                       << "Failed to delete file %1: No such file or directory; "_ba;
    QTest::newRow("a folder to remove") << u"folder"_s << true << "Failed to delete file %1: Is a directory; "_ba;
    QTest::newRow("a device") << u"null"_s << false << "Failed to write file %1: Invalid argument; "_ba;
}

void tst_WriteFiles::putsEverythingBackWhenTheThirdWriteFails()
{
    QFETCH(QString, name);
    QFETCH(bool, removing);
    QFETCH(QByteArray, said);
    const FileTree before{{u"file"_s, "x:1"},
                          {u"old"_s, "2"},
                          {u"link"_s, "-> file"},
                          {u"folder/in"_s, "3"},
                          {u"null"_s, "-> /dev/null"}};
    makeTree(m_dir->path(), before);
    const FileEdit third = removing ? remove(name) : write(name, "x");
    const Written written = writeFiles(
        encodeEdits({write(u"file"_s, "new"), write(u"new/a/b"_s, "new"), remove(u"old"_s), remove(u"link"_s),
                     write(u"link"_s, "new"), write(u"old"_s, "new"), third, write(u"after"_s, "new")}));
    QCOMPARE(written, (Written{1, said.replace("%1", path(name).toUtf8()) + "nothing was changed\n"}));
    QCOMPARE(readTree(m_dir->path()), before);
}

void tst_WriteFiles::putsEverythingBackWhenTheDiskIsFull()
{
    const FileTree before{{u"a"_s, "1"}, {u"b"_s, "2"}};
    makeTree(m_dir->path(), before);
    const Written written =
        writeFiles(encodeEdits({write(u"a"_s, "11"), write(u"b"_s, QByteArray(10'000, 'x'))}), 4096);
    QCOMPARE(written,
             (Written{1, "Failed to write file " + path(u"b"_s).toUtf8() + ": File too large; nothing was changed\n"}));
    QCOMPARE(readTree(m_dir->path()), before);
}

void tst_WriteFiles::writesAFileInAFolderThatTakesNoOthers()
{
    if (geteuid() == 0)
        QSKIP("root may write everywhere");
    makeTree(m_dir->path(), {{u"d/file"_s, "1"}});
    chmod(QFile::encodeName(path(u"d"_s)).constData(), 0555);
    const Written failed = writeFiles(encodeEdits({write(u"d/file"_s, "2"), write(u"d/new"_s, "2")}));
    const FileTree afterFailure = readTree(m_dir->path());
    const Written written = writeFiles(encodeEdits({write(u"d/file"_s, "2")}));
    chmod(QFile::encodeName(path(u"d"_s)).constData(), 0755);
    QCOMPARE(failed.code, 1);
    QCOMPARE(afterFailure, (FileTree{{u"d/file"_s, "1"}}));
    QCOMPARE(written.code, 0);
    QCOMPARE(readTree(m_dir->path()), (FileTree{{u"d/file"_s, "2"}}));
}

void tst_WriteFiles::refusesAFileThatIsReadOnly()
{
    if (geteuid() == 0)
        QSKIP("root may write everywhere");
    makeTree(m_dir->path(), {{u"file"_s, "1"}});
    chmod(QFile::encodeName(path(u"file"_s)).constData(), 0444);
    QCOMPARE(writeFiles(encodeEdits({write(u"file"_s, "2")})).code, 1);
    QCOMPARE(readTree(m_dir->path()), (FileTree{{u"file"_s, "1"}}));
}

void tst_WriteFiles::changesNothingWhenTheEditsAreCutShort()
{
    const QByteArray edits = encodeEdits({write(u"a"_s, "1"), remove(u"b"_s)});
    makeTree(m_dir->path(), {{u"b"_s, "2"}});
    for (qsizetype size = 0; size < edits.size(); size += 3)
        QCOMPARE(writeFiles(edits.first(size)), (Written{2, "The edits did not arrive whole; nothing was changed\n"}));
    QCOMPARE(readTree(m_dir->path()), (FileTree{{u"b"_s, "2"}}));
}

QTEST_GUILESS_MAIN(tst_WriteFiles)
#include "tst_writefiles.moc"
