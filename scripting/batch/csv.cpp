#include "csv.h"
#include <QStringDecoder>
#include <array>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

/// Reads one record at a time.
class Reader
{
public:
    Reader(QByteArrayView text, char delimiter)
        : m_text(text)
        , m_delimiter(delimiter)
    {}

    bool atEnd() const { return m_at >= m_text.size(); }

    Result<CsvTable::Row> record()
    {
        CsvTable::Row row{.line = m_line, .cells = {}};
        for (;;) {
            auto cell = takeCell();
            if (!cell)
                return std::unexpected(cell.error());
            row.cells += *cell;
            if (atEnd())
                return row;
            const char end = m_text[m_at++];
            if (end == m_delimiter)
                continue;
            if (end == '\r' && !atEnd() && m_text[m_at] == '\n')
                ++m_at;
            ++m_line;
            return row;
        }
    }

private:
    Result<QString> takeCell()
    {
        if (atEnd() || m_text[m_at] != '"')
            return decoded(takePlain());
        const int opened = m_line;
        QByteArray cell;
        for (++m_at; !atEnd(); ++m_at) {
            const char c = m_text[m_at];
            m_line += c == '\n';
            if (c != '"') {
                cell += c;
            } else if (m_at + 1 < m_text.size() && m_text[m_at + 1] == '"') {
                cell += '"';
                ++m_at;
            } else {
                ++m_at;
                cell += takePlain(); // text behind the closing quote: kept rather than lost
                return decoded(cell);
            }
        }
        return fail(Error::Kind::Invalid, u"line %1: a quote is opened and never closed"_s.arg(opened));
    }

    QByteArray takePlain()
    {
        const qsizetype start = m_at;
        while (!atEnd() && m_text[m_at] != m_delimiter && m_text[m_at] != '\n' && m_text[m_at] != '\r')
            ++m_at;
        return m_text.sliced(start, m_at - start).toByteArray();
    }

    Result<QString> decoded(const QByteArray &bytes) const
    {
        // A mark at the start of a cell is the cell's: only the file's own goes away.
        QStringDecoder decode(QStringDecoder::Utf8,
                              QStringDecoder::Flag::Stateless | QStringDecoder::Flag::ConvertInitialBom);
        const QString text = decode(bytes);
        if (decode.hasError())
            return fail(Error::Kind::Invalid, u"line %1: this is not UTF-8"_s.arg(m_line));
        return text;
    }

    QByteArrayView m_text;
    char m_delimiter;
    qsizetype m_at = 0;
    int m_line = 1;
};

char sniffed(QByteArrayView text)
{
    constexpr std::array candidates{',', ';', '\t', '|'};
    std::array<int, candidates.size()> counts{};
    bool quoted = false;
    for (const char c : text) {
        quoted ^= c == '"';
        if (c == '\n' && !quoted)
            break;
        for (size_t i = 0; i < candidates.size() && !quoted; ++i)
            counts[i] += c == candidates[i];
    }
    return candidates[size_t(std::ranges::max_element(counts) - counts.begin())];
}

} // namespace

Result<CsvTable> readCsv(QByteArrayView bytes, CsvHeader header, char delimiter)
{
    if (bytes.startsWith("\xef\xbb\xbf"))
        bytes = bytes.sliced(3);
    Reader reader(bytes, delimiter ? delimiter : sniffed(bytes));
    CsvTable table;
    qsizetype width = -1;
    while (!reader.atEnd()) {
        auto row = reader.record();
        if (!row)
            return std::unexpected(row.error());
        if (row->cells == QStringList{QString()}) // a blank line
            continue;
        if (width >= 0 && row->cells.size() != width)
            return fail(Error::Kind::Invalid,
                        u"line %1: %2 cells, expected %3"_s.arg(row->line).arg(row->cells.size()).arg(width));
        const bool isFirst = width < 0;
        width = row->cells.size();
        if (isFirst && header == CsvHeader::Yes)
            table.header = std::move(*row);
        else
            table.rows.push_back(std::move(*row));
    }
    for (const QString &name : std::as_const(table.header.cells)) {
        if (table.header.cells.count(name) > 1)
            return fail(Error::Kind::Invalid,
                        u"line %1: two columns are called `%2`"_s.arg(table.header.line).arg(name));
    }
    return table;
}

QByteArray csvRow(const QStringList &cells, CsvCells how)
{
    QByteArray row;
    for (const QString &text : cells) {
        QByteArray cell = text.toUtf8();
        // Source: OWASP, "CSV Injection"
        const bool isFormula = !cell.isEmpty() && QByteArrayView("=+-@\t\r").contains(cell[0]);
        bool isNumber = false; // of what we write ourselves: -5, never +5
        cell.toDouble(&isNumber);
        if (how == CsvCells::Safe && isFormula && !(isNumber && cell[0] == '-'))
            cell.prepend('\'');
        const bool quoted = std::ranges::any_of(cell, [](char c) { return QByteArrayView(",;\t\"\r\n").contains(c); });
        if (quoted)
            cell = '"' + cell.replace('"', "\"\"") + '"';
        row += (&text == &cells.first() ? "" : ",") + cell;
    }
    return row + "\r\n";
}

} // namespace nightshift::batch
