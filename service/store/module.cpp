#include "module.h"
#include <QFile>
#include <dlfcn.h>

using namespace Qt::StringLiterals;

namespace nightshift::store {

Result<void *> moduleSymbol(const QString &modulePath, const char *symbol)
{
    void *const module = ::dlopen(QFile::encodeName(modulePath), RTLD_NOW | RTLD_LOCAL); // stays loaded
    void *const found = module ? ::dlsym(module, symbol) : nullptr;
    if (!found)
        return fail(Error::Kind::Internal,
                    u"cannot load %1: %2"_s.arg(modulePath, QString::fromLocal8Bit(::dlerror())));
    return found;
}

} // namespace nightshift::store
