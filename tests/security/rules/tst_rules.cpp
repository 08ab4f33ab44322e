#include "bash/parsescript.h"
#include "commands/policy.h"
#include "support/program.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;
using commands::Policy;
using commands::Verdict;

class tst_Rules : public QObject
{
    Q_OBJECT

private slots:
    void everyFormReallyRunsTheProgram();
    void whatRunsAProgramInAnotherFormIsRefused_data();
    void whatRunsAProgramInAnotherFormIsRefused();
    void nearlyAllFormsAreRefused();
    void ordinaryCommandsAreNot_data();
    void ordinaryCommandsAreNot();
    void whereNoRuleRestrictsNothingIsRefused_data();
    void whereNoRuleRestrictsNothingIsRefused();
};

static QString dataFile(const QString &name)
{
    return QStringLiteral(TEST_DATA) + u"/rules/"_s + name;
}

/// A sign stands between one command and the next, since some have several lines.
static QStringList parts(const QString &name)
{
    QFile file(dataFile(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QString::fromUtf8(file.readAll()).trimmed().split(u"\n%\n"_s);
}

/// Each a way to run `deploy now`.
static QStringList forms()
{
    return parts(u"forms.txt"_s);
}

/// Those of them that rules do not see, as the documentation says.
static QStringList unseenForms()
{
    return parts(u"unseen.txt"_s);
}

static QStringList ordinaryCommands()
{
    return parts(u"ordinary.txt"_s);
}

/// Forms for tools that this machine may lack, or that cannot work in the sandbox: judged, but not tried.
static QStringList formsElsewhere()
{
    return parts(u"elsewhere.txt"_s);
}

static void addRows(const QStringList &commands)
{
    qsizetype number = 0;
    for (const QString &command : commands)
        QTest::addRow("%lld: %s", qlonglong(++number), qPrintable(command.section(u'\n', 0, 0))) << command;
}

static CommandRule rule(std::vector<QStringList> pattern, CommandRule::Decision decision)
{
    return {std::move(pattern), decision, {}, u"/h/a.rules"_s, 1};
}

static Policy policy()
{
    return Policy({rule({{u"deploy"_s}, {u"now"_s}}, CommandRule::Decision::Forbidden)}, bash::parseScript);
}

/// The program is a script that leaves a file. What needs a tool which this machine lacks is not tried.
void tst_Rules::everyFormReallyRunsTheProgram()
{
    Program program;
    const QStringList all = forms();
    QVERIFY(all.size() >= 150);
    for (qsizetype i = 0; i < all.size(); ++i)
        program.write(u"forms/%1"_s.arg(i), all[i].toUtf8());
    const QString deploy =
        program.write(u"bin/deploy"_s, "#!/bin/sh\n[ \"$1\" = now ] && : >\"${0%/*}/../reached\"\nexit 0\n");
    QVERIFY(QFile::setPermissions(deploy, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    QVERIFY(QFile::copy(dataFile(u"try.sh"_s), program.work() + u"/try.sh"_s));
    const Ended ended = program.run({u"sandbox"_s, u"-s"_s, u"workspace-write"_s, u"--"_s, u"bash"_s, u"try.sh"_s});
    QVERIFY2(ended.out.contains("tried"), ended.err + ended.out);
    qsizetype skipped = 0;
    QByteArray missed;
    for (const QByteArray &line : ended.out.trimmed().split('\n')) {
        skipped += line.startsWith("skipped ") ? 1 : 0;
        if (line.startsWith("missed "))
            missed += all[line.sliced(7).toInt()].toUtf8() + '\n';
    }
    QCOMPARE(missed, ""_ba);
    QVERIFY(all.size() - skipped >= 150);
}

void tst_Rules::whatRunsAProgramInAnotherFormIsRefused_data()
{
    QTest::addColumn<QString>("form");
    QStringList seen = forms() + formsElsewhere();
    seen.removeIf([unseen = unseenForms()](const QString &form) { return unseen.contains(form); });
    addRows(seen);
}

void tst_Rules::whatRunsAProgramInAnotherFormIsRefused()
{
    QFETCH(const QString, form);
    const Verdict verdict = policy().judgeScript(form);
    QVERIFY(!verdict.mayRun());
    QVERIFY(verdict.why != Verdict::Why::NotUnderstood || !verdict.unclear.isEmpty());
}

void tst_Rules::nearlyAllFormsAreRefused()
{
    for (const QString &form : unseenForms()) {
        QVERIFY2(forms().contains(form), qPrintable(form));
        QVERIFY2(policy().judgeScript(form).mayRun(), qPrintable(form)); // else it belongs to the others
    }
    QVERIFY(unseenForms().size() * 100 <= forms().size() * 6);
}

void tst_Rules::ordinaryCommandsAreNot_data()
{
    QTest::addColumn<QString>("command");
    QVERIFY(ordinaryCommands().size() >= 60);
    addRows(ordinaryCommands());
}

void tst_Rules::ordinaryCommandsAreNot()
{
    QFETCH(const QString, command);
    const Verdict verdict = policy().judgeScript(command);
    QVERIFY2(verdict.mayRun(), qPrintable(verdict.sentence()));
}

void tst_Rules::whereNoRuleRestrictsNothingIsRefused_data()
{
    whatRunsAProgramInAnotherFormIsRefused_data();
}

void tst_Rules::whereNoRuleRestrictsNothingIsRefused()
{
    QFETCH(const QString, form);
    QVERIFY(Policy({}, bash::parseScript).judgeScript(form).mayRun());
    const Policy allows({rule({{u"deploy"_s}}, CommandRule::Decision::Allow)}, bash::parseScript);
    QVERIFY(allows.judgeScript(form).mayRun());
}

QTEST_GUILESS_MAIN(tst_Rules)
#include "tst_rules.moc"
