#pragma once
#include <QStringList>

namespace nightshift::app {

/// What NIGHTSHIFT_LOG asks for, as rules of QLoggingCategory: a level (`debug`) for all of our categories, or
/// `CATEGORY=LEVEL` for one (`llm=debug`), separated by commas. Words that are neither are left out, and come
/// back in `unknown`.
struct LogRules
{
    QString rules;
    QStringList unknown;
    bool operator==(const LogRules &) const = default;
};
LogRules logRules(QStringView wanted);

/// Sends all log messages to stderr, one line each, and sets what NIGHTSHIFT_LOG asks for. Without it warnings
/// are all there is, and nothing is looked up.
void startLogging();

} // namespace nightshift::app
