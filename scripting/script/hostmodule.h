#pragma once
#include "base/jsonreader.h"
#include <functional>
#include <map>

namespace nightshift::script {

/// What a call of a script waits for: to be called once, from any thread. It does nothing once the script has ended.
using Answer = std::function<void(Result<RawJson>)>;

/// The module `nightshift` that a script imports.
struct HostModule
{
    /// JavaScript of the engine's own level: "(function (host, args) { return {…}; })", the exports. `host.now` and
    /// `host.later` call what stands below; the rest of `host` is told in resources/js/runtime.js.
    QByteArray source = "(function (host, args) { return { args }; })";
    /// Answered at once, on the script's thread.
    std::map<QByteArray, std::function<Result<RawJson>(JsonView)>> now;
    /// Answered later; called on the thread that the script's owner lives on.
    std::map<QByteArray, std::function<void(RawJson, Answer)>> later;
};

} // namespace nightshift::script
