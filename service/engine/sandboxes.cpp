#include "sandboxes.h"

namespace nightshift::engine {

/// A session keeps its sandbox for hours: what changed a moment before it began is no more than what changes later.
constexpr auto keptFor = std::chrono::seconds(1);

Result<tools::Sandbox> Sandboxes::prepare(const Settings &settings)
{
    const auto now = Clock::now();
    if (m_last && now - m_last->since < keptFor && m_last->policy == settings.sandbox &&
        m_last->workspace == settings.cwd && m_last->limits == settings.commandLimits)
        return m_last->sandbox;
    auto made = tools::Sandbox::prepare(settings.sandbox, settings.cwd, m_tmpdir, settings.commandLimits);
    if (made)
        m_last = Prepared{settings.sandbox, settings.cwd, settings.commandLimits, *made, now};
    return made;
}

} // namespace nightshift::engine
