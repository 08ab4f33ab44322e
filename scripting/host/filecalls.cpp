#include "host/filecalls.h"
#include "batch/csv.h"
#include "batch/glob.h"
#include "batch/outputs.h"
#include "batch/rows.h"
#include "batch/texttemplate.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <cstdio>

using namespace Qt::StringLiterals;

namespace nightshift::host {

namespace {

Result<RawJson> readText(const PathRules &rules, JsonView call)
{
    const auto bytes = rules.read(call["path"].toString());
    return bytes ? Result<RawJson>(json::string(QByteArrayView(*bytes))) : std::unexpected(bytes.error());
}

Result<RawJson> readTable(const PathRules &rules, JsonView call)
{
    const auto bytes = rules.read(call["path"].toString());
    if (!bytes)
        return std::unexpected(bytes.error());
    const auto header = call["header"].toBool(true) ? batch::CsvHeader::Yes : batch::CsvHeader::No;
    const auto table =
        batch::readCsv(*bytes, header, call["delimiter"].utf8().isEmpty() ? 0 : call["delimiter"].utf8()[0]);
    if (!table)
        return failAt(call["path"].toString(), table.error());
    std::vector<RawJson> rows;
    for (const auto &row : table->rows)
        rows.push_back(json::array(row.cells));
    return json::object({{"header", json::array(table->header.cells)}, {"rows", json::array(rows)}});
}

Result<RawJson> readStdin(JsonView)
{
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return fail(Error::Kind::NotFound, u"stdin cannot be read"_s);
    return json::string(QByteArrayView(input.readAll()));
}

QStringList texts(JsonView list)
{
    QStringList all;
    for (const JsonView &one : list.items())
        all += one.toString();
    return all;
}

Result<RawJson> findFiles(const PathRules &rules, JsonView call)
{
    const auto folder = rules.input(call["cwd"].toString(u"."_s));
    if (!folder)
        return std::unexpected(folder.error());
    return json::array(batch::glob(*folder, texts(call["patterns"]),
                                   {.ignore = texts(call["ignore"]), .gitignore = call["gitignore"].toBool(true)}));
}

Result<RawJson> makeMatrix(JsonView call)
{
    const auto rows = batch::matrix(call["axes"], call["exclude"], call["include"]);
    return rows ? Result<RawJson>(json::array(*rows)) : std::unexpected(rows.error());
}

Result<RawJson> fill(const PathRules &rules, JsonView call)
{
    const auto read = [&rules](const QString &path) { return rules.read(path); };
    const auto text = batch::fillTemplate(call["text"].toString(), call["vars"], u"template"_s, read);
    return text ? Result<RawJson>(json::string(QStringView(*text))) : std::unexpected(text.error());
}

Result<RawJson> writeOutput(const PathRules &rules, JsonView call, const QByteArray &bytes)
{
    const auto path = rules.write(call["path"].toString(), bytes);
    return path ? Result<RawJson>(json::string(QStringView(*path))) : std::unexpected(path.error());
}

QString cellOf(JsonView value)
{
    if (!value.exists() || value.isNull())
        return {};
    return value.isString() ? value.toString() : QString::fromUtf8(value.raw().text);
}

Result<RawJson> writeTable(const PathRules &rules, JsonView call)
{
    QStringList columns = texts(call["columns"]);
    if (columns.isEmpty()) {
        for (const JsonView &row : call["rows"].items()) {
            for (const auto &[name, value] : row.members())
                columns += columns.contains(name) ? QStringList() : QStringList(name);
        }
    }
    const auto how = call["safe"].toBool(true) ? batch::CsvCells::Safe : batch::CsvCells::AsTheyAre;
    QByteArray bytes = batch::csvRow(columns, how);
    for (const JsonView &row : call["rows"].items()) {
        QStringList cells;
        for (const QString &column : columns)
            cells += cellOf(row[column.toUtf8().constData()]);
        bytes += batch::csvRow(cells, how);
    }
    return writeOutput(rules, call, bytes);
}

/// Of results that a script has, and may have changed.
batch::Report reportOf(JsonView call)
{
    batch::Report report;
    report.name = call["name"].toString(u"script"_s);
    for (const JsonView &item : call["items"].items())
        report.items.push_back(batch::resultFromJson(item));
    report.duration = timeOf(report);
    return report;
}

} // namespace

void addFileCalls(script::HostModule &module, const PathRules &rules)
{
    const auto add = [&](const char *name, auto call) {
        module.now[name] = [rules, call](JsonView argument) { return call(rules, argument); };
    };
    add("read", readText);
    add("csv", readTable);
    add("glob", findFiles);
    add("template", fill);
    add("write.csv", writeTable);
    add("write",
        [](const PathRules &r, JsonView call) { return writeOutput(r, call, call["text"].utf8().toByteArray()); });
    add("write.junit", [](const PathRules &r, JsonView call) { return writeOutput(r, call, toJUnit(reportOf(call))); });
    add("write.markdown",
        [](const PathRules &r, JsonView call) { return writeOutput(r, call, toMarkdown(reportOf(call))); });
    add("write.sarif", [](const PathRules &r, JsonView call) { return writeOutput(r, call, toSarif(reportOf(call))); });
    module.now["stdin"] = readStdin;
    module.now["matrix"] = makeMatrix;
}

} // namespace nightshift::host
