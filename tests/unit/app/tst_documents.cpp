#include "app/completion.h"
#include "app/manpage.h"
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::app;

/// What is made from the tables beside --help: manual pages, and completion in the shells themselves.
class tst_Documents : public QObject
{
    Q_OBJECT

private slots:
    void everyCommandHasAPage_data();
    void everyCommandHasAPage();
    void aPageNamesEveryOption();
    void completesInZsh_data();
    void completesInZsh();
    void completesInAnInteractiveZsh();
    void completesInFish_data();
    void completesInFish();

private:
    QString script(const QString &shell) const;

    QTemporaryDir m_folder;
};

struct Printed
{
    QByteArray out;
    QByteArray err;
};

static Printed output(const QStringList &argv, const QByteArray &input = {}, const QString &folder = {})
{
    QProcess process;
    if (!folder.isEmpty())
        process.setWorkingDirectory(folder);
    process.start(argv[0], argv.sliced(1));
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished())
        return {{}, "did not end"};
    return {process.readAllStandardOutput(), process.readAllStandardError()};
}

#define NEEDS(program)                                                                                                 \
    if (QStandardPaths::findExecutable(program).isEmpty())                                                             \
    QSKIP(program " is not installed")

QString tst_Documents::script(const QString &shell) const
{
    const QString path = m_folder.filePath(shell);
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write(completionScript(shell).toUtf8());
    return path;
}

void tst_Documents::everyCommandHasAPage_data()
{
    QTest::addColumn<int>("command");
    for (const CommandRow &row : commandTable()) {
        if (row.command != Command::Help)
            QTest::newRow(qPrintable(manPageName(row.command))) << int(row.command);
    }
}

void tst_Documents::everyCommandHasAPage()
{
    QFETCH(const int, command);
    const QByteArray page = manPage(Command(command));
    QVERIFY2(page.startsWith(".TH "), page);
    for (const char *section :
         {"\n.SH NAME\nnightshift", "\n.SH SYNOPSIS\n", "\n.SH DESCRIPTION\n", "\n.SH SEE ALSO\n"})
        QVERIFY2(page.contains(section), page);
    NEEDS("groff");
    const Printed read = output({u"groff"_s, u"-man"_s, u"-ww"_s, u"-Kutf8"_s, u"-Tutf8"_s, u"-P-cbou"_s}, page);
    QCOMPARE(read.err, QByteArray());
    QVERIFY(read.out.contains("SYNOPSIS"));
}

void tst_Documents::aPageNamesEveryOption()
{
    const QString page = QString::fromUtf8(manPage(Command::Exec)).remove(u'\\');
    for (const OptionRow &option : optionTable()) {
        const OptionRow &meant = *findOption(QString(QLatin1StringView(option.name)), Command::Exec);
        const bool shown = isAccepted(meant, Command::Exec) && meant.group != OptionRow::Group::Hidden;
        QVERIFY2(page.contains(u"fB--%1fR"_s.arg(QLatin1StringView(option.name))) == shown, option.name);
    }
    QVERIFY(page.contains(u"fB--colorfR fICOLORfR\nColour the progress on stderr: always, never, auto\n"_s));
}

void tst_Documents::completesInZsh_data()
{
    QTest::addColumn<QString>("line"); // a space at the end begins a new word
    QTest::addColumn<QStringList>("offers");
    QTest::newRow("command") << u"nightshift ex"_s << QStringList{u"exec"_s};
    QTest::newRow("sub-command") << u"nightshift exec res"_s << QStringList{u"resume"_s, u"FILES"_s};
    QTest::newRow("option") << u"nightshift e --max-r"_s << QStringList{u"--max-requests"_s, u"FILES"_s};
    QTest::newRow("choice") << u"nightshift exec --color "_s << QStringList{u"always"_s, u"never"_s, u"auto"_s};
    QTest::newRow("file") << u"nightshift exec -o "_s << QStringList{u"FILES"_s};
    QTest::newRow("option of a sub-command")
        << u"nightshift exec resume --la"_s << QStringList{u"--last"_s, u"FILES"_s};
}

void tst_Documents::completesInZsh()
{
    NEEDS("zsh");
    QFETCH(const QString, line);
    QFETCH(const QStringList, offers);
    // What zsh's line editor provides, so that the script runs without one.
    const QString stand = u"words=(${=1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=${#words}\n"
                          "compadd() { shift; local w; for w in \"$@\"; do\n"
                          "  [[ $w == ${words[CURRENT]}* ]] && print -r -- \"$w\"; done }\n"
                          "_files() { print FILES }\n"
                          "compdef() { }\n"
                          "source $2; _nightshift\n"_s;
    const Printed read = output({u"zsh"_s, u"-f"_s, u"-c"_s, stand, u"zsh"_s, line, script(u"zsh"_s)});
    QCOMPARE(read.err, QByteArray());
    QCOMPARE(QString::fromUtf8(read.out).split(u'\n', Qt::SkipEmptyParts), offers);
}

void tst_Documents::completesInAnInteractiveZsh()
{
    NEEDS("zsh");
    const QString session = u"zmodload zsh/zpty; zpty z zsh -f -i\n"
                            "zpty -w z \"autoload -Uz compinit; compinit -u -D; source $1; echo REA''DY\"\n"
                            "zpty -r z out '*READY*'\n"
                            "zpty -w -n z $'nightshift exec --max-r\\t'\n"
                            "zpty -w -n z $'\\C-a: \\necho EN\\'\\'D\\n'\n"
                            "zpty -r z out '*END*'; print -r -- $out; zpty -d z\n"_s;
    const Printed read = output({u"zsh"_s, u"-f"_s, u"-c"_s, session, u"zsh"_s, script(u"zsh"_s)});
    QVERIFY2(read.out.contains("--max-requests"), read.out + read.err);
}

void tst_Documents::completesInFish_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QStringList>("offers");
    QTest::newRow("command") << u"nightshift ex"_s << QStringList{u"exec"_s};
    QTest::newRow("sub-command") << u"nightshift exec res"_s << QStringList{u"resume"_s};
    QTest::newRow("option") << u"nightshift e --max-r"_s << QStringList{u"--max-requests"_s};
    QTest::newRow("choice") << u"nightshift exec --color "_s << QStringList{u"always"_s, u"auto"_s, u"never"_s};
    QTest::newRow("option of a sub-command") << u"nightshift exec resume --la"_s << QStringList{u"--last"_s};
    QTest::newRow("shell") << u"nightshift completion "_s << QStringList{u"bash"_s, u"fish"_s, u"zsh"_s};
}

void tst_Documents::completesInFish()
{
    NEEDS("fish");
    QFETCH(const QString, line);
    QFETCH(const QStringList, offers);
    const QTemporaryDir empty; // file names are offered, too
    const Printed read = output(
        {u"fish"_s, u"--no-config"_s, u"-c"_s, u"source $argv[1]; complete -C $argv[2]"_s, script(u"fish"_s), line}, {},
        empty.path());
    QCOMPARE(read.err, QByteArray());
    QStringList words;
    for (const QString &each : QString::fromUtf8(read.out).split(u'\n', Qt::SkipEmptyParts)) {
        if (each.startsWith(line.section(u' ', -1))) // fish 4 goes on with what only contains the word
            words += each.section(u'\t', 0, 0);
    }
    QCOMPARE(words, offers);
}

QTEST_APPLESS_MAIN(tst_Documents)
#include "tst_documents.moc"
