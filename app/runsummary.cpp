#include "runsummary.h"

using namespace Qt::StringLiterals;

namespace nightshift::app {

std::vector<SummaryRow> runSummary(const SessionStarted &session)
{
    return {
        {u"workdir"_s, session.cwd},
        {u"model"_s, session.model},
        {u"provider"_s, session.provider},
        {u"approval"_s, session.approval},
        {u"sandbox"_s, session.sandbox},
        {u"reasoning effort"_s, session.reasoningEffort.value_or(u"none"_s)},
        {u"reasoning summaries"_s, session.reasoningSummary.value_or(u"none"_s)},
    };
}

} // namespace nightshift::app
