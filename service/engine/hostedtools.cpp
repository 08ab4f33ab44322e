#include "hostedtools.h"

namespace nightshift::engine {

using json::object;

static std::optional<QString> given(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

static std::optional<RawJson> userLocation(const WebSearchOptions &options)
{
    if (options.country.isEmpty() && options.city.isEmpty() && options.region.isEmpty() && options.timezone.isEmpty())
        return {};
    return object({{"type", "approximate"},
                   {"country", given(options.country)},
                   {"region", given(options.region)},
                   {"city", given(options.city)},
                   {"timezone", given(options.timezone)}});
}

std::vector<RawJson> hostedTools(const Settings &settings)
{
    if (settings.webSearch == WebSearch::Disabled || settings.provider.wireApi != WireApi::Responses)
        return {};
    const WebSearchOptions &options = settings.webSearchOptions;
    std::optional<RawJson> filters;
    if (!options.allowedDomains.isEmpty())
        filters = object({{"allowed_domains", json::array(options.allowedDomains)}});
    // The reference asks for it where it knows the model; other servers may not know the word.
    std::optional<RawJson> contentTypes;
    if (settings.modelInfo.known && settings.modelInfo.images)
        contentTypes = json::array(QStringList{QStringLiteral("text"), QStringLiteral("image")});
    return {object({{"type", "web_search"},
                    {"external_web_access", settings.webSearch == WebSearch::Live},
                    {"search_context_size", given(options.contextSize)},
                    {"filters", filters},
                    {"user_location", userLocation(options)},
                    {"search_content_types", contentTypes}})};
}

} // namespace nightshift::engine
