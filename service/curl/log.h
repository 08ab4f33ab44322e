#pragma once
#include <QLoggingCategory>

namespace nightshift::curl {

/// What this folder does, for NIGHTSHIFT_LOG. Never a key, nor what a prompt or an answer says.
Q_DECLARE_LOGGING_CATEGORY(curlLog)

} // namespace nightshift::curl
