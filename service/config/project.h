#pragma once
#include "config/settingkeys.h"

namespace nightshift::config {

/// The nearest folder from `cwd` upwards that holds one of the markers; `cwd` when none does.
QString projectRoot(const QString &cwd, const QStringList &markers);

/// Whether `projects.DIR.trust_level` is "trusted"; the working folder's own entry beats the root's.
bool isTrusted(const std::vector<Entry> &entries, const QString &cwd, const QString &root);

/// The settings files of the project from its root down to `cwd`, ours after the reference's; of folders
/// that have one, or a hooks.json.
QStringList projectFiles(const QString &cwd, const QString &root);

/// Whether a project's own file may put `after` in the place of what is in force (null: the default).
bool mayProjectSet(const SettingKey &key, const Value *before, const Value &after);

} // namespace nightshift::config
