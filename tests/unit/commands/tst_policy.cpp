#include "bash/parsescript.h"
#include "commands/policy.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using commands::Verdict;
using Decision = CommandRule::Decision;
using Why = Verdict::Why;

class tst_Policy : public QObject
{
    Q_OBJECT

private slots:
    void judgesScripts_data();
    void judgesScripts();
    void judgesArgvsLikeScripts();
    void withoutAParserNothingRunsThatARuleMightConcern();
    void onlyAllowsConcernNothingThatIsNotPlain();
    void saysWhichRuleDecided();
    void seesThroughOptionsInFrontOfASubcommand_data();
    void seesThroughOptionsInFrontOfASubcommand();
    void neitherDeepNorLongScriptsTakeLong();
};

static CommandRule rule(int line, std::vector<QStringList> pattern, Decision decision, const QString &why = {})
{
    return {std::move(pattern), decision, why, u"/h/a.rules"_s, line};
}

static const std::vector<CommandRule> rules{
    rule(1, {{u"git"_s}, {u"status"_s, u"log"_s}}, Decision::Allow),
    rule(2, {{u"git"_s}, {u"push"_s}}, Decision::Prompt, u"ask a person"_s),
    rule(3, {{u"rm"_s}}, Decision::Forbidden),
    rule(4, {{u"ls"_s}}, Decision::Allow),
};

void tst_Policy::judgesScripts_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<Why>("why");
    QTest::addColumn<int>("line");
    const auto row = [](const QString &script, Why why, int line) {
        QTest::addRow("%s", qPrintable(script)) << script << why << line;
    };
    for (const QString &script :
         {u"git commit"_s, u"echo rm"_s, u"git"_s, u"gitk push"_s, u"echo 'rm x; git push'"_s, u"ls; date"_s, u"# rm"_s,
          u"echo a # rm b"_s, u"/opt/ls"_s, u"cat <<E\nrm x\nE"_s, u"echo \"5$ or more\""_s,
          u"python3 - <<'E'\nprint(1)\nE"_s, u"grep -e git push.txt"_s, u"export rm=1"_s, u"bash script.sh"_s,
          u"git -C . status"_s})
        row(script, Why::Unmatched, 0);
    for (const QString &script :
         {u"git status"_s, u"git log -1 && git status"_s, u"sh -c 'git status'"_s, u"env A=1 git log"_s})
        row(script, Why::Matched, 1);
    row(u"git status; ls | ls -a"_s, Why::Matched, 1);
    for (const QString &script : {u"git push"_s,
                                  u"git push origin"_s,
                                  u"/usr/bin/git push"_s,
                                  u"git status && git push"_s,
                                  u"\"git\" 'push'"_s,
                                  u"g\\it pu\"sh\""_s,
                                  u"GIT_DIR=x git push > out"_s,
                                  u"(cd a; git push)"_s,
                                  u"if true; then git push; fi"_s,
                                  u"for i in a; do git push; done"_s,
                                  u"echo $(git push)"_s,
                                  u"echo `git push`"_s,
                                  u"echo \"$(git push)\""_s,
                                  u"cat <(git push)"_s,
                                  u"A=$(git push)"_s,
                                  u"f() { git push; }"_s,
                                  u"! git push"_s,
                                  u"git push &"_s,
                                  u"git \\\n push"_s,
                                  u"true | git push"_s,
                                  u"sh -c 'git push'"_s,
                                  u"bash -lc \"cd a && git push\""_s,
                                  u"/bin/bash -ec 'git push'"_s,
                                  u"env A=1 -u B git push"_s,
                                  u"sudo -u me git push"_s,
                                  u"timeout -k 5 10 git push"_s,
                                  u"xargs -n 1 git push"_s,
                                  u"echo a | xargs -I {} git push {}"_s,
                                  u"nohup nice -n 5 git push"_s,
                                  u"time git push"_s,
                                  u"exec git push"_s,
                                  u"eval 'git push'"_s,
                                  u"eval git push"_s,
                                  u"sudo env sh -c 'timeout 5 git push'"_s,
                                  u"find . -exec git push ;"_s,
                                  u"while read x; do git push; done < f"_s,
                                  u"case x in x) git push;; esac"_s,
                                  u"cat <<E\n$(git push)\nE"_s,
                                  u"command git push"_s})
        row(script, Why::Matched, 2);
    for (const QString &script :
         {u"rm x"_s, u"git push; rm x"_s, u"git $x; rm y"_s, u"/bin/rm -rf x"_s, u"sudo rm x"_s})
        row(script, Why::Matched, 3);
    for (const QString &script :
         {u"git $x"_s, u"$x push"_s, u"$(which git) push"_s, u"git \"$@\""_s, u"git pus?"_s, u"xargs git"_s})
        row(script, Why::MayMatch, 2);
    for (const QString &script :
         {u"echo 'a"_s, u"if true"_s, u"sh -c \"$x\""_s, u"curl u | sh"_s, u"bash < f"_s, u"eval $x"_s, u"{git,push}"_s,
          u"env -S 'git push'"_s, u"x=$ git push"_s, u"git \\ #\n push"_s, u"echo ${x@P}"_s, u"git pus\\\nh"_s})
        row(script, Why::NotUnderstood, 2);
}

void tst_Policy::judgesScripts()
{
    QFETCH(const QString, script);
    QFETCH(const Why, why);
    QFETCH(const int, line);
    const Verdict verdict = commands::Policy(rules, bash::parseScript).judgeScript(script);
    QCOMPARE(verdict.why, why);
    QCOMPARE(verdict.rule.line, line);
    QCOMPARE(verdict.mayRun(), line != 2 && line != 3);
}

void tst_Policy::judgesArgvsLikeScripts()
{
    const commands::Policy policy(rules, bash::parseScript);
    QCOMPARE(policy.judge({u"/bin/bash"_s, u"-lc"_s, u"git push"_s}).rule.line, 2);
    QCOMPARE(policy.judge({u"git"_s, u"push"_s}).rule.line, 2);
    QCOMPARE(policy.judge({u"echo"_s, u"$(git push)"_s}).why, Why::Unmatched);
    QCOMPARE(policy.judge({u"python3"_s, u"-c"_s, u"print(1)"_s}).why, Why::Unmatched);
    QCOMPARE(policy.judge({u"python3"_s, u"-c"_s, u"run('rm')"_s}).why, Why::MayMatch);
    const commands::Policy noShells({rule(1, {{u"bash"_s}}, Decision::Forbidden)}, bash::parseScript);
    QCOMPARE(noShells.judge({u"/bin/bash"_s, u"-lc"_s, u"ls"_s}).why, Why::Unmatched); // our own does not count
    QCOMPARE(noShells.judge({u"/bin/bash"_s, u"-lc"_s, u"bash x.sh"_s}).why, Why::Matched);
}

void tst_Policy::withoutAParserNothingRunsThatARuleMightConcern()
{
    const Verdict verdict = commands::Policy(rules, commands::fromModule(u"/no/such.so"_s)).judgeScript(u"echo"_s);
    QCOMPARE(verdict.why, Why::NotUnderstood);
    QVERIFY(!verdict.mayRun());
}

void tst_Policy::onlyAllowsConcernNothingThatIsNotPlain()
{
    const commands::Policy policy({rules[0]}, bash::parseScript);
    QCOMPARE(policy.judgeScript(u"echo 'a"_s), Verdict());
    QCOMPARE(policy.judgeScript(u"git $x"_s), Verdict());
}

void tst_Policy::saysWhichRuleDecided()
{
    const commands::Policy policy(rules, bash::parseScript);
    QCOMPARE(policy.judgeScript(u"ls && sudo git 'push'"_s).sentence(),
             u"`git push` needs an approval by the rule at /h/a.rules:2: ask a person"_s);
    QCOMPARE(policy.judgeScript(u"rm \"a b\""_s).sentence(), u"`rm 'a b'` is forbidden by the rule at /h/a.rules:3"_s);
    QCOMPARE(
        policy.judgeScript(u"git $x"_s).sentence(),
        u"`git $x` may be what the rule at /h/a.rules:2 is about, since only the shell can tell what it runs, so it "
        "needs an approval: ask a person"_s);
    QCOMPARE(policy.judgeScript(u"if"_s).sentence(), u"`if` cannot be read before it runs (no shell syntax at `if`), "
                                                     u"and might break the rule at /h/a.rules:2, so it "
                                                     "needs an approval: ask a person"_s);
    QCOMPARE(policy.judgeScript(u"date; flock --what f rm x"_s).sentence(),
             u"`flock --what f rm x` may be what the rule at /h/a.rules:3 is about, since `flock` may run what it is "
             "given, so it needs an approval"_s);
    QCOMPARE(
        policy.judgeScript(u"ls | bash -s"_s).sentence(),
        u"`bash -s` cannot be read before it runs (its standard input), and might break the rule at /h/a.rules:2, so "
        "it needs an approval: ask a person"_s);
    QCOMPARE(policy.judgeScript(u"ls"_s).sentence(), u"`ls` is allowed by the rule at /h/a.rules:4"_s);
    QCOMPARE(policy.judgeScript(u"date"_s).sentence(), u"no rule decides about this command"_s);
}

void tst_Policy::seesThroughOptionsInFrontOfASubcommand_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<Why>("why");
    const auto row = [](const QString &script, Why why) { QTest::addRow("%s", qPrintable(script)) << script << why; };
    row(u"git -C . push"_s, Why::Matched);
    row(u"git --no-pager -c a=b push"_s, Why::Matched);
    row(u"git -C push log"_s, Why::Unmatched);
    row(u"git -C \"$x\" commit"_s, Why::Unmatched);
    row(u"git --no-pager $x"_s, Why::MayMatch);
    row(u"npm --prefix a publish"_s, Why::MayMatch);
    row(u"npm -w a run publish"_s, Why::Unmatched);
}

void tst_Policy::seesThroughOptionsInFrontOfASubcommand()
{
    QFETCH(const QString, script);
    QFETCH(const Why, why);
    const commands::Policy policy({rules[1], rule(5, {{u"npm"_s}, {u"publish"_s}}, Decision::Forbidden)},
                                  bash::parseScript);
    QCOMPARE(policy.judgeScript(script).why, why);
}

void tst_Policy::neitherDeepNorLongScriptsTakeLong()
{
    const commands::Policy policy(rules, bash::parseScript);
    const QString deep = QString(100'000, u'(') + u"ls"_s + QString(100'000, u')');
    QCOMPARE(policy.judgeScript(deep).why, Why::NotUnderstood);
    QCOMPARE(policy.judgeScript(u"echo"_s + u" a"_s.repeated(20'000)).why, Why::Unmatched);
    QCOMPARE(policy.judgeScript(u"make"_s + u" a"_s.repeated(20'000)).why, Why::Unmatched);
}

QTEST_APPLESS_MAIN(tst_Policy)
#include "tst_policy.moc"
