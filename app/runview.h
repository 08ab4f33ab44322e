#pragma once
#include "app/commandline.h"
#include "app/humanprinter.h"
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

/// The view of one run. stdout is the writer's, stderr the view's own. `earlier` is what the older protocol repeats of
/// a session that the run goes on with, see wire::ProtocolEncoder.
std::unique_ptr<RunView> makeRunView(OutputForm form, HumanPrinter::Look look, std::vector<RawJson> earlier,
                                     StdoutWriter &out);

/// The same while the run goes on: with a status line below it on a terminal that can show one.
std::unique_ptr<RunView> makeLiveView(OutputForm form, HumanPrinter::Look look, std::vector<RawJson> earlier,
                                      StdoutWriter &out);

/// How people are shown a run with these settings.
HumanPrinter::Look humanLook(ColorMode color, const Settings &settings);

} // namespace nightshift::app
