#include "inputfile.h"
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::engine {

constexpr qint64 maxFileBytes = 256 * 1024; // what of a file joins a prompt: models have tools for more

QString inputFileText(const QString &name, const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return u"The file %1 cannot be read: %2"_s.arg(name, file.errorString());
    const QByteArray content = file.read(maxFileBytes);
    const QString note = file.atEnd() ? QString() : u"\n… the file has %1 bytes"_s.arg(file.size());
    return u"<file path=\"%1\">\n%2%3\n</file>"_s.arg(name, QString::fromUtf8(content), note);
}

} // namespace nightshift::engine
