#include "http/door.h"
#include <QTest>

using namespace nightshift::http;

/// Which requests are turned away before anything else is asked, and what a request says it would like.
class tst_Door : public QObject
{
    Q_OBJECT

private slots:
    void judgesHostsAndOrigins_data();
    void judgesHostsAndOrigins();
    void readsTheTypeOfABody();
    void choosesAType_data();
    void choosesAType();
    void readsHowLongToWait_data();
    void readsHowLongToWait();
};

static RequestHead headWith(const QByteArray &fields, const QByteArray &target = "/")
{
    QByteArray text = "GET " + target + " HTTP/1.1|" + fields + "||";
    return readHead(text.replace("|", "\r\n")).value();
}

void tst_Door::judgesHostsAndOrigins_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QByteArray>("verdict");
    const auto row = [](const char *name, const char *fields, const char *verdict) {
        QTest::newRow(name) << QByteArray(fields) << QByteArray(verdict);
    };
    const char *const ok = "welcome", *const host = "host_not_allowed", *const origin = "origin_not_allowed";
    row("localhost", "Host: localhost", ok);
    row("localhost with a port", "Host: LocalHost:8080", ok);
    row("loopback", "Host: 127.0.0.1:1", ok);
    row("IPv6 loopback", "Host: [::1]:8080", ok);
    row("named at start", "Host: ci.example", ok);
    row("no host", "X: y", host);
    row("two hosts", "Host: localhost|Host: localhost", host);
    row("empty host", "Host:", host);
    row("rebound name", "Host: evil.example", host);
    row("rebound name that looks like ours", "Host: localhost.evil.example", host);
    row("user in the host", "Host: localhost@evil.example", host);
    row("port that is none", "Host: localhost:8080x", host);
    row("list", "Host: localhost, evil.example", host);
    row("open bracket", "Host: [::1", host);
    row("own origin", "Host: localhost:8080|Origin: http://localhost:8080", ok);
    row("origin of another port", "Host: localhost:8080|Origin: http://localhost:9090", origin);
    row("origin of another scheme", "Host: localhost:8080|Origin: https://localhost:8080", origin);
    row("foreign origin", "Host: localhost|Origin: https://evil.example", origin);
    row("null origin", "Host: localhost|Origin: null", origin);
    row("empty origin", "Host: localhost|Origin:", origin);
    row("origin named at start", "Host: localhost|Origin: https://board.example|Sec-Fetch-Site: cross-site", ok);
    row("cross-site without an origin", "Host: localhost|Sec-Fetch-Site: cross-site", origin);
    row("typed into the address bar", "Host: localhost|Sec-Fetch-Site: none", ok);
}

void tst_Door::judgesHostsAndOrigins()
{
    QFETCH(QByteArray, fields);
    const Door door{.hosts = {"ci.example"}, .origins = {"https://board.example"}};
    const auto problem = door.refuse(headWith(fields));
    QTEST(QByteArray(problem ? kindOf(problem->code).name : "welcome"), "verdict");
}

void tst_Door::readsTheTypeOfABody()
{
    QCOMPARE(contentType(headWith("Content-Type: Application/JSON ; charset=utf-8")), "application/json");
    QCOMPARE(contentType(headWith("X: y")), "");
}

void tst_Door::choosesAType_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<QByteArray>("chosen");
    const auto row = [](const char *accept, const char *chosen) {
        QTest::newRow(accept) << QByteArray(accept) << QByteArray(chosen);
    };
    row("X: y", "application/json");
    row("Accept: */*", "application/json");
    row("Accept: text/event-stream", "text/event-stream");
    row("Accept: text/*, application/json;q=0.5", "text/event-stream");
    row("Accept: text/*;q=0.2|Accept: application/json;q=0.5", "application/json");
    row("Accept: application/json;q=0, */*", "text/event-stream");
    row("Accept: image/png", "none");
    row("Accept: application/json;q=0", "none");
}

void tst_Door::choosesAType()
{
    QFETCH(QByteArray, accept);
    QTEST(chooseType(headWith(accept), {"application/json", "text/event-stream"}).value_or("none"), "chosen");
}

void tst_Door::readsHowLongToWait_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<int>("seconds");
    QTest::newRow("none") << QByteArray("X: y") << -1;
    QTest::newRow("a minute") << QByteArray("Prefer: respond-async, wait=60") << 60;
    QTest::newRow("an hour") << QByteArray("Prefer: Wait=3600") << 600;
    QTest::newRow("no number") << QByteArray("Prefer: wait=soon") << -1;
    QTest::newRow("negative") << QByteArray("Prefer: wait=-1") << -1;
    QTest::newRow("another preference") << QByteArray("Prefer: handling=strict") << -1;
}

void tst_Door::readsHowLongToWait()
{
    QFETCH(QByteArray, field);
    QTEST(int(preferredWait(headWith(field)).value_or(std::chrono::seconds(-1)).count()), "seconds");
}

QTEST_APPLESS_MAIN(tst_Door)
#include "tst_door.moc"
