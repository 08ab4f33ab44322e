#include "support/serving.h"

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What the holder of a token may do beside its scopes: how often, where, with what and for how much.
class tst_Limits : public QObject
{
    Q_OBJECT

private slots:
    void countsInWindows();
    void tellsHowMuchIsLeft();
    void refusesRequestsThatAreTooMany();
    void limitsStreamsByToken();
    void limitsNobodyOnTheUnixSocket();
    void letsWorkBeneathTheRootsOnly_data();
    void letsWorkBeneathTheRootsOnly();
    void showsATokenOnlyItsFolders();
    void letsUseTheTokensModelsOnly();
    void countsTurnsThatAreUnderWay();
    void endsWithTheBudgetAndRemembersIt();
    void judgesEachRequestByWhatOthersWillCost();
};

static QString problem(const auto &judged)
{
    return judged ? u"allowed"_s
                  : QLatin1StringView(kindOf(judged.error().code).name) + u": "_s + judged.error().detail;
}

void tst_Limits::countsInWindows()
{
    RateLimit limit({"turns", 2, 10s});
    const RateLimit::Clock::time_point start{100s};
    QVERIFY(limit.take(u"a"_s, start));
    QVERIFY(limit.take(u"a"_s, start + 3s));
    const auto refused = limit.take(u"a"_s, start + 4s);
    QCOMPARE(problem(refused), u"rate_limited: 2 turns in 10 s were made with this token; more in 6 s"_s);
    QCOMPARE(refused.error().retryAfter, 6s);
    QVERIFY(limit.take(u"b"_s, start + 4s));
    QVERIFY(limit.take(u"a"_s, start + 10s));
    QCOMPARE(limit.policy(), "\"turns\";q=2;w=10");
    QCOMPARE(limit.state(u"a"_s, start + 12s), "\"turns\";r=1;t=8");
    QCOMPARE(limit.state(u"c"_s, start), "\"turns\";r=2;t=10");
}

static QByteArray get(const QByteArray &path, const QByteArray &token)
{
    return lines("GET " + path + " HTTP/1.1|Host: localhost|Authorization: Bearer " + token + "|Connection: close");
}

static QByteArray field(const QByteArray &answer, const QByteArray &name)
{
    const qsizetype at = answer.indexOf("\r\n" + name + ": ");
    const qsizetype from = at + 4 + name.size();
    return at < 0 ? QByteArray() : answer.sliced(from, answer.indexOf("\r\n", from) - from);
}

void tst_Limits::tellsHowMuchIsLeft()
{
    Serving serving;
    serving.requests = {"requests", 5, 1h};
    serving.allowance = {{}, {"turns", 3, 1h}, {}};
    const QByteArray answer = RawClient(serving.server()).ask(get("/v1/things/1", serving.token));
    QCOMPARE(field(answer, "RateLimit-Policy"), "\"requests\";q=5;w=3600, \"turns\";q=3;w=3600");
    QCOMPARE(field(answer, "RateLimit"), "\"requests\";r=4;t=3600, \"turns\";r=3;t=3600");
    QVERIFY(!RawClient(serving.server()).ask(get("/healthz", serving.token)).contains("RateLimit"));
}

void tst_Limits::refusesRequestsThatAreTooMany()
{
    Serving serving;
    serving.requests = {"requests", 2, 1h};
    const auto ask = [&](const QByteArray &path, const QByteArray &token) {
        return RawClient(serving.server()).ask(get(path, token));
    };
    QVERIFY(ask("/v1/things/1", serving.token).startsWith("HTTP/1.1 200 "));
    QVERIFY(ask("/nowhere", serving.token).startsWith("HTTP/1.1 404 "));
    const QByteArray answer = ask("/v1/things/1", serving.token);
    QVERIFY(answer.startsWith("HTTP/1.1 429 Too Many Requests\r\n"));
    QCOMPARE(field(answer, "Retry-After"), "3600");
    QCOMPARE(field(answer, "RateLimit"), "\"requests\";r=0;t=3600");
    QVERIFY(answer.contains("\"code\":\"rate_limited\",\"retryable\":true"));
    QVERIFY(ask("/v1/things/1", serving.reader).startsWith("HTTP/1.1 200 ")); // another token
    QVERIFY(ask("/healthz", serving.token).startsWith("HTTP/1.1 200 "));
}

void tst_Limits::limitsStreamsByToken()
{
    Serving serving;
    serving.limits.streamsPerToken = 1;
    const auto stream = [&](RawClient &client, const QByteArray &token) {
        client.send(
            lines("GET /v1/events HTTP/1.1|Host: localhost|Accept: text/event-stream|Authorization: Bearer " + token));
    };
    auto first = std::make_unique<RawClient>(serving.server());
    stream(*first, serving.token);
    QVERIFY(first->until(": ok").startsWith("HTTP/1.1 200 "));
    RawClient second(serving.server()), other(serving.server());
    stream(second, serving.token);
    QVERIFY(second.until("too_many_streams").startsWith("HTTP/1.1 429 "));
    stream(other, serving.reader);
    QVERIFY(other.until(": ok").startsWith("HTTP/1.1 200 "));
    first.reset();
    QTRY_COMPARE(serving.server().streams(), 1);
    second.forget();
    stream(second, serving.token);
    QVERIFY(second.until(": ok").startsWith("HTTP/1.1 200 "));
}

void tst_Limits::limitsNobodyOnTheUnixSocket()
{
    Allowance allowance({}, {"turns", 1, 1h}, {});
    for (int i = 0; i < 3; ++i)
        QVERIFY(allowance.beginTurn(localUser()));
}

void tst_Limits::letsWorkBeneathTheRootsOnly_data()
{
    QTest::addColumn<QString>("cwd"); // FOLDER is replaced
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, const QString &cwd, const QString &answer) {
        QTest::newRow(name) << cwd << answer;
    };
    row("the root", u"FOLDER/src"_s, u"FOLDER/src"_s);
    row("beneath", u"FOLDER/src/app"_s, u"FOLDER/src/app"_s);
    row("by a way around", u"FOLDER/other/../src/app/"_s, u"FOLDER/src/app"_s);
    row("through a link inside", u"FOLDER/src/inner"_s, u"FOLDER/src/app"_s);
    row("through a link from outside", u"FOLDER/link"_s, u"FOLDER/src/app"_s);
    row("a link that leads out", u"FOLDER/src/out"_s, u"root_not_allowed: FOLDER/src/out is under no allowed root"_s);
    row("outside", u"FOLDER/other"_s, u"root_not_allowed: FOLDER/other is under no allowed root"_s);
    row("a name that only begins the same", u"FOLDER/src2"_s,
        u"root_not_allowed: FOLDER/src2 is under no allowed root"_s);
    row("up", u"FOLDER/src/.."_s, u"root_not_allowed: FOLDER/src/.. is under no allowed root"_s);
    row("not there, outside", u"FOLDER/other/no"_s, u"root_not_allowed: FOLDER/other/no is under no allowed root"_s);
    row("not there, inside", u"FOLDER/src/no"_s,
        u"validation_failed: FOLDER/src/no is not the absolute path of a folder"_s);
    row("a file", u"FOLDER/src/file"_s, u"validation_failed: FOLDER/src/file is not the absolute path of a folder"_s);
    row("nothing", u""_s, u"root_not_allowed:  is under no allowed root"_s);
}

/// src/app, src2, other, and links between them.
static void makeFolders(const QTemporaryDir &folder)
{
    const QDir dir(folder.path());
    for (const QString &name : {u"src/app"_s, u"src2"_s, u"other"_s})
        dir.mkpath(name);
    QFile::link(dir.filePath(u"src/app"_s), dir.filePath(u"src/inner"_s));
    QFile::link(dir.filePath(u"src/app"_s), dir.filePath(u"link"_s));
    QFile::link(dir.filePath(u"other"_s), dir.filePath(u"src/out"_s));
    QVERIFY(QFile(dir.filePath(u"src/file"_s)).open(QIODevice::WriteOnly));
}

void tst_Limits::letsWorkBeneathTheRootsOnly()
{
    QFETCH(QString, cwd);
    QTemporaryDir folder;
    makeFolders(folder);
    const QString path = QFileInfo(folder.path()).canonicalFilePath();
    const Allowance allowance({path + u"/src"_s}, {}, {});
    const auto answer = allowance.folder(localUser(), cwd.replace(u"FOLDER"_s, path));
    QString got = answer ? *answer : problem(answer);
    QTEST(got.replace(path, u"FOLDER"_s), "answer");
}

void tst_Limits::showsATokenOnlyItsFolders()
{
    QTemporaryDir folder;
    makeFolders(folder);
    const QString path = QFileInfo(folder.path()).canonicalFilePath();
    const Allowance allowance({path}, {}, {});
    const Token app{.id = u"tk_1"_s, .roots = {path + u"/src/app"_s}};
    QCOMPARE(problem(allowance.folder(app, path + u"/src"_s)),
             u"root_not_allowed: %1/src is under no allowed root"_s.arg(path));
    QVERIFY(allowance.folder(app, path + u"/src/inner"_s));
    QVERIFY(allowance.sees(app, path + u"/src/app"_s));
    QVERIFY(allowance.sees(app, path + u"/src/app/gone"_s));
    QVERIFY(!allowance.sees(app, path + u"/src/app/../gone"_s));
    QVERIFY(!allowance.sees(app, path + u"/other"_s));
    QVERIFY(allowance.sees(localUser(), path + u"/other"_s));
}

void tst_Limits::letsUseTheTokensModelsOnly()
{
    const Allowance allowance({}, {}, {});
    const Token token{.id = u"tk_1"_s, .label = u"ci"_s, .models = {u"small"_s, u"tiny"_s}};
    QVERIFY(allowance.model(token, u"tiny"_s));
    QCOMPARE(problem(allowance.model(token, u"large"_s)),
             u"scope_missing: the token ci is for small, tiny, not for large"_s);
    QVERIFY(allowance.model(localUser(), u"large"_s));
}

void tst_Limits::countsTurnsThatAreUnderWay()
{
    Allowance allowance({}, {"turns", 3, 1h}, {});
    const Token token{.id = u"tk_1"_s, .concurrency = 1};
    QVERIFY(allowance.beginTurn(token));
    QCOMPARE(problem(allowance.beginTurn(token)), u"too_many_sessions: 1 turns of this token are under way"_s);
    allowance.endTurn(token.id, {});
    QVERIFY(allowance.beginTurn(token));
    allowance.endTurn(token.id, {});
    QVERIFY(allowance.beginTurn(token));
    allowance.endTurn(token.id, {});
    QVERIFY(problem(allowance.beginTurn(token)).startsWith(u"rate_limited: 3 turns in 3600 s"_s));
}

void tst_Limits::endsWithTheBudgetAndRemembersIt()
{
    QTemporaryDir folder;
    const QString file = folder.filePath(u"spending.json"_s);
    const Token token{.id = u"tk_1"_s, .budgetUsd = 5};
    {
        Allowance allowance({}, {}, file);
        QCOMPARE(allowance.budgetLeftUsd(token), 5.0);
        QVERIFY(allowance.beginTurn(token));
        allowance.charge(token.id, u"t1"_s, 4);
        allowance.endTurn(token.id, u"t1"_s);
        QCOMPARE(allowance.budgetLeftUsd(token), 1.0);
    }
    Allowance allowance({}, {}, file);
    QVERIFY(allowance.beginTurn(token));
    allowance.charge(token.id, u"t2"_s, 1.5);
    allowance.endTurn(token.id, u"t2"_s);
    QCOMPARE(problem(allowance.beginTurn(token)), u"limit_cost: 5.50 of 5.00 USD used with this token"_s);
    QVERIFY(allowance.beginTurn(localUser()));
}

void tst_Limits::judgesEachRequestByWhatOthersWillCost()
{
    Allowance allowance({}, {}, {});
    const Token token{.id = u"tk_1"_s, .label = u"ci"_s, .budgetUsd = 1};
    QVERIFY(!allowance.refusal(token, u"t1"_s, 0.6));
    QVERIFY(!allowance.refusal(token, u"t1"_s, 0.7)); // again, after it failed
    const auto refused = allowance.refusal(token, u"t2"_s, 0.6);
    QVERIFY(refused == (LimitReached{{FailureCode::LimitCost, 0, 1}, u"0 of 1 USD are used with the token ci"_s}));
    allowance.charge(token.id, u"t1"_s, 0.3);
    QVERIFY(!allowance.refusal(token, u"t2"_s, 0.6));
    allowance.endTurn(token.id, u"t2"_s);
    QVERIFY(!allowance.refusal(token, u"t3"_s, 0.7));
    allowance.charge(token.id, u"t3"_s, 0.7);
    QVERIFY(allowance.refusal(token, u"t1"_s, 0));
    QVERIFY(!allowance.refusal(Token{.id = u"tk_2"_s}, u"t4"_s, 100));
}

QTEST_GUILESS_MAIN(tst_Limits)
#include "tst_limits.moc"
