#pragma once
#include "domain/settings.h"

namespace nightshift::config {

/// The `<environment_context>` part of the first user message: where the model is, and when.
/// `shell` is a name ("bash"), `date` is YYYY-MM-DD, `timezone` an IANA name.
QString environmentContext(const Settings &settings, const QString &shell, const QString &date,
                           const QString &timezone);

/// The `<permissions instructions>` part of the developer message: what the sandbox allows.
QString permissionsText(const Settings &settings);

} // namespace nightshift::config
