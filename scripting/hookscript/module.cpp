#include "hookscript/hookscript.h"
#include <QFile>
#include <QFileInfo>
#include <dlfcn.h>

/// Loads hooks in a process that runs the program which lies beside this module.
extern "C" __attribute__((visibility("default"))) nightshift::HookSource *
nightshiftOpenHookScript(const nightshift::HookFileSettings &settings, nightshift::Error *error)
{
    Dl_info here;
    ::dladdr(reinterpret_cast<void *>(&nightshiftOpenHookScript), &here);
    const QString folder = QFileInfo(QFile::decodeName(here.dli_fname)).absolutePath();
    auto script = nightshift::hookscript::HookScript::open(settings, folder + QStringLiteral("/nightshift-hookrunner"));
    if (!script)
        *error = script.error();
    return script ? script->release() : nullptr;
}
