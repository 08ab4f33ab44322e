#include "support/filetree.h"
#include "tools/ownplaces.h"
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_OwnPlaces : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void findsTheFoldersOfAProcess();
    void hidesFoldersWhole();
    void showsWhatCommandsNeed();
    void showsNoLinkIntoWhatIsHidden();
    void showsTheTreeThatASessionWorksIn_data();
    void showsTheTreeThatASessionWorksIn();
    void hidesOnlyOurNamesInAFolderThatIsNotOursAlone();
    void resolvesLinksOfFoldersThatAreMissingYet();

private:
    QString path(const QString &name) const { return m_base + u'/' + name; }

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_base;
};

void tst_OwnPlaces::init()
{
    m_dir = std::make_unique<QTemporaryDir>(QDir::homePath() + "/nightshift-XXXXXX"_L1);
    m_base = QFileInfo(m_dir->path()).canonicalFilePath();
    test::makeTree(m_base, {{u"ns/auth.json"_s, "x"},
                            {u"ns/skills/a/SKILL.md"_s, "x"},
                            {u"ns/servers/s.js"_s, "x"},
                            {u"ns/sessions/log"_s, "x"},
                            {u"ns/serve/token"_s, "x"},
                            {u"ns/isolation/id/copy/tree/f"_s, "x"},
                            {u"ns/project/f"_s, "x"},
                            {u"work/f"_s, "x"}});
}

void tst_OwnPlaces::findsTheFoldersOfAProcess()
{
    const QMap<QByteArray, QString> values{{"NIGHTSHIFT_HOME", u"ns"_s},
                                           {"XDG_STATE_HOME", u"/state"_s},
                                           {"XDG_CONFIG_HOME", u"relative"_s},
                                           {"XDG_RUNTIME_DIR", u"/run/user/7"_s},
                                           {"HOME", u"/home/u"_s}};
    QCOMPARE(ownFolders([&](const char *name) { return values.value(name); }, u"/cwd"_s),
             QStringList({u"/cwd/ns"_s, u"/state/nightshift"_s, u"/run/user/7/nightshift"_s,
                          u"/home/u/.config/nightshift"_s, u"/home/u/.local/state/nightshift"_s, u"/home/u/.codex"_s}));
}

void tst_OwnPlaces::hidesFoldersWhole()
{
    const OwnPlaces places =
        divide({path(u"ns"_s), path(u"ns/serve"_s), path(u"ns/serve/token"_s)}, {path(u"work"_s)}, {});
    QCOMPARE(places, (OwnPlaces{{path(u"ns"_s)}, {path(u"ns/skills"_s)}}));
}

void tst_OwnPlaces::showsWhatCommandsNeed()
{
    const QStringList hidden{path(u"ns"_s)};
    QCOMPARE(neededParts(hidden, {u"node"_s, path(u"ns/servers/s.js"_s), path(u"ns/auth.json"_s),
                                  path(u"ns/sessions/log"_s), path(u"ns"_s), path(u"work/f"_s)}),
             QStringList{path(u"ns/servers"_s)});
    QCOMPARE(divide(hidden, {}, {path(u"ns/servers/s.js"_s)}).shown,
             QStringList({path(u"ns/skills"_s), path(u"ns/servers"_s)}));
}

void tst_OwnPlaces::showsNoLinkIntoWhatIsHidden()
{
    QVERIFY(QFile::link(path(u"ns/sessions"_s), path(u"ns/prompts"_s)));
    QVERIFY(QFile::link(path(u"work"_s), path(u"ns/bin"_s)));
    QCOMPARE(divide({path(u"ns"_s)}, {}, {}).shown, QStringList({path(u"ns/skills"_s), path(u"ns/bin"_s)}));
}

void tst_OwnPlaces::showsTheTreeThatASessionWorksIn_data()
{
    QTest::addColumn<bool>("shown");
    QTest::newRow("ns/isolation/id/copy/tree") << true;
    QTest::newRow("ns/project") << true;
    QTest::newRow("ns/isolation/id") << false;
    QTest::newRow("ns/isolation") << false;
    QTest::newRow("ns/sessions") << false;
    QTest::newRow("ns/serve") << false;
}

void tst_OwnPlaces::showsTheTreeThatASessionWorksIn()
{
    const QString workplace = path(QString::fromLatin1(QTest::currentDataTag()));
    const OwnPlaces places = divide({path(u"ns"_s)}, {workplace}, {});
    QTEST(places.shown.contains(workplace), "shown");
    QTEST(!places.hidden.contains(workplace), "shown");
}

void tst_OwnPlaces::hidesOnlyOurNamesInAFolderThatIsNotOursAlone()
{
    const OwnPlaces places = divide({path(u"ns"_s)}, {path(u"ns"_s)}, {});
    QStringList hidden = places.hidden;
    hidden.sort();
    QCOMPARE(hidden, QStringList({path(u"ns/auth.json"_s), path(u"ns/isolation"_s), path(u"ns/serve"_s),
                                  path(u"ns/sessions"_s)}));
    QCOMPARE(places.shown, QStringList());
}

void tst_OwnPlaces::resolvesLinksOfFoldersThatAreMissingYet()
{
    QVERIFY(QFile::link(path(u"work"_s), path(u"link"_s)));
    QCOMPARE(divide({path(u"link/a/b"_s), u"relative"_s}, {}, {}).hidden, QStringList{path(u"work/a/b"_s)});
}

QTEST_APPLESS_MAIN(tst_OwnPlaces)
#include "tst_ownplaces.moc"
