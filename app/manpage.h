#pragma once
#include "app/options.h"

namespace nightshift::app {

/// "nightshift-exec-resume": the name of a command's manual page.
QString manPageName(Command command);

/// A command's page for section 1 of the manual, in man(7)'s language, made from the tables that --help is made from.
QByteArray manPage(Command command);

} // namespace nightshift::app
