#include "base/ids.h"
#include "store/rollout.h"
#include "store/sessionfinder.h"
#include "support/loggenerator.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::store;
using test::logLine;

static const QString idA = u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s;
static const QString idB = u"01a1fbce-7000-7362-a1a6-e4356cdc164b"_s;
static const QString idC = u"02b1fbce-612f-7362-a1a6-e4356cdc164c"_s;

class tst_SessionFinder : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void findsAnIdInAnyCase();
    void findsAnIdFarFromTheDayItTells();
    void findsAUniquePrefix();
    void refusesAPrefixOfTwo();
    void findsAName();
    void findsANameOfAnotherFolderOnlyWhenAskedForAll();
    void followsARename();
    void saysWhatItLookedForAndWhere();
    void tellsOfAnArchivedSession();
    void lastIsTheOneWrittenLast();
    void lastKeepsToProviderAndFolder();
    void lastFollowsTheLatestTurnsFolder();
    void lastPassesOverWhatIsGone();
    void noticesARunOfTheReference();
    void trustsTheIndexWhileOnlyWeWereAtWork();
    void rowsTellWhatASessionIsAbout();
    void indexMayBeDeleted();
    void laterRowsReplaceEarlierOnes();

private:
    QString log(const QString &id, const QString &cwd = u"/w"_s, qint64 modified = 1000,
                const QString &folder = u"sessions/2020/01/02"_s);
    void write(const QString &name, const QByteArray &text);
    void touch(const QString &path, qint64 seconds);
    void runOfTheReference();
    QString path(const QString &name) const { return m_state->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_state;
    std::unique_ptr<SessionFinder> m_finder;
    SessionFinder::Scope m_here{u"mock"_s, u"/w"_s};
};

void tst_SessionFinder::init()
{
    m_state = std::make_unique<QTemporaryDir>();
    m_finder = std::make_unique<SessionFinder>(m_state->path());
}

void tst_SessionFinder::write(const QString &name, const QByteArray &text)
{
    QDir().mkpath(path(name).section(u'/', 0, -2));
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

void tst_SessionFinder::touch(const QString &path, qint64 seconds)
{
    const timespec times[] = {{seconds, 0}, {seconds, 0}};
    QCOMPARE(::utimensat(AT_FDCWD, QFile::encodeName(path), times, 0), 0);
}

QString tst_SessionFinder::log(const QString &id, const QString &cwd, qint64 modified, const QString &folder)
{
    const QString name = folder + u"/rollout-2020-01-02T00-00-00-"_s + id + u".jsonl"_s;
    write(name, logLine(0, "session_meta", json::object({{"id", id}, {"cwd", "/"}, {"model_provider", "mock"}})) +
                    logLine(1, "event_msg", json::object({{"type", "user_message"}, {"message", "Do\n it"}})) +
                    logLine(2, "turn_context", json::object({{"cwd", cwd}, {"model", "m"}})));
    touch(path(name), modified);
    return path(name);
}

/// What it leaves in the folder of locks: one came and went.
void tst_SessionFinder::runOfTheReference()
{
    QDir().mkpath(path(u"thread-writer-locks"_s));
    write(u"thread-writer-locks/x.lock"_s, {});
    QFile::remove(path(u"thread-writer-locks/x.lock"_s));
    touch(path(u"thread-writer-locks"_s), 5000); // the clock of the file system may stand between two of our steps
}

static QString errorOf(const Result<QString> &result)
{
    return result ? u"no error: "_s + *result : result.error().message;
}

void tst_SessionFinder::findsAnIdInAnyCase()
{
    QCOMPARE(m_finder->find(idA.toUpper(), m_here).value_or(QString()), QString());
    const QString there = log(idA);
    QCOMPARE(m_finder->find(idA.toUpper(), m_here), there);
    QVERIFY(QFile::rename(there, there + u".zst"_s));
    QCOMPARE(m_finder->find(idA, m_here), there);
}

void tst_SessionFinder::findsAnIdFarFromTheDayItTells()
{
    const QString id = newId();
    Result<Rollout> rollout = Rollout::create(m_state->path(), {.id = id});
    QVERIFY(rollout);
    QCOMPARE(m_finder->find(id, m_here), rollout->path());
    QCOMPARE(m_finder->find(idC, m_here).has_value(), false);
    const QString far = log(idC);
    QCOMPARE(m_finder->find(idC, m_here), far);
}

void tst_SessionFinder::findsAUniquePrefix()
{
    const QString there = log(idA);
    log(idB);
    QCOMPARE(m_finder->find(u"01A1FBCE-61"_s, m_here), there);
}

void tst_SessionFinder::refusesAPrefixOfTwo()
{
    log(idA);
    log(idB);
    const QString error = errorOf(m_finder->find(u"01a1fbce"_s, m_here));
    QVERIFY2(error.startsWith(u"2 sessions have an id that begins with 01a1fbce, such as "_s), qPrintable(error));
}

static QByteArray named(const QString &id, const char *name)
{
    return json::object({{"id", id}, {"thread_name", name}, {"updated_at", "2026-11-21T01:52:48Z"}}).text + '\n';
}

void tst_SessionFinder::findsAName()
{
    const QString there = log(idA);
    write(u"session_index.jsonl"_s, named(idB, "deleted") + named(idA, "night build"));
    QCOMPARE(m_finder->find(u"night build"_s, m_here), there);
    QCOMPARE(m_finder->nameOf(idA), u"night build"_s);
    QCOMPARE(m_finder->nameOf(idC), QString());
    QVERIFY(!m_finder->find(u"deleted"_s, m_here));
}

void tst_SessionFinder::findsANameOfAnotherFolderOnlyWhenAskedForAll()
{
    const QString there = log(idA, u"/v"_s);
    write(u"session_index.jsonl"_s, named(idA, "n"));
    QCOMPARE(errorOf(m_finder->find(u"n"_s, m_here)),
             u"the session named n belongs to /v, not to /w; --all finds it"_s);
    SessionFinder::Scope everywhere = m_here;
    everywhere.all = true;
    QCOMPARE(m_finder->find(u"n"_s, everywhere), there);
}

void tst_SessionFinder::followsARename()
{
    log(idA);
    write(u"session_index.jsonl"_s, named(idA, "old") + named(idA, "new"));
    QVERIFY(m_finder->find(u"new"_s, m_here));
    QVERIFY(!m_finder->find(u"old"_s, m_here));
}

void tst_SessionFinder::saysWhatItLookedForAndWhere()
{
    QCOMPARE(errorOf(m_finder->find(idA, m_here)),
             u"there is no session %1 in %2/sessions"_s.arg(idA, m_state->path()));
    QCOMPARE(errorOf(m_finder->find(u"nightly"_s, m_here)),
             u"there is no session named nightly in %1"_s.arg(m_state->path()));
    QCOMPARE(errorOf(m_finder->find(u"01a1fbce"_s, m_here)),
             u"no session in %1/sessions has the name 01a1fbce, or an id that begins with it"_s.arg(m_state->path()));
    QCOMPARE(errorOf(m_finder->last(m_here)), u"there is no earlier session with provider mock in /w"_s);
}

void tst_SessionFinder::tellsOfAnArchivedSession()
{
    log(idA, u"/w"_s, 1000, u"archived_sessions"_s);
    QCOMPARE(errorOf(m_finder->find(idA, m_here)),
             u"session %1 is archived; `nightshift sessions unarchive %1` brings it back"_s.arg(idA));
    QVERIFY(!m_finder->last(m_here));
}

void tst_SessionFinder::lastIsTheOneWrittenLast()
{
    const QString later = log(idA, u"/w"_s, 2000);
    log(idB, u"/w"_s, 1000);
    QCOMPARE(m_finder->last(m_here), later);
}

void tst_SessionFinder::lastKeepsToProviderAndFolder()
{
    log(idA, u"/w/sub"_s, 3000);
    const QString here = log(idB, u"/w"_s, 1000);
    QCOMPARE(m_finder->last(m_here), here);
    QCOMPARE(m_finder->last({u"mock"_s, u"/w"_s, true})->contains(idA), true);
    QVERIFY(!m_finder->last({u"openai"_s, u"/w"_s, true}));
}

void tst_SessionFinder::lastFollowsTheLatestTurnsFolder()
{
    const QString moved = log(idA, u"/v"_s, 1000);
    QVERIFY(!m_finder->last(m_here));
    QVERIFY(SessionIndex(m_state->path())
                .remember({.id = idA,
                           .path = moved.mid(m_state->path().size() + 1),
                           .updated = 2'000'000,
                           .provider = u"mock"_s,
                           .cwd = u"/w"_s}));
    QCOMPARE(m_finder->last(m_here), moved);
    QVERIFY(!m_finder->last({u"mock"_s, u"/v"_s}));
}

void tst_SessionFinder::lastPassesOverWhatIsGone()
{
    const QString gone = log(idA, u"/w"_s, 2000);
    const QString there = log(idB, u"/w"_s, 1000);
    QCOMPARE(m_finder->last(m_here), gone);
    QVERIFY(QFile::remove(gone));
    QCOMPARE(m_finder->last(m_here), there);
}

void tst_SessionFinder::noticesARunOfTheReference()
{
    const QString former = log(idA, u"/w"_s, 1000);
    QCOMPARE(m_finder->last(m_here), former);
    const QString made = log(idB, u"/w"_s, 2000);
    runOfTheReference();
    QCOMPARE(m_finder->last(m_here), made);
    touch(former, 9000); // it went on with it
    touch(path(u"thread-writer-locks"_s), 6000);
    QCOMPARE(m_finder->last(m_here), former);
}

void tst_SessionFinder::trustsTheIndexWhileOnlyWeWereAtWork()
{
    const QString former = log(idA, u"/w"_s, 1000);
    QCOMPARE(m_finder->last(m_here), former);
    log(idB, u"/w"_s, 2000); // put there by hand: nobody's run
    {
        const Result<Rollout> ours = Rollout::reopen(m_state->path(), former);
        QVERIFY(ours);
        QCOMPARE(m_finder->last(m_here), former);
    }
    QCOMPARE(m_finder->last(m_here), former);
    QVERIFY(SessionIndex(m_state->path()).rebuild());
    QVERIFY(m_finder->last(m_here)->contains(idB));
}

void tst_SessionFinder::rowsTellWhatASessionIsAbout()
{
    const QString there = log(idA, u"/w \"quoted\""_s, 1000);
    const SessionIndex index(m_state->path());
    QVERIFY(index.refresh());
    const std::vector<SessionRow> expected{{.id = idA,
                                            .path = there.mid(m_state->path().size() + 1),
                                            .updated = 1'000'000,
                                            .provider = u"mock"_s,
                                            .cwd = u"/w \"quoted\""_s,
                                            .model = u"m"_s,
                                            .title = u"Do it"_s}};
    QVERIFY(index.rows() == expected);
}

void tst_SessionFinder::indexMayBeDeleted()
{
    const QString there = log(idA);
    QCOMPARE(m_finder->last(m_here), there);
    QVERIFY(QFile::remove(path(u"nightshift_index.jsonl"_s)));
    QVERIFY(SessionIndex(m_state->path()).remember({.id = idB}));
    QCOMPARE(m_finder->last(m_here), there);
}

void tst_SessionFinder::laterRowsReplaceEarlierOnes()
{
    const SessionIndex index(m_state->path());
    QVERIFY(index.rebuild());
    const SessionRow first{.id = idA, .path = u"a"_s, .updated = 1}, second{.id = idA, .path = u"a"_s, .updated = 2};
    QVERIFY(index.remember(first));
    QVERIFY(index.remember(second));
    QVERIFY(index.rows() == std::vector{second});
}

QTEST_APPLESS_MAIN(tst_SessionFinder)
#include "tst_sessionfinder.moc"
