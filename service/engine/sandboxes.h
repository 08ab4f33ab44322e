#pragma once
#include "tools/sandbox.h"
#include <chrono>

namespace nightshift::engine {

/// The sandboxes of sessions. One look at the machine serves all that begin at about the same time and want the same.
class Sandboxes
{
public:
    /// `tmpdir` is the value of $TMPDIR, or empty.
    explicit Sandboxes(QString tmpdir)
        : m_tmpdir(std::move(tmpdir))
    {}

    Result<tools::Sandbox> prepare(const Settings &settings);

private:
    using Clock = std::chrono::steady_clock;
    struct Prepared
    {
        SandboxPolicy policy;
        QString workspace;
        CommandLimits limits;
        tools::Sandbox sandbox;
        Clock::time_point since;
    };

    const QString m_tmpdir;
    std::optional<Prepared> m_last;
};

} // namespace nightshift::engine
