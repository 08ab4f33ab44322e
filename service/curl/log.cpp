#include "log.h"

namespace nightshift::curl {

Q_LOGGING_CATEGORY(curlLog, "nightshift.curl", QtWarningMsg)

} // namespace nightshift::curl
