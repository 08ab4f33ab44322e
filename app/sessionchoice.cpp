#include "sessionchoice.h"
#include "store/sessionfiles.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

Result<QString> chooseSession(const ResumeTarget &target, const Settings &settings)
{
    if (const auto path = store::sessionFile(settings.home.state, target.session.value_or(QString()).toLower()))
        return *path;
    return fail(Error::Kind::NotFound, u"no session found"_s);
}

} // namespace nightshift::app
