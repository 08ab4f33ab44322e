#include "app/review.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift::app;

class tst_Review : public QObject
{
    Q_OBJECT

private slots:
    void rendersFindingsForPeople();
    void readsFindingsForPrograms();
    void takesProseForTheExplanation();
    void leavesAnyOtherAnswerAsItIs_data();
    void leavesAnyOtherAnswerAsItIs();
    void namesWhatToReview_data();
    void namesWhatToReview();
};

void tst_Review::rendersFindingsForPeople()
{
    const QString answer = uR"({"findings":[{"title":"[P1] Bug","body":"Body\ntext","code_location":)"
                           R"({"absolute_file_path":"/w/a.txt","line_range":{"start":1,"end":2}}}],)"
                           R"("overall_explanation":"because"})"_s;
    QCOMPARE(renderReview(answer), u"because\n\nReview comment:\n\n- [P1] Bug — /w/a.txt:1-2\n  Body\n  text"_s);
}

static const auto finding = R"({"title":"Bug","body":"Body","confidence_score":0.5,"priority":1,"code_location":)"
                            R"({"absolute_file_path":"/w/a.txt","line_range":{"start":1,"end":2}}})";

void tst_Review::readsFindingsForPrograms()
{
    const QByteArray review = "{\"findings\":[" + QByteArray(finding) +
                              "],\"overall_correctness\":\"patch is correct\",\"overall_explanation\":\"because\","
                              "\"overall_confidence_score\":0.9}";
    QCOMPARE(reviewFindings(QString::fromUtf8(review)).text, review);
}

void tst_Review::takesProseForTheExplanation()
{
    QCOMPARE(reviewFindings(u"Looks good."_s).text,
             QByteArray("{\"findings\":[],\"overall_correctness\":\"\",\"overall_explanation\":\"Looks good.\","
                        "\"overall_confidence_score\":0}"));
}

void tst_Review::leavesAnyOtherAnswerAsItIs_data()
{
    QTest::addColumn<QString>("answer");
    QTest::newRow("prose") << u"Looks good."_s;
    QTest::newRow("another JSON") << u"{\"verdict\":\"good\"}"_s;
    QTest::newRow("nothing") << u""_s;
}

void tst_Review::leavesAnyOtherAnswerAsItIs()
{
    QFETCH(QString, answer);
    QCOMPARE(renderReview(answer), answer);
}

void tst_Review::namesWhatToReview_data()
{
    QTest::addColumn<ReviewTarget>("target");
    QTest::addColumn<QString>("prompt");
    QTest::newRow("own words") << ReviewTarget() << u"look at a.c"_s;
    QTest::newRow("commit") << ReviewTarget{.commit = u"abc"_s, .title = u"Fix it"_s}
                            << u"Review the changes that commit abc (\"Fix it\") made: `git show abc`."_s;
    QTest::newRow("branch that Git does not know") << ReviewTarget{.base = u"no-such"_s}
                                                   << u"Review the changes of this branch against the base branch "
                                                      u"'no-such'. Find their merge base first, then look "
                                                      "at the diff from there."_s;
}

void tst_Review::namesWhatToReview()
{
    QFETCH(ReviewTarget, target);
    QTEST(reviewPrompt(target, u" look at a.c\n"_s, {.cwd = u"/"_s}), "prompt");
}

QTEST_GUILESS_MAIN(tst_Review)
#include "tst_review.moc"
