#include "beginnings.h"
#include "config/kept.h"
#include "engine/gitstate.h"
#include <tuple>

namespace nightshift::engine {

/// All that a beginning is made of, but for files.
static auto grounds(const Settings &s)
{
    return std::tuple(s.cwd, s.projectRoot, s.home.config, s.home.user, today(), s.baseInstructions,
                      s.developerInstructions, s.includePermissionsInstructions, s.includeEnvironmentContext,
                      s.includeSkillInstructions, s.projectDocMaxBytes, s.projectDocFallbackFilenames, s.skillRules,
                      s.sandbox, s.approval);
}

struct Beginnings::Known : config::Kept<decltype(grounds(Settings())), Beginning>
{};

Beginnings::Beginnings(QString shell)
    : m_shell(std::move(shell))
{}

Beginnings::~Beginnings() = default;

Beginning Beginnings::of(const Settings &settings)
{
    const auto look = [&] { return Beginning{brief(settings, m_shell), gitState(settings.cwd)}; };
    if (std::exchange(m_isFirst, false))
        return look(); // most processes run one session
    if (!m_known)
        m_known = std::make_unique<Known>();
    const auto its = grounds(settings);
    if (const Beginning *known = m_known->find(its))
        return *known;
    config::Sightings sightings;
    const config::Watch watch(sightings);
    Beginning made = look();
    m_known->put(its, made, std::move(sightings));
    return made;
}

} // namespace nightshift::engine
