#include "http/tokenstore.h"
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QTimeZone>

using namespace nightshift;
using namespace nightshift::http;
using namespace Qt::StringLiterals;

/// Who may do what: tokens.json, and the token that is made when there is none.
class tst_Tokens : public QObject
{
    Q_OBJECT

private slots:
    void writesAndReadsTokens();
    void refusesWhatItCannotUnderstand_data();
    void refusesWhatItCannotUnderstand();
    void findsOnlyTheRightToken();
    void adminMayDoEverything();
    void takesTokensFromOnePlaceOnly();
    void allowsNoMoreThanItsGrants();
    void tellsWhatBecameOfAToken();
    void revokedTokenIsWorthNothingAtOnce();
    void brokenFileHoldsNoToken();
    void makesATokenForThisUserOnly();
    void trustsNoTokenThatOthersCanRead();
};

static const Token ci{.id = u"tk_1"_s,
                      .label = u"ci"_s,
                      .sha256 = http::sha256("secret"),
                      .scopes = {Scope::Read, Scope::Run},
                      .roots = {u"/src"_s},
                      .models = {u"gpt-x"_s},
                      .budgetUsd = 2.5,
                      .concurrency = 3,
                      .expires = QDateTime(QDate(2030, 1, 2), QTime(3, 4, 5), QTimeZone::UTC)};

static void write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

static Secret bearer(const QByteArray &field)
{
    RequestHead head;
    head.headers.add("authorization", field);
    return bearerToken(head).value_or(Secret("none"));
}

void tst_Tokens::writesAndReadsTokens()
{
    const std::vector<Token> tokens{ci,
                                    {.id = u"tk_2"_s, .sha256 = http::sha256("other"), .scopes = Scope::Admin},
                                    {.id = u"tk_3"_s,
                                     .sha256 = http::sha256("third"),
                                     .scopes = Scope::Run,
                                     .sandbox = SandboxPolicy::Mode::ReadOnly,
                                     .network = true}};
    QCOMPARE(readTokens(toJson(tokens).text), tokens);
}

void tst_Tokens::refusesWhatItCannotUnderstand_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray hash(64, 'a');
    QTest::newRow("no JSON") << QByteArray("tokens");
    QTest::newRow("no hash") << QByteArray("{'tokens':[{'id':'a'}]}").replace('\'', '"');
    QTest::newRow("short hash") << QByteArray("{'tokens':[{'id':'a','sha256':'00'}]}").replace('\'', '"');
    QTest::newRow("unknown scope")
        << ("{'tokens':[{'id':'a','sha256':'" + hash + "','scopes':['root']}]}").replace('\'', '"');
    QTest::newRow("sandbox that is none")
        << ("{'tokens':[{'id':'a','sha256':'" + hash + "','sandbox':'all'}]}").replace('\'', '"');
    QTest::newRow("end that is no time")
        << ("{'tokens':[{'id':'a','sha256':'" + hash + "','expires_at':'soon'}]}").replace('\'', '"');
}

void tst_Tokens::refusesWhatItCannotUnderstand()
{
    QFETCH(QByteArray, text);
    QVERIFY(!readTokens(text));
}

void tst_Tokens::findsOnlyTheRightToken()
{
    const std::vector<Token> tokens{ci};
    const QDateTime before = ci.expires->addSecs(-1);
    QCOMPARE(findToken(tokens, Secret("secret"), before), &tokens[0]);
    QCOMPARE(findToken(tokens, Secret("secret"), *ci.expires), nullptr);
    QCOMPARE(findToken(tokens, Secret("secre"), before), nullptr);
    QCOMPARE(findToken(tokens, Secret(""), before), nullptr);
    QCOMPARE(findToken({}, Secret("secret"), before), nullptr);
    QVERIFY(isSameInConstantTime("abc", "abc"));
    QVERIFY(!isSameInConstantTime("abc", "abd"));
    QVERIFY(!isSameInConstantTime("abc", "abcd"));
}

void tst_Tokens::adminMayDoEverything()
{
    QVERIFY(ci.allows(Scope::Run));
    QVERIFY(!ci.allows(Scope::Approve));
    QVERIFY((Token{.scopes = Scope::Admin}.allows(Scope::Approve)));
    QVERIFY(!Token{}.allows(Scope::Read));
}

void tst_Tokens::takesTokensFromOnePlaceOnly()
{
    QCOMPARE(bearer("Bearer abc").reveal(), "abc");
    QCOMPARE(bearer("bEARER abc").reveal(), "abc");
    QCOMPARE(bearer("Basic abc").reveal(), "none");
    QCOMPARE(bearer("Bearer").reveal(), "none");
    QCOMPARE(bearer("").reveal(), "none");
}

void tst_Tokens::allowsNoMoreThanItsGrants()
{
    using Mode = SandboxPolicy::Mode;
    Token token{.id = u"tk_1"_s, .scopes = {Scope::Read, Scope::Run, Scope::Approve}};
    QCOMPARE(token.most(), (SandboxBound{Mode::WorkspaceWrite, false}));
    token.network = true;
    token.sandbox = Mode::DangerFullAccess;
    QCOMPARE(token.most(), (SandboxBound{Mode::DangerFullAccess, true}));
    const Token admin{.id = u"tk_2"_s, .scopes = Scope::Admin};
    QCOMPARE(admin.most(), (SandboxBound{Mode::DangerFullAccess, true}));
    QVERIFY(rightsOf(token) != rightsOf(admin));
    Token cheaper = token;
    cheaper.budgetUsd = 1;
    QCOMPARE(rightsOf(token), rightsOf(cheaper));
}

void tst_Tokens::tellsWhatBecameOfAToken()
{
    using Standing = TokenStore::Standing;
    QTemporaryDir folder;
    TokenStore store(folder.filePath(u"tokens.json"_s), {});
    const Secret secret = *store.add({.label = u"a"_s, .scopes = Scope::Read});
    const Token token = *store.find(secret);
    QCOMPARE(store.standing(token), Standing::Unchanged);
    QCOMPARE(store.current(token.id), token);
    Token changed = token;
    changed.roots = {u"/src"_s};
    QVERIFY(writePrivately(folder.filePath(u"tokens.json"_s), toJson({changed}).text));
    QCOMPARE(store.standing(token), Standing::Changed);
    changed.expires = QDateTime::currentDateTimeUtc().addSecs(-1);
    QVERIFY(writePrivately(folder.filePath(u"tokens.json"_s), toJson({changed}).text));
    QCOMPARE(store.standing(token), Standing::Expired);
    QVERIFY(!store.current(token.id));
    QVERIFY(store.revoke(token.id));
    QCOMPARE(store.standing(token), Standing::Revoked);
}

void tst_Tokens::revokedTokenIsWorthNothingAtOnce()
{
    QTemporaryDir folder;
    TokenStore store(folder.filePath(u"tokens.json"_s), {});
    TokenStore elsewhere(folder.filePath(u"tokens.json"_s), {}); // another process: `serve token`
    const auto secret = elsewhere.add({.label = u"ci"_s, .scopes = Scope::Run});
    QVERIFY(secret);
    const auto found = store.find(*secret);
    QVERIFY(found);
    QCOMPARE(found->label, u"ci"_s);
    QVERIFY(elsewhere.revoke(found->id));
    QCOMPARE(store.find(*secret), std::nullopt);
    QVERIFY(!elsewhere.revoke(found->id));
}

void tst_Tokens::brokenFileHoldsNoToken()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"tokens.json"_s);
    TokenStore store(path, {});
    const auto secret = store.add({.scopes = Scope::Run});
    QVERIFY(store.find(*secret));
    write(path, "{");
    QTest::ignoreMessage(QtWarningMsg, qPrintable(path + u": line 1, column 2: unexpected end of data"_s));
    QCOMPARE(store.find(*secret), std::nullopt);
    QVERIFY(!store.makeIfNone());
}

void tst_Tokens::makesATokenForThisUserOnly()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"token"_s);
    TokenStore store({}, path);
    QVERIFY(store.makeIfNone());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther),
             QFile::Permissions());
    const QByteArray made = file.readAll().trimmed();
    QCOMPARE(made.size(), 43);
    const auto token = store.find(Secret(made));
    QVERIFY(token);
    QCOMPARE(token->scopes, allScopes);
    QVERIFY(store.makeIfNone()); // again: what clients know stays good
    QVERIFY(store.find(Secret(made)));
    write(path, newToken().reveal());
    QCOMPARE(store.find(Secret(made)), std::nullopt);
}

void tst_Tokens::trustsNoTokenThatOthersCanRead()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"token"_s);
    const QByteArray known(43, 'x');
    write(path, known);
    QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::ReadOther));
    TokenStore store({}, path);
    QCOMPARE(store.find(Secret(known)), std::nullopt);
    QVERIFY(store.makeIfNone());
    QCOMPARE(store.find(Secret(known)), std::nullopt);
}

QTEST_APPLESS_MAIN(tst_Tokens)
#include "tst_tokens.moc"
