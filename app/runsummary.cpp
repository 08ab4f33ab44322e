#include "runsummary.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

QString sandboxSummary(const SandboxPolicy &policy)
{
    const QString mode = sandboxModeName(policy.mode);
    if (policy.mode != SandboxPolicy::Mode::WorkspaceWrite)
        return mode;
    QStringList places{u"workdir"_s};
    if (!policy.excludeSlashTmp)
        places += u"/tmp"_s;
    if (!policy.excludeTmpdirEnvVar)
        places += u"$TMPDIR"_s;
    places += policy.writableRoots;
    const QString text = mode + " ["_L1 + places.join(", "_L1) + ']'_L1;
    return policy.networkAccess ? text + " (network access enabled)"_L1 : text;
}

std::vector<SummaryRow> runSummary(const Settings &settings)
{
    return {
        {u"workdir"_s, settings.cwd},
        {u"model"_s, settings.model},
        {u"provider"_s, settings.provider.id},
        {u"approval"_s, u"never"_s}, // nobody waits for a person in an unattended run
        {u"sandbox"_s, sandboxSummary(settings.sandbox)},
        {u"reasoning effort"_s, settings.reasoningEffort.value_or(u"none"_s)},
        {u"reasoning summaries"_s, settings.reasoningSummary.value_or(u"none"_s)},
    };
}

} // namespace nightshift::app
