#include "tools/usershell.h"
#include <QFile>
#include <QStandardPaths>
#include <pwd.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

bool isKnown(const QString &name)
{
    return name == "bash"_L1 || name == "zsh"_L1 || name == "sh"_L1;
}

QString nameOf(const QString &path)
{
    return path.sliced(path.lastIndexOf(u'/') + 1);
}

bool canStart(const QString &path)
{
    return path.startsWith(u'/') && isKnown(nameOf(path)) && access(QFile::encodeName(path).constData(), X_OK) == 0;
}

} // namespace

QString userShell(const QStringList &environment)
{
    for (const QString &variable : environment) {
        if (variable.startsWith("SHELL="_L1) && canStart(variable.sliced(6)))
            return variable.sliced(6);
    }
    const passwd *account = getpwuid(getuid());
    const QString shell = account ? QFile::decodeName(account->pw_shell) : QString();
    if (canStart(shell))
        return shell;
    return canStart(u"/bin/bash"_s) ? u"/bin/bash"_s : u"/bin/sh"_s;
}

QString shellNamed(const QString &wanted, const QString &usual)
{
    if (wanted.isEmpty() || wanted == nameOf(usual))
        return usual;
    if (wanted.contains(u'/'))
        return canStart(wanted) ? wanted : u"/bin/sh"_s;
    const QString found = isKnown(wanted) ? QStandardPaths::findExecutable(wanted) : QString();
    return found.isEmpty() ? u"/bin/sh"_s : found;
}

QStringList shellCommand(const QString &shell, const QString &script, Login login)
{
    return {shell, login == Login::Yes ? u"-lc"_s : u"-c"_s, script};
}

} // namespace nightshift::tools
