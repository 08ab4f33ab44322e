#include "itemsettings.h"
#include "batch/rehearsal.h"

using namespace Qt::StringLiterals;

namespace nightshift::batch {

namespace {

std::optional<SandboxPolicy::Mode> modeNamed(const QString &name)
{
    for (const auto mode :
         {SandboxPolicy::Mode::ReadOnly, SandboxPolicy::Mode::WorkspaceWrite, SandboxPolicy::Mode::DangerFullAccess}) {
        if (name == sandboxModeName(mode))
            return mode;
    }
    return {};
}

} // namespace

Result<Settings> ItemSettings::load(const Options &options) const
{
    config::LoadOptions loading = m_surroundings.loading;
    if (!options.cwd.isEmpty())
        loading.cwd = options.cwd;
    if (!options.model.isEmpty())
        loading.model = options.model;
    if (!options.provider.isEmpty()) {
        loading.provider = options.provider;
        loading.oss = false;
    }
    if (!options.sandbox.isEmpty()) { // by the settings' own rules: requirements may bound it
        const auto mode = modeNamed(options.sandbox);
        if (!mode)
            return fail(Error::Kind::Invalid, u"sandbox: %1 is none of read-only, workspace-write, "
                                              "danger-full-access"_s.arg(options.sandbox));
        loading.sandbox = mode;
        loading.yolo = false;
    }
    if (!options.approval.isEmpty()) {
        if (options.approval != "never"_L1 && options.approval != "on-request"_L1)
            return fail(Error::Kind::Invalid, u"approval: %1 is neither never nor on-request"_s.arg(options.approval));
        loading.overrides += u"approval_policy="_s + options.approval;
        loading.answerable = true; // by the script's hooks
    }
    auto loaded = config::loadSettings(loading);
    if (!loaded)
        return std::unexpected(loaded.error());
    Settings settings = std::move(loaded->settings);
    if (settings.provider.id == m_surroundings.defaults.provider.id)
        settings.provider = m_surroundings.defaults.provider; // its key may come from a program, or from nowhere
    if (!settings.provider.keyProblem.isEmpty() && !m_surroundings.rehearses)
        return fail(Error::Kind::Invalid, settings.provider.keyProblem);
    return settings;
}

Result<Settings> ItemSettings::of(const Options &options)
{
    const QString name =
        QStringList{options.cwd, options.model, options.provider, options.sandbox, options.approval}.join(u'\n');
    auto found = std::ranges::find(m_loaded, name, &std::pair<QString, Settings>::first);
    if (found == m_loaded.end()) {
        auto settings = name.size() == 4 ? Result<Settings>(m_surroundings.defaults) : load(options);
        if (!settings)
            return settings;
        m_loaded.emplace_back(name, std::move(*settings));
        found = m_loaded.end() - 1;
    }
    Settings settings = found->second;
    settings.isolation = options.isolation.value_or(settings.isolation);
    if (settings.isolation == Isolation::Overlay)
        return fail(Error::Kind::Invalid,
                    u"an item's isolation is worktree or copy: an overlay takes a process each"_s);
    if (!options.effort.isEmpty())
        settings.reasoningEffort = options.effort;
    if (!options.instructions.isEmpty())
        settings.developerInstructions +=
            (settings.developerInstructions.isEmpty() ? u""_s : u"\n\n"_s) + options.instructions;
    if (options.limits.idle)
        settings.provider.idleLimit = options.limits.idle;
    if (options.limits.command)
        settings.commandLimits.wallTime = std::chrono::ceil<std::chrono::seconds>(*options.limits.command);
    if (m_surroundings.rehearses)
        rehearse(settings, m_surroundings.defaults);
    if (const auto admitted = m_bounds ? m_bounds->admit(settings) : Result<>(); !admitted)
        return std::unexpected(admitted.error());
    return settings;
}

} // namespace nightshift::batch
