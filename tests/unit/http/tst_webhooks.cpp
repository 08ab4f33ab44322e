#include "base/jsonreader.h"
#include "http/outbox.h"
#include "support/serving.h"
#include <QRegularExpression>
#include <QTcpServer>
#include <algorithm>

using namespace nightshift;
using namespace nightshift::http;
using namespace nightshift::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Who is told of events, of which, how often, and where to.
class tst_Webhooks : public QObject
{
    Q_OBJECT

private slots:
    void signsAsTheStandardSays();
    void signsWithBothSecretsForADay();
    void readsWhatIsAskedFor_data();
    void readsWhatIsAskedFor();
    void goesOnlyWhereItMay_data();
    void goesOnlyWhereItMay();
    void knowsAddressesInEverySpelling_data();
    void knowsAddressesInEverySpelling();
    void tellsWhatWasAskedForInOrder();
    void repeatsUntilItIsHeard();
    void givesUpAfterAllTries();
    void stopsWhenTheReceiverIsGone();
    void followsNoRedirect();
    void asksNoLongerThanItsTimeout();
    void tellsAfterARestartWhatWasNotHeard();
    void tellsNothingOfTheTimeBeforeIt();
    void connectsToTheAddressThatWasJudged();
    void triesAgainWhenAsked();
    void keepsItsSecretFromOthers();
};

/// A receiver on this machine: notes what it is sent, answers with the statuses it was given, then with 204.
class Hook : public QObject
{
    Q_OBJECT

public:
    Hook()
    {
        m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
        });
    }
    QUrl url() const { return QUrl(u"http://127.0.0.1:%1/hook"_s.arg(m_server.serverPort())); }
    QByteArray field(qsizetype request, const QByteArray &name) const
    {
        const QRegularExpression line(u"\r\n%1: ([^\r]*)"_s.arg(QString::fromLatin1(name)),
                                      QRegularExpression::CaseInsensitiveOption);
        return line.match(QString::fromUtf8(requests[request])).captured(1).toLatin1();
    }
    QByteArray body(qsizetype request) const
    {
        return requests[request].sliced(requests[request].indexOf("\r\n\r\n") + 4);
    }

    QByteArrayList requests;
    QByteArrayList answers; ///< Status lines and fields; "" for none at all.

private:
    void read(QTcpSocket *socket)
    {
        QByteArray &got = m_got[socket];
        got += socket->readAll();
        const qsizetype end = got.indexOf("\r\n\r\n"), at = got.toLower().indexOf("\r\ncontent-length: ");
        if (end < 0 || got.size() < end + 4 + got.sliced(at + 18).split('\r')[0].toLongLong())
            return;
        requests += std::exchange(got, {});
        const QByteArray answer = answers.isEmpty() ? "204 No Content" : answers.takeFirst();
        if (!answer.isEmpty())
            socket->write("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n");
    }
    QTcpServer m_server;
    QHash<QTcpSocket *, QByteArray> m_got;
};

/// An outbox, and logs of sessions for it.
struct Office
{
    Office() { open(); }
    void open()
    {
        outbox.reset();
        outbox = std::make_unique<Outbox>(
            folder.path(), *WebhookTargets::allowing(allowed),
            [this](const QString &session) -> std::unique_ptr<FeedSource> {
                return logs.contains(session) ? std::make_unique<MemoryFeed>(*logs[session]) : nullptr;
            },
            times, &metrics);
    }
    /// Writes an event, without telling the outbox.
    FeedEvent write(const QString &session, const QByteArray &type, const QByteArray &time = "2999-01-01T00:00:00.000Z")
    {
        std::unique_ptr<MemoryLog> &log = logs[session];
        if (!log)
            log = std::make_unique<MemoryLog>();
        log->append(type, "{\"type\":\"" + type + "\",\"error\":{\"code\":\"limit_cost\"},\"time\":\"" + time +
                              "\",\"session_id\":\"" + session.toLatin1() + "\",\"turn_id\":\"t\"}");
        return log->events.back();
    }
    void happen(const QString &session, const QByteArray &type)
    {
        const FeedEvent event = write(session, type);
        outbox->onRecorded(session, event);
    }
    Webhook add(const Hook &hook, const QByteArrayList &types = {"turn.*"})
    {
        return *outbox->add({.url = hook.url(), .types = types});
    }

    QTemporaryDir folder;
    QStringList allowed;
    WebhookTimes times{.retries = {10ms, 20ms, 30ms}, .timeout = 30s};
    std::map<QString, std::unique_ptr<MemoryLog>> logs;
    Metrics metrics;
    std::unique_ptr<Outbox> outbox;
};

static QString seqs(const Hook &hook)
{
    QStringList all;
    for (qsizetype i = 0; i < hook.requests.size(); ++i) {
        const auto body = JsonDocument::parse(hook.body(i));
        all += body->root()["data"]["session"].toString() + QString::number(body->root()["data"]["seq"].toInteger());
    }
    return all.join(u' ');
}

void tst_Webhooks::signsAsTheStandardSays()
{
    // The example of the standard's own libraries
    const Headers fields = signedFields({Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")},
                                        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}");
    QCOMPARE(fields.value("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    QCOMPARE(fields.value("webhook-id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
    QCOMPARE(fields.value("webhook-timestamp"), "1614265330");
}

void tst_Webhooks::signsWithBothSecretsForADay()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"webhooks.json"_s);
    WebhookStore store(path);
    const QString id = store.add({.url = QUrl(u"https://ci.example/x"_s), .types = {"*"}})->id;
    const QByteArray former = store.find(id)->secret.reveal();
    QVERIFY(store.rotate(id));
    const auto secrets = [&](qint64 later) {
        const WebhookStore again(path);
        QByteArrayList all;
        for (const Secret &each : again.find(id)->secrets(QDateTime::currentSecsSinceEpoch() + later))
            all += each.reveal();
        return all;
    };
    const QByteArray newer = store.find(id)->secret.reveal();
    QVERIFY(newer != former);
    QCOMPARE(secrets(0), (QByteArrayList{newer, former}));
    QCOMPARE(secrets(25 * 3600), QByteArrayList{newer});
    const Headers both = signedFields(store.find(id)->secrets(0), "msg_1", 0, "{}");
    QCOMPARE(both.value("webhook-signature"),
             signedFields({Secret(newer)}, "msg_1", 0, "{}").value("webhook-signature") + ' ' +
                 signedFields({Secret(former)}, "msg_1", 0, "{}").value("webhook-signature"));
    QVERIFY(!store.rotate(u"wh_none"_s));
}

void tst_Webhooks::readsWhatIsAskedFor_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char *name, QByteArray body, const char *answer) {
        QTest::newRow(name) << body.replace('\'', '"') << QString::fromLatin1(answer);
    };
    row("all", "{'url':'https://ci.example/x','types':['turn.*'],'description':'d'}", "https://ci.example/x turn.* d");
    row("the usual types", "{'url':'https://ci.example/x'}",
        "https://ci.example/x turn.completed,turn.failed,session.closed,approval.*,limit.reached,batch.done ");
    row("no JSON", "{", "invalid_json ");
    row("no URL", "{}", "validation_failed /url");
    row("another scheme", "{'url':'ftp://ci.example/x'}", "validation_failed /url");
    row("a password", "{'url':'https://a:b@ci.example/x'}", "validation_failed /url");
    row("no types", "{'url':'https://ci.example/x','types':[]}", "validation_failed /types");
    row("a type that never comes", "{'url':'https://ci.example/x','types':['turn.*','turn.done']}",
        "validation_failed /types/1");
    row("all there is", "{'url':'https://ci.example/x','types':['*','batch.item.done']}",
        "https://ci.example/x *,batch.item.done ");
    row("types that are none", "{'url':'https://ci.example/x','types':[7]}", "validation_failed /types");
    row("something else", "{'url':'https://ci.example/x','events':[]}", "validation_failed /events");
}

void tst_Webhooks::readsWhatIsAskedFor()
{
    QFETCH(QByteArray, body);
    const auto read = readWebhook(body);
    QString answer;
    if (read)
        answer = read->url.toString() + u' ' + QString::fromLatin1(read->types.join(',')) + u' ' + read->description;
    else
        answer = QLatin1StringView(kindOf(read.error().code).name) + u' ' +
                 (read.error().errors.empty() ? QString() : read.error().errors[0].pointer);
    QTEST(answer, "answer");
}

void tst_Webhooks::goesOnlyWhereItMay_data()
{
    QTest::addColumn<QString>("scheme");
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("may");
    const auto row = [](const char *scheme, const char *address, bool may) {
        QTest::addRow("%s to %s", scheme, address)
            << QString::fromLatin1(scheme) << QString::fromLatin1(address) << may;
    };
    row("https", "93.184.216.34", true);
    row("http", "93.184.216.34", false);
    row("https", "2606:2800:220:1::1", true);
    row("http", "127.0.0.1", true);
    row("http", "127.8.8.8", true);
    row("https", "::1", true);
    row("http", "::ffff:127.0.0.1", true);
    for (const char *address : {"10.0.0.1",
                                "172.16.3.4",
                                "192.168.1.1",
                                "169.254.169.254",
                                "100.64.0.1",
                                "0.0.0.0",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::",
                                "fe80::1",
                                "fd00::1",
                                "ff02::1",
                                "::ffff:10.0.0.1",
                                "::ffff:169.254.169.254",
                                "64:ff9b::a00:1",
                                "2002:a00:1::1",
                                "::10.0.0.1",
                                "::127.0.0.1",
                                "::2",
                                "64:ff9b:1::a00:1",
                                "64:ff9b::7f00:1",
                                "2001:0:53aa:64c::f5ff:fffe",
                                "2002:7f00:1::",
                                "2a00::5efe:a00:1",
                                "2a00::200:5efe:a00:1",
                                "100::1",
                                "3fff::1",
                                "5f00::1",
                                "fec0::1",
                                "fe80::1%lo",
                                "2001:db8::1",
                                "4000::1",
                                "198.18.0.1",
                                "192.0.0.8",
                                "240.0.0.1"})
        row("https", address, false);
    row("http", "10.1.2.3", true);
    row("https", "10.1.2.3", true);
    row("https", "10.2.2.3", false);
    row("http", "fd12::7", true);
}

void tst_Webhooks::goesOnlyWhereItMay()
{
    QFETCH(QString, scheme);
    QFETCH(QString, address);
    const auto targets = WebhookTargets::allowing({u"10.1.0.0/16"_s, u"fd12::7"_s});
    QVERIFY(targets);
    QTEST(targets->allow(QUrl(scheme + u"://name.example/"_s), QHostAddress(address)), "may");
    QVERIFY(!WebhookTargets::allowing({u"everywhere"_s}));
}

void tst_Webhooks::knowsAddressesInEverySpelling_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<bool>("may");
    const auto row = [](const char *host, bool may) { QTest::newRow(host) << QString::fromUtf8(host) << may; };
    for (const char *host : {"10.0.0.1",
                             "10.0.0.1.",
                             "10.1",
                             "0x0a.0.0.1",
                             "0x0a000001",
                             "167772161",
                             "012.0.0.1",
                             "012.1",
                             "0xA9FEA9FE",
                             "2852039166",
                             "169.254.43518",
                             "0251.0376.0251.0376",
                             "%31%30.0.0.1",
                             "10\u30020\u30020\u30021",
                             "\uFF11\uFF10.0.0.1",
                             "0",
                             "0.0.0.0",
                             "00",
                             "[::]",
                             "[::10.0.0.1]",
                             "[::127.0.0.1]",
                             "[::ffff:10.0.0.1]",
                             "[::ffff:a9fe:a9fe]",
                             "[0:0:0:0:0:ffff:10.0.0.1]",
                             "[64:ff9b::10.0.0.1]",
                             "[64:ff9b:1::1]",
                             "[2002:0a00:0001::]",
                             "[2001::f5ff:fffe]",
                             "[fe80::1%25lo]",
                             "[fd00::1]",
                             "[ff02::1]",
                             "100.64.0.1",
                             "224.0.0.1",
                             "255.255.255.255"})
        row(host, false);
    for (const char *host : {"127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]",
                             "localhost", "93.184.216.34", "[2606:2800:220:1::1]", "ci.example", "ci.example."})
        row(host, true);
}

void tst_Webhooks::knowsAddressesInEverySpelling()
{
    QFETCH(const QString, host);
    const QUrl url(u"https://"_s + host + u"/hook"_s, QUrl::StrictMode);
    QTEST(url.isValid() && !url.host().isEmpty() && !WebhookTargets().refuse(url), "may");
}

void tst_Webhooks::tellsWhatWasAskedForInOrder()
{
    Office office;
    Hook hook;
    const Webhook webhook = office.add(hook);
    for (const QByteArray type : {"turn.queued", "item.completed", "turn.started", "turn.failed", "session.closed"}) {
        office.happen(u"a"_s, type);
        office.happen(u"b"_s, type);
    }
    QTRY_COMPARE_WITH_TIMEOUT(hook.requests.size(), 6, 30'000);
    QCOMPARE(seqs(hook).count(u'a'), 3);
    QVERIFY(seqs(hook).remove(QRegularExpression(u"b\\d ?"_s)).startsWith(u"a1 a3 a4"_s));
    const qsizetype last = seqs(hook).split(u' ').indexOf(u"a4"_s);
    QCOMPARE(hook.body(last),
             "{\"type\":\"turn.failed\",\"timestamp\":\"2999-01-01T00:00:00.000Z\",\"data\":{\"session\":\"a\","
             "\"turn\":\"t\",\"outcome\":\"failed\",\"reason\":\"limit_cost\",\"seq\":4}}");
    QCOMPARE(hook.field(last, "webhook-id"), messageId(webhook.id, u"a"_s, 4));
    const QByteArray signature = signedFields({webhook.secret}, hook.field(last, "webhook-id"),
                                              hook.field(last, "webhook-timestamp").toLongLong(), hook.body(last))
                                     .value("webhook-signature");
    QCOMPARE(hook.field(last, "webhook-signature"), signature);
    QCOMPARE(hook.field(last, "Content-Type"), "application/json");
    QTRY_COMPARE(office.outbox->deliveries(webhook.id)[0].status, Delivery::Status::Delivered);
}

void tst_Webhooks::repeatsUntilItIsHeard()
{
    Office office;
    Hook hook;
    hook.answers = {"500 No", "404 No", "503 No"};
    const Webhook webhook = office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    office.happen(u"a"_s, "turn.failed");
    QTRY_COMPARE_WITH_TIMEOUT(seqs(hook), u"a1 a1 a1 a1 a2"_s, 30'000);
    QCOMPARE(hook.field(3, "webhook-id"), hook.field(0, "webhook-id"));
    QVERIFY(hook.field(4, "webhook-id") != hook.field(0, "webhook-id"));
    QTRY_COMPARE(office.outbox->deliveries(webhook.id).size(), 2);
    QTRY_COMPARE(office.outbox->deliveries(webhook.id)[0].status, Delivery::Status::Delivered);
    QCOMPARE(office.outbox->deliveries(webhook.id)[1].attempts, 4);
    QVERIFY(office.metrics.text().contains("nightshift_webhook_deliveries_total{result=\"delivered\"} 2\n"));
}

void tst_Webhooks::givesUpAfterAllTries()
{
    Office office;
    Hook hook;
    hook.answers = {"500 No", "500 No", "500 No", "500 No"};
    const Webhook webhook = office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    office.happen(u"a"_s, "turn.failed");
    QTRY_COMPARE_WITH_TIMEOUT(seqs(hook), u"a1 a1 a1 a1 a2"_s, 30'000);
    const Delivery given = office.outbox->deliveries(webhook.id).back();
    QCOMPARE(given.status, Delivery::Status::Failed);
    QCOMPARE(given.error, u"the receiver answered 500"_s);
}

void tst_Webhooks::stopsWhenTheReceiverIsGone()
{
    Office office;
    Hook hook;
    hook.answers = {"410 Gone"};
    const Webhook webhook = office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    QTRY_VERIFY_WITH_TIMEOUT(office.outbox->find(webhook.id)->isDisabled, 30'000);
    office.happen(u"a"_s, "turn.failed");
    office.open();
    QVERIFY(office.outbox->find(webhook.id)->isDisabled);
    office.happen(u"b"_s, "turn.failed");
    Hook other;
    office.add(other);
    office.happen(u"c"_s, "turn.failed");
    QTRY_COMPARE_WITH_TIMEOUT(other.requests.size(), 1, 30'000);
    QCOMPARE(hook.requests.size(), 1);
}

void tst_Webhooks::followsNoRedirect()
{
    Office office;
    Hook hook, other;
    hook.answers = {"302 Found\r\nLocation: " + other.url().toEncoded()};
    office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    QTRY_COMPARE_WITH_TIMEOUT(hook.requests.size(), 2, 30'000); // again, for that was no 2xx
    QCOMPARE(other.requests.size(), 0);
}

void tst_Webhooks::asksNoLongerThanItsTimeout()
{
    Office office;
    office.times.timeout = 50ms;
    office.open();
    Hook hook;
    hook.answers = {"", "", "", ""};
    const Webhook webhook = office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    const auto isOver = [&] {
        const auto all = office.outbox->deliveries(webhook.id);
        return !all.empty() && all[0].status == Delivery::Status::Failed;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isOver(), 30'000);
    QCOMPARE(office.outbox->deliveries(webhook.id)[0].error, u"no answer in 50 ms"_s);
}

void tst_Webhooks::tellsAfterARestartWhatWasNotHeard()
{
    Office office;
    office.times.retries = {1h};
    office.open();
    Hook hook;
    hook.answers = {"204 Yes", "500 No"};
    const Webhook webhook = office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    office.happen(u"a"_s, "turn.completed"); // is not heard
    QTRY_COMPARE_WITH_TIMEOUT(seqs(hook), u"a1 a2"_s, 30'000);
    const auto waits = [&] { return !office.outbox->deliveries(webhook.id)[0].nextAttemptAt.isEmpty(); };
    QTRY_VERIFY(waits());
    office.write(u"a"_s, "turn.failed"); // and of this one nobody was told
    office.write(u"b"_s, "turn.failed");
    office.open();
    office.outbox->catchUp({u"a"_s, u"b"_s, u"gone"_s});
    QTRY_COMPARE_WITH_TIMEOUT(hook.requests.size(), 5, 30'000);
    QCOMPARE(seqs(hook).remove(u"b1"_s).simplified(), u"a1 a2 a2 a3"_s);
    QCOMPARE(hook.field(seqs(hook).split(u' ').lastIndexOf(u"a2"_s), "webhook-id"), hook.field(1, "webhook-id"));
    const auto areHeard = [&] { // not only received: an answer that was not read is no answer
        return std::ranges::all_of(office.outbox->deliveries(webhook.id),
                                   [](const Delivery &each) { return each.status == Delivery::Status::Delivered; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(areHeard(), 30'000);
    office.open();
    office.outbox->catchUp({u"a"_s, u"b"_s});
    office.happen(u"c"_s, "turn.failed");
    QTRY_COMPARE_WITH_TIMEOUT(hook.requests.size(), 6, 30'000);
    QVERIFY(seqs(hook).endsWith(u"c1"_s));
}

void tst_Webhooks::tellsNothingOfTheTimeBeforeIt()
{
    Office office;
    office.write(u"a"_s, "turn.completed", "2020-01-01T00:00:00.000Z");
    Hook hook;
    office.add(hook);
    office.outbox->catchUp({u"a"_s});
    office.happen(u"a"_s, "turn.failed");
    QTRY_COMPARE_WITH_TIMEOUT(seqs(hook), u"a2"_s, 30'000);
}

void tst_Webhooks::connectsToTheAddressThatWasJudged()
{
    Office office;
    Hook hook;
    QUrl url = hook.url();
    url.setHost(u"localhost"_s);
    const Webhook webhook = *office.outbox->add({.url = url, .types = {"turn.*"}});
    office.happen(u"a"_s, "turn.completed");
    QTRY_COMPARE_WITH_TIMEOUT(hook.requests.size(), 1, 30'000);
    QCOMPARE(hook.field(0, "Host"), "localhost:" + QByteArray::number(url.port()));

    const auto refused = [&](const char *text) {
        return WebhookTargets::allowing({})->refuse(QUrl(QLatin1StringView(text))).value_or(u"taken"_s);
    };
    QCOMPARE(refused("http://localhost:1/"), u"taken"_s);
    QCOMPARE(refused("http://127.0.0.1:1/"), u"taken"_s);
    QCOMPARE(refused("https://ci.example/"), u"taken"_s);
    QCOMPARE(refused("http://ci.example/"), u"must be https, or http to this machine"_s);
    QCOMPARE(refused("https://169.254.169.254/"),
             u"is in a private network; --webhook-allow would let webhooks go there"_s);
}

void tst_Webhooks::triesAgainWhenAsked()
{
    Office office;
    office.times.retries = {1h};
    office.open();
    Hook hook;
    hook.answers = {"500 No", "204 Yes"};
    const Webhook webhook = office.add(hook);
    office.happen(u"a"_s, "turn.completed");
    const auto state = [&] { return office.outbox->deliveries(webhook.id)[0]; };
    QTRY_VERIFY_WITH_TIMEOUT(!state().nextAttemptAt.isEmpty(), 30'000);
    QVERIFY(office.outbox->retry(webhook.id, state().id));
    QTRY_COMPARE_WITH_TIMEOUT(state().status, Delivery::Status::Delivered, 30'000);
    QVERIFY(office.outbox->retry(webhook.id, state().id)); // once more, although it was heard
    QTRY_COMPARE_WITH_TIMEOUT(seqs(hook), u"a1 a1 a1"_s, 30'000);
    QTRY_COMPARE(state().status, Delivery::Status::Delivered);
    QCOMPARE(office.outbox->deliveries(webhook.id).size(), 1);
    QVERIFY(!office.outbox->retry(webhook.id, "msg_nobody"));
}

void tst_Webhooks::keepsItsSecretFromOthers()
{
    Office office;
    Hook hook;
    const Webhook webhook = office.add(hook);
    QVERIFY(QByteArray::fromBase64(webhook.secret.reveal().sliced(6)).size() == 32);
    QVERIFY(!toJson(webhook).text.contains("whsec_"));
    const QFile::Permissions others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QCOMPARE(QFile::permissions(office.folder.filePath(u"webhooks.json"_s)) & others, QFile::Permissions());
    office.open();
    QCOMPARE(office.outbox->find(webhook.id)->secret.reveal(), webhook.secret.reveal());
    QVERIFY(office.outbox->remove(webhook.id));
    office.open();
    QVERIFY(office.outbox->webhooks().empty());
}

QTEST_GUILESS_MAIN(tst_Webhooks)
#include "tst_webhooks.moc"
