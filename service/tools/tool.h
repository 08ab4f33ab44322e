#pragma once
#include "domain/event.h"
#include "tools/proposal.h"
#include <QObject>
#include <functional>
#include <optional>

namespace nightshift::tools {

/// One call under way. Emits finished() exactly once and never from inside start() or cancel().
/// Deleting it stops the work and emits nothing.
class ToolJob : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Asks the work to end now; finished() follows with what is known, once nothing of it is alive.
    virtual void cancel() = 0;

signals:
    void finished(const ToolAnswer &answer);
};

/// How a tool reports facts: recorded, then shown to every listener, before the call returns.
using Tell = std::function<void(const Event &)>;

/// What is known of a command before it runs.
struct CommandInsight
{
    std::optional<QString> refusal;  ///< Why it must not run: a sentence for the model.
    std::optional<QString> approval; ///< Why it may only run when somebody agrees: a sentence without its end.
    std::optional<std::vector<CommandAction>> actions;
};
using InspectCommand = std::function<CommandInsight(const QStringList &argv)>;

/// Something a model may ask for. Lives as long as its session; what could not be done is an answer for
/// the model, never an error of ours.
class Tool
{
public:
    virtual ~Tool() = default;
    virtual QString name() const = 0;
    /// The entry of the request's `tools` list. Source: Responses API, tools.
    virtual RawJson definition() const = 0;
    /// What the call would do; looks, and changes nothing.
    virtual Proposal propose(const ToolCall &) { return {}; }
    /// The job belongs to `parent`.
    virtual ToolJob *start(const ToolCall &call, QObject *parent) = 0;
};

} // namespace nightshift::tools
