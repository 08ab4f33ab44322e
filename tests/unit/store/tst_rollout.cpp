#include "base/ids.h"
#include "store/logcheck.h"
#include "store/rollout.h"
#include <QDateTime>
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::store;

static const QString id = u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s;

class tst_Rollout : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void writesTheReferencesLayoutAndLines();
    void keepsItsFilesPrivate();
    void numbersOnFromTheLastLine();
    void numbersOnByCountingWhereAnOldLogHasNoNumbers();
    void cutsATornLastLineOff();
    void cutsOffWhatAFullDiskLeftOfALine();
    void admitsOneWriter();
    void keepsOutOfASessionThatTheReferenceWrites();
    void takesOverTheLockOfADeadHolder_data();
    void takesOverTheLockOfADeadHolder();
    void neverAppendsToANewerFormat();
    void refusesAFileThatIsNoLog();
    void putsAPlainFileInACompressedLogsPlace();
    void readsItsOwnMetaBack();
    void tellsTheTimeOfEachLine();
    void chainsLinesWhereAsked();

private:
    Rollout created();
    QByteArray contents(const QString &path);
    void write(const QString &path, const QByteArray &text);

    std::unique_ptr<QTemporaryDir> m_state;
};

void tst_Rollout::init()
{
    m_state = std::make_unique<QTemporaryDir>();
}

static SessionMeta meta()
{
    return {.id = id,
            .timestamp = u"2026-11-21T01:52:48.953Z"_s,
            .cwd = u"/w"_s,
            .originator = u"codex_exec"_s,
            .threadSource = u"user"_s,
            .provider = u"mock"_s,
            .baseInstructions = u"Be brief."_s};
}

Rollout tst_Rollout::created()
{
    Result<Rollout> rollout = Rollout::create(m_state->path(), meta());
    if (!rollout)
        qFatal("%s", qPrintable(rollout.error().message));
    return std::move(*rollout);
}

QByteArray tst_Rollout::contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void tst_Rollout::write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

static JsonDocument parsed(const QByteArray &text)
{
    Result<JsonDocument> read = JsonDocument::parse(text);
    if (!read)
        qFatal("%s", qPrintable(read.error().message));
    return std::move(*read);
}

void tst_Rollout::writesTheReferencesLayoutAndLines()
{
    Rollout rollout = created();
    QCOMPARE(rollout.append("event_msg", {"{\n\"type\":\"x\"}"}), 1);
    QVERIFY(rollout.sync());

    const QString name = rollout.path().mid(m_state->path().size());
    QVERIFY2(name.startsWith(u"/sessions/20"_s) && name.count(u'/') == 5, qPrintable(name));
    const QString stamp = name.section(u'/', -1).sliced(8, 19);
    QVERIFY2(QDateTime::fromString(stamp, u"yyyy-MM-ddTHH-mm-ss"_s).isValid(), qPrintable(name));
    QVERIFY(name.endsWith(u'-' + id + u".jsonl"_s));

    const QList<QByteArray> lines = contents(rollout.path()).split('\n');
    QCOMPARE(lines.size(), 3);
    const JsonDocument first = parsed(lines[0]);
    QCOMPARE(first.root()["ordinal"].toInteger(-1), 0);
    QCOMPARE(first.root()["type"].toString(), u"session_meta"_s);
    QCOMPARE(metaFromPayload(first.root()["payload"]), meta());
    QVERIFY(lines[1].startsWith("{\"timestamp\":\"20"));
    QVERIFY(lines[1].endsWith("Z\",\"ordinal\":1,\"type\":\"event_msg\",\"payload\":{ \"type\":\"x\"}}"));
    QVERIFY(lines[2].isEmpty());
}

void tst_Rollout::tellsTheTimeOfEachLine()
{
    const auto told = [] {
        const QString text = QString::fromLatin1(timestampNow());
        const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
        return text == time.toString(Qt::ISODateWithMs) ? time.toMSecsSinceEpoch() : 0;
    };
    const auto current = [] { // Qt's rounds up
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return qint64(std::chrono::floor<std::chrono::milliseconds>(since).count());
    };
    qint64 last = current();
    for (const qint64 second = last / 1000; last / 1000 == second;) { // until the next one begins
        const qint64 now = told();
        QVERIFY(now >= last && now <= current());
        last = now;
    }
}

void tst_Rollout::chainsLinesWhereAsked()
{
    QString path;
    {
        Result<Rollout> rollout = Rollout::create(m_state->path(), meta(), Rollout::Chain::Yes);
        QVERIFY(rollout);
        path = rollout->path();
        QVERIFY(rollout->append("event_msg", {R"({"type":"x"})"}));
    }
    write(path, contents(path) + "{\"torn");
    Result<Rollout> further = Rollout::reopen(m_state->path(), path); // without being asked again
    QVERIFY(further && further->append("event_msg", {R"({"type":"y"})"}) &&
            further->append("event_msg", {"{\n\"type\":\"w\"}"}));
    const QByteArray log = contents(path);
    QCOMPARE(log.count("\"prev\":\"sha256:"), 4);
    QCOMPARE(checkLog(log, false), std::vector<LogFinding>());
    const QString changed = u"has not the hash of the line before it"_s;
    QCOMPARE(checkLog(QByteArray(log).replace("\"x\"", "\"z\""), false), (std::vector<LogFinding>{{3, changed}}));
}

void tst_Rollout::keepsItsFilesPrivate()
{
    const Rollout rollout = created();
    const auto owner = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser;
    QCOMPARE(QFile::permissions(rollout.path()), owner);
    QCOMPARE(QFile::permissions(m_state->filePath(u"sessions"_s)), owner | QFile::ExeOwner | QFile::ExeUser);
}

void tst_Rollout::numbersOnFromTheLastLine()
{
    const QString path = created().path();
    QVERIFY(Rollout::reopen(m_state->path(), path)->append("event_msg", {"{}"}));
    write(path, contents(path) + "garbage\n");
    Result<Rollout> rollout = Rollout::reopen(m_state->path(), path);
    QVERIFY(rollout);
    // The garbage had a line's place.
    QCOMPARE(rollout->append("event_msg", {"{}"}), 3);
    QCOMPARE(rollout->nextOrdinal(), 4);
}

void tst_Rollout::numbersOnByCountingWhereAnOldLogHasNoNumbers()
{
    const QString path = created().path();
    write(path, "{\"timestamp\":\"t\",\"type\":\"session_meta\",\"payload\":{\"id\":\"x\"}}\n"
                "{\"timestamp\":\"t\",\"type\":\"response_item\",\"payload\":{}}\n");
    QCOMPARE(Rollout::reopen(m_state->path(), path)->append("event_msg", {"{}"}), 2);
}

void tst_Rollout::cutsATornLastLineOff()
{
    const QString path = created().path();
    const QByteArray whole = contents(path);
    for (const QByteArrayView torn : {"{", "{\"timestamp\":\"2026", "{\"timestamp\":\"t\",\"ordinal\":1}"}) {
        write(path, whole + torn.toByteArray());
        QVERIFY(Rollout::reopen(m_state->path(), path));
        QCOMPARE(contents(path), whole);
    }
}

void tst_Rollout::cutsOffWhatAFullDiskLeftOfALine()
{
    Rollout rollout = created();
    const QByteArray before = contents(rollout.path());
    // A file that may not grow looks to its writer as a full disk does: some bytes fit, then an error.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit former{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &former), 0);
    rlimit tight{rlim_t(before.size() + 10), former.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const Result<qint64> appended = rollout.append("event_msg", {"{}"});
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &former), 0);

    QVERIFY(!appended);
    QCOMPARE(appended.error().kind, Error::Kind::DiskFull);
    QVERIFY2(appended.error().message.contains(rollout.path()), qPrintable(appended.error().message));
    QCOMPARE(contents(rollout.path()), before);
    QCOMPARE(rollout.append("event_msg", {"{}"}), 1);
}

void tst_Rollout::admitsOneWriter()
{
    QString path;
    {
        const Rollout rollout = created();
        path = rollout.path();
        const Result<Rollout> second = Rollout::reopen(m_state->path(), path);
        QVERIFY(!second);
        QCOMPARE(second.error().kind, Error::Kind::Denied);
        const QString expected = u"session "_s + id + u" already has an active writer (process "_s +
                                 QString::number(::getpid()) + u" on "_s + QSysInfo::machineHostName() + u')';
        QCOMPARE(second.error().message, expected);
    }
    QVERIFY(Rollout::reopen(m_state->path(), path));
    QCOMPARE(QDir(m_state->filePath(u"thread-writer-locks"_s)).entryList(QDir::Files), QStringList());
}

void tst_Rollout::keepsOutOfASessionThatTheReferenceWrites()
{
    const QString path = created().path();
    // Its lock is the same file, empty.
    QFile lock(m_state->filePath(u"thread-writer-locks/"_s + id + u".lock"_s));
    QVERIFY(lock.open(QIODevice::WriteOnly));
    QCOMPARE(::flock(lock.handle(), LOCK_EX), 0);
    const Result<Rollout> rollout = Rollout::reopen(m_state->path(), path);
    QVERIFY(!rollout);
    QCOMPARE(rollout.error().message, u"session "_s + id + u" already has an active writer"_s);
}

void tst_Rollout::takesOverTheLockOfADeadHolder_data()
{
    QTest::addColumn<bool>("hasChild"); // which has not become its program yet, and so has the lock still
    QTest::newRow("alone") << false;
    QTest::newRow("with a child") << true;
}

void tst_Rollout::takesOverTheLockOfADeadHolder()
{
    QFETCH(const bool, hasChild);
    const QString path = created().path();
    const pid_t child = ::fork();
    if (child == 0) {
        const Result<Rollout> rollout = Rollout::reopen(m_state->path(), path);
        const int looks = ::inotify_init1(IN_CLOEXEC);
        ::inotify_add_watch(looks, QFile::encodeName(m_state->filePath(u"thread-writer-locks/"_s + id + u".lock"_s)),
                            IN_OPEN);
        if (hasChild && ::fork() == 0) {
            pollfd looked{looks, POLLIN, 0};
            ::poll(&looked, 1, 30'000); // goes on when somebody asks for the lock
        }
        ::_exit(rollout ? 0 : 1); // without the destructors, as by kill -9
    }
    int status = -1;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    QVERIFY(QFile::exists(m_state->filePath(u"thread-writer-locks/"_s + id + u".lock"_s)));
    QVERIFY(Rollout::reopen(m_state->path(), path));
}

void tst_Rollout::neverAppendsToANewerFormat()
{
    SessionMeta newer = meta();
    newer.format = logFormat + 1;
    const QString path = Rollout::create(m_state->path(), newer)->path();
    const Result<Rollout> rollout = Rollout::reopen(m_state->path(), path);
    QVERIFY(!rollout);
    QCOMPARE(rollout.error().kind, Error::Kind::Denied);
}

void tst_Rollout::refusesAFileThatIsNoLog()
{
    const QString path = created().path();
    for (const QByteArray &text : {QByteArray(), QByteArray("hello\n"), QByteArray("{\"type\":\"session_meta\"}\n")}) {
        write(path, text);
        const Result<Rollout> rollout = Rollout::reopen(m_state->path(), path);
        QVERIFY(!rollout);
        QCOMPARE(rollout.error().message, path + u":1: expected the session_meta line that begins a session log"_s);
        QCOMPARE(contents(path), text);
    }
}

void tst_Rollout::putsAPlainFileInACompressedLogsPlace()
{
    const QString path = created().path();
    const QByteArray whole = contents(path);
    QVERIFY(QFile::rename(path, path + u".zst"_s));
    const Decompress copy = [](const QString &from, const QString &to) -> Result<> {
        return QFile::copy(from, to) ? Result<>() : fail(Error::Kind::Internal, u"no copy"_s);
    };
    QVERIFY(!Rollout::reopen(m_state->path(), path));
    QVERIFY(Rollout::reopen(m_state->path(), path, copy));
    QCOMPARE(contents(path), whole);
    QVERIFY(!QFile::exists(path + u".zst"_s));
}

void tst_Rollout::readsItsOwnMetaBack()
{
    SessionMeta full = meta();
    full.git = GitState{u"abc"_s, u"main"_s, u"https://example.org/x.git"_s};
    full.forkedFrom = newId();
    QCOMPARE(metaFromPayload(parsed(toPayload(full).text).root()), full);
}

QTEST_APPLESS_MAIN(tst_Rollout)
#include "tst_rollout.moc"
