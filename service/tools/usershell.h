#pragma once
#include <QStringList>

namespace nightshift::tools {

/// The path of the shell that commands run in: $SHELL of `environment`, else the one of the user's
/// account, as far as it is one we know how to start; else bash or sh.
QString userShell(const QStringList &environment);

/// The shell a call asked for by name or path: bash, zsh or sh as far as they are installed, `usual`
/// where it has that name or none was asked for, else /bin/sh.
QString shellNamed(const QString &wanted, const QString &usual);

enum class Login { Yes, No };
QStringList shellCommand(const QString &shell, const QString &script, Login login);

} // namespace nightshift::tools
