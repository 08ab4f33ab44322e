#include "base/sseparser.h"
#include <QTest>

using namespace Qt::StringLiterals;
using nightshift::SseMessage;
using nightshift::SseParser;

class tst_SseParser : public QObject
{
    Q_OBJECT

private slots:
    void readsTheSameMessagesHoweverTheBytesAreSplit_data();
    void readsTheSameMessagesHoweverTheBytesAreSplit();
};

void tst_SseParser::readsTheSameMessagesHoweverTheBytesAreSplit_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<std::vector<SseMessage>>("expected");
    const std::vector<SseMessage> two{{"a", "1\n2"}, {"", "3"}};
    QTest::newRow("line feeds") << "event: a\ndata: 1\ndata:2\n\ndata: 3\n\n"_ba << two;
    QTest::newRow("carriage returns") << "event: a\rdata: 1\rdata:2\r\rdata: 3\r\r"_ba << two;
    QTest::newRow("both") << "event: a\r\ndata: 1\r\ndata:2\r\n\r\ndata: 3\r\n\r\n"_ba << two;
    QTest::newRow("comments and unknown fields")
        << ": hb\nid: 7\nevent: a\ndata: 1\n: x\ndata:2\nretry: 5\n\ndata: 3\n\n"_ba << two;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF"
                                        "data: 3\n\n"_ba
                                     << std::vector<SseMessage>{{"", "3"}};
    QTest::newRow("an event without data is none")
        << "event: a\n\ndata: 3\n\n"_ba << std::vector<SseMessage>{{"", "3"}};
    QTest::newRow("empty data is a message") << "data\n\n"_ba << std::vector<SseMessage>{{"", ""}};
    QTest::newRow("an unfinished message is none") << "data: 3\n"_ba << std::vector<SseMessage>();
}

void tst_SseParser::readsTheSameMessagesHoweverTheBytesAreSplit()
{
    QFETCH(QByteArray, stream);
    QFETCH(std::vector<SseMessage>, expected);
    for (qsizetype piece = 1; piece <= stream.size(); ++piece) {
        SseParser parser;
        std::vector<SseMessage> read;
        for (qsizetype i = 0; i < stream.size(); i += piece) {
            for (SseMessage &message : parser.feed(stream.mid(i, piece)))
                read.push_back(std::move(message));
        }
        QVERIFY2(read == expected, qPrintable(u"in pieces of %1 bytes"_s.arg(piece)));
    }
}

QTEST_APPLESS_MAIN(tst_SseParser)
#include "tst_sseparser.moc"
