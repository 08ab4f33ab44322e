#pragma once
#include "tools/exectool.h"
#include "tools/sandbox.h"
#include <memory>

namespace nightshift::tools {

class ImageTool;
class PlanTool;

/// The tools of one session by name. What they do is told by event(), what comes of it by the jobs.
class ToolBox : public QObject
{
    Q_OBJECT

public:
    /// `environment` is our own process's, as NAME=value.
    ToolBox(const Settings &settings, Sandbox sandbox, const QStringList &environment, const QString &sessionId,
            QObject *parent = nullptr);
    ~ToolBox() override;

    /// One more tool; its name replaces an older tool's.
    void add(std::unique_ptr<Tool> tool);
    /// Puts what `wrap` makes of the tool of that name in its place.
    using Wrap = std::function<std::unique_ptr<Tool>(std::unique_ptr<Tool> tool)>;
    void wrap(const QString &name, const Wrap &wrap);
    /// How tools that are added report facts. Valid while this lives.
    Tell tell();

    /// Asked about every command before it runs; without one nothing is known, and nothing refused.
    void setInspector(InspectCommand inspect) { m_exec->setInspector(std::move(inspect)); }

    /// The entries of a request's `tools`, always in the same order.
    std::vector<RawJson> definitions() const;
    /// What a call would do; Nothing for a name that nobody has.
    Proposal propose(const ToolCall &call) const;
    /// Starts a call; a name nobody has is an answer that lists the names there are. The job belongs to
    /// `parent` and never finishes in here.
    ToolJob *call(const ToolCall &call, QObject *parent);

    /// SIGINT for every command that runs, as ^C would.
    void interrupt() { m_commands.interrupt(); }

    /// The turn is ending: kills commands that run on and closes the plan. Their events come first, then
    /// settled(), once, from the event loop. Afterwards the box is as new.
    void settle();

signals:
    void event(const nightshift::Event &event);
    void settled();

private:
    Tool *find(const ToolCall &call) const;
    QString unsupported(const ToolCall &call) const;
    void onSettled();

    Sandbox m_sandbox;
    RunningCommands m_commands;
    std::vector<std::unique_ptr<Tool>> m_tools;
    ExecTool *m_exec;
    PlanTool *m_plan = nullptr;    ///< Null when switched off.
    ImageTool *m_images = nullptr; ///< The same.
};

} // namespace nightshift::tools
