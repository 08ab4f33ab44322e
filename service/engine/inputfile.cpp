#include "inputfile.h"
#include "base/boundedfile.h"

using namespace Qt::StringLiterals;

namespace nightshift::engine {

constexpr qint64 maxFileBytes = 256 * 1024; // what of a file joins a prompt: models have tools for more

QString inputFileText(const QString &name, const QString &path)
{
    const auto head = readHead(path, fileuse::promptPart, maxFileBytes);
    if (!head)
        return u"The file %1 cannot be read: %2"_s.arg(name, head.error().message);
    const bool isWhole = head->bytes.size() >= head->size;
    const QString note = isWhole ? QString() : u"\n… the file has %1 bytes"_s.arg(head->size);
    return u"<file path=\"%1\">\n%2%3\n</file>"_s.arg(name, QString::fromUtf8(head->bytes), note);
}

} // namespace nightshift::engine
