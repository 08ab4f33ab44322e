#pragma once
#include "tools/tool.h"

namespace nightshift::tools {

/// `update_plan`: the model writes down what it is going to do. One plan a turn; the last one stands.
class PlanTool : public Tool
{
public:
    explicit PlanTool(Tell tell)
        : m_tell(std::move(tell))
    {}

    QString name() const override { return QStringLiteral("update_plan"); }
    RawJson definition() const override;
    ToolJob *start(const ToolCall &call, QObject *parent) override;

    /// The turn is ending: tells how the plan stands, if there is one.
    void close();

private:
    Tell m_tell;
    std::optional<std::vector<PlanStep>> m_steps; ///< Of this turn.
};

} // namespace nightshift::tools
