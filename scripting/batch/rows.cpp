#include "rows.h"
#include "batch/canonicaljson.h"
#include "batch/csv.h"
#include <QHash>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using Rows = Result<std::vector<InputRow>>;
using Members = std::vector<std::pair<QString, RawJson>>;

Rows csvRows(QByteArrayView bytes, char delimiter)
{
    const auto table = readCsv(bytes, CsvHeader::Yes, delimiter);
    if (!table)
        return std::unexpected(table.error());
    std::vector<InputRow> rows;
    for (const CsvTable::Row &row : table->rows) {
        Members members;
        for (qsizetype i = 0; i < row.cells.size(); ++i)
            members.emplace_back(table->header.cells[i], json::string(row.cells[i]));
        rows.push_back({json::object(members), row.line});
    }
    return rows;
}

Rows lineRows(QByteArrayView bytes, InputForm form)
{
    if (bytes.startsWith("\xef\xbb\xbf"))
        bytes = bytes.sliced(3);
    std::vector<InputRow> rows;
    int number = 0;
    for (const QByteArray &each : bytes.toByteArray().split('\n')) {
        ++number;
        const QByteArray line = each.endsWith('\r') ? each.chopped(1) : each;
        if (line.trimmed().isEmpty())
            continue;
        if (form == InputForm::Lines) {
            rows.push_back({json::object({{"line", line}}), number});
            continue;
        }
        const auto document = JsonDocument::parse(line);
        if (!document || !document->root().isObject())
            return fail(Error::Kind::Invalid, u"line %1: expected a JSON object%2"_s.arg(number).arg(
                                                  document ? u""_s : u": "_s + document.error().message));
        rows.push_back({document->root().raw(), number});
    }
    return rows;
}

Rows jsonRows(QByteArrayView bytes)
{
    const auto document = JsonDocument::parse(bytes);
    if (!document)
        return std::unexpected(document.error());
    if (!document->root().isArray())
        return fail(Error::Kind::Invalid, u"line 1: expected a list of objects"_s);
    std::vector<InputRow> rows;
    for (const JsonView item : document->root().items()) {
        if (!item.isObject())
            return fail(Error::Kind::Invalid, u"item %1: expected an object"_s.arg(rows.size() + 1));
        rows.push_back({item.raw(), int(rows.size()) + 1});
    }
    return rows;
}

/// Whether all members of `part` are those of the row.
bool holds(JsonView row, JsonView part)
{
    const auto members = part.members();
    return !members.empty() && std::ranges::all_of(members, [row](const auto &member) {
        return canonical(row[member.first.toUtf8().constData()]) == canonical(member.second);
    });
}

} // namespace

InputForm formOf(const QString &fileName)
{
    const QString ending = fileName.section(u'.', -1).toLower();
    if (ending == "csv"_L1 || ending == "tsv"_L1)
        return InputForm::Csv;
    if (ending == "jsonl"_L1 || ending == "ndjson"_L1)
        return InputForm::JsonLines;
    return ending == "json"_L1 ? InputForm::Json : InputForm::Lines;
}

Result<std::vector<InputRow>> readRows(QByteArrayView bytes, InputForm form, const QString &name, char delimiter)
{
    auto rows = form == InputForm::Csv    ? csvRows(bytes, delimiter)
                : form == InputForm::Json ? jsonRows(bytes)
                                          : lineRows(bytes, form);
    return rows ? rows : failAt(name, rows.error());
}

Result<> checkKeys(const std::vector<std::pair<QString, int>> &keysAndLines, const QString &name)
{
    QHash<QString, int> lines;
    for (const auto &[key, line] : keysAndLines) {
        if (key.isEmpty())
            continue;
        if (const int earlier = lines.value(key))
            return fail(Error::Kind::Invalid,
                        u"%1: lines %2 and %3 have the same key `%4`"_s.arg(name).arg(earlier).arg(line).arg(key));
        lines[key] = line;
    }
    return {};
}

Result<std::vector<RawJson>> matrix(JsonView axes, JsonView exclude, JsonView include)
{
    std::vector<Members> products{{}};
    for (const auto &[name, values] : axes.members()) {
        if (!values.isArray())
            return fail(Error::Kind::Invalid, u"matrix: `%1` is no list"_s.arg(name));
        std::vector<Members> longer;
        for (const Members &product : products) {
            for (const JsonView value : values.items()) {
                longer.push_back(product);
                longer.back().emplace_back(name, value.raw());
            }
        }
        products = std::move(longer);
    }
    std::vector<RawJson> rows;
    for (const Members &product : products) {
        const RawJson row = json::object(product);
        const auto document = JsonDocument::parse(row.text);
        const auto excluded = exclude.items();
        const bool isOut =
            std::ranges::any_of(excluded, [&](JsonView part) { return document && holds(document->root(), part); });
        if (!isOut && !product.empty())
            rows.push_back(row);
    }
    for (const JsonView more : include.items())
        rows.push_back(more.raw());
    return rows;
}

} // namespace nightshift::batch
