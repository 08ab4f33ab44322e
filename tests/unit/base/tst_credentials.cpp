#include "base/credentials.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_Credentials : public QObject
{
    Q_OBJECT

private slots:
    void knowsNamesOfCredentials_data();
    void knowsNamesOfCredentials();
    void masksSecretsInUrls_data();
    void masksSecretsInUrls();
    void leavesOtherTextAsItIs_data();
    void leavesOtherTextAsItIs();
    void counts();
};

void tst_Credentials::knowsNamesOfCredentials_data()
{
    QTest::addColumn<bool>("is");
    for (const char *name : {"OPENAI_API_KEY",
                             "my_secret",
                             "GITHUB_TOKEN",
                             "DB_PASSWORD",
                             "PGPASSWORD",
                             "MYSQL_PWD",
                             "REDISCLI_AUTH",
                             "NPM_CONFIG__AUTH",
                             "DOCKER_AUTH_CONFIG",
                             "BASIC_AUTH",
                             "OAUTH2_CLIENT",
                             "AUTHORIZATION",
                             "HTTP_AUTHORIZATION",
                             "ROOT_PASSWD",
                             "GPG_PASSPHRASE",
                             "SMTP_PASS",
                             "AZURE_DEVOPS_EXT_PAT",
                             "GOOGLE_APPLICATION_CREDENTIALS",
                             "proxyauth",
                             "Auth"})
        QTest::newRow(name) << true;
    for (const char *name :
         {"PATH", "PWD", "OLDPWD", "HOME", "SSH_AUTH_SOCK", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "AUTHOR",
          "XAUTHORITY", "GIT_ASKPASS", "COMPASS", "COMPAT", "PATIENCE", "PASSAGE", "LANG", "INIT_CWD"})
        QTest::newRow(name) << false;
}

void tst_Credentials::knowsNamesOfCredentials()
{
    QTEST(isCredentialName(QString::fromLatin1(QTest::currentDataTag())), "is");
}

void tst_Credentials::masksSecretsInUrls_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("masked");
    const auto row = [](const char *text, const char *masked) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(masked);
    };
    row("http://u:pw@h/x", "http://u:[redacted]@h/x");
    row("postgres://u:p%40w@h:5432/db", "postgres://u:[redacted]@h:5432/db");
    row("redis://:pw@h", "redis://:[redacted]@h");
    row("http://u:p@w@h/", "http://u:[redacted]@h/");
    row("amqp://u:p/w@h/v", "amqp://u:[redacted]@h/v");
    row("https://0123456789abcdef@h/x", "https://[redacted]@h/x");
    row("socks5h://u:pw@[::1]:1080", "socks5h://u:[redacted]@[::1]:1080");
    row("https://h/v1?api_key=k1&x=1", "https://h/v1?api_key=[redacted]&x=1");
    row("https://h/v1?x=1&key=k1#access_token=t", "https://h/v1?x=1&key=[redacted]#access_token=[redacted]");
    row("https://h/?api%5Fkey=k", "https://h/?api%5Fkey=[redacted]");
    row("https://h/?accessToken=t;sig=s", "https://h/?accessToken=[redacted];sig=[redacted]");
    row("https://h/?X-Amz-Signature=s&subscription-key=k",
        "https://h/?X-Amz-Signature=[redacted]&subscription-key=[redacted]");
    row("https://h?a=1&amp;token=t", "https://h?a=1&amp;token=[redacted]");
    row(R"({"url":"https://u:p@h/?a=1\u0026token=t","n":"x@y"})",
        R"({"url":"https://u:[redacted]@h/?a=1\u0026token=[redacted]","n":"x@y"})");
    row("two: http://a:b@c and (ftp://d:e@f)", "two: http://a:[redacted]@c and (ftp://d:[redacted]@f)");
    row("HTTPS://U:P@H", "HTTPS://U:[redacted]@H");
}

void tst_Credentials::masksSecretsInUrls()
{
    QFETCH(const QByteArray, text);
    QTEST(withoutUrlSecrets(text), "masked");
    QCOMPARE(withoutUrlSecrets(withoutUrlSecrets(text)), withoutUrlSecrets(text));
    QVERIFY(holdsCredential(QString::fromUtf8(text)));
}

void tst_Credentials::leavesOtherTextAsItIs_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text :
         {"http://h/x", "https://h:8443/x", "ssh://git@host/repo", "http://[::1]:8080/v1", "mail a@b.example",
          "https://h/?q=monkey&keyboard=us&page=2", "://x:y@z", "std::map<a, b>://", "http://h/a@b:c", "user:pw@host",
          "https://h/?key=", "a \"http://\" b:c@d", "http://h:80 x:y@z"})
        QTest::newRow(text) << QByteArray(text);
}

void tst_Credentials::leavesOtherTextAsItIs()
{
    QFETCH(const QByteArray, text);
    QCOMPARE(withoutUrlSecrets(text), text);
    QVERIFY(!holdsCredential(QString::fromUtf8(text)));
}

void tst_Credentials::counts()
{
    qint64 count = 0;
    std::ignore = withoutUrlSecrets("http://a:b@c?key=d http://e", &count);
    QCOMPARE(count, 2);
}

QTEST_APPLESS_MAIN(tst_Credentials)
#include "tst_credentials.moc"
