#include "tools/toolbox.h"
#include "tools/answerjob.h"
#include "tools/imagetool.h"
#include "tools/patchtool.h"
#include "tools/plantool.h"
#include "tools/stdintool.h"

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

using Login = RunningCommands::Login;

/// Names that models know from older programs, and the tool that understands them.
QString usualName(const ToolCall &call)
{
    if (call.kind == ToolCall::Kind::LocalShell || call.name == "shell"_L1 || call.name == "shell_command"_L1)
        return u"exec_command"_s;
    if (call.name == "applypatch"_L1)
        return u"apply_patch"_s;
    return call.name;
}

} // namespace

ToolBox::ToolBox(const Settings &settings, Sandbox sandbox, const QStringList &environment, const QString &sessionId,
                 QObject *parent)
    : QObject(parent)
    , m_sandbox(std::move(sandbox))
    , m_commands(m_sandbox, settings.feature(u"shell_snapshot", true) ? Login::Snapshot : Login::EachTime, tell(), this)
{
    connect(&m_commands, &RunningCommands::settled, this, &ToolBox::onSettled);
    auto exec = std::make_unique<ExecTool>(settings, &m_commands, tell(), environment, sessionId);
    m_exec = exec.get();
    add(std::move(exec));
    add(std::make_unique<StdinTool>(settings, &m_commands));
    using Shape = PatchTool::Shape;
    auto patch = std::make_unique<PatchTool>(
        m_sandbox, settings.cwd, settings.modelInfo.freeformPatch ? Shape::Freeform : Shape::Function, tell());
    m_exec->setPatchTool(patch.get());
    add(std::move(patch));
    if (settings.updatePlanTool) {
        auto plan = std::make_unique<PlanTool>(tell());
        m_plan = plan.get();
        add(std::move(plan));
    }
    if (settings.modelInfo.images) {
        auto images = std::make_unique<ImageTool>(settings.cwd, settings.modelInfo);
        m_images = images.get();
        add(std::move(images));
    }
}

ToolBox::~ToolBox() = default;

void ToolBox::add(std::unique_ptr<Tool> tool)
{
    const auto known =
        std::ranges::find_if(m_tools, [&tool](const auto &other) { return other->name() == tool->name(); });
    if (known != m_tools.end())
        *known = std::move(tool);
    else
        m_tools.push_back(std::move(tool));
}

void ToolBox::wrap(const QString &name, const Wrap &wrap)
{
    for (auto &tool : m_tools) {
        if (tool->name() == name)
            tool = wrap(std::move(tool));
    }
}

Tell ToolBox::tell()
{
    return [this](const Event &fact) { emit event(fact); };
}

std::vector<RawJson> ToolBox::definitions() const
{
    std::vector<RawJson> definitions;
    for (const auto &tool : m_tools)
        definitions.push_back(tool->definition());
    return definitions;
}

Proposal ToolBox::propose(const ToolCall &call) const
{
    Tool *tool = find(call);
    return tool ? tool->propose(call) : Proposal{.kind = Proposal::Kind::Nothing, .refusal = unsupported(call)};
}

ToolJob *ToolBox::call(const ToolCall &call, QObject *parent)
{
    if (Tool *tool = find(call))
        return tool->start(call, parent);
    return answerText(call, unsupported(call), parent);
}

void ToolBox::settle()
{
    m_commands.settle();
}

void ToolBox::onSettled()
{
    if (m_plan)
        m_plan->close();
    if (m_images)
        m_images->settle();
    emit settled();
}

/// Some servers name a tool by its namespace and its own name, some by both in one.
Tool *ToolBox::find(const ToolCall &call) const
{
    const QString name = usualName(call);
    if (call.kind == ToolCall::Kind::Custom && name != "apply_patch"_L1)
        return nullptr; // free text is no arguments
    for (const QString &full : {call.nameSpace + "__"_L1 + name, name}) {
        const auto found = std::ranges::find_if(m_tools, [&full](const auto &tool) { return tool->name() == full; });
        if (found != m_tools.end())
            return found->get();
    }
    return nullptr;
}

QString ToolBox::unsupported(const ToolCall &call) const
{
    QStringList names;
    for (const auto &tool : m_tools)
        names += tool->name();
    const bool custom = call.kind == ToolCall::Kind::Custom;
    return (custom ? u"unsupported custom tool call: "_s : u"unsupported call: "_s) + call.name + u"; there are "_s +
           names.join(", "_L1);
}

} // namespace nightshift::tools
