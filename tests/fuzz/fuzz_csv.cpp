#include "batch/csv.h"
#include "input.h"

using namespace nightshift;
using batch::CsvHeader;

/// The first byte names the delimiter; 0 lets it be guessed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    static constexpr char delimiters[] = {0, ',', ';', '\t', '|'};
    const char delimiter = delimiters[data[0] % sizeof delimiters];
    const QByteArrayView bytes = fuzz::bytes(data, size).sliced(1);
    (void)batch::readCsv(bytes, CsvHeader::No, delimiter);
    const auto table = batch::readCsv(bytes, CsvHeader::Yes, delimiter);
    if (!table)
        return 0;
    QByteArray written = "\xef\xbb\xbf" + batch::csvRow(table->header.cells, batch::CsvCells::AsTheyAre);
    for (const auto &row : table->rows) {
        fuzz::mustHold(row.cells.size() == table->header.cells.size(), "every row is as wide as the header");
        written += batch::csvRow(row.cells, batch::CsvCells::AsTheyAre);
    }
    const auto again = batch::readCsv(written, CsvHeader::Yes, ',');
    fuzz::mustHold(again.has_value() && again->rows.size() == table->rows.size(), "what is written is read again");
    for (std::size_t i = 0; i < table->rows.size(); ++i)
        fuzz::mustHold(again->rows[i].cells == table->rows[i].cells, "cells come back as they were");
    return 0;
}
