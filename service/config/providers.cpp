#include "providers.h"
#include "config/authfile.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

struct BuiltIn
{
    QLatin1StringView id;
    QLatin1StringView name;
    QLatin1StringView baseUrl;
    WireApi wireApi;
    QLatin1StringView envKey = {}; ///< Of openai: see openAiKey().
};

constexpr BuiltIn builtIns[]{
    {"openai"_L1, "OpenAI"_L1, "https://api.openai.com/v1"_L1, WireApi::Responses},
    {"ollama"_L1, "Ollama"_L1, "http://localhost:11434/v1"_L1, WireApi::Chat},
    {"lmstudio"_L1, "LM Studio"_L1, "http://localhost:1234/v1"_L1, WireApi::Chat},
    {"anthropic"_L1, "Anthropic"_L1, "https://api.anthropic.com/v1"_L1, WireApi::Messages, "ANTHROPIC_API_KEY"_L1},
    {"openrouter"_L1, "OpenRouter"_L1, "https://openrouter.ai/api/v1"_L1, WireApi::Chat, "OPENROUTER_API_KEY"_L1},
    {"demo"_L1, "Demonstration"_L1, ""_L1, WireApi::Responses},
};

const BuiltIn *builtIn(QStringView id)
{
    for (const BuiltIn &known : builtIns) {
        if (known.id == id)
            return &known;
    }
    return nullptr;
}

QString demoHint()
{
    return u"`--provider demo` works without a key"_s;
}

/// Of OpenAI, and of providers that say requires_openai_auth.
void takeOpenAiKey(ProviderSettings &provider, const QString &configHome, const Environment &environment)
{
    const QString inEnvironment =
        firstSet(environment, {u"NIGHTSHIFT_API_KEY"_s, u"CODEX_API_KEY"_s, u"OPENAI_API_KEY"_s});
    if (!inEnvironment.isEmpty()) {
        provider.key = Secret(inEnvironment.toUtf8());
        return;
    }
    const StoredLogin login = readLogin(configHome);
    provider.key = login.apiKey;
    if (!provider.key.isEmpty())
        return;
    provider.keyProblem = u"There is no key for the provider `%1`: set NIGHTSHIFT_API_KEY or OPENAI_API_KEY, or run "
                          "`nightshift login --with-api-key`%2; %3"_s.arg(
                              provider.id,
                              login.chatGpt ? u" (the login in auth.json is a ChatGPT subscription's, which only "
                                              "the reference can use)"_s
                                            : QString(),
                              demoHint());
}

ProviderSettings resolveBuiltIn(const BuiltIn &known, const Draft &draft, const Environment &environment)
{
    ProviderSettings provider{
        .id = known.id, .name = known.name, .baseUrl = known.baseUrl, .wireApi = known.wireApi, .envKey = known.envKey};
    if (known.id == "openai"_L1) {
        takeOpenAiKey(provider, draft.settings.home.config, environment);
        if (!draft.openaiBaseUrl.isEmpty() && draft.openaiBaseUrl != provider.baseUrl) {
            provider.baseUrl = draft.openaiBaseUrl;
            provider.keyProblem.clear(); // whoever stands there may need no key
        }
    } else if (known.id == "ollama"_L1 || known.id == "lmstudio"_L1) {
        const QString port = environment.value(u"CODEX_OSS_PORT"_s);
        if (!port.isEmpty())
            provider.baseUrl = u"http://localhost:%1/v1"_s.arg(port);
        if (const QString url = environment.value(u"CODEX_OSS_BASE_URL"_s); !url.isEmpty())
            provider.baseUrl = url;
    } else if (!provider.envKey.isEmpty()) {
        provider.key = Secret(environment.value(provider.envKey).toUtf8());
        if (provider.key.isEmpty())
            provider.keyProblem =
                u"There is no key for the provider `%1`: set %2; %3"_s.arg(provider.id, provider.envKey, demoHint());
    }
    return provider;
}

Result<ProviderSettings> resolveTable(const ProviderTable &table, const Draft &draft, const Environment &environment)
{
    ProviderSettings provider = table.settings;
    if (provider.baseUrl.isEmpty())
        return fail(Error::Kind::Invalid, u"model_providers.%1 has no base_url"_s.arg(provider.id));
    if (provider.name.isEmpty())
        provider.name = provider.id;
    for (const auto &[header, variable] : table.envHeaders) {
        if (const QString value = environment.value(variable); !value.isEmpty())
            provider.headers.emplace_back(header, value);
    }
    if (!table.authCommand.isEmpty()) {
        provider.tokenCommand = table.tokenCommand;
        provider.tokenCommand->argv = QStringList{table.authCommand} + table.authArgs;
        if (provider.tokenCommand->cwd.isEmpty())
            provider.tokenCommand->cwd = draft.settings.cwd;
    } else if (!provider.envKey.isEmpty()) {
        provider.key = Secret(environment.value(provider.envKey).trimmed().toUtf8());
        if (provider.key.isEmpty()) { // the reference's sentence: clients look for it
            provider.missingKey = u"Missing environment variable: `%1`."_s.arg(provider.envKey);
            if (!provider.envKeyInstructions.isEmpty())
                provider.missingKey += u' ' + provider.envKeyInstructions;
        }
    } else if (!table.bearerToken.isEmpty()) {
        provider.key = table.bearerToken;
    } else if (table.requiresOpenAiAuth) {
        takeOpenAiKey(provider, draft.settings.home.config, environment);
    }
    return provider;
}

} // namespace

bool isBuiltInProvider(QStringView id)
{
    return builtIn(id);
}

QStringList credentialVariables(const Draft &draft)
{
    QStringList names{u"NIGHTSHIFT_API_KEY"_s, u"CODEX_API_KEY"_s, u"OPENAI_API_KEY"_s};
    for (const BuiltIn &known : builtIns)
        names += known.envKey;
    const auto add = [&names](const auto &headers) {
        for (const auto &[header, variable] : headers)
            names += variable;
    };
    for (const auto &[id, table] : draft.providers) {
        names += table.settings.envKey;
        add(table.envHeaders);
    }
    for (const auto &[name, table] : draft.mcpServers) {
        names += table.settings.bearerTokenEnvVar;
        add(table.envHeaders);
    }
    names.removeAll(QString());
    names.removeDuplicates();
    return names;
}

Result<ProviderSettings> resolveProvider(const Draft &draft, const Environment &environment)
{
    for (const auto &[id, table] : draft.providers) {
        if (isBuiltInProvider(id))
            return fail(
                Error::Kind::Invalid,
                u"model_providers.%1: the built-in provider `%1` cannot be redefined, choose another name"_s.arg(id));
    }
    if (const BuiltIn *known = builtIn(draft.modelProvider))
        return resolveBuiltIn(*known, draft, environment);
    const auto table = draft.providers.find(draft.modelProvider);
    if (table == draft.providers.end())
        return fail(
            Error::Kind::NotFound,
            u"Model provider `%1` not found: it is neither built in nor in model_providers"_s.arg(draft.modelProvider));
    return resolveTable(table->second, draft, environment);
}

} // namespace nightshift::config
