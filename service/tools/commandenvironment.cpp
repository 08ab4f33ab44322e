#include "tools/commandenvironment.h"
#include "base/credentials.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::tools {

using Variable = std::pair<QString, QString>;
using Variables = std::vector<Variable>;

static constexpr QLatin1StringView callVariables[]{"CODEX_TOOL_CALL_ID"_L1, "NIGHTSHIFT_TOOL_CALL_ID"_L1};

static bool matches(QStringView text, QStringView pattern)
{
    qsizetype at = 0, p = 0, star = -1, resume = 0;
    while (at < text.size()) {
        if (p < pattern.size() && (pattern[p] == u'?' || pattern[p].toCaseFolded() == text[at].toCaseFolded()) &&
            pattern[p] != u'*') {
            ++at;
            ++p;
        } else if (p < pattern.size() && pattern[p] == u'*') {
            star = p++;
            resume = at;
        } else if (star >= 0) { // let the last star take one more
            p = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == u'*')
        ++p;
    return p == pattern.size();
}

static bool matchesAny(const QString &name, const QStringList &patterns)
{
    return std::ranges::any_of(patterns, [&](const QString &pattern) { return matches(name, pattern); });
}

static void put(Variables &variables, const QString &name, const QString &value)
{
    const auto found = std::ranges::find(variables, name, &Variable::first);
    if (found != variables.end())
        found->second = value;
    else
        variables.emplace_back(name, value);
}

static Variables inherited(const QStringList &ours, EnvironmentPolicy::Inherit inherit)
{
    static const QStringList core{u"HOME"_s,     u"LOGNAME"_s, u"PATH"_s, u"SHELL"_s, u"USER"_s,
                                  u"USERNAME"_s, u"TMPDIR"_s,  u"TEMP"_s, u"TMP"_s};
    Variables kept;
    for (const QString &entry : ours) {
        const qsizetype equals = entry.indexOf(u'=');
        if (equals <= 0 || inherit == EnvironmentPolicy::Inherit::None)
            continue;
        const QString name = entry.first(equals);
        // From us to us alone.
        if (name == "QT_NO_GLIB"_L1 || name == "NIGHTSHIFT_PRIVATE_PATHS"_L1)
            continue;
        if (inherit == EnvironmentPolicy::Inherit::All || core.contains(name, Qt::CaseInsensitive))
            kept.emplace_back(name, entry.sliced(equals + 1));
    }
    return kept;
}

static void addFixed(Variables &variables, const CommandMarkers &markers)
{
    static const Variables quiet{
        {u"NO_COLOR"_s, u"1"_s},   {u"TERM"_s, u"dumb"_s},      {u"COLORTERM"_s, {}},
        {u"PAGER"_s, u"cat"_s},    {u"GIT_PAGER"_s, u"cat"_s},  {u"GH_PAGER"_s, u"cat"_s},
        {u"LANG"_s, u"C.UTF-8"_s}, {u"LC_ALL"_s, u"C.UTF-8"_s}, {u"LC_CTYPE"_s, u"C.UTF-8"_s},
    };
    for (const auto &[name, value] : quiet)
        put(variables, name, value);
    // The reference's names too: scripts that know it look for them.
    put(variables, u"CODEX_CI"_s, u"1"_s);
    for (const auto &name : {u"CODEX_THREAD_ID"_s, u"CODEX_SESSION_ID"_s, u"NIGHTSHIFT_SESSION_ID"_s})
        put(variables, name, markers.sessionId);
    for (const auto &name : callVariables)
        put(variables, QString(name), markers.callId);
    if (markers.networkDisabled)
        put(variables, u"CODEX_SANDBOX_NETWORK_DISABLED"_s, u"1"_s);
}

/// Drops what holds a credential by its name or value. A proxy is worth having without its password, too.
static void dropCredentials(Variables &variables)
{
    for (auto &[name, value] : variables) {
        if (name.endsWith("PROXY"_L1, Qt::CaseInsensitive))
            value = withoutUser(value);
    }
    std::erase_if(variables,
                  [](const Variable &each) { return isCredentialName(each.first) || holdsCredential(each.second); });
}

QStringList commandEnvironment(const QStringList &ours, const EnvironmentPolicy &policy, const CommandMarkers &markers)
{
    Variables variables = inherited(ours, policy.inherit);
    if (!policy.ignoreDefaultExcludes)
        dropCredentials(variables);
    std::erase_if(variables, [&](const Variable &each) { return matchesAny(each.first, policy.exclude); });
    for (const auto &[name, value] : policy.set)
        put(variables, name, value);
    if (!policy.includeOnly.isEmpty())
        std::erase_if(variables, [&](const Variable &each) { return !matchesAny(each.first, policy.includeOnly); });
    addFixed(variables, markers);

    QStringList environment;
    environment.reserve(qsizetype(variables.size()));
    for (const auto &[name, value] : variables)
        environment += name + u'=' + value;
    return environment;
}

bool isOfOneCall(const QString &variable)
{
    return std::ranges::any_of(callVariables, [&variable](QLatin1StringView name) {
        return variable.startsWith(name) && QStringView(variable).sliced(name.size()).startsWith(u'=');
    });
}

} // namespace nightshift::tools
