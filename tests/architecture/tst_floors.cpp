#include <QDirIterator>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;

/// Keeps every folder's includes to the floors below it.
class tst_Floors : public QObject
{
    Q_OBJECT

private slots:
    void includesOnlyLowerFloors();
    void startsGitThroughOneDoor();
};

static const QHash<QString, QStringList> below{
    {u"base"_s, {}},
    {u"domain"_s, {u"base"_s}},
    {u"wire"_s, {u"base"_s, u"domain"_s}},
    {u"llm"_s, {u"base"_s, u"domain"_s}},
    {u"tools"_s, {u"base"_s, u"domain"_s}},
    {u"commands"_s, {u"base"_s, u"domain"_s}},
    {u"bash"_s, {u"base"_s, u"domain"_s, u"commands"_s}},
    {u"config"_s, {u"base"_s, u"domain"_s}},
    {u"store"_s, {u"base"_s, u"domain"_s}},
    {u"schema"_s, {u"base"_s}},
    {u"mcp"_s, {u"base"_s, u"domain"_s, u"llm"_s, u"tools"_s}},
    {u"archive"_s, {u"base"_s, u"domain"_s, u"store"_s}},
    {u"net"_s, {u"base"_s, u"domain"_s, u"llm"_s}},
    {u"curl"_s, {u"base"_s, u"domain"_s, u"llm"_s}},
    {u"http"_s, {u"base"_s, u"domain"_s}},
    {u"api"_s,
     {u"base"_s, u"domain"_s, u"wire"_s, u"llm"_s, u"tools"_s, u"commands"_s, u"mcp"_s, u"config"_s, u"store"_s,
      u"schema"_s, u"http"_s, u"engine"_s, u"isolation"_s, u"batch"_s}},
    {u"noproxy"_s, {}}, // stands in for a library: C, nothing of ours
    {u"sandbox"_s, {}}, // the helper stands between us and every command: no Qt, nothing of ours
    {u"isolation"_s, {u"base"_s, u"domain"_s, u"store"_s, u"tools"_s}},
    {u"hooks"_s, {u"base"_s, u"domain"_s, u"tools"_s}},
    {u"engine"_s,
     {u"base"_s, u"hooks"_s, u"domain"_s, u"wire"_s, u"llm"_s, u"tools"_s, u"commands"_s, u"mcp"_s, u"config"_s,
      u"store"_s, u"schema"_s}},
    {u"batch"_s,
     {u"base"_s, u"domain"_s, u"wire"_s, u"llm"_s, u"tools"_s, u"commands"_s, u"mcp"_s, u"config"_s, u"store"_s,
      u"schema"_s, u"engine"_s, u"isolation"_s}},
    {u"script"_s, {u"base"_s, u"domain"_s}},
    {u"host"_s,
     {u"base"_s, u"domain"_s, u"wire"_s, u"llm"_s, u"tools"_s, u"commands"_s, u"mcp"_s, u"config"_s, u"store"_s,
      u"schema"_s, u"engine"_s, u"isolation"_s, u"batch"_s, u"script"_s}},
    {u"hookrunner"_s, {u"base"_s, u"domain"_s, u"script"_s}},
    {u"hookscript"_s, {u"base"_s, u"domain"_s}},
    {u"app"_s,
     {u"base"_s, u"domain"_s, u"wire"_s, u"llm"_s, u"tools"_s, u"commands"_s, u"mcp"_s, u"config"_s, u"store"_s,
      u"schema"_s, u"engine"_s, u"hooks"_s, u"isolation"_s, u"batch"_s}},
};

void tst_Floors::includesOnlyLowerFloors()
{
    static const QRegularExpression include(u"^#include \"(\\w+)/"_s, QRegularExpression::MultilineOption);
    QStringList wrong;
    for (const QString &tree : {u"service"_s, u"scripting"_s, u"app"_s}) {
        QDirIterator files(QStringLiteral(SOURCE_DIR) + u'/' + tree, {u"*.h"_s, u"*.cpp"_s}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QString floor = file.fileName().section(u'/', -2, -2);
            if (!below.contains(floor))
                wrong += floor + u" is no floor of this house: "_s + file.fileName();
            const QString text = QString::fromUtf8(file.readAll());
            for (const auto &match : include.globalMatch(text)) {
                const QString target = match.captured(1);
                if (target != floor && !below[floor].contains(target))
                    wrong += floor + u" includes "_s + target + u" in "_s + file.fileName();
            }
        }
    }
    QCOMPARE(wrong, QStringList());
}

/// Elsewhere the word is a name, and no program.
void tst_Floors::startsGitThroughOneDoor()
{
    static const QRegularExpression start(uR"(start(Detached)?\(u"git"|execute\(u"git"|[^{]\{u"git"_s(, u"|\}))"_s);
    QStringList doors;
    for (const QString &tree : {u"service"_s, u"scripting"_s, u"app"_s}) {
        QDirIterator files(QStringLiteral(SOURCE_DIR) + u'/' + tree, {u"*.h"_s, u"*.cpp"_s}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            if (QString::fromUtf8(file.readAll()).contains(start))
                doors += file.fileName().section(u'/', -2);
        }
    }
    QCOMPARE(doors, QStringList{u"isolation/git.cpp"_s});
}

QTEST_APPLESS_MAIN(tst_Floors)
#include "tst_floors.moc"
