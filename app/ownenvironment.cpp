#include "ownenvironment.h"
#include <unistd.h>

namespace nightshift::app {

QStringList ownEnvironment()
{
    QStringList variables;
    for (char **variable = environ; *variable; ++variable)
        variables += QString::fromLocal8Bit(*variable);
    return variables;
}

} // namespace nightshift::app
