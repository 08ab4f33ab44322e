#pragma once
#include "batch/report.h"

namespace nightshift::batch {

// A report in the forms that others read. All pure: text out, nothing written.

/// One item object a line, as over HTTP.
QByteArray toJsonLines(const Report &report);
/// key, ok, reason, … and a column for every member of the items' JSON, `json.a.b`; in the order they first appear.
enum class SafeCells { No, Yes };
QByteArray toCsv(const Report &report, SafeCells safe = SafeCells::Yes);
/// Suite = batch, case = key, failure type = reason, skipped = not run. Characters that XML 1.0 has not become U+FFFD.
QByteArray toJUnit(const Report &report);
/// A summary with a table, as GitHub shows for a job.
QByteArray toMarkdown(const Report &report);
/// The same for a file that GitHub shows whole or not at all, of which `used` bytes are taken: as many rows as fit, and
/// a sentence about the others. Empty when there is no place left.
QByteArray toStepSummary(const Report &report, qint64 used);

/// A place in a file about which an item says something.
struct Finding
{
    QString key;
    QString file;
    qint64 line = 0; ///< From 1; 0 for the whole file.
    QString message;
    bool isError = true;
    bool operator==(const Finding &) const = default;
};
/// Of each item's JSON what has `file` and `message`: itself, or the members of its lists. Of failed items their
/// failure.
std::vector<Finding> findingsIn(const Report &report);
/// Source: SARIF 2.1.0
QByteArray toSarif(const Report &report);
/// `::error file=…::…` lines, which GitHub shows beside the code.
QByteArray toGitHubAnnotations(const Report &report);
/// A Code Quality report of GitLab.
QByteArray toGitLabReport(const Report &report);

/// Writes a file by way of another one, so that nobody sees half of it. Where commands can write, a link in its place
/// is replaced: it could lead anywhere.
enum class Links { Follow, Replace };
Result<> writeWhole(const QString &path, const QByteArray &bytes, Links links = Links::Follow);

} // namespace nightshift::batch
