#include "modules.h"
#include "app/log.h"
#include <QFile>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

QString modulePath(const QString &name)
{
    qCDebug(appLog, "looking for the module %s", qUtf8Printable(name));
    const QString program = QFile::symLinkTarget(u"/proc/self/exe"_s);
    const QString folder = program.first(program.lastIndexOf(u'/') + 1);
    const QString beside = folder + name + u".so"_s;
    if (::access(QFile::encodeName(beside).constData(), R_OK) == 0)
        return beside;
    return folder + QLatin1StringView(NIGHTSHIFT_MODULES_FROM_BIN) + u'/' + name + u".so"_s;
}

} // namespace nightshift::app
