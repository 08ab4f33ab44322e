#include "support/program.h"
#include <QFileInfo>
#include <QTcpServer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::test;

/// What the README says of the service, word for word, with a real curl.
class tst_ServeReadme : public QObject
{
    Q_OBJECT

private slots:
    void everyCommandWorks_data();
    void everyCommandWorks();
};

/// The blocks of commands in the README's section.
static QStringList blocks()
{
    QFile file(QStringLiteral(README));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no README");
    const QString text = QString::fromUtf8(file.readAll());
    const qsizetype from = text.indexOf(u"\n### The service\n"_s) + 5;
    QStringList blocks;
    bool inside = false;
    for (const QString &line : text.sliced(from, text.indexOf(u"\n### "_s, from) - from).split(u'\n')) {
        const bool isCommand = line.startsWith(u"    "_s);
        if (isCommand && !inside)
            blocks += QString();
        if (isCommand)
            blocks.last() += line.sliced(4) + u'\n';
        inside = isCommand;
    }
    return blocks;
}

void tst_ServeReadme::everyCommandWorks_data()
{
    QTest::addColumn<QString>("commands");
    QTest::addColumn<QByteArrayList>("shown");
    const QStringList all = blocks();
    QCOMPARE(all.size(), 2);
    QTest::newRow("on the Unix socket") << all[0]
                                        << QByteArrayList{"{\"status\":\"ready\"}",
                                                          "event: turn.completed\n",
                                                          "\"outcome\":\"completed\"",
                                                          "\"last_seq\":",
                                                          "\"title\":\"First steps\"",
                                                          "\"labels\":{\"ci\":\"1234\"}",
                                                          "\"cancelling\":false",
                                                          "\"secret\":\"whsec_",
                                                          "event: batch.done\n",
                                                          "\"key\":\"fr\"",
                                                          "nightshift_turns_total{outcome=\"completed\"",
                                                          "nightshift_model_requests_total{"};
    QTest::newRow("over TCP") << all[1] << QByteArrayList{"{\"name\":\"nightshift\""};
}

void tst_ServeReadme::everyCommandWorks()
{
    QFETCH(QString, commands);
    QFETCH(QByteArrayList, shown);
    Program program;
    program.write(u"notes.txt"_s, "Remember the milk.\n");
    QTcpServer free; // a port of ours instead of the one that everybody knows
    QVERIFY(free.listen(QHostAddress::LocalHost));
    commands.replace(u"8899"_s, QString::number(free.serverPort()));
    free.close();
    QProcess shell;
    QProcessEnvironment environment = program.environment;
    environment.insert(u"PATH"_s, QFileInfo(program.binary).path() + u':' + environment.value(u"PATH"_s));
    environment.insert(u"XDG_RUNTIME_DIR"_s, program.home());
    shell.setProcessEnvironment(environment);
    shell.setWorkingDirectory(program.work());
    shell.setStandardErrorFile(program.home() + u"/err"_s);
    // Stops at the first command that fails, and takes the services with it.
    shell.start(u"bash"_s, {u"-euo"_s, u"pipefail"_s, u"-c"_s,
                            u"trap 'kill $(jobs -p); wait' EXIT\n"_s + commands + u"echo; echo to the end"_s});
    const auto ended = [&] { return shell.state() == QProcess::NotRunning; };
    QVERIFY(QTest::qWaitFor(ended, 120'000));
    QFile errors(program.home() + u"/err"_s);
    QVERIFY(errors.open(QIODevice::ReadOnly));
    const QByteArray out = shell.readAllStandardOutput(), err = errors.readAll();
    QVERIFY2(out.endsWith("\nto the end\n"), (out + err).constData());
    for (const QByteArray &text : shown)
        QVERIFY2(out.contains(text), ("no " + text + " in\n" + out + err).constData());
}

QTEST_GUILESS_MAIN(tst_ServeReadme)
#include "tst_serve_readme.moc"
