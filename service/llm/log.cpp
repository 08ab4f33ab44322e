#include "log.h"

namespace nightshift::llm {

Q_LOGGING_CATEGORY(llmLog, "nightshift.llm", QtWarningMsg)

} // namespace nightshift::llm
