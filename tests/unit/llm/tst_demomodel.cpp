#include "base/jsonreader.h"
#include "base/sseparser.h"
#include "llm/demomodel.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

class tst_DemoModel : public QObject
{
    Q_OBJECT

private slots:
    void plansAndLooksAroundFirst();
    void leavesANoteOnlyWhereItMay();
    void saysInItsFirstSentenceThatItIsNoModel();
    void beginsAnewWithEveryPrompt();
    void answersAsTheSchemaSays();
};

/// A conversation as a request carries it: the sandbox's rule, then `items`.
static QByteArray request(const QByteArray &mode, const QByteArrayList &items)
{
    const QByteArray rule =
        R"({"type":"message","role":"developer","content":[{"text":"The sandbox mode is `)" + mode + R"(`"}]})";
    return R"({"input":[)" + (QByteArrayList{rule} + items).join(',') + "]}";
}

static QByteArray prompt(const QByteArray &text)
{
    return R"({"type":"message","role":"user","content":[{"text":")" + text + R"("}]})";
}

static QByteArray output(const QByteArray &call, const QByteArray &text)
{
    return R"({"type":"function_call_output","call_id":")" + call + R"(","output":"Output:\n)" + text + R"("})";
}

/// "name:id" of each call, and the text of each message.
static QStringList answer(const QByteArray &body)
{
    QStringList items;
    SseParser parser;
    for (const SseMessage &message : parser.feed(llm::demoAnswer(body))) {
        const auto document = JsonDocument::parse(message.data);
        const JsonView item = document->root()["item"];
        if (item["type"].utf8() == "function_call")
            items += item["name"].toString() + u':' + item["call_id"].toString();
        else if (item["type"].utf8() == "message")
            items += item["content"][qsizetype(0)]["text"].toString();
    }
    return items;
}

void tst_DemoModel::plansAndLooksAroundFirst()
{
    QCOMPARE(answer(request("read-only", {prompt("hi")})),
             (QStringList{u"update_plan:demo-plan-1"_s, u"exec_command:demo-look-1"_s, u"exec_command:demo-history-1"_s,
                          u"exec_command:demo-readme-1"_s}));
}

void tst_DemoModel::leavesANoteOnlyWhereItMay()
{
    const QByteArrayList looked{prompt("hi"), output("demo-look-1", "a")};
    QCOMPARE(answer(request("workspace-write", looked)),
             (QStringList{u"update_plan:demo-plan-1"_s, u"apply_patch:demo-note-1"_s}));
    QCOMPARE(answer(request("read-only", looked)), QStringList{u"update_plan:demo-done-1"_s});
}

void tst_DemoModel::saysInItsFirstSentenceThatItIsNoModel()
{
    const QStringList said =
        answer(request("read-only", {prompt("hi"), output("demo-look-1", R"(a\nb)"), output("demo-done-1", "x")}));
    QCOMPARE(said.size(), 1);
    QVERIFY(said[0].startsWith(u"I am nightshift's built-in demonstration, a script and no language model"_s));
    QVERIFY(said[0].contains(u"This folder holds 2 entries: a, b."_s));
}

void tst_DemoModel::beginsAnewWithEveryPrompt()
{
    const QStringList calls = answer(request("read-only", {prompt("hi"), output("demo-look-1", "a"), prompt("again")}));
    QCOMPARE(calls.value(0), u"update_plan:demo-plan-2"_s);
}

/// Everything that can be said of a value, but patterns.
static const QByteArray schema = R"({"type":"object","properties":{
  "risk":{"enum":["low","high"]},"is":{"const":7},"on":{"type":"boolean"},"day":{"type":"string","format":"date"},
  "name":{"type":"string","minLength":6,"maxLength":7},"maybe":{"type":["integer","null"]},
  "steps":{"type":"number","exclusiveMinimum":3,"multipleOf":2},"below":{"type":"integer","maximum":-2},
  "two":{"type":"array","minItems":2,"items":{"type":"string"}},"none":{"type":"array","maxItems":0,"items":{}}}})";

/// What it says in the end to who asked for this.
static QByteArray answerTo(const QByteArray &wanted)
{
    QByteArray body = request("read-only", {prompt("hi"), output("demo-look-1", "a"), output("demo-done-1", "x")});
    body.replace(body.size() - 1, 1, R"(,"text":{"format":{"schema":)" + wanted + "}}}");
    return answer(body).value(0).toUtf8();
}

static const QByteArray example =
    R"({"risk":"low","is":7,"on":false,"day":"2026-01-01","name":"demo de","maybe":0,"steps":6.0,"below":-2,)"
    R"("two":["demo","demo"],"none":[]})";
// They end, though their schemas do not.
static const QByteArray endless[]{R"({"type":"object","properties":{"of":{"type":"array","items":{"$ref":"#"}}}})",
                                  R"({"of":[{"of":[]}]})"};
static const QByteArray endlessOr[]{R"({"type":"object","properties":{"up":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}})",
                                    R"({"up":{"up":null}})"};

void tst_DemoModel::answersAsTheSchemaSays()
{
    QCOMPARE(answerTo(schema), example);
    QCOMPARE(answerTo(endless[0]), endless[1]);
    QCOMPARE(answerTo(endlessOr[0]), endlessOr[1]);
}

QTEST_APPLESS_MAIN(tst_DemoModel)
#include "tst_demomodel.moc"
