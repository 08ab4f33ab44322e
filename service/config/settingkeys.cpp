#include "settingkeys.h"
#include <QDir>
#include <QFileInfo>
#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace nightshift::config {

namespace {

using Pairs = std::vector<std::pair<QString, QString>>;

// What the setters below are made of. The value was checked, so it has the type that its row names.

QString text(const Entry &e)
{
    return e.value.string() ? *e.value.string() : QString();
}

bool flag(const Entry &e)
{
    return e.value.boolean() && *e.value.boolean();
}

qint64 number(const Entry &e)
{
    return e.value.integer() ? *e.value.integer() : 0;
}

std::chrono::milliseconds milliseconds(const Entry &e)
{
    return std::chrono::milliseconds(number(e));
}

/// A duration's text, or whole seconds.
std::chrono::milliseconds duration(const Entry &e)
{
    return e.value.string() ? parseDuration(*e.value.string()).value_or(0ms) : std::chrono::seconds(number(e));
}

std::chrono::seconds seconds(const Entry &e)
{
    return std::chrono::ceil<std::chrono::seconds>(duration(e));
}

std::chrono::milliseconds fromSeconds(const Entry &e)
{
    const double *real = std::get_if<double>(&e.value.data);
    return real ? std::chrono::milliseconds(qint64(*real * 1000)) : std::chrono::seconds(number(e));
}

/// Absolute: files name paths relative to where they stand, everything else relative to the working folder.
QString path(const Entry &e, const QString &written)
{
    if (written.isEmpty())
        return written;
    if (written == u"~"_s || written.startsWith(u"~/"_s))
        return QDir::cleanPath(QDir::homePath() + written.sliced(1));
    const QString base = e.origin.line ? QFileInfo(e.origin.source).path() : e.base;
    return QDir::cleanPath(QDir(base).absoluteFilePath(written));
}

QStringList paths(const Entry &e)
{
    QStringList absolute;
    for (const QString &written : e.value.strings())
        absolute += path(e, written);
    return absolute;
}

/// Strings, or tables with a `name`.
QStringList names(const Entry &e)
{
    QStringList names;
    if (e.value.list()) {
        for (const Value &item : *e.value.list()) {
            const Value *name = item.table() ? item.member(u"name") : &item;
            if (name && name->string())
                names += *name->string();
        }
    }
    return names;
}

template <typename T>
void set(std::vector<std::pair<QString, T>> &pairs, const Entry &e)
{
    if constexpr (std::is_same_v<T, bool>)
        pairs.emplace_back(e.path.last(), flag(e));
    else
        pairs.emplace_back(e.path.last(), text(e));
}

/// The choice's place in the row's list, as an enumerator whose values stand in `order`.
template <typename Enum>
Enum chosen(const Entry &e, std::initializer_list<std::pair<QLatin1StringView, std::type_identity_t<Enum>>> order)
{
    for (const auto &[name, value] : order) {
        if (text(e) == name)
            return value;
    }
    return order.begin()->second;
}

std::optional<QString> unlessNone(const Entry &e)
{
    return text(e) == "none"_L1 ? std::nullopt : std::optional(text(e));
}

SandboxPolicy::Mode sandboxMode(const Entry &e)
{
    using enum SandboxPolicy::Mode;
    return chosen<SandboxPolicy::Mode>(e, {{"read-only"_L1, ReadOnly},
                                           {"workspace-write"_L1, WorkspaceWrite},
                                           {"danger-full-access"_L1, DangerFullAccess}});
}

WireApi wireApi(const Entry &e)
{
    using enum WireApi;
    return chosen<WireApi>(e, {{"responses"_L1, Responses}, {"chat"_L1, Chat}, {"messages"_L1, Messages}});
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

WebSearch webSearch(const Entry &e)
{
    using enum WebSearch;
    return chosen<WebSearch>(e, {{"disabled"_L1, Disabled}, {"cached"_L1, Cached}, {"live"_L1, Live}});
}

McpServerSettings::Approval mcpApproval(const Entry &e)
{
    using enum McpServerSettings::Approval;
    return chosen<McpServerSettings::Approval>(e, {{"auto"_L1, Auto}, {"prompt"_L1, Prompt}, {"approve"_L1, Approve}});
}

McpServerSettings::Containment containment(const Entry &e)
{
    using enum McpServerSettings::Containment;
    return chosen<McpServerSettings::Containment>(
        e, {{"off"_L1, Off}, {"read-only"_L1, ReadOnly}, {"workspace-write"_L1, WorkspaceWrite}});
}

ProviderTable &provider(Draft &d, const Entry &e)
{
    ProviderTable &table = d.providers[e.path[1]];
    table.settings.id = e.path[1];
    return table;
}

McpServerTable &server(Draft &d, const Entry &e)
{
    McpServerTable &table = d.mcpServers[e.path[1]];
    table.settings.name = e.path[1];
    return table;
}

double real(const Entry &e)
{
    const double *value = std::get_if<double>(&e.value.data);
    return value ? *value : double(number(e));
}

ModelTable &model(Draft &d, const Entry &e)
{
    return d.models[e.path[1]];
}

void setToolApproval(Draft &d, const Entry &e)
{
    server(d, e).settings.toolApproval.emplace_back(e.path[3], mcpApproval(e));
}

QString memberText(const Value &table, QStringView name)
{
    const Value *member = table.member(name);
    return member && member->string() ? *member->string() : QString();
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
            if (!settings.command.isEmpty())
                d.settings.hooks.push_back(std::move(settings));
        }
    }
}

void addSkillRules(Draft &d, const Entry &e)
{
    if (!e.value.list())
        return;
    for (const Value &rule : *e.value.list()) {
        const Value *enabled = rule.member(u"enabled");
        d.settings.skillRules.push_back({.name = memberText(rule, u"name"),
                                         .path = path(e, memberText(rule, u"path")),
                                         .enabled = !enabled || !enabled->boolean() || *enabled->boolean()});
    }
}

// clang-format off: a row is read across
constexpr SettingKey table[]{
    {.key = "model"_L1, .type = KeyType::String,
     .help = "The model to ask"_L1,
     .set = [](Draft &d, const Entry &e) { d.model = text(e); }},
    {.key = "model_provider"_L1, .type = KeyType::String, .inProject = InProject::Named, .byDefault = "\"openai\""_L1,
     .help = "The provider to ask it from: openai, ollama, lmstudio, anthropic, openrouter, demo, or one of model_providers"_L1,
     .set = [](Draft &d, const Entry &e) { d.modelProvider = text(e); }},
    {.key = "model_providers.*.name"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "The provider's name for people"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.name = text(e); }},
    {.key = "model_providers.*.base_url"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Where it is; /responses, /chat/completions or /messages is appended"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.baseUrl = text(e); }},
    {.key = "model_providers.*.wire_api"_L1, .type = KeyType::Choice, .choices = "responses|chat|messages"_L1, .inProject = InProject::Named, .byDefault = "\"responses\""_L1,
     .help = "What it speaks"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.wireApi = wireApi(e); }},
    {.key = "model_providers.*.env_key"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "The environment variable that holds its key"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.envKey = text(e); }},
    {.key = "model_providers.*.env_key_instructions"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Shown when that variable is not set"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.envKeyInstructions = text(e); }},
    {.key = "model_providers.*.experimental_bearer_token"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "The key itself; env_key is safer"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).bearerToken = Secret(text(e).toUtf8()); }},
    {.key = "model_providers.*.http_headers.*"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "Further request headers"_L1,
     .set = [](Draft &d, const Entry &e) { set(provider(d, e).settings.headers, e); }},
    {.key = "model_providers.*.env_http_headers.*"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Further request headers whose values stand in environment variables"_L1,
     .set = [](Draft &d, const Entry &e) { set(provider(d, e).envHeaders, e); }},
    {.key = "model_providers.*.query_params.*"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "Appended to every URL"_L1,
     .set = [](Draft &d, const Entry &e) { set(provider(d, e).settings.queryParams, e); }},
    {.key = "model_providers.*.request_max_retries"_L1, .type = KeyType::Integer, .inProject = InProject::Named, .byDefault = "4"_L1,
     .help = "Silent repeats of a failed request"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.requestMaxRetries = int(number(e)); }},
    {.key = "model_providers.*.stream_max_retries"_L1, .type = KeyType::Integer, .inProject = InProject::Named, .byDefault = "5"_L1,
     .help = "Announced repeats of a cut answer"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.streamMaxRetries = int(number(e)); }},
    {.key = "model_providers.*.stream_idle_timeout_ms"_L1, .type = KeyType::Milliseconds, .inProject = InProject::Named, .byDefault = "300000"_L1,
     .help = "How long an answer may be silent"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.streamIdleTimeout = milliseconds(e); }},
    {.key = "model_providers.*.retry_deadline"_L1, .type = KeyType::Duration, .inProject = InProject::Named, .byDefault = "\"10m\""_L1,
     .help = "How long all repeats of one request may take"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).settings.retryDeadline = duration(e), provider(d, e).hasRetryDeadline = true; }},
    {.key = "model_providers.*.requires_openai_auth"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Uses the key of the openai provider"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).requiresOpenAiAuth = flag(e); }},
    {.key = "model_providers.*.auth.command"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "A program that prints a bearer token"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).authCommand = text(e); }},
    {.key = "model_providers.*.auth.args"_L1, .type = KeyType::Strings, .inProject = InProject::Named, .byDefault = "[]"_L1,
     .help = "Its arguments"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).authArgs = e.value.strings(); }},
    {.key = "model_providers.*.auth.cwd"_L1, .type = KeyType::Path, .inProject = InProject::Named,
     .help = "Where it runs"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).tokenCommand.cwd = path(e, text(e)); }},
    {.key = "model_providers.*.auth.timeout_ms"_L1, .type = KeyType::Milliseconds, .inProject = InProject::Named, .byDefault = "5000"_L1,
     .help = "How long it may take"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).tokenCommand.timeout = milliseconds(e); }},
    {.key = "model_providers.*.auth.refresh_interval_ms"_L1, .type = KeyType::Milliseconds, .inProject = InProject::Named, .byDefault = "300000"_L1,
     .help = "How long a token is used; 0 until it is refused"_L1,
     .set = [](Draft &d, const Entry &e) { provider(d, e).tokenCommand.refreshInterval = milliseconds(e); }},
    {.key = "openai_base_url"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Where the openai provider is"_L1,
     .set = [](Draft &d, const Entry &e) { d.openaiBaseUrl = text(e); }},
    {.key = "oss_provider"_L1, .type = KeyType::Choice, .choices = "lmstudio|ollama"_L1, .inProject = InProject::Named,
     .help = "What --oss uses"_L1,
     .set = [](Draft &d, const Entry &e) { d.ossProvider = text(e); }},
    {.key = "retry_deadline"_L1, .type = KeyType::Duration, .byDefault = "\"10m\""_L1,
     .help = "How long all repeats of one request may take"_L1,
     .set = [](Draft &d, const Entry &e) { d.retryDeadline = duration(e); }},
    {.key = "ca_file"_L1, .type = KeyType::Path, .inProject = InProject::Named,
     .help = "Certificate authorities to trust, PEM, instead of the system's"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.caFile = path(e, text(e)); }},
    {.key = "model_catalog_json"_L1, .type = KeyType::Path,
     .help = "A catalogue of models instead of our own"_L1,
     .set = [](Draft &d, const Entry &e) { d.modelCatalogFile = path(e, text(e)); }},
    {.key = "models.*.context_window"_L1, .type = KeyType::Integer,
     .help = "Tokens this model can see"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).contextWindow = number(e); }},
    {.key = "models.*.images"_L1, .type = KeyType::Boolean,
     .help = "Whether it takes images"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).images = flag(e); }},
    {.key = "models.*.freeform_patch"_L1, .type = KeyType::Boolean,
     .help = "Whether it takes apply_patch as free text rather than as a function"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).freeformPatch = flag(e); }},
    {.key = "models.*.supports_verbosity"_L1, .type = KeyType::Boolean,
     .help = "Whether it takes model_verbosity"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).verbosity = flag(e); }},
    {.key = "models.*.default_reasoning_effort"_L1, .type = KeyType::String,
     .help = "How hard it thinks where model_reasoning_effort says nothing"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).reasoningEffort = text(e); }},
    {.key = "models.*.default_verbosity"_L1, .type = KeyType::Choice, .choices = "low|medium|high"_L1,
     .help = "How long its answers are where model_verbosity says nothing"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).defaultVerbosity = text(e); }},
    {.key = "models.*.price.input"_L1, .type = KeyType::Number, .inProject = InProject::Never,
     .help = "What a million input tokens cost, in US dollars"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).prices.input = real(e); }},
    {.key = "models.*.price.cached_input"_L1, .type = KeyType::Number, .inProject = InProject::Never,
     .help = "The same where they were cached; else as input"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).prices.cachedInput = real(e); }},
    {.key = "models.*.price.cache_write"_L1, .type = KeyType::Number, .inProject = InProject::Never,
     .help = "The same where they are written to a cache; else as input"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).prices.cacheWrite = real(e); }},
    {.key = "models.*.price.output"_L1, .type = KeyType::Number, .inProject = InProject::Never,
     .help = "The same of output tokens"_L1,
     .set = [](Draft &d, const Entry &e) { model(d, e).prices.output = real(e); }},
    {.key = "model_context_window"_L1, .type = KeyType::Integer,
     .help = "Tokens the model can see"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.contextWindow = number(e); }},
    {.key = "model_auto_compact_token_limit"_L1, .type = KeyType::Integer,
     .help = "Tokens at which the conversation is summarised; at most 90 % of the context window"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.autoCompactTokenLimit = number(e); }},
    {.key = "model_auto_compact_token_limit_scope"_L1, .type = KeyType::Choice, .choices = "total|body_after_prefix"_L1, .byDefault = "\"total\""_L1,
     .help = "What that limit counts"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.compactBodyAfterPrefix = text(e) == "body_after_prefix"_L1; }},
    {.key = "model_post_turn_compact_threshold_percent"_L1, .type = KeyType::Integer,
     .help = "How full the context must be for the conversation to be summarised when a turn has ended; never unless set"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.postTurnCompactPercent = number(e); }},
    {.key = "model_reasoning_effort"_L1, .type = KeyType::String,
     .help = "How hard the model thinks: minimal, low, medium, high …"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.reasoningEffort = text(e); }},
    {.key = "model_reasoning_summary"_L1, .type = KeyType::Choice, .choices = "auto|concise|detailed|none"_L1,
     .help = "What is shown of its thinking"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.reasoningSummary = unlessNone(e); }},
    {.key = "model_verbosity"_L1, .type = KeyType::Choice, .choices = "low|medium|high"_L1,
     .help = "How long its answers are"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.verbosity = text(e); }},
    {.key = "service_tier"_L1, .type = KeyType::String,
     .help = "fast, flex or what else the provider sells"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.serviceTier = text(e) == "fast"_L1 ? u"priority"_s : text(e); }},
    {.key = "model_instructions_file"_L1, .type = KeyType::Path,
     .help = "A text that takes the place of our base instructions"_L1,
     .set = [](Draft &d, const Entry &e) { d.modelInstructionsFile = path(e, text(e)); }},
    {.key = "instructions"_L1, .type = KeyType::String,
     .help = "The same, inline; the file wins"_L1,
     .set = [](Draft &d, const Entry &e) { d.instructions = text(e); }},
    {.key = "developer_instructions"_L1, .type = KeyType::String,
     .help = "Added after the base instructions"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.developerInstructions = text(e); }},
    {.key = "compact_prompt"_L1, .type = KeyType::String,
     .help = "What the model is asked when the conversation is summarised"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.compactPrompt = text(e); }},
    {.key = "experimental_compact_prompt_file"_L1, .type = KeyType::Path,
     .help = "The same from a file; compact_prompt wins"_L1,
     .set = [](Draft &d, const Entry &e) { d.compactPromptFile = path(e, text(e)); }},
    {.key = "include_permissions_instructions"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Tell the model what the sandbox allows"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.includePermissionsInstructions = flag(e); }},
    {.key = "include_environment_context"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Tell the model folder, shell and date"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.includeEnvironmentContext = flag(e); }},
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
     .help = "Whether *KEY*, *SECRET* and *TOKEN* reach commands, too"_L1,
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
    {.key = "mcp_servers.*.command"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "The server's program"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.command = text(e); }},
    {.key = "mcp_servers.*.args"_L1, .type = KeyType::Strings, .inProject = InProject::Named, .byDefault = "[]"_L1,
     .help = "Its arguments"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.args = e.value.strings(); }},
    {.key = "mcp_servers.*.env.*"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "Its further variables"_L1,
     .set = [](Draft &d, const Entry &e) { set(server(d, e).settings.environment, e); }},
    {.key = "mcp_servers.*.env_vars"_L1, .inProject = InProject::Named,
     .help = "Variables of ours that it gets"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).envVars = names(e); }},
    {.key = "mcp_servers.*.cwd"_L1, .type = KeyType::Path, .inProject = InProject::Named,
     .help = "Where it runs"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.cwd = path(e, text(e)); }},
    {.key = "mcp_servers.*.url"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Where it is, for a server reached over HTTP"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.url = text(e); }},
    {.key = "mcp_servers.*.bearer_token_env_var"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "The variable that holds its key"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.bearerTokenEnvVar = text(e); }},
    {.key = "mcp_servers.*.bearer_token"_L1, .inProject = InProject::Named, .secret = true,
     .help = "Refused: keys do not belong into settings"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).hasLiteralToken = true; }},
    {.key = "mcp_servers.*.http_headers.*"_L1, .type = KeyType::String, .inProject = InProject::Named, .secret = true,
     .help = "Further request headers"_L1,
     .set = [](Draft &d, const Entry &e) { set(server(d, e).settings.headers, e); }},
    {.key = "mcp_servers.*.env_http_headers.*"_L1, .type = KeyType::String, .inProject = InProject::Named,
     .help = "Further request headers whose values stand in environment variables"_L1,
     .set = [](Draft &d, const Entry &e) { set(server(d, e).envHeaders, e); }},
    {.key = "mcp_servers.*.enabled"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "true"_L1,
     .help = "Whether it is used"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.enabled = flag(e); }},
    {.key = "mcp_servers.*.required"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Whether the run ends when it does not start"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.required = flag(e); }},
    {.key = "mcp_servers.*.optional"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Whether the first request goes out without it when it starts slowly"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.optional = flag(e); }},
    {.key = "mcp_servers.*.startup_timeout_sec"_L1, .type = KeyType::Number, .inProject = InProject::Named, .byDefault = "30"_L1,
     .help = "How long it may take to start"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.startupTimeout = fromSeconds(e); }},
    {.key = "mcp_servers.*.startup_timeout_ms"_L1, .type = KeyType::Milliseconds, .inProject = InProject::Named,
     .help = "The same in milliseconds"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.startupTimeout = milliseconds(e); }},
    {.key = "mcp_servers.*.tool_timeout_sec"_L1, .type = KeyType::Number, .inProject = InProject::Named, .byDefault = "300"_L1,
     .help = "How long a call may take"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.toolTimeout = fromSeconds(e); }},
    {.key = "mcp_servers.*.enabled_tools"_L1, .type = KeyType::Strings, .inProject = InProject::Named,
     .help = "The only tools to offer"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.enabledTools = e.value.strings(); }},
    {.key = "mcp_servers.*.disabled_tools"_L1, .type = KeyType::Strings, .inProject = InProject::Named, .byDefault = "[]"_L1,
     .help = "Tools not to offer"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.disabledTools = e.value.strings(); }},
    {.key = "mcp_servers.*.default_tools_approval_mode"_L1, .type = KeyType::Choice, .choices = "prompt|auto|approve"_L1, .inProject = InProject::Named, .byDefault = "\"auto\""_L1,
     .help = "Which calls run unasked"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.approval = mcpApproval(e); }},
    {.key = "mcp_servers.*.tools.*.approval_mode"_L1, .type = KeyType::Choice, .choices = "prompt|auto|approve"_L1, .inProject = InProject::Named,
     .help = "The same for one tool"_L1,
     .set = [](Draft &d, const Entry &e) { setToolApproval(d, e); }},
    {.key = "mcp_servers.*.supports_parallel_tool_calls"_L1, .type = KeyType::Boolean, .inProject = InProject::Named, .byDefault = "false"_L1,
     .help = "Whether calls may overlap"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.parallelToolCalls = flag(e); }},
    {.key = "mcp_servers.*.sandbox"_L1, .type = KeyType::Choice, .choices = "read-only|workspace-write|off"_L1, .inProject = InProject::Named, .byDefault = "\"off\""_L1,
     .help = "How a server that is a program is contained"_L1,
     .set = [](Draft &d, const Entry &e) { server(d, e).settings.sandbox = containment(e); }},
    {.key = "mcp_optional_startup_grace_ms"_L1, .type = KeyType::Milliseconds, .byDefault = "1000"_L1,
     .help = "How long the first request waits for optional servers"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.mcpOptionalStartupGrace = milliseconds(e); }},
    {.key = "web_search"_L1, .type = KeyType::Choice, .choices = "disabled|cached|live"_L1, .inProject = InProject::Stricter, .byDefault = "\"disabled\""_L1,
     .help = "Whether the provider may search the web for the model"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearch = webSearch(e); }},
    {.key = "tools.web_search"_L1, .type = KeyType::Boolean, .inProject = InProject::OnlyFalse,
     .help = "The same, as a switch"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearch = flag(e) ? WebSearch::Live : WebSearch::Disabled; }},
    {.key = "tools.web_search.context_size"_L1, .type = KeyType::Choice, .choices = "low|medium|high"_L1,
     .help = "How much of it the model reads"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.contextSize = text(e); }},
    {.key = "tools.web_search.allowed_domains"_L1, .type = KeyType::Strings, .inProject = InProject::MayNarrow,
     .help = "The only places to search"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.allowedDomains = e.value.strings(); }},
    {.key = "tools.web_search.location.country"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.country = text(e); }},
    {.key = "tools.web_search.location.city"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.city = text(e); }},
    {.key = "tools.web_search.location.region"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.region = text(e); }},
    {.key = "tools.web_search.location.timezone"_L1, .type = KeyType::String,
     .help = "Where the searcher is"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.webSearchOptions.timezone = text(e); }},
    {.key = "tools.update_plan"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Offer the model a tool to show its plan"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.updatePlanTool = flag(e); }},
    {.key = "tools.update_plan.enabled"_L1, .type = KeyType::Boolean,
     .help = "The same"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.updatePlanTool = flag(e); }},
    {.key = "tools.view_image"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Offer the model a tool to look at image files"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.viewImageTool = flag(e); }},
    {.key = "hide_agent_reasoning"_L1, .type = KeyType::Boolean, .byDefault = "false"_L1,
     .help = "Do not print the model's thinking"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.hideAgentReasoning = flag(e); }},
    {.key = "show_raw_agent_reasoning"_L1, .type = KeyType::Boolean, .byDefault = "false"_L1,
     .help = "Print it unabridged where a server shows it"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.showRawAgentReasoning = flag(e); }},
    {.key = "skills.config"_L1,
     .help = "Skills to switch off or on, by name or path"_L1,
     .set = [](Draft &d, const Entry &e) { addSkillRules(d, e); }},
    {.key = "skills.include_instructions"_L1, .type = KeyType::Boolean, .byDefault = "true"_L1,
     .help = "Tell the model which skills there are"_L1,
     .set = [](Draft &d, const Entry &e) { d.settings.includeSkillInstructions = flag(e); }},
    {.key = "features.*"_L1, .type = KeyType::Boolean,
     .help = "The reference's feature flags; most mean nothing here"_L1,
     .set = [](Draft &d, const Entry &e) { set(d.settings.features, e); }},
};
// clang-format on

} // namespace

std::span<const SettingKey> settingKeys()
{
    return table;
}

void applyValue(const SettingKey &key, const Entry &entry, Draft &draft)
{
    if (key.set)
        key.set(draft, entry);
}

std::optional<std::chrono::milliseconds> parseDuration(QStringView text)
{
    static constexpr std::pair<QLatin1StringView, qint64> units[]{
        {"ms"_L1, 1}, {"s"_L1, 1'000}, {"m"_L1, 60'000}, {"h"_L1, 3'600'000}, {"d"_L1, 86'400'000}};
    if (text.isEmpty())
        return {};
    qint64 total = 0;
    while (!text.isEmpty()) {
        const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
        const auto digits = std::find_if_not(text.begin(), text.end(), isDigit) - text.begin();
        const QStringView rest = text.sliced(digits);
        const QStringView name = rest.first(std::find_if(rest.begin(), rest.end(), isDigit) - rest.begin());
        const auto unit = std::ranges::find_if(units, [&](const auto &known) { return known.first == name; });
        if (digits == 0 || digits > 12 || unit == std::end(units))
            return {};
        total += text.first(digits).toLongLong() * unit->second;
        text = rest.sliced(name.size());
    }
    return std::chrono::milliseconds(total);
}

} // namespace nightshift::config
