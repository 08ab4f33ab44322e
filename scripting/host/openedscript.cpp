#include "host/openedscript.h"
#include <QFileInfo>

namespace nightshift::host {

script::ScriptPlan OpenedScript::scriptPlan(script::HostModule host, std::function<void(const QString &)> print) const
{
    return {.path = path,
            .args = args,
            .host = std::move(host),
            .print = std::move(print),
            .memoryBytes = config.memoryBytes,
            .readable = QStringList{rules.folder, rules.out, QFileInfo(path).canonicalPath()} + rules.readable};
}

Result<OpenedScript> openScript(const batch::BatchOrder &order, const batch::Surroundings &surroundings,
                                const QString &folder)
{
    auto plan = batch::planJob(order, surroundings);
    if (!plan)
        return std::unexpected(plan.error());
    const auto config = readScriptConfig(order);
    if (!config)
        return std::unexpected(config.error());
    auto journal = batch::openJournal(order, surroundings, plan->out);
    if (!journal)
        return std::unexpected(journal.error());
    const PathRules rules{.folder = folder.isEmpty() ? QFileInfo(order.script).path() : folder,
                          .out = plan->out,
                          .readable = order.allowRead};
    if (!order.allowExec) {
        auto bounds = batch::ItemBounds::of(surroundings, rules.folder, order.allowRead);
        if (!bounds)
            return std::unexpected(bounds.error());
        plan->runner.bounds = std::move(*bounds);
    }
    return OpenedScript{.path = order.script,
                        .plan = std::move(*plan),
                        .config = *config,
                        .args = scriptArgs(order, config->args),
                        .rules = rules,
                        .journal = std::move(*journal)};
}

} // namespace nightshift::host
