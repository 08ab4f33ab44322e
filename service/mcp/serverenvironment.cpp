#include "mcp/serverenvironment.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::mcp {

QStringList serverEnvironment(const QStringList &ours, const McpServerSettings &server)
{
    static constexpr QLatin1StringView passed[] = {"HOME"_L1,          "LANG"_L1,  "LC_ALL"_L1, "LOGNAME"_L1,
                                                   "PATH"_L1,          "SHELL"_L1, "TERM"_L1,   "TMPDIR"_L1,
                                                   "SSL_CERT_FILE"_L1, "TZ"_L1,    "USER"_L1};
    const auto isSet = [&server](QStringView name) {
        return std::ranges::any_of(server.environment, [name](const auto &own) { return own.first == name; });
    };
    QStringList environment;
    for (const QString &entry : ours) {
        const QStringView name = QStringView(entry).first(qMax(qsizetype(0), entry.indexOf(u'=')));
        const bool isPassed = std::ranges::any_of(passed, [name](QLatin1StringView each) { return name == each; });
        if (isPassed && !isSet(name))
            environment += entry;
    }
    for (const auto &[name, value] : server.environment)
        environment += name + u'=' + value;
    return environment;
}

} // namespace nightshift::mcp
