#include "base/boundedfile.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;

/// What is opened and read of files that somebody else may have prepared.
class tst_BoundedFile : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void refusesWhatIsNoRegularFile_data();
    void refusesWhatIsNoRegularFile();
    void refusesMoreThanTheUseAllows();
    void readsAFileOfTheLargestSizeWhole();
    void readsAPipeThatWasHandedOver();
    void followsNoLinkBelowAFolder_data();
    void followsNoLinkBelowAFolder();
    void givesTheHeadOfALongFile();
    void waitsForNoLease();

private:
    QString at(const QString &name) const { return m_folder.filePath(name); }
    void write(const QString &name, const QByteArray &bytes) const
    {
        QFile file(at(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }

    QTemporaryDir m_folder;
};

constexpr FileUse tenBytes{"a test file", 10};

void tst_BoundedFile::initTestCase()
{
    QCOMPARE(::mkfifo(QFile::encodeName(at(u"fifo"_s)).constData(), 0600), 0);
    QVERIFY(QDir(m_folder.path()).mkdir(u"folder"_s));
    write(u"ten"_s, "0123456789");
    write(u"folder/inner"_s, "inner");
    QVERIFY(QFile::link(at(u"fifo"_s), at(u"link-to-fifo"_s)));
    QVERIFY(QFile::link(at(u"link-to-itself"_s), at(u"link-to-itself"_s)));
    QVERIFY(QFile::link(at(u"folder"_s), at(u"link-to-folder"_s)));
    QVERIFY(QFile::link(at(u"ten"_s), at(u"folder/link-to-ten"_s)));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const QByteArray socketPath = QFile::encodeName(at(u"socket"_s));
    qstrncpy(address.sun_path, socketPath.constData(), sizeof address.sun_path);
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    QCOMPARE(::bind(socket.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
}

void tst_BoundedFile::refusesWhatIsNoRegularFile_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("reason");
    const QString expected = u", expected a regular file: a test file"_s;
    QTest::newRow("fifo") << at(u"fifo"_s) << u"it is a named pipe"_s + expected;
    QTest::newRow("link to a fifo") << at(u"link-to-fifo"_s) << u"it is a named pipe"_s + expected;
    QTest::newRow("folder") << at(u"folder"_s) << u"it is a folder"_s + expected;
    QTest::newRow("socket") << at(u"socket"_s) << u"it is a socket"_s + expected;
    QTest::newRow("endless device") << u"/dev/zero"_s << u"it is a character device"_s + expected;
    QTest::newRow("endless file of /proc") << u"/proc/self/pagemap"_s << u"it is a file of /proc"_s + expected;
    QTest::newRow("short file of /proc") << u"/proc/self/comm"_s << u"it is a file of /proc"_s + expected;
    QTest::newRow("nothing") << at(u"nothing"_s) << u"No such file or directory"_s;
    QTest::newRow("nothing, below a file") << at(u"ten/nothing"_s) << u"Not a directory"_s;
    QTest::newRow("circle of links") << at(u"link-to-itself"_s) << u"Too many levels of symbolic links"_s;
    QTest::newRow("name with NUL") << at(u"ten"_s) + QChar(0) + u".png"_s << u"its name holds a NUL character"_s;
}

void tst_BoundedFile::refusesWhatIsNoRegularFile()
{
    QFETCH(QString, path);
    QFETCH(QString, reason);
    const auto bytes = readBounded(path, tenBytes);
    QVERIFY(!bytes);
    QCOMPARE(bytes.error().message, reason);
    QVERIFY(!openBounded(path, tenBytes));
    QVERIFY(!readHead(path, tenBytes, 1));
}

void tst_BoundedFile::refusesMoreThanTheUseAllows()
{
    write(u"eleven"_s, "0123456789a");
    QFile sparse(at(u"sparse"_s));
    QVERIFY(sparse.open(QIODevice::WriteOnly) && sparse.resize(1LL << 40));
    for (const QString &name : {u"eleven"_s, u"sparse"_s}) {
        const auto bytes = readBounded(at(name), tenBytes);
        QVERIFY(!bytes);
        QCOMPARE(bytes.error(), (Error{Error::Kind::Invalid, u"it is too large: a test file has at most 10 bytes"_s}));
        QVERIFY(!openBounded(at(name), tenBytes));
    }
}

void tst_BoundedFile::readsAFileOfTheLargestSizeWhole()
{
    QCOMPARE(readBounded(at(u"ten"_s), tenBytes).value_or(QByteArray()), "0123456789"_ba);
}

void tst_BoundedFile::readsAPipeThatWasHandedOver()
{
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    const FileDescriptor reading(ends[0]);
    {
        const FileDescriptor writing(ends[1]);
        QCOMPARE(::write(writing.get(), "piped", 5), 5);
    }
    const QString name = u"/dev/fd/%1"_s.arg(reading.get());
    QVERIFY(!readBounded(name, tenBytes));
    constexpr FileUse piped{"a test file", 10, FileUse::Kind::OwnPipes};
    QCOMPARE(readBounded(name, piped).value_or(QByteArray()), "piped"_ba);
    QVERIFY(!readBounded(at(u"fifo"_s), piped));
}

void tst_BoundedFile::followsNoLinkBelowAFolder_data()
{
    QTest::addColumn<QByteArray>("relative");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("file") << "ten"_ba << "0123456789"_ba;
    QTest::newRow("file in a folder") << "folder/inner"_ba << "inner"_ba;
    QTest::newRow("link as the last name") << "folder/link-to-ten"_ba << QByteArray();
    QTest::newRow("link on the way") << "link-to-folder/inner"_ba << QByteArray();
    QTest::newRow("out and in again") << "folder/../ten"_ba << QByteArray();
    QTest::newRow("absolute") << "/etc/hostname"_ba << QByteArray();
    QTest::newRow("pipe") << "fifo"_ba << QByteArray();
}

void tst_BoundedFile::followsNoLinkBelowAFolder()
{
    QFETCH(QByteArray, relative);
    QFETCH(QByteArray, bytes);
    QCOMPARE(readBoundedBelow(m_folder.path(), relative, tenBytes).value_or(QByteArray()), bytes);
}

void tst_BoundedFile::givesTheHeadOfALongFile()
{
    constexpr FileUse anyLength{"a test file", 1LL << 50};
    const auto head = readHead(at(u"sparse"_s), anyLength, 4);
    QVERIFY(head);
    QCOMPARE(head->bytes, QByteArray(4, '\0'));
    QCOMPARE(head->size, 1LL << 40);
}

void tst_BoundedFile::waitsForNoLease()
{
    write(u"leased"_s, "leased");
    const FileDescriptor holder(::open(QFile::encodeName(at(u"leased"_s)).constData(), O_RDWR | O_CLOEXEC));
    ::signal(SIGIO, SIG_IGN);
    if (::fcntl(holder.get(), F_SETLEASE, F_WRLCK) != 0)
        QSKIP("this file system gives no leases");
    QVERIFY(!readBounded(at(u"leased"_s), tenBytes));
}

QTEST_APPLESS_MAIN(tst_BoundedFile)
#include "tst_boundedfile.moc"
