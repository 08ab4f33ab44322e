#include "script.h"
#include <QFile>
#include <dlfcn.h>

namespace nightshift::commands {

ParseScript fromModule(const QString &modulePath)
{
    return [modulePath, parse = static_cast<ParseFunction *>(nullptr)](const QString &text) mutable {
        if (!parse) {
            void *const module = ::dlopen(QFile::encodeName(modulePath), RTLD_LAZY | RTLD_LOCAL); // stays loaded
            if (module)
                parse = reinterpret_cast<ParseFunction *>(::dlsym(module, parseSymbol));
        }
        Script script;
        if (parse)
            parse(text, script);
        return script;
    };
}

} // namespace nightshift::commands
