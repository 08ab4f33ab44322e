#pragma once
#include <QByteArray>
#include <QString>
#include <vector>

namespace nightshift::tools {

/// One thing to do to a file; the paths are absolute and without dots.
struct FileEdit
{
    enum class Kind { Write, Remove };
    Kind kind = Kind::Write;
    QString path;
    QByteArray content; ///< Of Write: the whole file.
    QString modeOf;     ///< Of Write: whose permissions a moved file keeps; empty means the file's own.
    bool operator==(const FileEdit &) const = default;
};

/// The edits as the helper's `write` mode reads them (sandbox/writefiles.h).
QByteArray encodeEdits(const std::vector<FileEdit> &edits);

} // namespace nightshift::tools
