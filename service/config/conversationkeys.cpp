#include "config/keytables.h"
#include "config/settingvalues.h"

using namespace Qt::StringLiterals;

namespace nightshift::config::keys {

namespace {

std::optional<QString> unlessNone(const Entry &e)
{
    return text(e) == "none"_L1 ? std::nullopt : std::optional(text(e));
}

// clang-format off: a row is read across
constexpr SettingKey table[]{
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
};
// clang-format on

} // namespace

std::span<const SettingKey> conversationKeys()
{
    return table;
}

} // namespace nightshift::config::keys
