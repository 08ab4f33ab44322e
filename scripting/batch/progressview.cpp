#include "progressview.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

QStringList progressLines(const Progress &progress, qint64 now)
{
    QString head = u"%1 of %2 done"_s.arg(progress.succeeded + progress.failed).arg(progress.total);
    if (progress.failed)
        head += u", %1 failed"_s.arg(progress.failed);
    head += u", %1 running, %2 requests, %3 tokens"_s.arg(progress.running)
                .arg(progress.requests)
                .arg(progress.usage.totalTokens());
    if (progress.usage.costUsd)
        head += u", %1 USD"_s.arg(*progress.usage.costUsd, 0, 'f', 2);
    QStringList lines{head};
    constexpr size_t shown = 10; // a screen has other things to show
    for (size_t i = 0; i < std::min(shown, progress.items.size()); ++i) {
        const Progress::Running &item = progress.items[i];
        QString line = u"  %1  %2 s"_s.arg(item.key).arg((now - item.since) / 1000);
        if (item.retryAt)
            line += u", rate limited for %1 s"_s.arg(std::max<qint64>(0, item.retryAt - now + 999) / 1000);
        lines += line;
    }
    if (progress.items.size() > shown)
        lines += u"  and %1 more"_s.arg(progress.items.size() - shown);
    return lines;
}

QString endingLine(const ItemResult &result)
{
    if (result.ok)
        return result.key + u": done"_s;
    const QString line = u"%1: %2"_s.arg(result.key, result.reason);
    return result.message.isEmpty() ? line : line + u", "_s + result.message.section(u'\n', 0, 0);
}

RawJson toJson(const Progress &progress, const QString &name)
{
    return json::object({{"type", "batch.progress"},
                         {"name", name},
                         {"total", progress.total},
                         {"succeeded", progress.succeeded},
                         {"failed", progress.failed},
                         {"running", progress.running},
                         {"from_journal", progress.fromJournal},
                         {"requests", progress.requests},
                         {"usage", toJson(progress.usage)}});
}

} // namespace nightshift::batch
