#include "sessionchoice.h"
#include "app/modules.h"
#include "store/sessionfinder.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

store::Decompress decompressor()
{
    return store::fromModule(modulePath(u"nightshift-archive"_s));
}

store::Archiver archiver()
{
    return store::archiverFromModule(modulePath(u"nightshift-archive"_s));
}

Result<QString> chooseSession(const ResumeTarget &target, const Settings &settings)
{
    const store::SessionFinder finder(settings.home.state, decompressor());
    const store::SessionFinder::Scope scope{settings.provider.id, settings.cwd, target.all};
    return target.session ? finder.find(*target.session, scope) : finder.last(scope);
}

} // namespace nightshift::app
