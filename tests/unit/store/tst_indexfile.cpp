#include "base/ids.h"
#include "base/rawjson.h"
#include "store/indexfile.h"
#include "store/sessionindex.h"
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::store;

class tst_IndexFile : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void forgetsWhatIsSuperseded();
    void keepsWhatIsNot();
    void losesNoRowOfManyWriters();
    void survivesAKillAtAnyMoment();

private:
    /// Looks often whether to write itself anew.
    IndexFile file() const { return IndexFile(path().toUtf8(), 1000); }
    QString path() const { return m_folder->filePath(u"nightshift_index.jsonl"_s); }
    qint64 updated(const QString &id) const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

static QByteArray row(const QString &id, qint64 updated, const QString &path = u"sessions/log"_s)
{
    return json::object({{"id", id}, {"path", path}, {"updated", updated}}).text + '\n';
}

void tst_IndexFile::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(file().append({}, IndexFile::Missing::IsMade));
}

/// What the index says of a session; -1 when it knows none.
qint64 tst_IndexFile::updated(const QString &id) const
{
    for (const SessionRow &known : SessionIndex(m_folder->path()).rows()) {
        if (known.id == id)
            return known.updated;
    }
    return -1;
}

void tst_IndexFile::forgetsWhatIsSuperseded()
{
    const QString ids[] = {newId(), newId(), newId()};
    for (int turn = 1; turn <= 2000; ++turn)
        QVERIFY(file().append(row(ids[turn % 3], turn), IndexFile::Missing::Fails));
    QVERIFY(file().append(row(ids[0], 2001, {}), IndexFile::Missing::Fails)); // and one is gone
    QCOMPARE(SessionIndex(m_folder->path()).rows().size(), 2u);
    QCOMPARE(updated(ids[1]), 1999);
    QCOMPARE(updated(ids[2]), 2000);
    QVERIFY(QFile(path()).size() < 2000);
    QVERIFY(!QFile::exists(path() + u".new"_s));
}

void tst_IndexFile::keepsWhatIsNot()
{
    QByteArray rows;
    for (int i = 0; i < 100; ++i)
        rows += row(newId(), i);
    QVERIFY(file().append(rows, IndexFile::Missing::Fails));
    QFile written(path());
    QVERIFY(written.open(QIODevice::ReadOnly));
    QCOMPARE(written.readAll(), rows);
}

void tst_IndexFile::losesNoRowOfManyWriters()
{
    constexpr int turns = 300;
    std::array<QString, 4> own;
    QStringList once;
    {
        std::vector<std::jthread> writers;
        for (QString &id : own) {
            id = newId();
            QStringList others;
            for (int i = 0; i < 10; ++i)
                others += newId();
            once += others;
            writers.emplace_back([this, id, others] {
                for (int turn = 1; turn <= turns; ++turn) {
                    (void)file().append(row(id, turn), IndexFile::Missing::Fails);
                    if (turn % (turns / others.size()) == 0)
                        (void)file().append(row(others[turn * others.size() / turns - 1], 1),
                                            IndexFile::Missing::Fails);
                }
            });
        }
    }
    for (const QString &id : own)
        QCOMPARE(updated(id), turns);
    for (const QString &id : std::as_const(once))
        QCOMPARE(updated(id), 1);
}

/// A process that appends for ever and says of each row when it is done.
static pid_t startWriter(const IndexFile &file, const QString &id, int toParent)
{
    const pid_t child = ::fork();
    for (qint64 turn = 1; child == 0; ++turn) {
        if (!file.append(row(id, turn), IndexFile::Missing::Fails) ||
            ::write(toParent, &turn, sizeof turn) != sizeof turn)
            ::_exit(1);
    }
    return child;
}

void tst_IndexFile::survivesAKillAtAnyMoment()
{
    const QString bystander = newId();
    QVERIFY(file().append(row(bystander, 7), IndexFile::Missing::Fails));
    for (int round = 1; round <= 20; ++round) {
        int pipe[2];
        QCOMPARE(::pipe(pipe), 0);
        const QString id = newId();
        const pid_t child = startWriter(file(), id, pipe[1]);
        ::close(pipe[1]);
        qint64 done = 0;
        while (done < 5 * round)
            QCOMPARE(::read(pipe[0], &done, sizeof done), qint64(sizeof done));
        ::kill(child, SIGKILL);
        while (::read(pipe[0], &done, sizeof done) == sizeof done) {
        }
        ::close(pipe[0]);
        ::waitpid(child, nullptr, 0);
        QVERIFY(updated(id) >= done);
        QCOMPARE(updated(bystander), 7);
    }
}

QTEST_GUILESS_MAIN(tst_IndexFile)
#include "tst_indexfile.moc"
