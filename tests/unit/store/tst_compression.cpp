#include "store/compression.h"
#include "store/recording.h"
#include "store/rollout.h"
#include "support/loggenerator.h"
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;
using namespace nightshift::store;

class tst_Compression : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void readsACompressedLogAndLeavesIt();
    void decompressesInPlaceToAppend();
    void prefersAPlainSibling();
    void saysWhenTheModuleIsMissing();
    void saysWhenTheFileIsDamaged();

private:
    std::unique_ptr<QTemporaryDir> m_state;
    QString m_log;
};

static const Decompress decompress = fromModule(QStringLiteral(ARCHIVE_MODULE));

static QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

static void write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

void tst_Compression::init()
{
    m_state = std::make_unique<QTemporaryDir>();
    m_log = m_state->filePath(u"rollout-2026-11-21T01-52-48-01a1fbce-612f-7362-a1a6-e4356cdc164a.jsonl"_s);
    const QString plain = m_state->filePath(u"plain"_s);
    write(plain, test::longLog(500'000));
    QVERIFY(fromModule(QStringLiteral(ARCHIVE_MODULE), compressSymbol)(plain, m_log + u".zst"_s));
}

void tst_Compression::readsACompressedLogAndLeavesIt()
{
    const auto packed = readRecording({}, m_log, decompress);
    QVERIFY2(packed, qPrintable(packed ? QString() : packed.error().message));
    const auto plain = readRecording({}, m_state->filePath(u"plain"_s));
    QVERIFY(plain);
    QCOMPARE(packed->history, plain->history);
    QVERIFY(!QFile::exists(m_log));
    QVERIFY(QFile(m_log + u".zst"_s).size() < 100'000);
}

void tst_Compression::decompressesInPlaceToAppend()
{
    {
        Result<Rollout> rollout = Rollout::reopen(m_state->path(), m_log, decompress);
        QVERIFY2(rollout, qPrintable(rollout ? QString() : rollout.error().message));
        QVERIFY(rollout->append("event_msg", {"{}"}));
    }
    QVERIFY(contents(m_log).startsWith(contents(m_state->filePath(u"plain"_s))));
    QVERIFY(!QFile::exists(m_log + u".zst"_s));
    QCOMPARE(QFile::permissions(m_log) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
}

void tst_Compression::prefersAPlainSibling()
{
    write(m_log, test::longLog(100).split('\n').first() + '\n');
    const auto recording = readRecording({}, m_log + u".zst"_s);
    QVERIFY(recording);
    QVERIFY(recording->history.empty());
}

void tst_Compression::saysWhenTheModuleIsMissing()
{
    const auto recording = readRecording({}, m_log, fromModule(m_state->filePath(u"none.so"_s)));
    QVERIFY(!recording);
    QVERIFY2(recording.error().message.contains(u"cannot load "_s + m_state->filePath(u"none.so"_s)),
             qPrintable(recording.error().message));
}

void tst_Compression::saysWhenTheFileIsDamaged()
{
    QByteArray flipped = contents(m_log + u".zst"_s);
    for (qsizetype i = 100; i < 140; ++i)
        flipped[i] = char(~flipped[i]);
    const QByteArray cut = contents(m_log + u".zst"_s).chopped(5);
    for (const QByteArray &damaged : {QByteArray("this is not zstd"), QByteArray(), flipped, cut}) {
        write(m_log + u".zst"_s, damaged);
        const auto rollout = Rollout::reopen(m_state->path(), m_log, decompress);
        QVERIFY(!rollout);
        QVERIFY2(rollout.error().message == m_log + u".zst is damaged or cut short"_s,
                 qPrintable(rollout.error().message + u" "_s + QString::number(damaged.size())));
        QVERIFY(!QFile::exists(m_log));
        QCOMPARE(contents(m_log + u".zst"_s), damaged);
    }
}

QTEST_APPLESS_MAIN(tst_Compression)
#include "tst_compression.moc"
