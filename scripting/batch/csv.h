#pragma once
#include "base/result.h"
#include <QStringList>
#include <vector>

namespace nightshift::batch {

/// A table of texts. Source: RFC 4180, with any line end.
struct CsvTable
{
    struct Row
    {
        int line = 0; ///< Where it begins, from 1.
        QStringList cells;
        bool operator==(const Row &) const = default;
    };
    Row header; ///< Empty where there is none.
    std::vector<Row> rows;
    bool operator==(const CsvTable &) const = default;
};

enum class CsvHeader { No, Yes };

/// UTF-8 with or without byte order mark. A `delimiter` of 0 is guessed from the first record: the commonest of
/// , ; tab and |. Rows of another width than the header, and a quote that never closes, are errors with their line.
Result<CsvTable> readCsv(QByteArrayView bytes, CsvHeader header = CsvHeader::Yes, char delimiter = 0);

/// One row with its line end. `Safe` puts ' in front of what a spreadsheet would take for a formula.
enum class CsvCells { Safe, AsTheyAre };
QByteArray csvRow(const QStringList &cells, CsvCells how = CsvCells::Safe);

} // namespace nightshift::batch
