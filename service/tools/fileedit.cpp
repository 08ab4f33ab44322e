#include "tools/fileedit.h"
#include <QFile>

namespace nightshift::tools {

QByteArray encodeEdits(const std::vector<FileEdit> &edits)
{
    QByteArray bytes = "edits 1\n";
    for (const FileEdit &edit : edits) {
        const QByteArray path = QFile::encodeName(edit.path);
        const QByteArray modeOf = QFile::encodeName(edit.modeOf);
        bytes += edit.kind == FileEdit::Kind::Remove ? "remove" : "write";
        for (const QByteArray &part : {path, modeOf, edit.content})
            bytes += ' ' + QByteArray::number(part.size());
        bytes += '\n' + path + modeOf + edit.content;
    }
    return bytes + "end\n";
}

} // namespace nightshift::tools
