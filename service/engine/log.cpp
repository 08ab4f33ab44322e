#include "log.h"

namespace nightshift::engine {

Q_LOGGING_CATEGORY(engineLog, "nightshift.engine", QtWarningMsg)

} // namespace nightshift::engine
