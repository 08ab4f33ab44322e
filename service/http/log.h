#pragma once
#include <QLoggingCategory>

namespace nightshift::http {

/// What this folder does, for NIGHTSHIFT_LOG. Never a token, nor what a body says.
Q_DECLARE_LOGGING_CATEGORY(httpLog)

} // namespace nightshift::http
