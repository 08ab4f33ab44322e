#include "log.h"

namespace nightshift::http {

Q_LOGGING_CATEGORY(httpLog, "nightshift.http", QtWarningMsg)

} // namespace nightshift::http
