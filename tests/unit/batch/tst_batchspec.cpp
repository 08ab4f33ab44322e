#include "batch/batchspec.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::batch;

/// A batch as data: what POST /v1/batches, batch() and a journal's folder hold.
class tst_BatchSpec : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryMember();
    void readsAScript();
    void writesWhatItReads();
    void namesWhatIsWrongByPointer_data();
    void namesWhatIsWrongByPointer();
    void fillsTemplatesOfEachItem();
    void refusesWhatCannotBeFilled_data();
    void refusesWhatCannotBeFilled();
    void keepsTextThatLooksLikeATemplate();
};

static Result<BatchSpec> read(const QByteArray &text)
{
    const auto document = JsonDocument::parse(text);
    return document ? batchSpecFromJson(document->root()) : std::unexpected(document.error());
}

static const char *const whole = R"({
 "name":"port","key":"{{file}}","prompt":"Port {{file}}",
 "items":[{"key":"a.h","vars":{"file":"a.h"}},{"vars":{"file":"b.h"},"prompt":"Other {{file}}","check":["true"],"inputs":[]}],
 "session":{"cwd":"/src","model":"m","provider":"p","effort":"low","sandbox":"read-only","isolation":"worktree",
   "schema":{"type":"object"},"instructions":"Be brief.","inputs":["{{file}}"],"limits":{"cost_usd":0.5,"wall_s":1.5},
   "labels":{"team":"core"},"salt":"s","approval":"never"},
 "check":["make","-C","{{cwd}}","{{file}}"],"retries":{"max":2,"on":["check_failed"],"backoff_s":0.5,"fresh":false},
 "limits":{"concurrency":8,"cost_usd":40,"wall_s":7200,"max_failures":20},"on_limit":"pause","webhook":"wh_1"})";

void tst_BatchSpec::readsEveryMember()
{
    const auto spec = read(whole);
    QVERIFY2(spec.has_value(), spec ? "" : qPrintable(spec.error().message));
    QCOMPARE(spec->name, u"port"_s);
    QCOMPARE(spec->items.size(), size_t(2));
    QCOMPARE(spec->items[1], (BatchSpec::Item{.key = {},
                                              .vars = RawJson{R"({"file":"b.h"})"},
                                              .prompt = u"Other {{file}}"_s,
                                              .check = QStringList{u"true"_s},
                                              .inputs = QStringList()}));
    QCOMPARE(spec->session.model, u"m"_s);
    QCOMPARE(spec->session.limits.costUsd, std::optional(0.5));
    QCOMPARE(spec->session.retries.on, QStringList{u"check_failed"_s});
    QCOMPARE(spec->limits.wall, std::optional(std::chrono::milliseconds(7'200'000)));
    QCOMPARE(spec->concurrency, 8);
    QCOMPARE(spec->maxFailures, std::optional<qint64>(20));
    QCOMPARE(spec->onLimit, BatchSpec::OnLimit::Pause);
    QCOMPARE(spec->webhook, u"wh_1"_s);
}

void tst_BatchSpec::readsAScript()
{
    const auto spec = read(R"({"name":"s","script":"export default () => 1","args":{"n":1},"limits":{"wall_s":5}})");
    QVERIFY2(spec.has_value(), spec ? "" : qPrintable(spec.error().message));
    QVERIFY(spec->isScript());
    QCOMPARE(spec->args.text, QByteArray(R"({"n":1})"));
    QCOMPARE(spec->limits.wall, std::optional(std::chrono::milliseconds(5000)));
}

void tst_BatchSpec::writesWhatItReads()
{
    for (const QByteArray &text : {QByteArray(whole), QByteArray(R"({"script":"1","args":{"a":[]}})"),
                                   QByteArray(R"({"items":[{}],"prompt":"x"})")}) {
        const auto spec = read(text);
        QVERIFY2(spec.has_value(), spec ? "" : qPrintable(spec.error().message));
        const auto again = read(toJson(*spec).text);
        QVERIFY2(again.has_value(), again ? "" : qPrintable(again.error().message));
        QCOMPARE(*again, *spec);
    }
}

void tst_BatchSpec::namesWhatIsWrongByPointer_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    const auto row = [](const char *name, const char *text, const char *error) {
        QTest::newRow(name) << QByteArray(text) << QString::fromUtf8(error);
    };
    row("no object", "[]", "/: expected an object");
    row("no items", R"({"prompt":"x","items":[]})", "/items: expected a list of at least one item");
    row("no prompt", R"({"items":[{}]})", "/prompt: expected a text");
    row("limit", R"({"prompt":"x","items":[{}],"limits":{"cost_usd":0}})",
        "/limits/cost_usd: expected a number above 0");
    row("half a failure", R"({"prompt":"x","items":[{}],"limits":{"max_failures":1.5}})",
        "/limits/max_failures: expected a whole number above 0");
    row("variables", R"({"prompt":"x","items":[{},{"vars":3}]})", "/items/1/vars: expected an object");
    row("session", R"({"prompt":"x","items":[{}],"session":{"isolation":"jail"}})",
        "/session/isolation: expected none, worktree or copy");
    row("session's check", R"({"prompt":"x","items":[{}],"session":{"check":["true"]}})",
        "/session/check: expected that it stands at /check");
    row("on_limit", R"({"prompt":"x","items":[{}],"on_limit":"wait"})", "/on_limit: expected stop or pause");
    row("script and items", R"({"script":"1","items":[{}]})",
        "/items: expected none beside /script, which says all of that itself");
    row("script's session", R"({"script":"1","session":{"model":"m"}})",
        "/session: expected no more than cwd beside /script");
}

void tst_BatchSpec::namesWhatIsWrongByPointer()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, error);
    const auto spec = read(text);
    QCOMPARE(spec ? QString() : spec.error().message, error);
}

void tst_BatchSpec::fillsTemplatesOfEachItem()
{
    const auto items = itemsOf(*read(whole));
    QVERIFY2(items.has_value(), items ? "" : qPrintable(items.error().message));
    QCOMPARE(items->size(), size_t(2));
    QCOMPARE((*items)[0].key, u"a.h"_s);
    QCOMPARE((*items)[0].prompt, u"Port a.h"_s);
    QCOMPARE((*items)[0].check, (QStringList{u"make"_s, u"-C"_s, u"{{cwd}}"_s, u"a.h"_s}));
    QCOMPARE((*items)[0].inputs, QStringList{u"a.h"_s});
    QCOMPARE((*items)[0].cwd, u"/src"_s);
    QCOMPARE((*items)[1].key, u"b.h"_s);
    QCOMPARE((*items)[1].prompt, u"Other b.h"_s);
    QCOMPARE((*items)[1].check, QStringList{u"true"_s});
    QCOMPARE((*items)[1].inputs, QStringList());
}

void tst_BatchSpec::refusesWhatCannotBeFilled_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    QTest::newRow("unknown") << R"({"prompt":"{{b}}","items":[{"vars":{"b":1}},{"vars":{"a":1}}]})"_ba
                             << u"/items/1: the prompt:1: {{b}} is not known; there are: a"_s;
    QTest::newRow("file") << R"({"prompt":"{{file:/etc/passwd}}","items":[{}]})"_ba
                          << u"/items/0: the prompt:1: {{file:/etc/passwd}}: files cannot be put in here; their text "
                             "can, as a variable"_s;
    QTest::newRow("key") << R"({"prompt":"x","items":[{"key":"a"},{"vars":{"id":"a"}}]})"_ba
                         << u"/items/1: it has the key `a` of /items/0"_s;
}

void tst_BatchSpec::refusesWhatCannotBeFilled()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, error);
    const auto items = itemsOf(*read(text));
    QCOMPARE(items ? QString() : items.error().message, error);
}

void tst_BatchSpec::keepsTextThatLooksLikeATemplate()
{
    BatchSpec spec{.items = {{.vars = RawJson{"{}"}, .prompt = asTemplate(u"Fill {{this}} in."_s)}}};
    const auto items = itemsOf(spec);
    QVERIFY2(items.has_value(), items ? "" : qPrintable(items.error().message));
    QCOMPARE(items->front().prompt, u"Fill {{this}} in."_s);
}

QTEST_GUILESS_MAIN(tst_BatchSpec)
#include "tst_batchspec.moc"
