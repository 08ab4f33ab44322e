#include "support/service.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// Sessions that leave a service and come to another, and what they came to, from a client's side.
class tst_ServeBundle : public QObject
{
    Q_OBJECT

private slots:
    void movesASessionToAnotherService();
    void makesAZipWhileTheClientWaits();
    void masksSecrets();
    void goesOnWhereTheClientSays();
    void refusesWhatIsWrong_data();
    void refusesWhatIsWrong();
    void showsWhatASessionCameTo();
    void showsNothingElseOfTheDisk_data();
    void showsNothingElseOfTheDisk();
};

/// A session that patched a file; its id.
static QByteArray session(Service &service)
{
    service.program.write(u"a.txt"_s, "one\ntwo\n");
    const QByteArray patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+three\n*** End Patch\n";
    service.program.server.play({sse::patch("c1", patch), sse::completed()});
    service.program.server.play({sse::message("m1", "{\"changed\":1}"), sse::completed()});
    const QByteArray id = service.create(R"("cwd":")" + service.program.work().toUtf8() +
                                         R"(","sandbox":"workspace-write","input":"Change it")");
    return service.becomes(id, "idle") ? id : QByteArray();
}

static QByteArray sessions(const QByteArray &id, const QByteArray &rest = {})
{
    return "/v1/sessions/" + id + rest;
}

static Reply import(Service &service, const QByteArray &bundle, const QByteArray &type = "application/gzip")
{
    return service.post("/v1/sessions/import", bundle, {}, type);
}

static QByteArray tarOf(const QByteArray &bundle, const QStringList &words)
{
    QProcess tar;
    tar.start(u"tar"_s, words);
    tar.write(bundle);
    tar.closeWriteChannel();
    tar.waitForFinished();
    return tar.readAllStandardOutput() + tar.readAllStandardError();
}

void tst_ServeBundle::movesASessionToAnotherService()
{
    Service here, there;
    here.start();
    there.start();
    const QByteArray id = session(here);
    const Reply bundle = here.get(sessions(id, "/bundle"));
    QCOMPARE(bundle.status, 200);
    QCOMPARE(bundle.field("Content-Type"), "application/gzip");
    QCOMPARE(bundle.field("Transfer-Encoding"), "chunked");
    QCOMPARE(bundle.field("Content-Disposition"), "attachment; filename=\"" + id + ".tar.gz\"");
    QVERIFY(tarOf(bundle.body, {u"-tzf"_s, u"-"_s}).startsWith("bundle/manifest.json\nbundle/rollout.jsonl\n"));

    const Reply imported = import(there, bundle.body);
    QCOMPARE(imported.status, 201);
    QCOMPARE(imported.field("Location"), sessions(id));
    QCOMPARE(imported.text("status"), "idle");
    QVERIFY(imported.json().root()["imported_from"].isObject());
    QCOMPARE(there.events(id), here.events(id));
    QCOMPARE(import(there, bundle.body).status, 200);
    QCOMPARE(import(here, bundle.body).status, 200);
    QVERIFY(there.get("/v1/sessions").body.contains(id));
}

void tst_ServeBundle::makesAZipWhileTheClientWaits()
{
    Service here, there;
    here.start();
    there.start();
    const QByteArray id = session(here);
    const Reply zip = here.get(sessions(id, "/bundle?format=zip"), "Prefer: wait=60\r\n");
    QCOMPARE(zip.status, 200);
    QVERIFY(zip.body.startsWith("PK"));
    // Whoever does not wait is told to come again, and finds it.
    Reply reply;
    QTRY_COMPARE((reply = here.get(sessions(id, "/bundle?format=zip&include=files"))).status, 200);
    QVERIFY(!reply.field("ETag").isEmpty());
    const Reply part =
        here.get(sessions(id, "/bundle?format=zip&include=files"), "Range: bytes=0-1\r\nPrefer: wait=60\r\n");
    QCOMPARE(part.status, 206);
    QCOMPARE(part.body, "PK");
    QCOMPARE(import(there, zip.body, "application/zip").status, 201);
    QCOMPARE(there.events(id), here.events(id));
}

void tst_ServeBundle::masksSecrets()
{
    Service service;
    service.start();
    const QByteArray key = "sk-proj-abcdefghijklmnopqrstuvwxyz012345";
    service.program.server.play({sse::message("m1", "It is " + key), sse::completed()});
    const QByteArray id = service.create(R"("cwd":")" + service.program.work().toUtf8() + R"(","input":"Tell me")");
    QVERIFY(service.becomes(id, "idle"));
    const QByteArray open = service.get(sessions(id, "/bundle")).body;
    QVERIFY(tarOf(open, {u"-xzOf"_s, u"-"_s}).contains(key));
    const QByteArray masked = service.get(sessions(id, "/bundle?redact=1")).body;
    const QByteArray all = tarOf(masked, {u"-xzOf"_s, u"-"_s});
    QVERIFY(!all.contains(key) && all.contains("It is [redacted]") && all.contains("\"kind\":\"openai_key\""));
}

void tst_ServeBundle::goesOnWhereTheClientSays()
{
    Service there;
    there.start();
    QByteArray id, bundle;
    {
        Service here;
        here.start();
        id = session(here);
        bundle = here.get(sessions(id, "/bundle")).body;
    }
    QCOMPARE(import(there, bundle).status, 201);
    const Reply nowhere = there.post(sessions(id, "/turns"), R"({"input":"Go on"})");
    QVERIFY2(nowhere.status == 403 || nowhere.status == 422, nowhere.body);
    QVERIFY2(nowhere.body.contains("cwd"), nowhere.body);
    there.program.server.play({sse::message("m2", "Went on."), sse::completed()});
    const Reply turn =
        there.post(sessions(id, "/turns"), R"({"input":"Go on","cwd":")" + there.program.work().toUtf8() + R"("})",
                   "Prefer: wait=60\r\n");
    QCOMPARE(turn.status, 200);
    QCOMPARE(turn.json().root()["result"]["text"].utf8().toByteArray(), "Went on.");
    QVERIFY(there.program.server.requests().back().input().contains("Change it"));
    QCOMPARE(there.get(sessions(id)).text("cwd"), there.program.work().toUtf8());
}

void tst_ServeBundle::refusesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    const QByteArray nobody = "/v1/sessions/01a1fbce-612f-7362-a1a6-e4356cdc164a";
    QTest::newRow("no bundle") << QByteArray("POST") << QByteArray("/v1/sessions/import")
                               << QByteArray("something else") << 422 << QByteArray("bundle_invalid");
    QTest::newRow("no session") << QByteArray("GET") << nobody + "/bundle" << QByteArray() << 404
                                << QByteArray("not_found");
    QTest::newRow("no session's files") << QByteArray("GET") << nobody + "/files" << QByteArray() << 404
                                        << QByteArray("not_found");
    for (const char *query : {"format=rar", "redact=yes", "include=keys"})
        QTest::newRow(query) << QByteArray("GET") << nobody + "/bundle?" + query << QByteArray() << 400
                             << QByteArray("invalid_parameter");
}

void tst_ServeBundle::refusesWhatIsWrong()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    Service service;
    service.start();
    const Reply reply = method == "POST" ? import(service, body) : service.get(path);
    QCOMPARE(reply.status, status);
    QCOMPARE(reply.text("code"), code);
}

void tst_ServeBundle::showsWhatASessionCameTo()
{
    Service service;
    service.start();
    const QByteArray id = session(service);
    QByteArrayList names;
    const JsonDocument list = service.get(sessions(id, "/files")).json();
    for (const JsonView file : list.root()["data"].items())
        names += file["name"].utf8().toByteArray();
    QCOMPARE(names.join(' '), "last_message.md result.json diff.patch");
    const Reply message = service.get(sessions(id, "/files/last_message.md"));
    QCOMPARE(message.body, "{\"changed\":1}\n");
    QCOMPARE(message.field("Content-Type"), "text/markdown; charset=utf-8");
    const QByteArray etag = message.field("ETag");
    QCOMPARE(service.get(sessions(id, "/files/last_message.md"), "If-None-Match: " + etag + "\r\n").status, 304);
    const Reply part = service.get(sessions(id, "/files/last_message.md"), "Range: bytes=2-8\r\n");
    QCOMPARE(part.status, 206);
    QCOMPARE(part.body, "changed");
    QCOMPARE(part.field("Content-Range"), "bytes 2-8/14");
    const Reply outside = service.get(sessions(id, "/files/last_message.md"), "Range: bytes=99-\r\n");
    QCOMPARE(outside.status, 416);
    QCOMPARE(outside.field("content-range"),
             "bytes */" + QByteArray::number(service.get(sessions(id, "/files/last_message.md")).body.size()));
    const Reply result = service.get(sessions(id, "/files/result.json"));
    QCOMPARE(result.json().root()["result"]["json"]["changed"].toInteger(), 1);
    const Reply diff = service.get(sessions(id, "/diff"));
    QCOMPARE(diff.field("Content-Type"), "text/x-diff");
    QVERIFY2(diff.body.contains("-two\n+three\n"), diff.body);
    QCOMPARE(service.get(sessions(id, "/files/diff.patch")).body, diff.body);
    QCOMPARE(service.get(sessions(id, "/diff?turn=last")).body, diff.body);
    QCOMPARE(service.get(sessions(id, "/diff?turn=t_2")).status, 404);
}

void tst_ServeBundle::showsNothingElseOfTheDisk_data()
{
    QTest::addColumn<QByteArray>("name");
    for (const char *name : {"a.txt", "rollout.jsonl", "manifest.json", "%2e%2e/manifest.json", "..%2fmanifest.json",
                             "files/..%2f..%2fconfig.toml", "%2fetc%2fpasswd", "files"})
        QTest::newRow(name) << QByteArray(name);
}

void tst_ServeBundle::showsNothingElseOfTheDisk()
{
    QFETCH(QByteArray, name);
    Service service;
    service.start();
    const QByteArray id = session(service);
    const Reply reply = service.get(sessions(id, "/files/" + name));
    QVERIFY2(reply.status == 404 || reply.status == 400, reply.body);
}

QTEST_GUILESS_MAIN(tst_ServeBundle)
#include "tst_serve_bundle.moc"
