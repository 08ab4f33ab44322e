#include "http/idempotency.h"
#include "http/tokens.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace nightshift;
using namespace nightshift::http;
using namespace Qt::StringLiterals;

/// A request with an Idempotency-Key is done once.
class tst_Idempotency : public QObject
{
    Q_OBJECT

private slots:
    void knowsKeys();
    void answersTheSameAgain();
    void answersTheSameAfterARestart();
    void refusesTheKeyForAnotherRequest_data();
    void refusesTheKeyForAnotherRequest();
    void keysOfOthersAreOtherKeys();
    void saysThatTheFirstIsRunning();
    void refusesToRepeatWhatWasCutShort();
    void freesTheKeyOfWhatWasNotDone();
    void forgetsAfterItsLifetime();
};

using Verdict = std::variant<IdempotencyStore::Fresh, Response, Problem>;
static const KeyedRequest request{u"tk_1"_s, "k", "POST", "/v1/sessions", http::sha256("{}")};
static const Verdict fresh = IdempotencyStore::Fresh{};

static Response created()
{
    Response response = jsonResponse(201, {"{\"id\":1}"});
    response.headers.add("Location", "/v1/sessions/1");
    return response;
}

static Response replayed()
{
    Response response = created();
    response.headers.add("Idempotency-Replayed", "true");
    return response;
}

static QByteArray codeOf(const Verdict &verdict)
{
    const Problem *problem = std::get_if<Problem>(&verdict);
    return problem ? kindOf(problem->code).name : "none";
}

void tst_Idempotency::knowsKeys()
{
    QVERIFY(isIdempotencyKey("a-1~"));
    QVERIFY(isIdempotencyKey(QByteArray(128, 'a')));
    QVERIFY(!isIdempotencyKey(""));
    QVERIFY(!isIdempotencyKey(QByteArray(129, 'a')));
    QVERIFY(!isIdempotencyKey("a b"));
    QVERIFY(!isIdempotencyKey("ä"));
}

void tst_Idempotency::answersTheSameAgain()
{
    QTemporaryDir folder;
    IdempotencyStore store(folder.path());
    QVERIFY(store.begin(request) == fresh);
    QVERIFY(store.finish(request, created()));
    QVERIFY(store.begin(request) == Verdict(replayed()));
}

void tst_Idempotency::answersTheSameAfterARestart()
{
    QTemporaryDir folder;
    QVERIFY(IdempotencyStore(folder.path()).begin(request) == fresh);
    QVERIFY(IdempotencyStore(folder.path()).finish(request, created()));
    QVERIFY(IdempotencyStore(folder.path()).begin(request) == Verdict(replayed()));
}

void tst_Idempotency::refusesTheKeyForAnotherRequest_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("method") << QByteArray("PATCH") << request.path << QByteArray("{}");
    QTest::newRow("path") << request.method << QByteArray("/v1/other") << QByteArray("{}");
    QTest::newRow("body") << request.method << request.path << QByteArray("{ }");
}

void tst_Idempotency::refusesTheKeyForAnotherRequest()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QTemporaryDir folder;
    IdempotencyStore store(folder.path());
    store.begin(request);
    QVERIFY(store.finish(request, created()));
    QCOMPARE(codeOf(store.begin({request.token, "k", method, path, http::sha256(body)})), "idempotency_mismatch");
}

void tst_Idempotency::keysOfOthersAreOtherKeys()
{
    QTemporaryDir folder;
    IdempotencyStore store(folder.path());
    store.begin(request);
    KeyedRequest other = request;
    other.token = u"tk_2"_s;
    QVERIFY(store.begin(other) == fresh);
}

void tst_Idempotency::saysThatTheFirstIsRunning()
{
    QTemporaryDir folder;
    IdempotencyStore store(folder.path());
    store.begin(request);
    const Verdict second = store.begin(request);
    QCOMPARE(codeOf(second), "idempotency_in_progress");
    QVERIFY(std::get<Problem>(second).retryAfter);
}

void tst_Idempotency::refusesToRepeatWhatWasCutShort()
{
    QTemporaryDir folder;
    IdempotencyStore(folder.path()).begin(request);
    const Verdict second = IdempotencyStore(folder.path()).begin(request);
    QCOMPARE(codeOf(second), "idempotency_in_progress");
    QCOMPARE(std::get<Problem>(second).sideEffects, Problem::SideEffects::Possible);
    QVERIFY(!std::get<Problem>(second).retryAfter);
}

void tst_Idempotency::freesTheKeyOfWhatWasNotDone()
{
    QTemporaryDir folder;
    IdempotencyStore store(folder.path());
    store.begin(request);
    store.forget(request);
    QVERIFY(store.begin(request) == fresh);
}

void tst_Idempotency::forgetsAfterItsLifetime()
{
    QTemporaryDir folder;
    IdempotencyStore store(folder.path(), std::chrono::seconds(0));
    store.begin(request);
    QVERIFY(store.finish(request, created()));
    QVERIFY(store.begin(request) == fresh);
    QVERIFY(store.finish(request, created()));
    const QString name = QDir(folder.path()).entryList(QDir::Files).value(0);
    QFile file(folder.filePath(name));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.setFileTime(QDateTime(QDate(2020, 1, 1), QTime(0, 0)), QFileDevice::FileModificationTime));
    file.close();
    store.purge();
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList());
}

QTEST_APPLESS_MAIN(tst_Idempotency)
#include "tst_idempotency.moc"
