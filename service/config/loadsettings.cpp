#include "loadsettings.h"
#include "base/boundedfile.h"
#include "config/configfile.h"
#include "config/home.h"
#include "config/layers.h"
#include "config/overrides.h"
#include "config/permissions.h"
#include "config/providers.h"
#include "config/requirements.h"
#include "config/resolvemodel.h"
#include "config/rules.h"
#include "config/settingkeys.h"
#include "config/sightings.h"
#include "configtexts.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

Result<std::vector<Entry>> parseOverrides(const LoadOptions &options)
{
    std::vector<Entry> all;
    for (const QString &text : options.overrides) {
        auto entries = parseOverride(text);
        if (!entries)
            return std::unexpected(entries.error());
        for (Entry &entry : *entries) {
            entry.base = options.cwd;
            all.push_back(std::move(entry));
        }
    }
    return all;
}

/// The flags that stand for a setting, as entries above all layers.
Result<> addFlags(Layers &layers, const LoadOptions &options)
{
    const auto add = [&](const QString &key, const QString &value, const QString &flag) {
        return addEntry(layers, {{key}, {value}, {LayerKind::Flag, flag}, options.cwd}, true);
    };
    Result<> added;
    const auto addIf = [&](const std::optional<QString> &value, const QString &key, const QString &flag) {
        if (value && added)
            added = add(key, *value, flag);
    };
    addIf(options.model, u"model"_s, u"-m"_s);
    addIf(options.localProvider, u"oss_provider"_s, u"--local-provider"_s);
    if (options.oss && added && !options.provider) {
        const Entry *local = find(layers.entries, {u"oss_provider"_s});
        if (!local)
            return fail(Error::Kind::Invalid,
                        u"--oss needs to know where: add --local-provider lmstudio or --local-provider "
                        "ollama, or set oss_provider to one of them"_s);
        const QString id = *local->value.string();
        added = add(u"model_provider"_s, id, u"--oss"_s);
    }
    addIf(options.provider, u"model_provider"_s, u"--provider"_s);
    if (options.yolo)
        addIf(u"danger-full-access"_s, u"sandbox_mode"_s, u"--dangerously-bypass-approvals-and-sandbox"_s);
    else if (options.sandbox)
        addIf(QString(sandboxModeName(*options.sandbox)), u"sandbox_mode"_s, u"-s"_s);
    else if (options.fullAuto)
        addIf(u"workspace-write"_s, u"sandbox_mode"_s, u"--full-auto"_s);
    return added;
}

Result<QString> readText(const QString &path, const QString &key)
{
    noteSight(path);
    const auto text = readBounded(path, fileuse::settingsText);
    if (!text)
        return failAt(u"%1: %2 cannot be read"_s.arg(key, path), text.error());
    return QString::fromUtf8(*text);
}

Result<> resolveTexts(Draft &draft)
{
    Settings &settings = draft.settings;
    settings.baseInstructions = draft.instructions.isEmpty() ? QString::fromUtf8(baseInstructions) : draft.instructions;
    if (!draft.modelInstructionsFile.isEmpty()) {
        const auto text = readText(draft.modelInstructionsFile, u"model_instructions_file"_s);
        if (!text)
            return std::unexpected(text.error());
        settings.baseInstructions = *text;
    }
    if (settings.compactPrompt.isEmpty() && !draft.compactPromptFile.isEmpty()) {
        const auto text = readText(draft.compactPromptFile, u"experimental_compact_prompt_file"_s);
        if (!text)
            return std::unexpected(text.error());
        settings.compactPrompt = *text;
    }
    if (settings.compactPrompt.isEmpty())
        settings.compactPrompt = QString::fromUtf8(compactPrompt);
    return {};
}

Result<> resolveMcpServers(Draft &draft, const Environment &environment)
{
    for (auto &[name, table] : draft.mcpServers) {
        McpServerSettings &server = table.settings;
        if (!server.command.isEmpty() && !server.url.isEmpty())
            return fail(Error::Kind::Invalid,
                        u"mcp_servers.%1: url is not supported for stdio; give either `command` or `url`"_s.arg(name));
        if (server.command.isEmpty() && server.url.isEmpty())
            return fail(Error::Kind::Invalid, u"mcp_servers.%1 needs either `command` or `url`"_s.arg(name));
        if (table.hasLiteralToken)
            return fail(Error::Kind::Invalid, u"mcp_servers.%1: bearer_token is not supported; put the key into a "
                                              "variable and name that in bearer_token_env_var"_s.arg(name));
        for (const QString &variable : table.envVars) {
            if (environment.contains(variable))
                server.environment.emplace_back(variable, environment.value(variable));
        }
        for (const auto &[header, variable] : table.envHeaders) {
            if (const QString value = environment.value(variable); !value.isEmpty())
                server.headers.emplace_back(header, value);
        }
        if (!server.bearerTokenEnvVar.isEmpty())
            server.bearerToken = Secret(environment.value(server.bearerTokenEnvVar).toUtf8());
        draft.settings.mcpServers.push_back(server);
    }
    return {};
}

Result<> resolveRules(Settings &settings, const LoadOptions &options)
{
    if (options.ignoreRules)
        return {};
    auto rules = readRules(settings);
    if (!rules)
        return std::unexpected(rules.error());
    settings.commandRules = *std::move(rules);
    return {};
}

void resolveProxy(Settings &settings, const Environment &environment)
{
    settings.proxy.https = firstSet(environment, {u"HTTPS_PROXY"_s, u"https_proxy"_s, u"ALL_PROXY"_s, u"all_proxy"_s});
    // HTTP_PROXY in capitals is what a web server calls a request header; everybody reads the small one
    settings.proxy.http = firstSet(environment, {u"http_proxy"_s, u"HTTP_PROXY"_s, u"ALL_PROXY"_s, u"all_proxy"_s});
    const QString exceptions = firstSet(environment, {u"NO_PROXY"_s, u"no_proxy"_s});
    for (const QString &exception : exceptions.split(u',', Qt::SkipEmptyParts))
        settings.proxy.noProxy += exception.trimmed();
}

/// sandbox_mode, wherever it is set, beats a permission profile, as it does in the reference.
Result<> resolveSandbox(Draft &draft, const LoadOptions &options, const Layers &layers)
{
    Settings &settings = draft.settings;
    if (!draft.defaultPermissions.isEmpty() && !find(layers.entries, {u"sandbox_mode"_s})) {
        auto policy = resolvePermissions(draft.defaultPermissions, draft.permissions, options.cwd);
        if (!policy)
            return std::unexpected(policy.error());
        settings.sandbox = *std::move(policy);
    }
    for (const QString &dir : options.addDirs)
        settings.sandbox.writableRoots += QDir::cleanPath(QDir(options.cwd).absoluteFilePath(dir));
    settings.sandbox.writableRoots.removeDuplicates();
    const bool mayAnswer =
        options.answerable || std::ranges::contains(settings.hooks, u"PermissionRequest"_s, &HookSettings::event);
    const bool mayAsk =
        mayAnswer && (draft.approvalPolicy == u"on-request"_s || draft.approvalPolicy == u"on-failure"_s);
    settings.approval = mayAsk && !options.yolo ? ApprovalPolicy::OnRequest : ApprovalPolicy::Never;
    return {};
}

/// The features by which older clients switched it on; the setting itself beats them, and a project may not loosen.
void resolveWebSearch(Settings &settings, const Layers &layers)
{
    const auto isOn = [&layers](const QString &feature) {
        const Entry *entry = find(layers.entries, {u"features"_s, feature});
        return entry && entry->origin.layer != LayerKind::Project && entry->value == Value{true};
    };
    const bool isSet = find(layers.entries, {u"web_search"_s}) || find(layers.entries, {u"tools"_s, u"web_search"_s});
    if (!isSet && isOn(u"web_search_request"_s))
        settings.webSearch = WebSearch::Live;
    else if (!isSet && isOn(u"web_search_cached"_s))
        settings.webSearch = WebSearch::Cached;
    if (settings.webSearch != WebSearch::Disabled && settings.provider.wireApi != WireApi::Responses)
        settings.notices += u"Web search is switched on, but the provider `%1` cannot search: models are not offered "
                            "it."_s.arg(settings.provider.id);
}

void say(Settings &settings, const LoadOptions &options, const Layers &layers)
{
    if (settings.home.adopted)
        settings.startupLines +=
            u"Using the settings, key and sessions in %1; set NIGHTSHIFT_HOME, or create %2, to keep "
            "our own"_s.arg(settings.home.config, u"~/.config/nightshift"_s);
    if (options.fullAuto)
        settings.startupLines += u"`--full-auto` is deprecated: it means `--sandbox workspace-write`"_s;
    settings.startupLines += layers.startupLines;
    settings.notices += layers.notices;
    if (const qsizetype count = layers.unknown.size())
        settings.notices += u"nightshift is ignoring %1 unrecognized configuration setting%2: %3"_s.arg(
            QString::number(count), count == 1 ? QString() : u"s"_s, layers.unknown.join(u", "));
}

Result<> resolve(Draft &draft, const LoadOptions &options, const Layers &layers)
{
    Settings &settings = draft.settings;
    settings.projectRoot = layers.projectRoot;
    settings.trustedProject = layers.trustedProject;
    if (const QString name = options.environment.value(u"CODEX_INTERNAL_ORIGINATOR_OVERRIDE"_s); !name.isEmpty())
        settings.originator = name;
    if (draft.modelProvider.isEmpty())
        draft.modelProvider = u"openai"_s;
    resolveProxy(settings, options.environment);
    if (const auto sandbox = resolveSandbox(draft, options, layers); !sandbox)
        return sandbox;
    say(settings, options, layers);
    settings.environment.exclude += credentialVariables(draft); // by their exact names
    auto provider = resolveProvider(draft, options.environment);
    if (!provider)
        return std::unexpected(provider.error());
    settings.provider = *std::move(provider);
    resolveWebSearch(settings, layers);
    const ProviderTable *table =
        draft.providers.contains(settings.provider.id) ? &draft.providers[settings.provider.id] : nullptr;
    if (draft.retryDeadline && !(table && table->hasRetryDeadline))
        settings.provider.retryDeadline = *draft.retryDeadline;
    return resolveModel(draft)
        .and_then([&] { return resolveTexts(draft); })
        .and_then([&] { return resolveMcpServers(draft, options.environment); })
        .and_then([&] { return resolveRules(settings, options); })
        .and_then([&] { return applyRequirements(options, settings); });
}

} // namespace

Result<LoadedSettings> loadSettings(const LoadOptions &given)
{
    LoadOptions options = given;
    if (options.profile && !isProfileName(*options.profile))
        return fail(Error::Kind::Usage,
                    u"-p %1: a profile's name has letters, digits, `_`, `-` and `.` only"_s.arg(*options.profile));
    noteSight(given.cwd);
    options.cwd = QFileInfo(given.cwd).canonicalFilePath();
    const auto overrides = parseOverrides(options);
    if (!overrides)
        return std::unexpected(overrides.error());
    if (options.cwd.isEmpty() || !QFileInfo(options.cwd).isDir())
        return fail(Error::Kind::NotFound, u"the working folder %1 does not exist"_s.arg(given.cwd));
    const auto home = resolveHome(options.environment);
    if (!home)
        return std::unexpected(home.error());
    auto layers = readLayers(options, *home, *overrides);
    if (!layers)
        return std::unexpected(layers.error());
    if (const auto added = addFlags(*layers, options); !added)
        return std::unexpected(added.error());

    Draft draft;
    draft.settings.home = *home;
    draft.settings.home.user = firstSet(options.environment, {u"HOME"_s});
    draft.settings.cwd = options.cwd;
    for (const Entry &entry : layers->entries)
        applyValue(*matchKey(entry.path).key, entry, draft);
    if (const auto resolved = resolve(draft, options, *layers); !resolved)
        return std::unexpected(resolved.error());
    return LoadedSettings{std::move(draft.settings), std::move(layers->entries), draft.costSource};
}

bool isProfileName(QStringView name)
{
    bool onlyDots = true;
    for (const QChar c : name) {
        const bool plain = (c < u'\x80' && c.isLetterOrNumber()) || c == u'_' || c == u'-';
        if (!plain && c != u'.')
            return false;
        onlyDots = onlyDots && !plain;
    }
    return !onlyDots;
}

Result<> trustProject(const QString &configHome, const QString &root)
{
    const QString path = configHome + u"/config.toml"_s;
    const auto entries = readConfigFile(path, LayerKind::User);
    if (!entries)
        return std::unexpected(entries.error());
    if (const Entry *entry = find(*entries, {u"projects"_s, root, u"trust_level"_s})) {
        if (entry->value == Value{u"trusted"_s})
            return {};
        return fail(Error::Kind::Invalid, u"%1: trust_level of %2 is %3; change it there"_s.arg(
                                              entry->origin.text(), root, entry->value.toml()));
    }
    QDir().mkpath(configHome);
    QFile file(path);
    const QString lines = u"\n[%1]\ntrust_level = \"trusted\"\n"_s.arg(dottedKey({u"projects"_s, root}));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Append, QFile::ReadOwner | QFile::WriteOwner) ||
        file.write(lines.toUtf8()) < 0)
        return fail(Error::Kind::Denied, u"%1 cannot be written: %2"_s.arg(path, file.errorString()));
    return {};
}

} // namespace nightshift::config
