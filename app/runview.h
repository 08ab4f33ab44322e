#pragma once
#include "app/commandline.h"
#include "app/stdoutwriter.h"
#include "domain/event.h"
#include "domain/settings.h"
#include <memory>

namespace nightshift::app {

/// How a run looks from outside: what it prints for each event, and at its end.
class RunView
{
public:
    virtual ~RunView() = default;
    virtual void show(const Event &event) = 0;
    /// After the last event; `answer` is the last message of a turn that has one to give.
    virtual void close(const std::optional<QString> &answer) = 0;
};

/// The view that the options ask for. stdout is the writer's, stderr the view's own.
std::unique_ptr<RunView> makeRunView(const ExecOptions &options, const Settings &settings, StdoutWriter &out);

} // namespace nightshift::app
