#include "turndiff.h"
#include "tools/diskfiles.h"
#include "tools/linediff.h"
#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

QStringList pathsOf(const std::vector<FileChange> &changes)
{
    QStringList paths;
    for (const FileChange &change : changes) {
        paths += change.path;
        if (change.movedTo)
            paths += *change.movedTo;
    }
    return paths;
}

std::optional<QByteArray> content(const QString &path)
{
    auto bytes = readFile(path);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
}

QString nameBelow(const QString &root, const QString &path)
{
    if (!root.isEmpty() && path.startsWith(root + u'/'))
        return path.sliced(root.size() + 1);
    return path.startsWith(u'/') ? path.sliced(1) : path;
}

/// The name that Git would give the content. Source: gitformat-loose(5).
QString blobId(const std::optional<QByteArray> &content)
{
    if (!content)
        return QString(40, u'0');
    QCryptographicHash hash(QCryptographicHash::Sha1);
    hash.addData("blob " + QByteArray::number(content->size()) + '\0');
    hash.addData(*content);
    return QString::fromLatin1(hash.result().toHex());
}

} // namespace

QString gitFileDiff(const QString &name, const std::optional<QByteArray> &before,
                    const std::optional<QByteArray> &after)
{
    if (before == after)
        return {};
    const auto oldText = decodeText(before.value_or(QByteArray()));
    const auto newText = decodeText(after.value_or(QByteArray()));
    const QString from = before ? "a/"_L1 + name : u"/dev/null"_s;
    const QString to = after ? "b/"_L1 + name : u"/dev/null"_s;
    QString text = "diff --git a/"_L1 + name + " b/"_L1 + name + u'\n';
    if (!before)
        text += "new file mode 100644\n"_L1;
    if (!after)
        text += "deleted file mode 100644\n"_L1;
    text += "index "_L1 + blobId(before) + ".."_L1 + blobId(after) + u'\n';
    if (!oldText || !newText)
        return text + "Binary files "_L1 + from + " and "_L1 + to + " differ\n"_L1;
    const QString hunks = unifiedDiff(*oldText, *newText);
    if (hunks.isEmpty()) // an empty file came or went
        return text;
    text += "--- "_L1 + from + "\n+++ "_L1 + to + u'\n' + hunks;
    return hunks.endsWith(u'\n') ? text : text + u'\n';
}

void TurnDiff::begin(const std::vector<FileChange> &changes)
{
    for (const QString &path : pathsOf(changes)) {
        if (!m_files.contains(path))
            m_files[path].before = content(path);
    }
}

std::optional<QString> TurnDiff::end(const std::vector<FileChange> &changes)
{
    bool changed = false;
    for (const QString &path : pathsOf(changes)) {
        const auto file = m_files.find(path);
        if (file == m_files.end())
            continue; // of a patch that never began
        const QString diff = gitFileDiff(nameBelow(m_root, path), file->second.before, content(path));
        changed = changed || diff != file->second.diff;
        file->second.diff = diff;
    }
    if (!changed)
        return {};
    QString text;
    for (const auto &[path, file] : m_files)
        text += file.diff;
    return text;
}

} // namespace nightshift::tools
