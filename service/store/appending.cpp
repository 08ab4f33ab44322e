#include "appending.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include <QFile>
#include <fcntl.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

Result<> appendTo(const QString &path, QByteArrayView text)
{
    const FileDescriptor file(::open(QFile::encodeName(path), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::write(file.get(), text.data(), size_t(text.size())) != text.size())
        return systemError(u"append to"_s, path);
    return {};
}

} // namespace nightshift::store
