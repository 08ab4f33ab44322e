#include "logging.h"
#include "app/stdoutwriter.h"
#include "base/credentials.h"
#include <QLoggingCategory>
#include <QTime>
#include <algorithm>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

constexpr std::pair<QLatin1StringView, QtMsgType> levels[]{
    {"debug"_L1, QtDebugMsg}, {"info"_L1, QtInfoMsg}, {"warning"_L1, QtWarningMsg}, {"error"_L1, QtCriticalMsg}};

QLatin1StringView levelName(QtMsgType type)
{
    for (const auto &[name, level] : levels) {
        if (level == type)
            return name;
    }
    return "fatal"_L1;
}

/// Every level by its own rule: Qt knows no "this one and worse".
QString rulesFor(const QString &category, qsizetype from)
{
    static constexpr QLatin1StringView words[]{"debug"_L1, "info"_L1, "warning"_L1, "critical"_L1};
    QString rules;
    for (qsizetype level = 0; level < 4; ++level)
        rules += category + '.'_L1 + words[level] + (level < from ? "=false\n"_L1 : "=true\n"_L1);
    return rules;
}

/// Qt's own handler may write to the journal.
void toStderr(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    const QString line = u"%1 %2 %3: %4"_s.arg(QTime::currentTime().toString(u"HH:mm:ss.zzz"), levelName(type),
                                               QLatin1StringView(context.category), text);
    sayLine(withoutUrlSecrets(line));
}

} // namespace

LogRules logRules(QStringView wanted)
{
    LogRules asked;
    for (const QStringView word : wanted.tokenize(u',', Qt::SkipEmptyParts)) {
        const qsizetype split = word.indexOf(u'=');
        const QStringView level = word.sliced(split + 1).trimmed();
        QString category = word.first(qMax<qsizetype>(split, 0)).trimmed().toString();
        if (category.isEmpty())
            category = u"*"_s;
        if (!category.startsWith("nightshift."_L1))
            category.prepend("nightshift."_L1);
        const auto known = std::ranges::find_if(levels, [&](const auto &each) { return each.first == level; });
        if (known == std::end(levels))
            asked.unknown += word.trimmed().toString();
        else
            asked.rules += rulesFor(category, known - std::begin(levels));
    }
    return asked;
}

void startLogging()
{
    qInstallMessageHandler(toStderr);
    const QString wanted = qEnvironmentVariable("NIGHTSHIFT_LOG");
    if (wanted.isEmpty())
        return;
    const LogRules asked = logRules(wanted);
    if (!asked.unknown.isEmpty())
        qWarning("NIGHTSHIFT_LOG: `%s` is neither a level (debug, info, warning, error) nor CATEGORY=LEVEL",
                 qUtf8Printable(asked.unknown.join(u", "_s)));
    QLoggingCategory::setFilterRules(asked.rules);
}

} // namespace nightshift::app
