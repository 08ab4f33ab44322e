#include "outputs.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// Source: XML 1.0, section 2.2, "Char".
bool isInXml(char32_t c)
{
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0x10FFFF);
}

QString xml(const QString &text)
{
    QString out;
    for (const char32_t c : text.toUcs4()) {
        switch (c) {
        case '&':
            out += "&amp;"_L1;
            break;
        case '<':
            out += "&lt;"_L1;
            break;
        case '>':
            out += "&gt;"_L1;
            break;
        case '"':
            out += "&quot;"_L1;
            break;
        case '\t': // a parser would make blanks of these in an attribute
        case '\n':
        case '\r':
            out += u"&#%1;"_s.arg(uint(c));
            break;
        default:
            out += QString::fromUcs4(isInXml(c) ? &c : U"\xFFFD", 1);
        }
    }
    return out;
}

QString seconds(std::chrono::milliseconds time)
{
    return QString::number(double(time.count()) / 1000, 'f', 3);
}

QString testCase(const ItemResult &item, const QString &suite)
{
    QString text = u"    <testcase name=\"%1\" classname=\"%2\" time=\"%3\""_s.arg(xml(item.key), xml(suite),
                                                                                   seconds(item.duration));
    if (!wasRun(item))
        return text + u"><skipped message=\"%1\"/></testcase>\n"_s.arg(
                          xml(item.message.isEmpty() ? u"not run"_s : item.message));
    text += u">\n"_s;
    if (!item.ok)
        text += u"      <failure type=\"%1\" message=\"%2\">%3</failure>\n"_s.arg(
            xml(item.reason), xml(item.message.section(u'\n', 0, 0)), xml(item.message));
    if (!item.text.isEmpty())
        text += u"      <system-out>%1</system-out>\n"_s.arg(xml(item.text));
    return text + u"    </testcase>\n"_s;
}

} // namespace

QByteArray toJUnit(const Report &report)
{
    const Counts counts = countsOf(report);
    const QString numbers = u"tests=\"%1\" failures=\"%2\" skipped=\"%3\" time=\"%4\""_s.arg(counts.total)
                                .arg(counts.failed)
                                .arg(counts.cancelled)
                                .arg(seconds(report.duration));
    QString text = u"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites %1>\n  <testsuite name=\"%2\" %1>\n"_s.arg(
        numbers, xml(report.name));
    for (const ItemResult &item : report.items)
        text += testCase(item, report.name);
    return (text + u"  </testsuite>\n</testsuites>\n"_s).toUtf8();
}

} // namespace nightshift::batch
