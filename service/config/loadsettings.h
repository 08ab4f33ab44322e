#pragma once
#include "base/result.h"
#include "config/environment.h"
#include "config/value.h"
#include "domain/settings.h"

namespace nightshift::config {

/// Everything that loading depends on beside the files.
struct LoadOptions
{
    QString cwd; ///< Of the session (-C); relative paths start from the process's own.
    Environment environment;

    QStringList overrides; ///< -c, in order.
    QStringList enable;    ///< --enable, after the overrides.
    QStringList disable;   ///< --disable, last.
    std::optional<QString> model;
    std::optional<QString> profile;
    std::optional<QString> provider;
    std::optional<QString> localProvider;
    bool oss = false;
    std::optional<SandboxPolicy::Mode> sandbox;
    bool fullAuto = false; ///< --full-auto
    bool yolo = false;     ///< --dangerously-bypass-approvals-and-sandbox
    QStringList addDirs;   ///< --add-dir, from `cwd`.
    bool strict = false;   ///< --strict-config
    bool ignoreUserConfig = false;
    bool ignoreRules = false;     ///< --ignore-rules
    bool trust = false;           ///< --trust, for this run; trustProject() stores it.
    bool bypassHookTrust = false; ///< --dangerously-bypass-hook-trust
    bool answerable = false;      ///< Somebody may answer approvals; else the policy is Never, whatever is set.

    QString systemFolder =
        QStringLiteral("/etc/nightshift"); ///< Of config.toml, managed_config.toml, requirements.toml.
};

struct LoadedSettings
{
    Settings settings;
    std::vector<Entry> values; ///< What was set, with where it was set.
    QString costSource = {};   ///< Of the model's prices: "price-table 2026-11" or "settings"; empty without any.
};

/// All layers to one value: defaults < system < user < profile < trusted project files < environment < -c <
/// managed file < flags; requirements.toml bounds the sandbox. A missing key is no error here.
/// Errors are start-up errors: Usage for a profile name with path characters (exit 2), else exit 1.
Result<LoadedSettings> loadSettings(const LoadOptions &options);

/// Whether `name` can be a profile: letters, digits, `_`, `-` and `.`, and not only dots.
bool isProfileName(QStringView name);

/// Stores `projects."root".trust_level = "trusted"` in the user file, for good.
Result<> trustProject(const QString &configHome, const QString &root);

} // namespace nightshift::config
