#include "tools/patch.h"
#include "tools/patchapply.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_Patch : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryKindOfHunk();
    void saysWhatIsWrongAndWhere_data();
    void saysWhatIsWrongAndWhere();
    void acceptsWhatModelsGetSlightlyWrong_data();
    void acceptsWhatModelsGetSlightlyWrong();
    void keepsAContextLineThatLooksLikeTheEndOfFileMark();
    void appliesChunks_data();
    void appliesChunks();
    void showsTheNearestPlaceOfAChunk_data();
    void showsTheNearestPlaceOfAChunk();
};

static QString enveloped(const QString &body)
{
    return u"*** Begin Patch\n"_s + body + u"\n*** End Patch"_s;
}

void tst_Patch::readsEveryKindOfHunk()
{
    const Result<Patch> patch = parsePatch(enveloped(u"*** Add File: n\n+1\n+\n*** Delete File: d/e f\n"
                                                     "*** Update File: u\n*** Move to: v\n@@ top\n a\n-b\n+B\n\n"
                                                     "@@\n-c\n*** End of File"_s));
    using Kind = PatchLine::Kind;
    const Patch expected{
        .hunks = {
            {.kind = PatchHunk::Kind::Add, .path = u"n"_s, .content = u"1\n\n"_s},
            {.kind = PatchHunk::Kind::Delete, .path = u"d/e f"_s},
            {.kind = PatchHunk::Kind::Update,
             .path = u"u"_s,
             .moveTo = u"v"_s,
             .chunks =
                 {{.anchor = u"top"_s,
                   .lines = {{Kind::Keep, u"a"_s}, {Kind::Remove, u"b"_s}, {Kind::Add, u"B"_s}, {Kind::Keep, u""_s}}},
                  {.lines = {{Kind::Remove, u"c"_s}}, .atEndOfFile = true}}},
        }};
    QVERIFY(patch.has_value());
    QVERIFY(*patch == expected);
}

void tst_Patch::saysWhatIsWrongAndWhere_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("start");
    const auto unexpected = [](const QString &line) {
        return u"Unexpected line found in update hunk: '%1'"_s.arg(line);
    };
    QTest::newRow("nothing") << u" \n"_s << u"invalid patch: The last line of the patch must be"_s;
    QTest::newRow("only a beginning") << u"*** Begin Patch"_s << u"invalid patch: The last line of the patch must be"_s;
    QTest::newRow("no path") << enveloped(u"*** Add File: \n+x"_s)
                             << u"invalid hunk at line 2, '*** Add File:' is not a valid hunk header."_s;
    QTest::newRow("blank line at the start")
        << enveloped(u"\n*** Delete File: g"_s) << u"invalid hunk at line 2, '' is not a valid hunk header."_s;
    QTest::newRow("no chunk before the next file")
        << enveloped(u"*** Update File: f\n*** Delete File: g"_s)
        << u"invalid hunk at line 2, Update file hunk for path 'f' is empty"_s;
    QTest::newRow("chunk without lines before the next file")
        << enveloped(u"*** Update File: f\n@@\n*** Update File: g\n@@\n-x"_s)
        << u"invalid hunk at line 4, "_s + unexpected(u"*** Update File: g"_s);
    QTest::newRow("only the end of file") << enveloped(u"*** Update File: f\n@@\n*** End of File"_s)
                                          << u"invalid hunk at line 4, Update hunk does not contain any lines"_s;
    QTest::newRow("plus is missing on a blank line of a new file")
        << enveloped(u"*** Add File: f\n+a\n\n+b"_s) << u"invalid hunk at line 5, '+b' is not a valid hunk header."_s;
    QTest::newRow("second move") << enveloped(u"*** Update File: f\n*** Move to: g\n*** Move to: h\n@@\n a"_s)
                                 << u"invalid hunk at line 4, "_s + unexpected(u"*** Move to: h"_s);
    QTest::newRow("no newline marker")
        << enveloped(u"*** Update File: f\n@@\n-a\n+b\n\\ No newline at end of file"_s)
        << u"invalid hunk at line 6, Expected update hunk to start with a @@ context marker, got: '\\ No"_s;
    QTest::newRow("empty environment") << enveloped(u"*** Environment ID: "_s)
                                       << u"invalid patch: apply_patch environment_id cannot be empty"_s;
    QTest::newRow("two environments")
        << enveloped(u"*** Environment ID: a\n*** Environment ID: b"_s)
        << u"invalid patch: apply_patch environment_id cannot be specified more than once"_s;
}

void tst_Patch::saysWhatIsWrongAndWhere()
{
    QFETCH(QString, text);
    QFETCH(QString, start);
    const Result<Patch> patch = parsePatch(text);
    QVERIFY(!patch);
    QCOMPARE(patch.error().message.first(qMin(start.size(), patch.error().message.size())), start);
}

void tst_Patch::acceptsWhatModelsGetSlightlyWrong_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("blank lines after a deleted file") << enveloped(u"*** Delete File: g\n\n\n*** Delete File: h\n"_s);
    QTest::newRow("blank line before the first chunk") << enveloped(u"*** Update File: f\n\n@@\n-b"_s);
    QTest::newRow("indented end") << u"*** Begin Patch\n*** Update File: f\n@@\n-b\n  *** End Patch"_s;
    QTest::newRow("indented header after a new file") << enveloped(u"*** Add File: n\n+B\n  *** Delete File: g"_s);
    QTest::newRow("blank lines after the end of file") << enveloped(u"*** Update File: f\n@@\n-b\n*** End of File\n\n\n"
                                                                    "*** Delete File: g"_s);
    QTest::newRow("padded end of file") << enveloped(u"*** Update File: f\n@@\n-b\n *** End of File \n@@\n-c"_s);
    QTest::newRow("here-document") << u"<<EOF\n"_s + enveloped(u"*** Delete File: g"_s) + u"\n  xEOF"_s;
}

void tst_Patch::acceptsWhatModelsGetSlightlyWrong()
{
    QFETCH(QString, text);
    const Result<Patch> patch = parsePatch(text);
    QVERIFY2(patch, patch ? "" : qPrintable(patch.error().message));
}

void tst_Patch::keepsAContextLineThatLooksLikeTheEndOfFileMark()
{
    const Result<Patch> patch = parsePatch(enveloped(u"*** Update File: f\n@@\n-a\n *** End of File\n b"_s));
    QVERIFY(patch);
    QCOMPARE(patch->hunks[0].chunks[0].lines.size(), 3u);
    QVERIFY(!patch->hunks[0].chunks[0].atEndOfFile);
}

static Result<QString> applied(const QString &text, const QString &chunks)
{
    return parsePatch(enveloped(u"*** Update File: f\n"_s + chunks)).and_then([&](const Patch &patch) {
        return applyChunks(text, patch.hunks[0].chunks, u"/w/f"_s);
    });
}

void tst_Patch::appliesChunks_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("chunks");
    QTest::addColumn<QString>("after");
    // Measured with the reference's stand-alone program.
    QTest::newRow("lone CR ends a line") << u"a\nb\rc\n"_s << u"@@\n-b\n+B"_s << u"a\nB\nc\n"_s;
    QTest::newRow("CRLF without a final line end") << u"a\r\nb"_s << u"@@\n-a\n+A"_s << u"A\r\nb\r\n"_s;
    QTest::newRow("append to CRLF without a final line end") << u"a\r\nb"_s << u"@@\n+c"_s << u"a\r\nb\r\nc\r\n"_s;
    QTest::newRow("mixed line ends") << u"a\r\nb\rc\n"_s << u"@@\n a\n-b\n+B"_s << u"a\r\nB\r\nc\n"_s;
    QTest::newRow("append to lone CR") << u"a\r"_s << u"@@\n+c"_s << u"a\rc\r"_s;
    QTest::newRow("removed blank last line is not there")
        << u"a\n\n\nb\n"_s << u"@@\n a\n \n-\n-b\n-\n+z"_s << u"a\n\nz\n"_s;
    QTest::newRow("empty file") << u""_s << u"@@\n+c"_s << u"c\n"_s;
    QTest::newRow("nothing left") << u"a\n"_s << u"@@\n-a"_s << u""_s;
    QTest::newRow("anchor of an addition moves the search on")
        << u"x\na\nb\na\n"_s << u"@@ a\n+q\n@@\n-b\n+z"_s << u"x\na\nz\na\nq\n"_s;
    QTest::newRow("blank anchor is none") << u"x\n"_s << u"@@ \n-x\n+q\n@@   \n+z"_s << u"q\nz\n"_s;
    QTest::newRow("a chunk of one blank line that is not there")
        << u"a\nb\n"_s << u"@@\n-b\n+B\n@@ \n"_s << u"a\nB\n"_s;
    QTest::newRow("a blank line is a chunk") << u"a"_s << u""_s << u"a\n"_s;
    QTest::newRow("a blank line with an addition stands where the search is")
        << u"a\nb\n"_s << u"@@ a\n \n+x\n*** End of File"_s << u"a\n\nx\nb\n"_s;
    QTest::newRow("lines behind the last come in the order of chunks")
        << u"x\na\n"_s << u"@@\n+1\n@@\n a\n+2\n@@\n+3"_s << u"x\na\n1\n2\n3\n"_s;
    QTest::newRow("lines in place of the last stay in front of those behind it")
        << u"x\na\n"_s << u"@@\n+1\n@@\n-a\n+2\n@@\n+3"_s << u"x\n2\n1\n3\n"_s;
    QTest::newRow("blanks behind an anchor do not count")
        << u"a \n1\na\n1\n"_s << u"@@ a \n-1\n+2"_s << u"a \n1\na\n2\n"_s;
    // Ours.
    QTest::newRow("byte order mark stays") << u"\uFEFFa\nb\n"_s << u"@@\n-b\n+B"_s << u"\uFEFFa\nB\n"_s;
}

void tst_Patch::appliesChunks()
{
    QFETCH(QString, before);
    QFETCH(QString, chunks);
    const Result<QString> after = applied(before, chunks);
    QVERIFY2(after, after ? "" : qPrintable(after.error().message));
    QTEST(*after, "after");
}

void tst_Patch::showsTheNearestPlaceOfAChunk_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("chunks");
    QTest::addColumn<QString>("message");
    const QString code = u"int f(int n)\n{\n    return n + 1;\n}\n\nint g()\n{\n    return 2;\n}\n"_s;
    QTest::newRow("one word differs") << code << u"@@\n {\n-    return n + 2;\n+    return 3;\n }"_s
                                      << u"Failed to find expected lines in /w/f:\n{\n    return n + 2;\n}\n"
                                         "The nearest place is line 2. It differs here:\n"
                                         "line 3: expected '    return n + 2;', found '    return n + 1;'"_s;
    QTest::newRow("the file ends before") << u"a\nb\n"_s << u"@@\n a\n b\n-c"_s
                                          << u"Failed to find expected lines in /w/f:\na\nb\nc\n"
                                             "The nearest place is line 1. It differs here:\n"
                                             "line 3: expected 'c', found the end of the file"_s;
    QTest::newRow("nothing like it") << code << u"@@\n-zebra"_s << u"Failed to find expected lines in /w/f:\nzebra"_s;
    QTest::newRow("out of order")
        << u"1\n2\n3\n"_s << u"@@\n-3\n+x\n@@\n-1\n+y"_s
        << u"Failed to find expected lines in /w/f:\n1\nThey are at line 1, but only lines from 4 "
           "on are left: chunks must be in the file's order, without overlap"_s;
    QTest::newRow("not at the end")
        << u"1\n2\n3\n"_s << u"@@\n-1\n+x\n*** End of File"_s
        << u"Failed to find expected lines in /w/f:\n1\nThey are at line 1, and not at the end "
           "of the file as '*** End of File' says"_s;
    QTest::newRow("anchor is part of a line")
        << code << u"@@ int g\n-    return 2;"_s
        << u"Failed to find context 'int g' in /w/f\nLine 6 only contains it, and the "
           "whole line was expected: 'int g()'"_s;
    QTest::newRow("anchor of a unified diff")
        << code << u"@@ -1,3 +1,3 @@\n-{"_s
        << u"Failed to find context '-1,3 +1,3 @@' in /w/f\nLine numbers are not used "
           "here: write @@ alone, or the whole line above the change"_s;
    QTest::newRow("anchor above the last place")
        << code << u"@@\n-    return 2;\n@@ int g()\n+x"_s
        << u"Failed to find context 'int g()' in /w/f\nLine 6 is above the place of "
           "the chunk before"_s;
}

void tst_Patch::showsTheNearestPlaceOfAChunk()
{
    QFETCH(QString, before);
    QFETCH(QString, chunks);
    const Result<QString> after = applied(before, chunks);
    QVERIFY(!after);
    QTEST(after.error().message, "message");
}

QTEST_APPLESS_MAIN(tst_Patch)
#include "tst_patch.moc"
