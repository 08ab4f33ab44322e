#include "tools/imagecontent.h"
#include "tools/imagetool.h"
#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::tools;

class tst_Images : public QObject
{
    Q_OBJECT

private slots:
    void knowsAnImageByItsBytes_data();
    void knowsAnImageByItsBytes();
    void showsAnImageByteForByte();
    void answersWhatCannotBeShown_data();
    void answersWhatCannotBeShown();
    void refusesWhatNoProviderTakes();
    void boundsTheImagesOfATurn();
    void asksForTheDetailTheModelKnows();
    void wrapsAUsersImages();
    void saysWhichOfAUsersImagesAreMissing();
};

static const QByteArray png =
    QByteArray::fromBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAW"
                           "jR9awAAAABJRU5ErkJggg==");

static void write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

static QByteArray viewed(const QString &cwd, const QByteArray &arguments)
{
    QObject parent;
    ToolJob *job = ImageTool(cwd, {}).start({u"call_1"_s, u"view_image"_s, arguments}, &parent);
    QSignalSpy finished(job, &ToolJob::finished);
    if (!finished.wait())
        return "no answer";
    return finished.first().first().value<ToolAnswer>().output.text;
}

static QByteArray partOf(const QByteArray &mime, const QByteArray &bytes, const QByteArray &detail)
{
    return R"({"type":"input_image","image_url":"data:)" + mime + ";base64," + bytes.toBase64() + R"(","detail":")" +
           detail + "\"}";
}

void tst_Images::knowsAnImageByItsBytes_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("mime");
    QTest::newRow("PNG") << png << "image/png"_ba;
    QTest::newRow("JPEG") << "\xff\xd8\xff\xe0JFIF"_ba << "image/jpeg"_ba;
    QTest::newRow("GIF of 1987") << "GIF87a..."_ba << "image/gif"_ba;
    QTest::newRow("GIF of 1989") << "GIF89a..."_ba << "image/gif"_ba;
    QTest::newRow("WebP") << "RIFF\x24...WEBPVP8 "_ba << "image/webp"_ba;
    QTest::newRow("sound in the same container") << "RIFF\x24...WAVEfmt "_ba << ""_ba;
    QTest::newRow("BMP") << "BM......"_ba << ""_ba;
    QTest::newRow("nothing") << ""_ba << ""_ba;
}

void tst_Images::knowsAnImageByItsBytes()
{
    QFETCH(QByteArray, bytes);
    QTEST(imageMimeType(bytes), "mime");
}

void tst_Images::showsAnImageByteForByte()
{
    QTemporaryDir folder;
    write(folder.filePath(u"looks-like.txt"_s), png);
    const QByteArray expected = '[' + partOf("image/png", png, "high") + ']';
    QCOMPARE(viewed(folder.path(), R"({"path":"looks-like.txt"})"), expected);
    QDir(folder.path()).mkdir(u"sub"_s);
    QCOMPARE(viewed(folder.filePath(u"sub"_s), R"({"path":"../looks-like.txt"})"), expected);
}

void tst_Images::answersWhatCannotBeShown_data()
{
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QByteArray>("answer"); // with the folder as FOLDER
    QTest::newRow("missing") << R"({"path":"no.png"})"_ba
                             << "\"unable to locate image at `FOLDER/no.png`: No such file or directory\""_ba;
    QTest::newRow("folder")
        << R"({"path":"."})"_ba
        << "\"image path `FOLDER` cannot be shown: it is a folder, expected a regular file: an image\""_ba;
    QTest::newRow("text") << R"({"path":"text.png"})"_ba
                          << "\"unable to process image: invalid or unsupported image data\""_ba;
    QTest::newRow("empty") << R"({"path":"empty.png"})"_ba
                           << "\"unable to process image: invalid or unsupported image data\""_ba;
    QTest::newRow("no path") << "{}"_ba << "\"failed to parse function arguments: missing field `path`\""_ba;
}

void tst_Images::answersWhatCannotBeShown()
{
    QFETCH(QByteArray, arguments);
    QFETCH(QByteArray, answer);
    QTemporaryDir folder;
    write(folder.filePath(u"text.png"_s), "hello");
    write(folder.filePath(u"empty.png"_s), "");
    QCOMPARE(viewed(folder.path(), arguments), answer.replace("FOLDER", folder.path().toUtf8()));
}

void tst_Images::refusesWhatNoProviderTakes()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"huge.png"_s);
    write(path, png);
    QVERIFY(QFile::resize(path, 20'000'001));
    QCOMPARE(viewed(folder.path(), R"({"path":"huge.png"})"),
             "\"image path `" + path.toUtf8() +
                 "` cannot be shown: it is too large: an image has at most 20000000 bytes\"");
}

void tst_Images::boundsTheImagesOfATurn()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"large.png"_s);
    write(path, png);
    QVERIFY(QFile::resize(path, 20'000'000));
    ImageTool tool(folder.path(), {});
    const auto isShown = [&tool] {
        ToolJob *job = tool.start({u"c"_s, u"view_image"_s, R"({"path":"large.png"})"}, nullptr);
        QSignalSpy finished(job, &ToolJob::finished);
        const bool isOver = finished.wait(30'000);
        delete job;
        return isOver && finished[0][0].value<ToolAnswer>().output.text.startsWith('[');
    };
    for (int i = 0; i < 3; ++i) // 27 MB each, as base64
        QVERIFY(isShown());
    QVERIFY(!isShown());
    tool.settle();
    QVERIFY(isShown());
}

void tst_Images::asksForTheDetailTheModelKnows()
{
    QTemporaryDir folder;
    write(folder.filePath(u"a.png"_s), png);
    QCOMPARE(imagePart(folder.filePath(u"a.png"_s), ModelInfo{.originalImageDetail = true}),
             Result<RawJson>(RawJson{partOf("image/png", png, "original")}));
}

void tst_Images::wrapsAUsersImages()
{
    QTemporaryDir folder;
    write(folder.filePath(u"a.png"_s), png);
    write(folder.filePath(u"b.gif"_s), "GIF89a");
    const QByteArray at = folder.path().toUtf8();
    const std::vector<RawJson> expected{
        {R"({"type":"input_text","text":"<image name=[Image #1] path=\")" + at + R"(/a.png\">"})"},
        {partOf("image/png", png, "high")},
        {R"({"type":"input_text","text":"</image>"})"},
        {R"({"type":"input_text","text":"<image name=[Image #2] path=\")" + at + R"(/b.gif\">"})"},
        {partOf("image/gif", "GIF89a", "high")},
        {R"({"type":"input_text","text":"</image>"})"},
    };
    QCOMPARE(userImageParts({folder.filePath(u"a.png"_s), folder.filePath(u"b.gif"_s)}, {}), expected);
}

void tst_Images::saysWhichOfAUsersImagesAreMissing()
{
    QTemporaryDir folder;
    write(folder.filePath(u"text.png"_s), "hello");
    const QByteArray at = folder.path().toUtf8();
    const std::vector<RawJson> expected{
        {R"({"type":"input_text","text":"unable to locate image at `)" + at +
         R"(/no.png`: No such file or directory"})"},
        {R"({"type":"input_text","text":"<image name=[Image #2] path=\")" + at + R"(/text.png\">"})"},
        {R"({"type":"input_text","text":"image content omitted: unable to process image: invalid or unsupported )"
         R"(image data"})"},
        {R"({"type":"input_text","text":"</image>"})"},
    };
    QCOMPARE(userImageParts({folder.filePath(u"no.png"_s), folder.filePath(u"text.png"_s)}, {}), expected);
}

QTEST_GUILESS_MAIN(tst_Images)
#include "tst_images.moc"
