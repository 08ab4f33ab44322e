#pragma once
#include "llm/localmodel.h"

namespace nightshift::app {

/// Makes sure that the model server of this machine runs and has the model, and waits for that; a model that
/// must be downloaded first is followed on stderr: a bar on a terminal, else a line for each part.
/// Nothing is asked for providers that are not of this machine.
Result<> prepareLocalModel(llm::HttpClient &http, const Settings &settings);

/// "pulling 6a0746a1ec1a  ██████░░░░  62 %  8.5 of 13.8 GB  45 MB/s"; the rate is left out when it is 0.
QString pullBar(const llm::PullProgress &progress, double bytesPerSecond);

/// "pulling 6a0746a1ec1a (13.8 GB)", the same all along a part.
QString pullLine(const llm::PullProgress &progress);

} // namespace nightshift::app
