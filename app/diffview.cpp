#include "diffview.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

QString relative(const QString &path, const QString &folder)
{
    if (path.startsWith(folder + u'/'))
        return path.sliced(folder.size() + 1);
    return path.startsWith(u'/') ? path.sliced(1) : path;
}

/// A whole text as one hunk of added or removed lines.
QString wholeHunk(const QString &content, QChar sign)
{
    if (content.isEmpty())
        return {};
    QStringList lines = content.split(u'\n');
    const bool endsWithLineEnd = lines.last().isEmpty();
    if (endsWithLineEnd)
        lines.removeLast();
    const QString range = lines.size() == 1 ? u"1"_s : u"1,"_s + QString::number(lines.size());
    QString hunk = sign == u'+' ? "@@ -0,0 +%1 @@\n"_L1.arg(range) : "@@ -%1 +0,0 @@\n"_L1.arg(range);
    for (const QString &line : lines)
        hunk += sign + line + u'\n';
    return endsWithLineEnd ? hunk : hunk + "\\ No newline at end of file\n"_L1;
}

} // namespace

QString gitDiff(const FileChange &change, const QString &folder)
{
    const QString before = "a/"_L1 + relative(change.path, folder);
    const QString after = "b/"_L1 + relative(change.movedTo.value_or(change.path), folder);
    const QString head = "diff --git %1 %2\n"_L1.arg(before, after);
    switch (change.kind) {
    case FileChange::Kind::Add:
        return head + "new file mode 100644\n--- /dev/null\n+++ "_L1 + after + u'\n' + wholeHunk(change.content, u'+');
    case FileChange::Kind::Delete:
        return head + "deleted file mode 100644\n--- "_L1 + before + "\n+++ /dev/null\n"_L1 +
               wholeHunk(change.content, u'-');
    case FileChange::Kind::Update:
        break;
    }
    const QString lineEnd = change.unifiedDiff.isEmpty() || change.unifiedDiff.endsWith(u'\n') ? QString() : u"\n"_s;
    const QString files = change.unifiedDiff.isEmpty() ? QString() : "--- %1\n+++ %2\n"_L1.arg(before, after);
    return head + files + change.unifiedDiff + lineEnd;
}

} // namespace nightshift::app
