#include "archive/bundlewriter.h"
#include "archive/unpack.h"
#include "store/artifacts.h"
#include "store/bundleimport.h"
#include "store/bundlemanifest.h"
#include "store/sessionindex.h"
#include "support/filetree.h"
#include "support/loggenerator.h"
#include "support/rawarchive.h"
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

class tst_Bundles : public QObject
{
    Q_OBJECT

private slots:
    void bringsBackWhatItWrote_data();
    void bringsBackWhatItWrote();
    void writesToADeviceThatCannotSeek();
    void readsWhatOtherToolsPack_data();
    void readsWhatOtherToolsPack();
    void refusesHostileArchives_data();
    void refusesHostileArchives();
    void refusesTooMuch_data();
    void refusesTooMuch();
    void refusesWhatIsNotAsItsManifestSays_data();
    void refusesWhatIsNotAsItsManifestSays();
    void endsAtEveryCutWithASentence_data();
    void endsAtEveryCutWithASentence();
    void knowsTheSameBundleAgain();
    void keepsAnotherSessionOfThatId();
    void sweepsWhatAKilledImportLeft();
};

static const QString id = u"01a1fbce-612f-7362-a1a6-e4356cdc164a"_s;
static const QByteArray logText = longLog(100'000);

static store::BundleManifest manifest()
{
    return {.toolVersion = u"9"_s,
            .sessionId = id,
            .created = u"2026-11-21T08:00:00.000Z"_s,
            .log = u"rollout-2026-11-20T23-59-58-"_s + id + u".jsonl"_s,
            .cwd = u"/w"_s,
            .updated = 1'795'000'000};
}

static store::Bundle bundle()
{
    return store::sealed(manifest(), {store::bundleFile(u"rollout.jsonl"_s, logText),
                                      store::bundleFile(u"files/deep/"_s + QString(150, u'n'), "declared"),
                                      store::bundleFile(u"diff.patch"_s, "")});
}

static std::vector<RawEntry> entries()
{
    std::vector<RawEntry> entries;
    for (const store::BundleFile &file : bundle().files) {
        if (file.name.size() < 90)
            entries.push_back({"bundle/" + file.name.toUtf8(), file.content.toByteArray()});
    }
    // Its manifest named a file that a plain header has no room for.
    store::Bundle small = store::sealed(
        manifest(), {store::bundleFile(u"rollout.jsonl"_s, logText), store::bundleFile(u"diff.patch"_s, "")});
    entries[0].content = small.files[0].content.toByteArray();
    return entries;
}

static void save(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

static QByteArray written(store::BundleFormat format)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    archive::BundleWriter writer(bundle(), format, buffer);
    Result<bool> more = true;
    while (more && *more)
        more = writer.step();
    return more ? bytes : more.error().message.toUtf8();
}

/// A state folder, and imports into it.
class Home
{
public:
    QString state() const { return m_folder.path() + u"/state"_s; }
    FileTree tree() const { return readTree(state()); }
    Result<store::Imported> import(const QByteArray &archive)
    {
        save(m_folder.path() + u"/archive"_s, archive);
        const store::Archiver archiver{
            {}, [](const QString &from, const QString &folder) { return archive::unpack(from, folder); }};
        return store::importBundle(state(), m_folder.path() + u"/archive"_s, archiver, {});
    }
    QByteArray said(const QByteArray &archive)
    {
        const auto imported = import(archive);
        return imported ? "imported" : imported.error().message.toUtf8();
    }

private:
    QTemporaryDir m_folder;
};

void tst_Bundles::bringsBackWhatItWrote_data()
{
    QTest::addColumn<store::BundleFormat>("format");
    QTest::newRow("tar.gz") << store::BundleFormat::TarGz;
    QTest::newRow("zip") << store::BundleFormat::Zip;
}

void tst_Bundles::bringsBackWhatItWrote()
{
    QFETCH(store::BundleFormat, format);
    Home home;
    const auto imported = home.import(written(format));
    QVERIFY2(imported, qPrintable(imported ? QString() : imported.error().message));
    const QString path = u"sessions/2026/11/20/"_s + manifest().log;
    QCOMPARE(*imported, (store::Imported{id, home.state() + u'/' + path, u"/w"_s, false}));
    const FileTree tree = home.tree();
    QCOMPARE(tree[path], logText);
    QCOMPARE(tree[u"artifacts/"_s + id + u"/files/deep/"_s + QString(150, u'n')], "declared");
    QCOMPARE(QFileInfo(imported->path).lastModified().toSecsSinceEpoch(), manifest().updated);
    QCOMPARE(QFileInfo(imported->path).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    QVERIFY(!tree.keys().filter(u"imports/"_s).join(u' ').contains(u"bundle"_s));
    const auto origin = store::Artifacts(home.state(), id).origin();
    QVERIFY(origin);
    QCOMPARE(origin->logBytes, QFileInfo(imported->path).size());
}

namespace {

class Pipe : public QIODevice
{
public:
    QByteArray bytes;
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *, qint64) override { return -1; }
    qint64 writeData(const char *data, qint64 length) override
    {
        bytes.append(data, length);
        return length;
    }
};

} // namespace

void tst_Bundles::writesToADeviceThatCannotSeek()
{
    Pipe pipe;
    pipe.open(QIODevice::WriteOnly | QIODevice::Unbuffered);
    archive::BundleWriter writer(bundle(), store::BundleFormat::TarGz, pipe);
    qsizetype largest = 0;
    for (Result<bool> more = true; *more;) {
        const qsizetype before = pipe.bytes.size();
        more = writer.step();
        QVERIFY(more);
        largest = std::max(largest, pipe.bytes.size() - before);
    }
    QVERIFY(largest < 128 * 1024);
    Home home;
    QCOMPARE(home.said(pipe.bytes), "imported");
}

/// The name in a header of its own, as GNU and as POSIX write names that are long.
static QByteArray withLongName(const QByteArray &name, char type)
{
    const QByteArray path = "path=" + name + '\n';
    const qsizetype digits = path.size() + 3 > 99 ? 3 : 2;
    const QByteArray record = QByteArray::number(path.size() + digits + 1) + ' ' + path;
    return tarEntry({"././@LongLink", type == 'L' ? name + '\0' : record, type});
}

void tst_Bundles::readsWhatOtherToolsPack_data()
{
    QTest::addColumn<QByteArray>("archive");
    const std::vector<RawEntry> good = entries();
    QTest::newRow("plain tar") << gzipped(tarOf(good));
    QTest::newRow("zip without packing") << zipOf(good);
    std::vector<RawEntry> folders = good;
    folders.insert(folders.begin(), {"bundle/", "", '5'});
    QTest::newRow("with folders") << gzipped(tarOf(folders));
    QByteArray gnu, posix = tarEntry({"pax_global_header", "20 comment=something\n", 'g'});
    for (const RawEntry &entry : good) {
        gnu += withLongName(entry.name, 'L') + tarEntry({"cut", entry.content});
        posix += withLongName(entry.name, 'x') + tarEntry({"cut", entry.content});
    }
    QTest::newRow("long names of GNU") << gzipped(gnu + QByteArray(10240, '\0'));
    QTest::newRow("long names of POSIX") << gzipped(posix);
}

void tst_Bundles::readsWhatOtherToolsPack()
{
    QFETCH(QByteArray, archive);
    Home home;
    QCOMPARE(home.said(archive), "imported");
    QCOMPARE(home.tree()[u"sessions/2026/11/20/"_s + manifest().log], logText);
}

void tst_Bundles::refusesHostileArchives_data()
{
    QTest::addColumn<QByteArray>("archive");
    QTest::addColumn<QByteArray>("sentence");
    const auto with = [](const RawEntry &more) {
        std::vector<RawEntry> all = entries();
        all.push_back(more);
        return all;
    };
    struct Row
    {
        const char *name;
        RawEntry entry;
        QByteArray sentence;
        bool inZip = true;
    };
    const std::vector<Row> rows{
        {"symbolic link", {"bundle/l", "", '2', "/etc/passwd"}, "bundle/l is a symbolic link"},
        {"hard link", {"bundle/l", "", '1', "/etc/passwd"}, "bundle/l is a hard link", false},
        {"character device", {"bundle/d", "", '3'}, "bundle/d is a device"},
        {"block device", {"bundle/d", "", '4'}, "bundle/d is a device", false},
        {"pipe", {"bundle/p", "", '6'}, "bundle/p is a pipe", false},
        {"sparse file", {"bundle/s", "", 'S'}, "bundle/s is of the unknown kind 'S'", false},
        {"absolute path", {"/etc/cron.d/x", "x"}, "/etc/cron.d/x is an absolute or foreign path"},
        {"path of Windows", {"bundle\\..\\x", "x"}, "is an absolute or foreign path"},
        {"dots at the beginning", {"../x", "x"}, "../x is not a plain path"},
        {"dots in the middle", {"bundle/a/../../../x", "x"}, "is not a plain path"},
        {"a dot", {"bundle/./x", "x"}, "is not a plain path"},
        {"nothing between slashes", {"bundle//x", "x"}, "is not a plain path"},
        {"no name at all", {"", "x"}, "is not a plain path"},
        {"outside of the folder", {"elsewhere/x", "x"}, "elsewhere/x does not lie in the folder bundle"},
        {"the folder is a file", {"bundle", "x"}, "bundle is no folder"},
        {"the same name twice", {"bundle/diff.patch", "other"}, "bundle/diff.patch is there twice"},
        {"a file as a folder", {"bundle/diff.patch/x", "x"}, "bundle/diff.patch is a file and a folder"},
        {"a name that is no text", {"bundle/\xff\xfe", "x"}, "no readable path"},
        {"a name that rings", {"bundle/\a", "x"}, "no readable path"},
        {"a file of 8 GiB", {"bundle/x", "x", '0', "", 0xfffffffe}, ""},
        {"not in the manifest", {"bundle/x", "x"}, "bundle/x is not in its manifest"},
    };
    for (const Row &row : rows) {
        QTest::addRow("%s, tar", row.name) << gzipped(tarOf(with(row.entry))) << row.sentence;
        if (row.inZip)
            QTest::addRow("%s, zip", row.name) << zipOf(with(row.entry)) << row.sentence;
    }
    QTest::newRow("a folder as a file") << gzipped(tarOf(with({"bundle/diff.patch", "", '5'})))
                                        << QByteArray("bundle/diff.patch is there twice");
    QTest::newRow("another name in the entry") << zipOf(with({"bundle/x", "x", '0', "", -1, "bundle/y"}))
                                               << QByteArray("an entry has another name in the directory");
    QTest::newRow("larger than it says") << zipOf(with({"bundle/x", "xxxxxxxx", '0', "", 2}))
                                         << QByteArray("another size than the directory says");
    QTest::newRow("headers without end") << gzipped(tarEntry({"g", "", 'g'}).repeated(1000))
                                         << QByteArray("an entry has too many headers");
    QByteArray tar = tarOf(entries());
    tar[20] = 'X';
    QTest::newRow("a header that was changed") << gzipped(tar) << QByteArray("the sum of a header does not fit");
    QTest::newRow("no archive") << QByteArray("something else") << QByteArray("neither a tar.gz nor a zip");
    QTest::newRow("nothing") << QByteArray() << QByteArray("neither a tar.gz nor a zip");
    QTest::newRow("a zip's beginning") << QByteArray("PK\3\4 and no more") << QByteArray("no directory at its end");
    QTest::newRow("no bundle") << gzipped(tarOf({})) << QByteArray("it has no bundle/manifest.json");
}

void tst_Bundles::refusesHostileArchives()
{
    QFETCH(QByteArray, archive);
    QFETCH(QByteArray, sentence);
    Home home;
    const auto imported = home.import(archive);
    QVERIFY(!imported);
    QCOMPARE(imported.error().kind, Error::Kind::Invalid);
    QVERIFY2(imported.error().message.toUtf8().contains(sentence), qPrintable(imported.error().message));
    QCOMPARE(home.tree(), (FileTree{{u"imports/"_s, ""}}));
}

void tst_Bundles::refusesTooMuch_data()
{
    QTest::addColumn<QByteArray>("archive");
    QTest::addColumn<QByteArray>("sentence");
    std::vector<RawEntry> many;
    for (int i = 0; i < 30; ++i)
        many.push_back({"bundle/" + QByteArray::number(i), "x"});
    QTest::newRow("entries, tar") << gzipped(tarOf(many)) << QByteArray("it has more than 20 entries");
    QTest::newRow("entries, zip") << zipOf(many) << QByteArray("it has more than 20 entries");
    const RawEntry zeros{"bundle/zeros", QByteArray(900'000, '\0')};
    QTest::newRow("ratio") << gzipped(tarOf({zeros})) << QByteArray("it holds more than 100 times its own size");
    QTest::newRow("bytes") << zipOf({zeros, {"bundle/more", QByteArray(200'000, '\0')}})
                           << QByteArray("it holds more than 1000000 bytes");
}

void tst_Bundles::refusesTooMuch()
{
    QFETCH(QByteArray, archive);
    QFETCH(QByteArray, sentence);
    QTemporaryDir folder;
    save(folder.path() + u"/archive"_s, archive);
    QDir(folder.path()).mkdir(u"out"_s);
    const auto unpacked = archive::unpack(folder.path() + u"/archive"_s, folder.path() + u"/out"_s,
                                          {.entries = 20, .bytes = 1'000'000, .ratio = 100, .harmlessBytes = 100'000});
    QVERIFY(!unpacked);
    QCOMPARE(unpacked.error().message.toUtf8(), sentence);
}

void tst_Bundles::refusesWhatIsNotAsItsManifestSays_data()
{
    QTest::addColumn<QByteArray>("manifest");
    QTest::addColumn<QByteArray>("log");
    QTest::addColumn<QByteArray>("sentence");
    const QByteArray good = entries()[0].content;
    const auto changed = [&](const char *from, const char *to) { return QByteArray(good).replace(from, to); };
    QTest::newRow("no JSON") << QByteArray("{") << logText << QByteArray("expected the schema nightshift.bundle/1");
    QTest::newRow("a later schema") << changed("bundle/1", "bundle/2") << logText << QByteArray("expected the schema");
    QTest::newRow("no id") << changed("\"session_id\":\"01a1fbce", "\"session_id\":\"../../x") << logText
                           << QByteArray("session_id: expected the id of a session");
    QTest::newRow("a log elsewhere") << changed("rollout-2026", "../../../..") << logText
                                     << QByteArray("log: expected the name of that session's log");
    QTest::newRow("another log") << good << logText + "{}\n"
                                 << QByteArray("bundle/rollout.jsonl is not what its manifest says");
    QTest::newRow("a file too many") << changed("diff.patch", "patch.diff") << logText
                                     << QByteArray("bundle/diff.patch is not in its manifest");
    const auto sealedLog = [](const QByteArray &text) {
        return store::sealed(manifest(),
                             {store::bundleFile(u"rollout.jsonl"_s, text), store::bundleFile(u"diff.patch"_s, "")})
            .files[0]
            .content.toByteArray();
    };
    QTest::newRow("no log") << sealedLog("{}\n") << QByteArray("{}\n") << QByteArray("rollout.jsonl is no session log");
    QTest::newRow("a torn log") << sealedLog(logText.chopped(1)) << logText.chopped(1)
                                << QByteArray("is no session log");
    const QByteArray other = QByteArray(logText).replace("cdc164a", "cdc164b");
    QTest::newRow("another's log") << sealedLog(other) << other << QByteArray("is the log of another session");
}

void tst_Bundles::refusesWhatIsNotAsItsManifestSays()
{
    QFETCH(QByteArray, manifest);
    QFETCH(QByteArray, log);
    QFETCH(QByteArray, sentence);
    Home home;
    const QByteArray said = home.said(
        gzipped(tarOf({{"bundle/manifest.json", manifest}, {"bundle/rollout.jsonl", log}, {"bundle/diff.patch", ""}})));
    QVERIFY2(said.contains(sentence), said);
    QCOMPARE(home.tree(), (FileTree{{u"imports/"_s, ""}}));
}

void tst_Bundles::endsAtEveryCutWithASentence_data()
{
    bringsBackWhatItWrote_data();
}

void tst_Bundles::endsAtEveryCutWithASentence()
{
    QFETCH(store::BundleFormat, format);
    const QByteArray whole = written(format);
    Home home;
    // What is cut off behind the last file changes nothing, so not up to the end
    for (qsizetype size = 0; size < whole.size() - 1200; size += 37) {
        const auto imported = home.import(whole.first(size));
        QVERIFY2(!imported, qPrintable(QString::number(size)));
        QCOMPARE(imported.error().kind, Error::Kind::Invalid);
    }
    QCOMPARE(home.tree(), (FileTree{{u"imports/"_s, ""}}));
}

void tst_Bundles::knowsTheSameBundleAgain()
{
    Home home;
    QCOMPARE(home.said(written(store::BundleFormat::TarGz)), "imported");
    const FileTree before = home.tree();
    auto again = home.import(written(store::BundleFormat::Zip));
    QVERIFY(again && again->known);
    QCOMPARE(home.tree(), before);
    QFile here(again->path); // it goes on here
    QVERIFY(here.open(QIODevice::Append) && here.write("{}\n") == 3);
    here.close();
    again = home.import(written(store::BundleFormat::TarGz));
    QVERIFY(again && again->known);
}

void tst_Bundles::keepsAnotherSessionOfThatId()
{
    Home home;
    const QString path = u"sessions/2026/11/20/rollout-2026-11-20T11-00-00-"_s + id + u".jsonl"_s;
    makeTree(home.state(), {{path, logText.chopped(5) + "\n"}});
    const auto refused = home.import(written(store::BundleFormat::TarGz));
    QVERIFY(!refused);
    QCOMPARE(refused.error(), (Error{Error::Kind::Denied, u"there is another session %1 here already; nothing was "
                                                          "imported"_s.arg(id)}));
    QCOMPARE(home.tree(), (FileTree{{path, logText.chopped(5) + "\n"}, {u"imports/"_s, ""}}));
}

void tst_Bundles::sweepsWhatAKilledImportLeft()
{
    Home home;
    makeTree(home.state(), {{u"imports/abcdef/bundle/rollout.jsonl"_s, "half"},
                            {u"artifacts/"_s + id + u"/rollout.jsonl"_s, "half"}});
    QCOMPARE(home.said(written(store::BundleFormat::TarGz)), "imported");
    const FileTree tree = home.tree();
    QCOMPARE(tree[u"imports/"_s], "");
    QVERIFY(!tree.contains(u"artifacts/"_s + id + u"/rollout.jsonl"_s));
    QCOMPARE(tree[u"sessions/2026/11/20/"_s + manifest().log], logText);
}

QTEST_APPLESS_MAIN(tst_Bundles)
#include "tst_bundles.moc"
