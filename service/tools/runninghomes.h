#pragma once
#include <QStringList>

namespace nightshift::tools {

/// The folders of every nightshift and of the reference's program that runs on this machine, as their environments
/// name them. Only folders that look like one of ours; a command of a model cannot make others hide what it likes.
QStringList runningHomes();

} // namespace nightshift::tools
