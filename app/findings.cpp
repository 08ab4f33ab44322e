#include "findings.h"
#include "app/terminaltext.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::app {

namespace {

using Level = Finding::Level;

QLatin1StringView statusName(Level level)
{
    switch (level) {
    case Level::Fine:
        return "ok"_L1;
    case Level::Warning:
        return "warning"_L1;
    case Level::Problem:
        return "error"_L1;
    }
    Q_UNREACHABLE_RETURN({});
}

Style styleOf(Level level)
{
    return level == Level::Fine ? Style::Green : level == Level::Warning ? Style::Warning : Style::Error;
}

constexpr int statusWidth = 9;
constexpr int checkWidth = 10;

} // namespace

bool hasProblem(const std::vector<Finding> &findings)
{
    return std::ranges::any_of(findings, [](const Finding &each) { return each.level == Level::Problem; });
}

QString findingsText(const std::vector<Finding> &findings, bool color)
{
    QString text;
    for (const Finding &finding : findings) {
        const QString status = statusName(finding.level);
        text += styled(status, styleOf(finding.level), color) + QString(statusWidth - status.size(), u' ') +
                finding.check.leftJustified(checkWidth) + printable(finding.message) + u'\n';
        if (!finding.cure.isEmpty())
            text += QString(statusWidth + checkWidth, u' ') + u"→ "_s + printable(finding.cure) + u'\n';
    }
    return text;
}

RawJson findingsJson(const std::vector<Finding> &findings)
{
    std::vector<RawJson> checks;
    for (const Finding &finding : findings) {
        const auto cure = finding.cure.isEmpty() ? std::optional<QString>() : finding.cure;
        checks.push_back(json::object({{"check", finding.check},
                                       {"status", QString(statusName(finding.level))},
                                       {"message", finding.message},
                                       {"cure", cure}}));
    }
    return json::object({{"ok", !hasProblem(findings)}, {"checks", json::array(checks)}});
}

} // namespace nightshift::app
