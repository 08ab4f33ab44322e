#include "base/jsonreader.h"
#include "llm/secretmask.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_SecretMask : public QObject
{
    Q_OBJECT

private slots:
    void masksWhatHasTheFormOfASecret_data();
    void masksWhatHasTheFormOfASecret();
    void leavesInnocentText_data();
    void leavesInnocentText();
    void masksWhatIsKnownHere();
    void keepsJsonWhole();
};

static const QByteArray thirtySix = "abcdefghijklmnopqrstuvwxyz0123456789";

void tst_SecretMask::masksWhatHasTheFormOfASecret_data()
{
    QTest::addColumn<QByteArray>("secret");
    QTest::addColumn<QString>("kind");
    QTest::newRow("OpenAI") << "sk-proj-" + thirtySix << u"openai_key"_s;
    QTest::newRow("Anthropic") << "sk-ant-" + thirtySix << u"anthropic_key"_s;
    QTest::newRow("GitHub") << "ghp_" + thirtySix << u"github_token"_s;
    QTest::newRow("AWS") << QByteArray("AKIAIOSFODNN7EXAMPLE") << u"aws_key_id"_s;
    QTest::newRow("Google") << "AIza" + thirtySix << u"google_key"_s;
    QTest::newRow("npm") << "npm_" + thirtySix << u"npm_token"_s;
    QTest::newRow("web token") << "eyJ" + thirtySix + "." + thirtySix + "." + thirtySix << u"json_web_token"_s;
    QTest::newRow("bearer") << "Bearer " + thirtySix << u"bearer_token"_s;
    QTest::newRow("private key") << QByteArray(
                                        "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----")
                                 << u"private_key"_s;
}

void tst_SecretMask::masksWhatHasTheFormOfASecret()
{
    QFETCH(QByteArray, secret);
    QFETCH(QString, kind);
    llm::SecretMask mask;
    QCOMPARE(mask.applied("before\n" + secret + " after " + secret + "."), "before\n[redacted] after [redacted].");
    QCOMPARE(mask.counts(), (std::map<QString, qint64>{{kind, 2}}));
}

void tst_SecretMask::leavesInnocentText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("short") << QByteArray("sk-1 and ghp_x, AKIA");
    QTest::newRow("in a word") << "desk-" + thirtySix;
    QTest::newRow("a dotted name") << "eyJ" + thirtySix + ".cpp";
    QTest::newRow("a public key") << QByteArray("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----");
    QTest::newRow("dashes") << QByteArray("---- a line ----");
}

void tst_SecretMask::leavesInnocentText()
{
    QFETCH(QByteArray, text);
    llm::SecretMask mask;
    QCOMPARE(mask.applied(text), text);
    QVERIFY(mask.counts().empty());
}

void tst_SecretMask::masksWhatIsKnownHere()
{
    Settings settings;
    settings.provider.headers = {{u"x-team"_s, u"quoted\"header"_s}};
    settings.mcpServers = {{.name = u"m"_s, .bearerToken = Secret("of-a-server")}};
    settings.environment.exclude = {u"PLAIN_NAME"_s};
    llm::SecretMask mask(llm::knownSecrets(settings, {u"MY_SECRET=hunter2hunter2"_s, u"HOME=/home/somebody"_s,
                                                      u"A_TOKEN=short"_s, u"PLAIN_NAME=named-by-settings"_s}));
    QCOMPARE(mask.applied("hunter2hunter2 quoted\"header quoted\\\"header /home/somebody short"),
             "[redacted] [redacted] [redacted] /home/somebody short");
    QCOMPARE(mask.counts(), (std::map<QString, qint64>{{u"configured"_s, 3}}));
    QCOMPARE(mask.applied("of-a-server named-by-settings http://u:pw@h/?key=k"),
             "[redacted] [redacted] http://u:[redacted]@h/?key=[redacted]");
    QCOMPARE(mask.counts(), (std::map<QString, qint64>{{u"configured"_s, 5}, {u"url"_s, 2}}));
}

void tst_SecretMask::keepsJsonWhole()
{
    const QString said = u"line\nsk-%1\n-----BEGIN RSA PRIVATE KEY-----\nabc"_s.arg(QLatin1StringView(thirtySix));
    const QByteArray line = json::object({{"text", said}, {"more", "-----BEGIN RSA PRIVATE KEY-----\\\"x"}}).text;
    llm::SecretMask mask;
    const auto masked = JsonDocument::parse(mask.applied(line));
    QVERIFY(masked);
    QCOMPARE(masked->root()["text"].toString(), u"line\n[redacted]\n[redacted]"_s);
    QCOMPARE(masked->root()["more"].toString().first(10), u"[redacted]"_s);
}

QTEST_APPLESS_MAIN(tst_SecretMask)
#include "tst_secretmask.moc"
