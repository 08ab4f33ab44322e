#include "log.h"

namespace nightshift::net {

Q_LOGGING_CATEGORY(netLog, "nightshift.net", QtWarningMsg)

} // namespace nightshift::net
