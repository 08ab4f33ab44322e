#include "log.h"

namespace nightshift::store {

Q_LOGGING_CATEGORY(storeLog, "nightshift.store", QtWarningMsg)

} // namespace nightshift::store
