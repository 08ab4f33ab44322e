#pragma once
#include "base/rawjson.h"

namespace nightshift::app {

/// What one look at the machine found.
struct Finding
{
    enum class Level {
        Fine,
        Warning, ///< Runs work, but perhaps not as expected.
        Problem, ///< No run can succeed.
    };
    QString check; ///< "settings"
    Level level = Level::Fine;
    QString message; ///< One sentence, without a final period.
    QString cure;    ///< What to do about it; empty where the message says it, or nothing is to be done.
    bool operator==(const Finding &) const = default;
};

bool hasProblem(const std::vector<Finding> &findings);

/// A line for each, its cure below it.
QString findingsText(const std::vector<Finding> &findings, bool color);

/// {"ok": …, "checks": [{"check", "status": "ok" | "warning" | "error", "message", "cure"?}]}
RawJson findingsJson(const std::vector<Finding> &findings);

} // namespace nightshift::app
