#include "batch/journal.h"
#include "batch/options.h"
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::batch;

/// What is known of finished work, and what is done about it.
class tst_Resume : public QObject
{
    Q_OBJECT

private slots:
    void fingerprintStaysTheSameForEver();
    void fingerprintNamesWhatChanged_data();
    void fingerprintNamesWhatChanged();
    void fingerprintForgetsTheOrderOfMembers();
    void keysCountIdenticalItems();
    void filesAreNamedFromTheirFolder();
    void decidesByTheTable_data();
    void decidesByTheTable();
    void stopsBeforeMostIsThrownAway();
    void unionTakesOneResultForAKey();
    void unionPassesOverTornLines();
    void journalGivesBackWhatWasDone();
    void baseCommitStaysUntilItIsMoved();
    void optionsAreReadFromJson();
    void optionsNameWhatIsWrong_data();
    void optionsNameWhatIsWrong();
};

static Work someWork()
{
    return {.prompt = u"Judge a.h"_s,
            .instructions = u"Be brief."_s,
            .schema = RawJson{R"({"type":"object","required":["risk"]})"},
            .model = u"gpt-5.5"_s,
            .provider = u"openai"_s,
            .sandbox = u"read-only"_s,
            .inputs = {{u"src/a.h"_s, "aa11"}},
            .attachments = {},
            .baseCommit = u"c0ffee"_s};
}

/// A change here would make every batch of every user stale.
void tst_Resume::fingerprintStaysTheSameForEver()
{
    QCOMPARE(fingerprintOf({.prompt = u"p"_s, .schema = {}, .inputs = {}, .attachments = {}}).hex,
             "8649667293d7ec6d54eccc13935aaea734b422b7002569d58c56399abac5151a");
    QCOMPARE(fingerprintOf(someWork()).hex, "43b6fe0ae343b8f07fb26ea65fe521b20fb6ea175cee5b9766d361b3d9a332bf");
}

void tst_Resume::fingerprintNamesWhatChanged_data()
{
    QTest::addColumn<Work>("changed");
    QTest::addColumn<QString>("why");
    const auto row = [](const QString &why, auto change) {
        Work work = someWork();
        change(work);
        QTest::newRow(qPrintable(why)) << work << why;
    };
    row(u""_s, [](Work &) {});
    row(u"prompt changed"_s, [](Work &work) { work.prompt += u'.'; });
    row(u"instructions removed"_s, [](Work &work) { work.instructions.clear(); });
    row(u"schema changed"_s, [](Work &work) { work.schema = RawJson{"{}"}; });
    row(u"model changed"_s, [](Work &work) { work.model = u"o"_s; });
    row(u"provider changed"_s, [](Work &work) { work.provider = u"o"_s; });
    row(u"effort added"_s, [](Work &work) { work.effort = u"high"_s; });
    row(u"sandbox changed"_s, [](Work &work) { work.sandbox = u"workspace-write"_s; });
    row(u"tools changed"_s, [](Work &work) { ++work.toolSet; });
    row(u"input src/a.h changed"_s, [](Work &work) { work.inputs[0].hash = "bb22"; });
    row(u"attachment a.png added"_s, [](Work &work) { work.attachments.push_back({u"a.png"_s, "cc"}); });
    row(u"salt added"_s, [](Work &work) { work.salt = u"2"_s; });
    row(u"base commit changed"_s, [](Work &work) { work.baseCommit = u"beef"_s; });
    row(u"prompt changed, input src/a.h changed"_s, [](Work &work) {
        work.prompt.clear();
        work.prompt = u"q"_s;
        work.inputs[0].hash = "dd";
    });
}

void tst_Resume::fingerprintNamesWhatChanged()
{
    QFETCH(const Work, changed);
    QFETCH(const QString, why);
    const Fingerprint before = fingerprintOf(someWork()), after = fingerprintOf(changed);
    QCOMPARE(whyChanged(before.parts, after.parts), why);
    QCOMPARE(before.hex == after.hex, why.isEmpty());
}

void tst_Resume::fingerprintForgetsTheOrderOfMembers()
{
    Work work = someWork();
    work.schema = RawJson{"{ \"required\": [\"risk\"],\n \"type\": \"object\" }"};
    QCOMPARE(fingerprintOf(work), fingerprintOf(someWork()));
}

void tst_Resume::keysCountIdenticalItems()
{
    Keys keys;
    const Fingerprint one = fingerprintOf(someWork());
    const QString start = QString::fromLatin1(one.hex.first(16));
    QCOMPARE(keys.keyFor({}, one), start + u"-1"_s);
    QCOMPARE(keys.keyFor({}, one), start + u"-2"_s);
    QCOMPARE(keys.keyFor(u"a.h"_s, one), u"a.h"_s);
    QCOMPARE(keys.keyFor(u"a.h"_s, one), u"a.h#2"_s);
}

void tst_Resume::filesAreNamedFromTheirFolder()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"a.txt"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("hello") == 5);
    file.close();
    FileHashes hashes;
    const FileMark mark = hashes.mark(folder.path(), u"a.txt"_s);
    QCOMPARE(mark.hash, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    QCOMPARE(hashes.mark(folder.path(), file.fileName()), mark);
    QCOMPARE(hashes.mark(folder.path(), u"./a.txt"_s), mark);
    QCOMPARE(hashes.mark(folder.path(), u"none"_s), (FileMark{u"none"_s, {}}));
}

static JournalDone doneItem(const QString &reason, const QByteArray &fingerprint = "f1", const QString &check = {})
{
    const bool ok = reason == "final_message"_L1;
    return {.result = {.key = u"k"_s,
                       .ok = ok,
                       .outcome = ok ? u"completed"_s : u"failed"_s,
                       .reason = reason,
                       .json = {},
                       .attempts = {},
                       .labels = {}},
            .fingerprint = fingerprint,
            .parts = {{u"prompt"_s, "1" + fingerprint}},
            .check = check};
}

static JournalStart startedItem(const QByteArray &fingerprint = "f1")
{
    return {.key = u"k"_s, .fingerprint = fingerprint, .parts = {{u"prompt"_s, "1" + fingerprint}}, .session = u"s"_s};
}

static KnownItem known(std::optional<JournalDone> done, std::optional<JournalStart> start = {}, qint64 startedAt = 20)
{
    return {.done = std::move(done), .start = std::move(start), .doneAt = 10, .startedAt = startedAt};
}

void tst_Resume::decidesByTheTable_data()
{
    using Step = Decision::Step;
    using State = Decision::State;
    using Stale = ResumePolicy::Stale;
    QTest::addColumn<std::optional<KnownItem>>("item");
    QTest::addColumn<ResumePolicy>("policy");
    QTest::addColumn<Decision>("decision");
    const auto row = [](const char *name, std::optional<KnownItem> item, ResumePolicy policy, Decision decision) {
        QTest::newRow(name) << item << policy << decision;
    };
    const Decision run, take{Step::Take, State::Done, {}};
    row("never seen", {}, {}, run);
    row("done", known(doneItem(u"final_message"_s)), {}, take);
    row("done, started before", known(doneItem(u"final_message"_s), startedItem(), 5), {}, take);
    row("done elsewhere while it was open here", known(doneItem(u"final_message"_s), startedItem()), {}, take);
    row("done, fresh", known(doneItem(u"final_message"_s)), {.fresh = true, .retry = {}}, run);
    row("stale", known(doneItem(u"final_message"_s, "f0")), {}, {Step::Run, State::Stale, u"prompt changed"_s});
    row("stale, rerun", known(doneItem(u"final_message"_s, "f0")), {.stale = Stale::Rerun, .retry = {}},
        {Step::Run, State::Stale, u"prompt changed"_s});
    row("stale, kept", known(doneItem(u"final_message"_s, "f0")), {.stale = Stale::Keep, .retry = {}},
        {Step::Take, State::Stale, u"prompt changed"_s});
    row("stale, and open for the new one", known(doneItem(u"final_message"_s, "f0"), startedItem()), {},
        {Step::Continue, State::Open, {}});
    row("failed for good", known(doneItem(u"bad_request"_s)), {}, {Step::Take, State::Failed, u"bad_request"_s});
    row("failed, may heal", known(doneItem(u"network"_s)), {}, {Step::Run, State::Failed, u"network"_s});
    row("failed, asked for", known(doneItem(u"bad_request"_s)), {.retry = {u"failed"_s}},
        {Step::Run, State::Failed, u"bad_request"_s});
    row("failed, its reason asked for", known(doneItem(u"limit_cost"_s)), {.retry = {u"limit_cost"_s}},
        {Step::Run, State::Failed, u"limit_cost"_s});
    row("failed, another reason asked for", known(doneItem(u"limit_cost"_s)), {.retry = {u"auth"_s}},
        {Step::Take, State::Failed, u"limit_cost"_s});
    row("failed, as its own retries say", known(doneItem(u"model_refusal"_s)), {},
        {Step::Run, State::Failed, u"model_refusal"_s});
    row("failed, may heal, only others asked for", known(doneItem(u"network"_s)), {.retry = {}, .only = {u"auth"_s}},
        {Step::Take, State::Failed, u"network"_s});
    row("failed, only its reason asked for", known(doneItem(u"bad_request"_s)),
        {.retry = {}, .only = {u"bad_request"_s}}, {Step::Run, State::Failed, u"bad_request"_s});
    row("failed, only all that failed asked for", known(doneItem(u"bad_request"_s)),
        {.retry = {}, .only = {u"failed"_s}}, {Step::Run, State::Failed, u"bad_request"_s});
    row("failed, only what was not done asked for", known(doneItem(u"network"_s)),
        {.retry = {}, .only = {u"cancelled"_s}}, {Step::Take, State::Failed, u"network"_s});
    row("open", known({}, startedItem()), {}, {Step::Continue, State::Open, {}});
    row("open, changed", known({}, startedItem("f0")), {}, {Step::Run, State::Open, u"prompt changed"_s});
    row("open again after it failed", known(doneItem(u"network"_s), startedItem()), {},
        {Step::Continue, State::Open, {}});
    row("checked otherwise", known(doneItem(u"final_message"_s, "f1", u"old"_s)), {}, take);
    row("checked otherwise, recheck", known(doneItem(u"final_message"_s, "f1", u"old"_s)),
        {.retry = {}, .recheck = true}, {Step::Recheck, State::Unchecked, u"check changed"_s});
    row("failed the old check, recheck", known(doneItem(u"check_failed"_s, "f1", u"old"_s)),
        {.retry = {}, .recheck = true}, {Step::Recheck, State::Unchecked, u"check changed"_s});
}

void tst_Resume::decidesByTheTable()
{
    QFETCH(const std::optional<KnownItem>, item);
    QFETCH(const ResumePolicy, policy);
    QFETCH(const Decision, decision);
    const Fingerprint now{"f1", {{u"prompt"_s, "1f1"}}};
    const Decision made = decide(item ? &*item : nullptr, now, {}, {u"model_refusal"_s}, policy);
    QCOMPARE(made.why, decision.why);
    QCOMPARE(stateName(made.state), stateName(decision.state));
    QCOMPARE(made, decision);
}

void tst_Resume::stopsBeforeMostIsThrownAway()
{
    using State = Decision::State;
    const Decision fine{Decision::Step::Take, State::Done, {}}, missing,
        stale{Decision::Step::Run, State::Stale, u"model changed"_s},
        other{Decision::Step::Run, State::Stale, u"prompt changed"_s};
    QCOMPARE(brake({fine, stale, missing, missing}, {}), std::nullopt);
    QCOMPARE(brake({fine, stale, stale, other, missing}, {}),
             u"3 of 4 finished items are stale, most often because: model changed. It stops here: --stale rerun runs "
             "them again, --stale keep takes their old results"_s);
    QCOMPARE(brake({fine, stale, stale}, {.stale = ResumePolicy::Stale::Rerun, .retry = {}}), std::nullopt);
}

void tst_Resume::unionTakesOneResultForAKey()
{
    JournalUnion all;
    JournalDone good = doneItem(u"final_message"_s), late = doneItem(u"network"_s);
    good.result.text = u"of the first process"_s;
    all.take(startedItem(), 1);
    all.take(late, 30); // a second process had the same item, and less luck
    all.take(good, 20);
    all.take(JournalOpen{.batch = u"b"_s, .baseCommit = u"late"_s, .items = 3}, 9);
    all.take(JournalOpen{.batch = u"b"_s, .baseCommit = u"early"_s, .items = 2}, 5);
    QCOMPARE(all.total(), 3);
    QCOMPARE(all.keys(), QStringList{u"k"_s});
    QCOMPARE(all.find(u"k"_s)->done, good);
    QCOMPARE(all.find(u"k"_s)->isOpen(), false);
    QCOMPARE(all.first()->baseCommit, u"early"_s);
}

void tst_Resume::unionPassesOverTornLines()
{
    const QByteArray done = toJson(doneItem(u"final_message"_s), 7, u"h"_s).text;
    JournalUnion all;
    all.read("{\"type\":\"done\",\"resu\n" + done + "\n{\"type\":\"tomorrow\"}\n" + done.first(20));
    QCOMPARE(all.keys(), QStringList{u"k"_s});
    QCOMPARE(all.find(u"k"_s)->done, doneItem(u"final_message"_s));
    QCOMPARE(all.find(u"k"_s)->doneAt, 7);
}

void tst_Resume::journalGivesBackWhatWasDone()
{
    const QTemporaryDir folder;
    const QString out = folder.filePath(u"out"_s), state = folder.filePath(u"state"_s);
    JournalDone done = doneItem(u"final_message"_s);
    done.result.diff = "diff --git a/a b/a\n";
    done.result.json = RawJson{R"({"a":[1,2]})"};
    done.result.files = QStringList{u"a"_s};
    done.result.labels = {{u"team"_s, u"core"_s}};
    done.result.usage = {.inputTokens = 10, .outputTokens = 2, .costUsd = 0.25};
    done.result.attempts = {{.session = u"s"_s, .outcome = u"completed"_s, .reason = u"final_message"_s}};
    {
        auto journal = Journal::open(out);
        QVERIFY(journal.has_value());
        QVERIFY(journal->begin({.batch = {}, .name = u"n"_s, .items = 1}, state).has_value());
        QVERIFY(journal->start(startedItem()).has_value());
        QVERIFY(journal->done(done).has_value());
        QCOMPARE(batchFolder(state, journal->batchId()), Result<QString>(out));
    }
    auto journal = Journal::open(out);
    QVERIFY(journal.has_value());
    ItemResult expected = done.result;
    expected.from = ItemResult::From::Journal;
    QCOMPARE(journal->result(*journal->known().find(u"k"_s)), expected);
}

void tst_Resume::baseCommitStaysUntilItIsMoved()
{
    const QTemporaryDir folder;
    const auto begin = [&](const QString &commit, Journal::Rebase rebase) {
        auto journal = Journal::open(folder.path());
        journal->setBaseCommit(commit, rebase);
        const auto begun = journal->begin({}, folder.filePath(u"state"_s));
        return begun ? journal->baseCommit() : begun.error().message;
    };
    QCOMPARE(begin(u"one"_s, Journal::Rebase::No), u"one"_s);
    QCOMPARE(begin(u"two"_s, Journal::Rebase::No), u"one"_s);
    QCOMPARE(begin(u"three"_s, Journal::Rebase::Yes), u"three"_s);
    QCOMPARE(begin(u"four"_s, Journal::Rebase::No), u"three"_s);
}

void tst_Resume::optionsAreReadFromJson()
{
    const auto document = JsonDocument::parse(
        R"({"key":"a","prompt":"p","isolation":"worktree","schema":{"type":"object"},"limits":{"cost_usd":0.5,"wall_s":1.5},
            "retries":{"max":2,"on":["check_failed"],"backoff_s":0.1,"fresh":false},"check":["make"],"labels":{"x":"y"}})");
    QVERIFY(document.has_value());
    const auto options = optionsFromJson(document->root());
    QVERIFY2(options.has_value(), options ? "" : qPrintable(options.error().message));
    using namespace std::chrono_literals;
    QCOMPARE(*options, (Options{.key = u"a"_s,
                                .prompt = u"p"_s,
                                .isolation = Isolation::Worktree,
                                .schema = RawJson{R"({"type":"object"})"},
                                .attachments = {},
                                .inputs = {},
                                .limits = {.costUsd = 0.5, .wall = 1500ms},
                                .retries = {.max = 2, .on = {u"check_failed"_s}, .backOff = 100ms, .fresh = false},
                                .check = {u"make"_s},
                                .labels = {{u"x"_s, u"y"_s}},
                                .outputs = {}}));
}

void tst_Resume::optionsNameWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    QTest::newRow("type") << "{\"prompt\":1}"_ba << u"/prompt: expected a text"_s;
    QTest::newRow("limit") << "{\"limits\":{\"cost_usd\":0}}"_ba << u"/limits/cost_usd: expected a number above 0"_s;
    QTest::newRow("isolation") << "{\"isolation\":\"overlay\"}"_ba << u"/isolation: expected none, worktree or copy"_s;
    QTest::newRow("no object") << "[]"_ba << u"/: expected an object"_s;
    QTest::newRow("unknown") << "{\"limits\":{\"cost\":1}}"_ba
                             << u"/limits/cost: no such option; expected one of turns, requests, tokens, cost_usd, "
                                "wall_s, idle_s, command_s"_s;
}

void tst_Resume::optionsNameWhatIsWrong()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, error);
    const auto document = JsonDocument::parse(text);
    QVERIFY(document.has_value());
    const auto options = optionsFromJson(document->root());
    QCOMPARE(options ? QString() : options.error().message, error);
}

QTEST_GUILESS_MAIN(tst_Resume)
#include "tst_resume.moc"
