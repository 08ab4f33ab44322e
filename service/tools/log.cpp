#include "log.h"

namespace nightshift::tools {

Q_LOGGING_CATEGORY(toolsLog, "nightshift.tools", QtWarningMsg)

} // namespace nightshift::tools
