#include "tools/plantool.h"
#include "tools/answerjob.h"
#include "tools/callarguments.h"
#include "tools/toolschema.h"

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

std::optional<PlanStep::Status> statusOf(QByteArrayView name)
{
    if (name == "pending")
        return PlanStep::Status::Pending;
    if (name == "in_progress")
        return PlanStep::Status::InProgress;
    if (name == "completed")
        return PlanStep::Status::Completed;
    return {};
}

std::vector<PlanStep> stepsIn(CallArguments &arguments)
{
    const JsonView plan = arguments.value("plan", CallArguments::Need::Required);
    if (plan.exists() && !plan.isArray())
        arguments.refuse(u"plan"_s, u"a list of steps"_s, plan);
    std::vector<PlanStep> steps;
    for (const JsonView &entry : plan.items()) {
        const QString place = u"plan[%1]"_s.arg(steps.size());
        const std::optional<PlanStep::Status> status = statusOf(entry["status"].utf8());
        if (!entry["step"].isString())
            arguments.refuse(place + u".step"_s, u"a string"_s, entry["step"]);
        if (!status)
            arguments.refuse(place + u".status"_s, u"pending, in_progress or completed"_s, entry["status"]);
        steps.push_back({entry["step"].toString(), status.value_or(PlanStep::Status::Pending)});
    }
    return steps;
}

} // namespace

RawJson PlanTool::definition() const
{
    static const RawJson written = [] {
        const QStringList statuses{u"pending"_s, u"in_progress"_s, u"completed"_s};
        const RawJson step = schema::object({{"status", schema::oneOf(statuses, "How far the step is.")},
                                             {"step", schema::string("What is to be done, in a few words.")}},
                                            {u"step"_s, u"status"_s});
        return schema::function(
            "update_plan",
            "Writes down the steps of a longer task and how far each one is. Every call "
            "replaces the plan; work on one step at a time.",
            schema::object({{"explanation", schema::string("Why the plan changes; may be left out.")},
                            {"plan", schema::listOf(step, "All steps, in order.")}},
                           {u"plan"_s}));
    }();
    return written;
}

ToolJob *PlanTool::start(const ToolCall &call, QObject *parent)
{
    CallArguments arguments(call.arguments);
    PlanChanged plan{arguments.string("explanation").value_or(QString()), stepsIn(arguments)};
    if (arguments.problem())
        return answerText(call, *arguments.problem(), parent);
    m_steps = plan.steps;
    m_tell(plan);
    return answerText(call, QByteArrayView("Plan updated"), parent);
}

void PlanTool::close()
{
    if (const auto steps = std::exchange(m_steps, {}))
        m_tell(PlanClosed{*steps});
}

} // namespace nightshift::tools
