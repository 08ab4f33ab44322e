#include "batch/csv.h"
#include "outputs.h"
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

using Cells = std::vector<std::pair<QString, QString>>;

void flatten(JsonView value, const QString &name, Cells &cells)
{
    if (!value.isObject()) {
        cells.emplace_back(name, value.isString() ? value.toString()
                                 : value.isNull() ? QString()
                                                  : QString::fromUtf8(value.raw().text));
        return;
    }
    for (const auto &[member, each] : value.members())
        flatten(each, name + u'.' + member, cells);
}

QString costOf(const Usage &usage)
{
    return usage.costUsd ? QString::number(*usage.costUsd, 'g', 6) : QString();
}

Cells fixedCells(const ItemResult &item)
{
    return {{u"key"_s, item.key},
            {u"ok"_s, item.ok ? u"true"_s : u"false"_s},
            {u"outcome"_s, item.outcome.isEmpty() ? u"not_run"_s : item.outcome},
            {u"reason"_s, item.reason},
            {u"message"_s, item.message},
            {u"text"_s, item.text},
            {u"session"_s, item.session},
            {u"attempts"_s, QString::number(item.attempts.size())},
            {u"input_tokens"_s, QString::number(item.usage.inputTokens)},
            {u"output_tokens"_s, QString::number(item.usage.outputTokens)},
            {u"cost_usd"_s, costOf(item.usage)},
            {u"duration_ms"_s, QString::number(item.duration.count())}};
}

/// In a cell of a Markdown table.
QString inCell(QString text)
{
    constexpr qsizetype most = 200; // a table is for looking over
    text = text.simplified();
    if (text.size() > most)
        text = text.first(most) + u'…';
    return text.replace(u'\\', "\\\\"_L1).replace(u'|', "\\|"_L1).replace(u'<', "&lt;"_L1).replace(u'`', "\\`"_L1);
}

QByteArray summaryHead(const Report &report)
{
    const Counts counts = countsOf(report);
    const Usage usage = usageOf(report);
    QString text = u"## %1\n\n%2 of %3 succeeded, %4 failed, %5 did not run; %6 tokens%7.\n"_s.arg(inCell(report.name))
                       .arg(counts.succeeded)
                       .arg(counts.total)
                       .arg(counts.failed)
                       .arg(counts.cancelled)
                       .arg(usage.totalTokens())
                       .arg(usage.costUsd ? u", %1 USD"_s.arg(*usage.costUsd, 0, 'f', 2) : u""_s);
    if (!report.endReason.isEmpty())
        text += u"\nEnded early: %1.\n"_s.arg(inCell(report.endReason));
    return (text + u"\n| | item | reason | |\n| --- | --- | --- | --- |\n"_s).toUtf8();
}

QByteArray summaryRow(const ItemResult &item)
{
    const QString mark = item.ok ? u"✅"_s : wasRun(item) ? u"❌"_s : u"⏸"_s;
    return u"| %1 | %2 | %3 | %4 |\n"_s
        .arg(mark, inCell(item.key), inCell(item.reason), inCell(item.ok ? item.text : item.message))
        .toUtf8();
}

} // namespace

QByteArray toJsonLines(const Report &report)
{
    QByteArray lines;
    for (const ItemResult &item : report.items)
        lines += json::onOneLine(toJson(item)).text + '\n';
    return lines;
}

QByteArray toCsv(const Report &report, SafeCells safe)
{
    const CsvCells how = safe == SafeCells::Yes ? CsvCells::Safe : CsvCells::AsTheyAre;
    QStringList columns;
    std::vector<Cells> rows;
    for (const ItemResult &item : report.items) {
        Cells cells = fixedCells(item);
        if (const auto document = item.json ? JsonDocument::parse(item.json->text) : fail(Error::Kind::NotFound, {}))
            flatten(document->root(), u"json"_s, cells);
        for (const auto &[name, value] : cells) {
            if (!columns.contains(name))
                columns += name;
        }
        rows.push_back(std::move(cells));
    }
    if (columns.isEmpty()) {
        for (const auto &[name, value] : fixedCells({.json = {}, .attempts = {}, .labels = {}}))
            columns += name;
    }
    QByteArray table = csvRow(columns, how);
    for (const Cells &cells : rows) {
        QStringList row;
        for (const QString &column : std::as_const(columns)) {
            const auto cell = std::ranges::find(cells, column, &Cells::value_type::first);
            row += cell == cells.end() ? QString() : cell->second;
        }
        table += csvRow(row, how);
    }
    return table;
}

QByteArray toMarkdown(const Report &report)
{
    QByteArray text = summaryHead(report);
    for (const ItemResult &item : report.items)
        text += summaryRow(item);
    return text;
}

QByteArray toStepSummary(const Report &report, qint64 used)
{
    // Source: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions
    constexpr qint64 most = 1 << 20, noteBytes = 200;
    QByteArray text = toMarkdown(report);
    if (used + text.size() <= most)
        return text;
    text = summaryHead(report);
    const auto fits = [&](qsizetype more) { return used + text.size() + more + noteBytes <= most; };
    if (!fits(0))
        return {};
    size_t shown = 0;
    for (QByteArray row; shown < report.items.size(); ++shown, text += row) {
        row = summaryRow(report.items[shown]);
        if (!fits(row.size()))
            break;
    }
    const size_t left = report.items.size() - shown;
    const QByteArray others = left == 1 ? "1 more item is"_ba : QByteArray::number(left) + " more items are";
    return text + '\n' + others + " in summary.md, since GitHub shows no more than 1 MiB here.\n";
}

Result<> writeWhole(const QString &path, const QByteArray &bytes, Links links)
{
    QDir().mkpath(QFileInfo(path).absolutePath());
    if (links == Links::Replace && QFileInfo(path).isSymLink())
        QFile::remove(path);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return fail(Error::Kind::Denied, u"cannot write %1: %2"_s.arg(path, file.errorString()));
    return {};
}

} // namespace nightshift::batch
