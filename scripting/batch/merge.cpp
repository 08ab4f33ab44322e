#include "merge.h"
#include "batch/journal.h"
#include <QDir>
#include <QFileInfo>
#include <functional>

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

ItemResult begun(const JournalStart &start)
{
    return {.key = start.key,
            .index = start.index,
            .message = u"begun, and not done"_s,
            .json = {},
            .session = start.session,
            .attempts = {},
            .labels = {}};
}

} // namespace

Result<Report> mergedReport(const QString &out)
{
    QStringList folders{out};
    for (const QFileInfo &info : QDir(out).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        if (QFileInfo::exists(info.filePath() + u"/.nightshift"_s))
            folders += info.filePath();
    }
    Report report;
    qint64 total = 0;
    QHash<QString, std::pair<size_t, qint64>> seen; // where, and when it was done
    for (const QString &folder : std::as_const(folders)) {
        const auto journal = Journal::open(folder);
        if (!journal)
            return std::unexpected(journal.error());
        if (const auto &first = journal->known().first(); first && report.id.isEmpty()) {
            report.id = first->batch;
            report.name = first->name;
        }
        total = std::max(total, journal->known().total());
        for (const QString &key : journal->known().keys()) {
            const KnownItem &known = *journal->known().find(key);
            ItemResult result = known.done ? journal->result(known) : begun(*known.start);
            const auto earlier = seen.constFind(key);
            if (earlier == seen.cend()) {
                seen[key] = {report.items.size(), known.doneAt};
                report.items.push_back(std::move(result));
                continue;
            }
            ItemResult &kept = report.items[earlier->first];
            if (kept.ok == result.ok ? known.doneAt > earlier->second : result.ok)
                kept = std::move(result);
        }
    }
    report.unbegun = std::max<qint64>(0, total - qint64(report.items.size()));
    if (report.items.empty() && report.unbegun == 0)
        return fail(Error::Kind::NotFound, u"there is no journal of a batch in %1"_s.arg(out));
    std::ranges::stable_sort(report.items, {}, &ItemResult::index);
    const bool isOpen = report.unbegun > 0 || std::ranges::any_of(report.items, std::not_fn(wasRun));
    report.end = isOpen ? Report::End::Interrupted : Report::End::Done;
    report.duration = timeOf(report);
    return report;
}

} // namespace nightshift::batch
