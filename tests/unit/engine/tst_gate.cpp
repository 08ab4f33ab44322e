#include "bash/parsescript.h"
#include "hooks/program.h"
#include "support/enginerun.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace nightshift;
using Mode = SandboxPolicy::Mode;
using Resolution = ApprovalResolved::Decision;

namespace {

/// A source that answers what it is told to, and keeps what it was asked.
class PreparedHooks : public HookSource
{
public:
    explicit PreparedHooks(std::map<HookMoment, QByteArray> answers)
        : m_answers(std::move(answers))
    {}

    QString name() const override { return u"prepared"_s; }
    bool wants(HookMoment moment) const override { return m_answers.contains(moment); }
    std::chrono::milliseconds deadline(HookMoment) const override { return 20s; }
    std::unique_ptr<HookJob> ask(const HookQuestion &question, std::function<void(const HookReply &)> answered) override
    {
        asked += question.event.text;
        QMetaObject::invokeMethod(
            &m_context, [answer = m_answers.at(question.moment), answered] { answered(answer); }, Qt::QueuedConnection);
        return std::make_unique<HookJob>();
    }

    QByteArrayList asked;

private:
    std::map<HookMoment, QByteArray> m_answers;
    QObject m_context;
};

} // namespace

/// Who decides before something happens, in sessions of the real engine.
class tst_Gate : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void asksNobodyWhereNobodyDecides();
    void neverRunsWhatAHookDenies();
    void showsHooksWhatIsReallyRun();
    void failsClosed_data();
    void failsClosed();
    void runsInSpiteOfAFailureWhereThatWasAskedFor();
    void endsTheTurnWhereAFailureShallAbort();
    void runsWhatAHookRewrote();
    void showsARewriteToTheNextHook();
    void refusesARewriteThatARuleForbids();
    void deniesAPatch();
    void deniesThePrompt();
    void tellsTheModelWhatHooksAdd();
    void withholdsAnOutput();
    void sendsTheTurnBackThreeTimesAtMost();
    void deniesAtOnceWhereNobodyCanAnswer();
    void letsAnAllowedCommandLeaveTheSandbox();
    void writesAnAllowedPatchOutside();
    void runsWhatTheApproverWroteInstead();
    void asksOnceForTheWholeSession();
    void letsAHookAnswer();
    void asksWhereARuleWantsIt();
    void expiresAnApproval();
    void cancelsAnApprovalWithItsTurn();
    void doesNotCountTheWaiting();
    void takesTheFirstAnswer();
    void goesOnFromAnApprovalThatALostProcessAskedFor();
    void cancelsWhatALostProcessAskedForUnlessItGoesOn();

private:
    std::shared_ptr<PreparedHooks> hook(std::map<HookMoment, QByteArray> answers);
    void program(const QByteArray &script, HookFailure failure = HookFailure::Deny,
                 std::chrono::milliseconds deadline = 20s);
    void play(const QByteArray &cmd, const QByteArray &more = {});
    void answerWith(const engine::ApprovalAnswer &answer);
    void interruptWhenAsked();
    bool ran() const { return QFileInfo::exists(m_run->work(u"made"_s)); }

    std::unique_ptr<EngineRun> m_run;
    HookSources m_hooks;
};

void tst_Gate::init()
{
    m_run = std::make_unique<EngineRun>();
    m_hooks.clear();
}

void tst_Gate::cleanup()
{
    QCOMPARE(m_run->server.violations(), QStringList());
    m_run.reset();
}

std::shared_ptr<PreparedHooks> tst_Gate::hook(std::map<HookMoment, QByteArray> answers)
{
    const auto hook = std::make_shared<PreparedHooks>(std::move(answers));
    m_hooks.push_back(hook);
    m_run->engine.setHooks(m_hooks);
    return hook;
}

/// A hook that is a program; only of commands, so that the prompt is not what it decides about.
void tst_Gate::program(const QByteArray &script, HookFailure failure, std::chrono::milliseconds deadline)
{
    const QString path = m_run->path(u"hook"_s);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\nread event\ncase $event in '{\"hook\":\"onCommand\"'*) ;; *) exit 0;; esac\n" + script);
    file.close();
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    const auto opened = hooks::ProgramHooks::open({.path = path, .deadline = deadline, .onFailure = failure},
                                                  m_run->settings.cwd, {u"PATH=/usr/bin:/bin"_s});
    QVERIFY(opened);
    m_hooks.push_back(*opened);
    m_run->engine.setHooks(m_hooks);
}

/// One command, with more arguments of its call, then the last answer.
void tst_Gate::play(const QByteArray &cmd, const QByteArray &more)
{
    m_run->server.play({sse::call("c1", "exec_command", R"({"cmd":")" + cmd + "\"" + more + "}")});
    m_run->server.play({sse::message("m1", "Done.")});
}

void tst_Gate::answerWith(const engine::ApprovalAnswer &answer)
{
    m_run->onEvent = [this, answer](const Event &event) {
        if (const auto *requested = std::get_if<ApprovalRequested>(&event))
            QMetaObject::invokeMethod(
                m_run->session(),
                [this, answer, id = requested->approval.id] { QVERIFY(m_run->session()->answer(id, answer)); },
                Qt::QueuedConnection);
    };
}

void tst_Gate::interruptWhenAsked()
{
    m_run->onEvent = [this](const Event &event) {
        if (std::holds_alternative<ApprovalRequested>(event))
            m_run->session()->interrupt({FailureCode::CancelledByUser, u"stop"_s});
    };
}

void tst_Gate::asksNobodyWhereNobodyDecides()
{
    play("touch made");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QCOMPARE(m_run->session()->pendingApprovals(), std::vector<Approval>());
}

void tst_Gate::neverRunsWhatAHookDenies()
{
    hook({{HookMoment::Command, R"({"decision":"deny","reason":"pushing is for CI"})"}});
    play("touch made");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    HookDecided decided = m_run->last<HookDecided>();
    decided.duration = {};
    QCOMPARE(decided, (HookDecided{.source = u"prepared"_s,
                                   .hook = u"onCommand"_s,
                                   .decision = u"deny"_s,
                                   .reason = u"pushing is for CI"_s,
                                   .call = u"c1"_s,
                                   .what = u"touch made"_s}));
    QVERIFY(
        m_run->lastRequest().contains("Denied by the hook prepared: pushing is for CI. It did not run: touch made"));
    QVERIFY(m_run->count<TurnCompleted>() == 1);
}

void tst_Gate::showsHooksWhatIsReallyRun()
{
    m_run->engine.setScriptParser([](const QString &text) { return bash::parseScript(text); });
    const auto asked = hook({{HookMoment::Command, {}}});
    play("cd sub && git push");
    QVERIFY(m_run->run(u"go"_s));
    const auto event = JsonDocument::parse(asked->asked.value(0));
    QVERIFY(event);
    const JsonView root = event->root();
    QCOMPARE(root["command"].toString(), u"cd sub && git push"_s);
    QCOMPARE(root["parts"].raw().text, R"([["cd","sub"],["git","push"]])");
    QCOMPARE(root["launch"].raw().text, R"(["/bin/sh","-c","cd sub && git push"])");
    QCOMPARE(root["tool_name"].toString(), u"Bash"_s);
    QCOMPARE(root["tool_input"].raw().text, R"({"command":"cd sub && git push"})");
}

void tst_Gate::failsClosed_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QString>("why");
    QTest::newRow("exit code") << "echo broken >&2; exit 1\n"_ba << u"it ended with exit code 1: broken"_s;
    QTest::newRow("crash") << "kill -SEGV $$\n"_ba << u"it was killed by signal 11"_s;
    QTest::newRow("endless loop") << "while :; do :; done\n"_ba << u"no answer within 0.3 s"_s;
    QTest::newRow("endless child") << "(setsid sleep 600) & wait\n"_ba << u"no answer within 0.3 s"_s;
    QTest::newRow("no JSON") << "echo sure\n"_ba << u"the answer makes no sense: it is no JSON"_s;
    QTest::newRow("unknown decision") << "echo '{\"decision\":\"maybe\"}'\n"_ba
                                      << u"the answer makes no sense: `decision` is `\"maybe\"`"_s;
    QTest::newRow("no decision") << "echo '{\"verdict\":\"allow\"}'\n"_ba
                                 << u"the answer makes no sense: it has no `decision`"_s;
    QTest::newRow("answer to another question")
        << "echo '{\"decision\":\"again\"}'\n"_ba << u"the answer makes no sense: `again` is no answer to onCommand"_s;
    const auto prints = [](const char *name, const QByteArray &answer, const char *why) {
        QTest::newRow(name) << "echo '" + answer + "'\n" << u"the answer makes no sense: "_s + QLatin1StringView(why);
    };
    prints("two decisions", R"({"decision":"allow","decision":"deny"})", "the member `decision` stands twice");
    prints("two decisions, one in escapes", R"({"decision":"allow","d\u0065cision":"deny"})",
           "the member `decision` stands twice");
    prints("two of the reference's",
           R"({"hookSpecificOutput":{"permissionDecision":"allow","permissionDecision":"deny"}})",
           "the member `permissionDecision` stands twice");
    prints("two rewrites", R"({"decision":"rewrite","argv":["ls"],"argv":["rm"]})", "the member `argv` stands twice");
    prints("twice in the depth", R"({"decision":"allow","x":[{"y":{"z":1,"z":2}}]})", "the member `z` stands twice");
    prints("a prototype", R"({"context":"x","__proto__":{"decision":"deny"}})", "`__proto__` is no member");
    prints("continue as a text", R"({"continue":"false"})", "`continue` is neither true nor false");
    prints("no behavior", R"({"hookSpecificOutput":{"decision":"deny"}})",
           "`hookSpecificOutput.decision` has no `behavior`");
    QTest::newRow("two answers") << "echo '{\"decision\":\"allow\"}{\"decision\":\"deny\"}'\n"_ba
                                 << u"the answer makes no sense: it is no JSON"_s;
    QTest::newRow("flood") << "yes | head -c 3000000\n"_ba << u"it printed more than 1 MiB"_s;
}

void tst_Gate::failsClosed()
{
    QFETCH(QByteArray, script);
    QFETCH(QString, why);
    program(script, HookFailure::Deny, why.startsWith(u"no answer"_s) ? 300ms : 20s);
    play("touch made");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    const HookDecided decided = m_run->last<HookDecided>();
    QVERIFY(decided.failed);
    QCOMPARE(decided.decision, u"deny"_s);
    QVERIFY2(decided.reason.startsWith(why), qPrintable(decided.reason));
    QVERIFY(m_run->lastRequest().contains("the hook failed: "));
}

void tst_Gate::runsInSpiteOfAFailureWhereThatWasAskedFor()
{
    program("exit 1\n", HookFailure::Allow);
    play("touch made");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QVERIFY(m_run->last<HookDecided>().failed);
}

void tst_Gate::endsTheTurnWhereAFailureShallAbort()
{
    program("exit 1\n", HookFailure::Abort);
    play("touch made");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    QCOMPARE(m_run->last<TurnFailed>().error.code, FailureCode::HookDenied);
}

void tst_Gate::runsWhatAHookRewrote()
{
    hook({{HookMoment::Command, R"({"decision":"rewrite","argv":["touch","made"]})"}});
    play("rm -rf /");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QCOMPARE(m_run->last<CommandFinished>().command.argv, (QStringList{u"/bin/sh"_s, u"-c"_s, u"touch made"_s}));
    QVERIFY(m_run->lastRequest().contains("The call was rewritten by the hook prepared; this ran instead: touch made"));
}

void tst_Gate::showsARewriteToTheNextHook()
{
    hook({{HookMoment::Command, R"({"decision":"rewrite","command":"touch made"})"}});
    const auto next = hook({{HookMoment::Command, R"({"decision":"deny","reason":"no"})"}});
    play("touch other");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    QVERIFY(next->asked.value(0).contains(R"("command":"touch made")"));
}

void tst_Gate::refusesARewriteThatARuleForbids()
{
    m_run->engine.setScriptParser([](const QString &text) { return bash::parseScript(text); });
    m_run->settings.commandRules = {{.pattern = {{u"touch"_s}}, .decision = CommandRule::Decision::Forbidden}};
    hook({{HookMoment::Command, R"({"decision":"rewrite","command":"touch made"})"}});
    play("true");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    QVERIFY(m_run->last<HookDecided>().reason.startsWith(u"its rewrite is refused: `touch made` is forbidden"_s));
}

void tst_Gate::deniesAPatch()
{
    const auto asked = hook({{HookMoment::Patch, R"({"decision":"deny","reason":"vendored"})"}});
    m_run->server.play({sse::patch("c1", "*** Begin Patch\n*** Add File: made\n+x\n*** End Patch\n")});
    m_run->server.play({sse::message("m1", "Done.")});
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    QVERIFY(asked->asked.value(0).contains(R"("files":[{"path":"made","kind":"add"}])"));
}

void tst_Gate::deniesThePrompt()
{
    hook({{HookMoment::Prompt, R"({"decision":"block","reason":"not here"})"}});
    QVERIFY(m_run->run(u"go"_s));
    QCOMPARE(m_run->last<TurnFailed>().error,
             (TurnError{FailureCode::HookDenied, u"the prompt was denied by the hook prepared: not here"_s}));
    QCOMPARE(m_run->server.requests().size(), size_t(0));
}

void tst_Gate::tellsTheModelWhatHooksAdd()
{
    hook({{HookMoment::SessionStart, "the session's own"},
          {HookMoment::Prompt, "remember the milk"},
          {HookMoment::ToolEnd, R"({"hookSpecificOutput":{"additionalContext":"it is flaky"}})"}});
    play("true");
    QVERIFY(m_run->run(u"go"_s));
    const QByteArray request = m_run->lastRequest();
    const auto developer = [](const QByteArray &text) {
        return R"({"type":"message","role":"developer","content":[{"type":"input_text","text":")" + text + R"("}]})";
    };
    const qsizetype session = request.indexOf(developer("the session's own"));
    const qsizetype prompt = request.indexOf(R"("text":"go")");
    const qsizetype milk = request.indexOf(developer("remember the milk"));
    const qsizetype output = request.indexOf("function_call_output");
    const qsizetype flaky = request.indexOf(developer("it is flaky"));
    QVERIFY(0 < session && session < prompt && prompt < milk && milk < output && output < flaky);
}

void tst_Gate::withholdsAnOutput()
{
    hook({{HookMoment::ToolEnd, R"({"decision":"rewrite","output":"nothing to see"})"}});
    play("echo secret-$((40+2))");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!m_run->lastRequest().contains("secret-42"));
    QVERIFY(m_run->lastRequest().contains(R"("output":"nothing to see")"));
}

void tst_Gate::sendsTheTurnBackThreeTimesAtMost()
{
    hook({{HookMoment::TurnEnd, R"({"decision":"block","reason":"do the work"})"}});
    for (int i = 0; i < 4; ++i)
        m_run->server.play({sse::message("m", "Done.")});
    QVERIFY(m_run->run(u"go"_s));
    QCOMPARE(m_run->server.requests().size(), size_t(4));
    QCOMPARE(m_run->lastRequest().count("<hook_prompt>do the work</hook_prompt>"), 3);
    QCOMPARE(m_run->count<TurnCompleted>(), 1);
}

static constexpr auto escalated = R"(,"sandbox_permissions":"require_escalated","justification":"it must be outside")";

void tst_Gate::deniesAtOnceWhereNobodyCanAnswer()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    const ApprovalRequested requested = m_run->last<ApprovalRequested>();
    QCOMPARE(requested.approval.kind, Approval::Kind::Sandbox);
    QCOMPARE(requested.approval.reason, u"it must be outside"_s);
    QCOMPARE(m_run->last<ApprovalResolved>(), (ApprovalResolved{.approvalId = requested.approval.id,
                                                                .call = u"c1"_s,
                                                                .decision = Resolution::Deny,
                                                                .by = u"policy"_s,
                                                                .message = u"nobody is there who could answer"_s}));
    QVERIFY(m_run->lastRequest().contains(
        "Denied by policy: nobody is there who could answer. It did not run: touch made"));
}

void tst_Gate::letsAnAllowedCommandLeaveTheSandbox()
{
    m_run->settings.sandbox.mode = Mode::ReadOnly;
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    answerWith({.decision = Resolution::Allow, .by = u"token ci"_s});
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QCOMPARE(m_run->last<ApprovalResolved>().by, u"token ci"_s);
    QCOMPARE(m_run->lines.join().count("\"approval.requested\""), 1);
}

void tst_Gate::writesAnAllowedPatchOutside()
{
    m_run->settings.sandbox.mode = Mode::ReadOnly;
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    answerWith({.decision = Resolution::Allow, .by = u"token ci"_s});
    m_run->server.play({sse::patch("c1", "*** Begin Patch\n*** Add File: made\n+x\n*** End Patch\n")});
    m_run->server.play({sse::message("m1", "Done.")});
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QCOMPARE(m_run->last<ApprovalRequested>().approval.kind, Approval::Kind::Patch);
}

void tst_Gate::runsWhatTheApproverWroteInstead()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    answerWith({.decision = Resolution::Rewrite, .by = u"token ci"_s, .command = u"touch made"_s});
    play("touch other", escalated);
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran() && !QFileInfo::exists(m_run->work(u"other"_s)));
    QVERIFY(m_run->lastRequest().contains("approved by token ci with a change; this ran instead: touch made"));
}

void tst_Gate::asksOnceForTheWholeSession()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    answerWith({.decision = Resolution::Allow, .scope = ApprovalResolved::Scope::Session, .by = u"token ci"_s});
    for (const QByteArray id : {"c1", "c2"})
        m_run->server.play({sse::call(id, "exec_command", "{\"cmd\":\"echo x >> made\""_ba + escalated + "}")});
    m_run->server.play({sse::message("m1", "Done.")});
    QVERIFY(m_run->run(u"go"_s));
    QCOMPARE(m_run->count<ApprovalRequested>(), 1);
    QCOMPARE(m_run->count<CommandFinished>(), 2);
}

void tst_Gate::letsAHookAnswer()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    const auto asked = hook({{HookMoment::Approval, R"({"decision":"allow"})"}});
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QVERIFY(asked->asked.value(0).contains(R"("kind":"sandbox","reason":"it must be outside")"));
    QCOMPARE(m_run->last<ApprovalResolved>().by, u"hook prepared"_s);
}

void tst_Gate::asksWhereARuleWantsIt()
{
    m_run->engine.setScriptParser([](const QString &text) { return bash::parseScript(text); });
    m_run->settings.commandRules = {{.pattern = {{u"touch"_s}}, .decision = CommandRule::Decision::Prompt}};
    m_run->settings.sandbox.mode = Mode::WorkspaceWrite;
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    answerWith({.decision = Resolution::Allow, .by = u"token ci"_s});
    play("touch made; touch ../outside");
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(ran());
    QVERIFY2(!QFileInfo::exists(m_run->path(u"outside"_s)), "an approval of a rule must not lift the sandbox");
    QCOMPARE(m_run->last<ApprovalRequested>().approval.kind, Approval::Kind::Command);
}

void tst_Gate::expiresAnApproval()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 50ms;
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    QCOMPARE(m_run->last<ApprovalResolved>().decision, Resolution::Expired);
    const auto late = m_run->session()->answer(m_run->last<ApprovalRequested>().approval.id, {});
    QCOMPARE(late.error().kind, Error::Kind::Timeout);
}

void tst_Gate::cancelsAnApprovalWithItsTurn()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    interruptWhenAsked();
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    QVERIFY(!ran());
    QCOMPARE(m_run->last<ApprovalResolved>().decision, Resolution::Cancelled);
    QVERIFY(std::holds_alternative<TurnFailed>(m_run->events.back()));
}

void tst_Gate::doesNotCountTheWaiting()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 3500ms; // longer than the limit
    play("true", escalated);
    engine::Session::Wishes wishes;
    wishes.limits.time = 3s;
    QVERIFY(m_run->run(u"go"_s, wishes));
    QCOMPARE(m_run->last<ApprovalResolved>().decision, Resolution::Expired);
    QCOMPARE(m_run->count<TurnCompleted>(), 1);
}

void tst_Gate::takesTheFirstAnswer()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    answerWith({.decision = Resolution::Deny, .by = u"token a"_s, .message = u"not today"_s});
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    const QString id = m_run->last<ApprovalRequested>().approval.id;
    const auto second = m_run->session()->answer(id, {.decision = Resolution::Allow, .by = u"token b"_s});
    QCOMPARE(second.error(), (Error{Error::Kind::Denied, u"the approval %1 was decided before, by token a"_s.arg(id)}));
    QCOMPARE(m_run->session()->answer(u"none"_s, {}).error().kind, Error::Kind::NotFound);
    QVERIFY(m_run->lastRequest().contains("Denied by token a: not today. It did not run: touch made"));
}

/// The log as it was when the process was lost: up to the request for an approval.
static QString lostLog(const EngineRun &run)
{
    const QString path = run.last<SessionStarted>().rolloutPath;
    QFile log(path);
    if (!log.open(QIODevice::ReadWrite))
        return {};
    const QByteArray text = log.readAll();
    const qsizetype asked = text.indexOf("\"exec_approval_request\"");
    log.resize(text.indexOf('\n', asked) + 1);
    return path;
}

void tst_Gate::goesOnFromAnApprovalThatALostProcessAskedFor()
{
    m_run->settings.sandbox.mode = Mode::ReadOnly;
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->settings.approvalTerms.wait = 60s;
    m_run->session()->announce();
    interruptWhenAsked();
    m_run->server.play({sse::call("c1", "exec_command", "{\"cmd\":\"touch made\""_ba + escalated + "}")});
    QVERIFY(m_run->run(u"go"_s));
    const Approval approval = m_run->last<ApprovalRequested>().approval;
    m_run->closeSession();
    const QString log = lostLog(*m_run);

    m_run->events.clear();
    const auto reopened = m_run->engine.resume(log, m_run->settings, engine::Persist::Yes, engine::OpenTurns::Keep);
    QVERIFY(reopened);
    m_run->use(*reopened);
    m_run->onEvent = {};
    m_run->server.play({sse::message("m1", "Done after all.")});
    QVERIFY(m_run->waitForEnd([&] {
        QVERIFY(m_run->session()->goOnWaiting());
        QCOMPARE(m_run->session()->pendingApprovals(), std::vector<Approval>{approval});
        QVERIFY(m_run->session()->answer(approval.id, {.decision = Resolution::Allow, .by = u"token b"_s}));
    }));
    QVERIFY(ran());
    QCOMPARE(m_run->count<ApprovalRequested>() + m_run->count<TurnStarted>(), 0);
    QCOMPARE(m_run->last<ApprovalResolved>().by, u"token b"_s);
    QCOMPARE(m_run->last<TurnCompleted>().lastMessage, u"Done after all."_s);
}

void tst_Gate::cancelsWhatALostProcessAskedForUnlessItGoesOn()
{
    m_run->settings.approval = ApprovalPolicy::OnRequest;
    m_run->session()->announce();
    play("touch made", escalated);
    QVERIFY(m_run->run(u"go"_s));
    m_run->closeSession();
    const QString log = lostLog(*m_run);
    const auto reopened = m_run->engine.resume(log, m_run->settings, engine::Persist::Yes);
    QVERIFY(reopened);
    QVERIFY(!(*reopened)->goOnWaiting());
    QFile file(log);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArrayList lines = file.readAll().trimmed().split('\n');
    QVERIFY(lines.value(lines.size() - 3).contains("function_call_output"));
    QVERIFY(lines.value(lines.size() - 2).contains("\"approval_resolved\"") &&
            lines.value(lines.size() - 2).contains("\"cancelled\""));
    QVERIFY(lines.last().contains("\"process_lost\""));
}

QTEST_GUILESS_MAIN(tst_Gate)
#include "tst_gate.moc"
