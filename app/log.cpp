#include "log.h"

namespace nightshift::app {

Q_LOGGING_CATEGORY(appLog, "nightshift.app", QtWarningMsg)

} // namespace nightshift::app
