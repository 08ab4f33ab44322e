#include "appending.h"
#include "base/boundedfile.h"
#include "store/filedescriptor.h"
#include "store/folders.h"
#include <fcntl.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

Result<> appendTo(const QString &path, QByteArrayView text)
{
    const auto file = openToAppend(path);
    if (!file)
        return failAt(u"cannot append to "_s + path, file.error());
    if (::write(file->get(), text.data(), size_t(text.size())) != text.size())
        return systemError(u"append to"_s, path);
    return {};
}

} // namespace nightshift::store
