#include "config/keytables.h"
#include "config/settingvalues.h"

using namespace Qt::StringLiterals;

namespace nightshift::config::keys {

namespace {

SandboxPolicy::Mode sandboxMode(const Entry &e)
{
    using enum SandboxPolicy::Mode;
    return chosen<SandboxPolicy::Mode>(e, {{"read-only"_L1, ReadOnly},
                                           {"workspace-write"_L1, WorkspaceWrite},
                                           {"danger-full-access"_L1, DangerFullAccess}});
}

EnvironmentPolicy::Inherit inherit(const Entry &e)
{
    using enum EnvironmentPolicy::Inherit;
    return chosen<EnvironmentPolicy::Inherit>(e, {{"all"_L1, All}, {"core"_L1, Core}, {"none"_L1, None}});
}

Durability durability(const Entry &e)
{
    using enum Durability;
    return chosen<Durability>(e, {{"turn"_L1, Turn}, {"event"_L1, Event}, {"none"_L1, None}});
}

/// `[[hooks.EVENT]]` groups with a matcher, and in each the commands.
void addHooks(Draft &d, const Entry &e)
{
    const auto items = [](const Value *list) { return list && list->list() ? *list->list() : Value::List(); };
    for (const Value &group : items(&e.value)) {
        for (const Value &hook : items(group.member(u"hooks"))) {
            HookSettings settings{.event = e.path[1],
                                  .matcher = memberText(group, u"matcher"),
                                  .command = memberText(hook, u"command"),
                                  .source = e.origin.source};
            if (const Value *timeout = hook.member(u"timeout"); timeout && timeout->integer())
                settings.timeout = std::chrono::seconds(*timeout->integer());
            settings.onFailure = hookFailureFromName(memberText(hook, u"on_failure")).value_or(HookFailure::Deny);
            if (!settings.command.isEmpty())
                d.settings.hooks.push_back(std::move(settings));
        }
    }
}

// clang-format off: a row is read across
constexpr SettingKey table[]{
    {.key = "sandbox_mode"_L1, .type = KeyType::Choice, .choices = "read-only|workspace-write|danger-full-access"_L1, .inProject = InProject::Stricter, .byDefault = "\"read-only\""_L1,
     .help = "What commands may touch"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.sandbox.mode = sandboxMode(e); }},
    {.key = "isolation"_L1, .type = KeyType::Choice, .choices = "overlay|copy|worktree|none"_L1, .inProject = InProject::Stricter, .byDefault = "\"none\""_L1,
     .help = "Which tree a run changes: the real one, or one that stands in for it"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.isolation = isolationFromName(text(e)).value_or(Isolation::None); }},
    {.key = "sandbox_workspace_write.writable_roots"_L1, .type = KeyType::Paths, .inProject = InProject::MayShrink, .byDefault = "[]"_L1,
     .help = "Folders beside the working folder"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.sandbox.writableRoots = paths(e); }},
    {.key = "sandbox_workspace_write.network_access"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse, .byDefault = "false"_L1,
     .help = "Whether commands have a network"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.sandbox.networkAccess = flag(e); }},
    {.key = "sandbox_workspace_write.exclude_slash_tmp"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyTrue, .byDefault = "false"_L1,
     .help = "/tmp is not writable"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.sandbox.excludeSlashTmp = flag(e); }},
    {.key = "sandbox_workspace_write.exclude_tmpdir_env_var"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyTrue, .byDefault = "false"_L1,
     .help = "$TMPDIR is not writable"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.sandbox.excludeTmpdirEnvVar = flag(e); }},
    {.key = "sandbox_workspace_write.git"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse, .byDefault = "false"_L1,
     .help = "Whether .git may be written, so that commits work"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.sandbox.git = flag(e); }},
    {.key = "approval_policy"_L1, .type = KeyType::Choice, .choices = "never|on-request|on-failure"_L1, .inProject = InProject::Stricter, .byDefault = "\"never\""_L1,
     .help = "Whether the model may ask to leave the sandbox"_L1,
     .set = [](Draft &d, const Entry &e) { d.approvalPolicy = text(e); }},
    {.key = "approval_policy.granular.sandbox_approval"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse,
     .help = "The same for the sandbox alone: true is on-request"_L1,
     .set = [](Draft &d, const Entry &e) { d.approvalPolicy = flag(e) ? u"on-request"_s : u"never"_s; }},
    {.key = "approval_policy.granular.*"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse,
     .help = "Other occasions to ask, of which there are none here"_L1},
    {.key = "default_permissions"_L1, .type = KeyType::String, .inProject = InProject::Never,
     .help = "A permission profile in place of sandbox_mode: :read-only, :workspace, :danger-full-access, or one of permissions"_L1,
     .set = [](Draft &d, const Entry &e) { d.defaultPermissions = text(e); }},
    {.key = "permissions.*.**"_L1, .inProject = InProject::Never,
     .help = "What a profile allows: extends, filesystem, network.enabled, workspace_roots; refused where it cannot be enforced"_L1,
     .set = [](Draft &d, const Entry &e) { d.permissions.push_back(e); }},
    {.key = "shell_environment_policy.inherit"_L1, .type = KeyType::Choice, .choices = "none|core|all"_L1, .inProject = InProject::Stricter, .byDefault = "\"all\""_L1,
     .help = "Which of our variables commands see"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.environment.inherit = inherit(e); }},
    {.key = "shell_environment_policy.ignore_default_excludes"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse, .byDefault = "false"_L1,
     .help = "Whether variables that hold keys and passwords by their names, and URLs with a password, reach commands, too"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.environment.ignoreDefaultExcludes = flag(e); }},
    {.key = "shell_environment_policy.exclude"_L1, .type = KeyType::Strings, .inProject = InProject::MayGrow, .byDefault = "[]"_L1,
     .help = "Wildcards of variables to drop"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.environment.exclude = e.value.strings(); }},
    {.key = "shell_environment_policy.set.*"_L1, .type = KeyType::String, .secret = true,
     .help = "Variables to add"_L1,
     .set = [](Draft &d, const Entry &e) { set(d.settings.environment.set, e); }},
    {.key = "shell_environment_policy.include_only"_L1, .type = KeyType::Strings, .inProject = InProject::MayNarrow, .byDefault = "[]"_L1,
     .help = "Wildcards of the only variables to keep"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.environment.includeOnly = e.value.strings(); }},
    {.key = "allow_login_shell"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse, .byDefault = "true"_L1,
     .help = "Whether commands may run in a login shell"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.allowLoginShell = flag(e); }},
    {.key = "command_limits.wall_time"_L1, .type = KeyType::Duration, .inProject = InProject::MayLower,
     .help = "How long a command may run"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.commandLimits.wallTime = seconds(e); }},
    {.key = "command_limits.cpu_time"_L1, .type = KeyType::Duration, .inProject = InProject::MayLower,
     .help = "How much processor time it may use"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.commandLimits.cpuTime = seconds(e); }},
    {.key = "command_limits.memory_bytes"_L1, .type = KeyType::Integer, .inProject = InProject::MayLower,
     .help = "How much memory each of its processes may have"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.commandLimits.memoryBytes = number(e); }},
    {.key = "command_limits.processes"_L1, .type = KeyType::Integer, .inProject = InProject::MayLower,
     .help = "How many processes it may have"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.commandLimits.processes = number(e); }},
    {.key = "command_limits.file_size_bytes"_L1, .type = KeyType::Integer, .inProject = InProject::MayLower,
     .help = "How large a file it may write"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.commandLimits.fileSizeBytes = number(e); }},
    {.key = "tool_output_token_limit"_L1, .type = KeyType::Integer,
     .help = "Tokens of a tool's output that the model is shown"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.toolOutputTokenLimit = number(e); }},
    {.key = "background_terminal_max_timeout"_L1, .type = KeyType::Milliseconds, .byDefault = "300000"_L1,
     .help = "How long the model may wait for a running command"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.backgroundTerminalMaxTimeout = milliseconds(e); }},
    {.key = "log.durability"_L1, .type = KeyType::Choice, .choices = "turn|event|none"_L1, .byDefault = "\"turn\""_L1,
     .help = "When the session log is synced to disk"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.durability = durability(e); }},
    {.key = "project_doc_max_bytes"_L1, .type = KeyType::Integer, .byDefault = "32768"_L1,
     .help = "Bytes of AGENTS.md files; 0 reads none"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.projectDocMaxBytes = number(e); }},
    {.key = "project_doc_fallback_filenames"_L1, .type = KeyType::Strings, .byDefault = "[]"_L1,
     .help = "Names to look for where there is no AGENTS.md"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.projectDocFallbackFilenames = e.value.strings(); }},
    {.key = "project_root_markers"_L1, .type = KeyType::Strings, .inProject = InProject::Never, .byDefault = "[\".git\"]"_L1,
     .help = "What stands in the top folder of a project"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.projectRootMarkers = e.value.strings(); }},
    {.key = "projects.*.trust_level"_L1, .type = KeyType::Choice, .choices = "untrusted|trusted"_L1, .inProject = InProject::Never,
     .help = "Whether the project's own settings count; the name is its folder"_L1},
    {.key = "notify"_L1, .type = KeyType::Strings, .inProject = InProject::Named, .byDefault = "[]"_L1,
     .help = "A program to run after each turn"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.notify = e.value.strings(); }},
    {.key = "hooks.*"_L1, .inProject = InProject::Named,
     .help = "Commands that decide about prompts and tool calls"_L1,
     .set = [](Draft &d, const Entry &e) { addHooks(d, e); }},
};
// clang-format on

} // namespace

std::span<const SettingKey> commandKeys()
{
    return table;
}

} // namespace nightshift::config::keys
