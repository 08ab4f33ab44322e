#include "config/keytables.h"
#include "config/settingvalues.h"

using namespace Qt::StringLiterals;

namespace nightshift::config::keys {

namespace {

WireApi wireApi(const Entry &e)
{
    using enum WireApi;
    return chosen<WireApi>(e, {{"responses"_L1, Responses}, {"chat"_L1, Chat}, {"messages"_L1, Messages}});
}

double real(const Entry &e)
{
    const double *value = std::get_if<double>(&e.value.data);
    return value ? *value : double(number(e));
}

ProviderTable &provider(Draft &d, const Entry &e)
{
    ProviderTable &table = d.providers[e.path[1]];
    table.settings.id = e.path[1];
    return table;
}

ModelTable &model(Draft &d, const Entry &e)
{
    return d.models[e.path[1]];
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
};
// clang-format on

} // namespace

std::span<const SettingKey> providerKeys()
{
    return table;
}

} // namespace nightshift::config::keys
