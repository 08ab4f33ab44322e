#include "support/batchtable.h"
#include <QProcess>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::test;

/// The files of a batch, read by programs that are not ours.
class tst_BatchOutputs : public QObject
{
    Q_OBJECT

private slots:
    void areReadByOtherPrograms();
};

/// Whatever a model may say: every control character, what quotes and separates cells, formulas, and no characters.
static QByteArrayList speeches()
{
    QByteArray controls = "a";
    for (char c = 1; c <= 0x1f; ++c)
        controls += c + QByteArray("b");
    return {controls + "\x7f\xc2\x85", "=1+1", "\"a\",;\t\r\nb\n", "]]> & <b> &amp;", "\xef\xbf\xbe \xf0\x9f\x8c\x99"};
}

void tst_BatchOutputs::areReadByOtherPrograms()
{
    Program program;
    prepare(program, {u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s});
    for (const QByteArray &speech : speeches())
        program.server.play(saying(speech));
    const Ended ended = program.run(usualBatch + QStringList{u"-j"_s, u"1"_s});
    QVERIFY2(ended.exitCode == 0, ended.err);

    QByteArrayList kept;
    for (const QByteArray &line : program.read(u"out/results.jsonl"_s).split('\n')) {
        if (const auto row = JsonDocument::parse(line))
            kept += row->root()["text"].utf8().toByteArray();
    }
    QCOMPARE(kept, speeches());
    QProcess python;
    python.setProcessChannelMode(QProcess::MergedChannels);
    python.start(u"python3"_s, {QStringLiteral(TEST_DATA "/read_outputs.py"), program.work() + u"/out"_s});
    QVERIFY(python.waitForFinished());
    QCOMPARE(python.readAll(), "5 items\n");
}

QTEST_GUILESS_MAIN(tst_BatchOutputs)
#include "tst_batch_outputs.moc"
