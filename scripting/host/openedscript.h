#pragma once
#include "batch/batchjob.h"
#include "host/pathrules.h"
#include "host/scriptsource.h"
#include "script/scriptthread.h"

namespace nightshift::host {

/// A script that is ready to run, and what its order comes to.
struct OpenedScript
{
    QString path;
    batch::JobPlan plan;
    ScriptConfig config;
    RawJson args;
    PathRules rules;
    std::unique_ptr<batch::Journal> journal; ///< Not begun.

    script::ScriptPlan scriptPlan(script::HostModule host, std::function<void(const QString &)> print) const;
};

/// All that can be told without running it is found here. Its paths begin in `folder`; empty is its own.
Result<OpenedScript> openScript(const batch::BatchOrder &order, const batch::Surroundings &surroundings,
                                const QString &folder = {});

} // namespace nightshift::host
