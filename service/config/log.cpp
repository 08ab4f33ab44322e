#include "log.h"

namespace nightshift::config {

Q_LOGGING_CATEGORY(configLog, "nightshift.config", QtWarningMsg)

} // namespace nightshift::config
