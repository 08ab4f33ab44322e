#include "modelcatalogue.h"
#include "base/boundedfile.h"
#include "config/sightings.h"
#include "configtexts.h"
#include <algorithm>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

QStringView bareName(QStringView name)
{
    if (name.endsWith(u":latest"))
        name.chop(7);
    return name.sliced(name.lastIndexOf(u'/') + 1);
}

std::optional<QString> maybeText(JsonView value)
{
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

std::optional<ModelPrices> readPrices(JsonView value)
{
    if (!value["input"].isNumber() || !value["output"].isNumber())
        return {};
    const double input = value["input"].toDouble();
    const JsonView beyond = value["long"];
    return ModelPrices{.input = input,
                       .cachedInput = value["cached_input"].toDouble(input),
                       .cacheWrite = value["cache_write"].toDouble(input),
                       .output = value["output"].toDouble(),
                       .longAboveTokens = beyond["above_input_tokens"].toInteger(),
                       .longInputFactor = beyond["input_factor"].toDouble(1),
                       .longOutputFactor = beyond["output_factor"].toDouble(1)};
}

bool listsImages(JsonView modalities)
{
    return std::ranges::any_of(modalities.items(), [](JsonView each) { return each.utf8() == "image"; });
}

ModelInfo readModel(JsonView model, const QString &slug)
{
    ModelInfo info{.slug = slug, .known = true};
    info.contextWindow = model["context_window"].toInteger(info.contextWindow);
    info.freeformPatch = model["apply_patch_tool_type"].utf8() == "freeform";
    info.images = model["input_modalities"].isArray() ? listsImages(model["input_modalities"]) : info.images;
    info.originalImageDetail = model["supports_image_detail_original"].toBool();
    info.verbosity = model["support_verbosity"].toBool();
    info.defaultReasoningEffort = maybeText(model["default_reasoning_level"]);
    info.defaultVerbosity = maybeText(model["default_verbosity"]);
    if (const JsonView limit = model["auto_compact_token_limit"]; limit.isInteger())
        info.autoCompactTokenLimit = limit.toInteger();
    if (model["truncation_policy"]["mode"].utf8() == "tokens")
        info.outputTruncationTokens = model["truncation_policy"]["limit"].toInteger(info.outputTruncationTokens);
    info.prices = readPrices(model["usd_per_million_tokens"]);
    return info;
}

bool isCalled(JsonView model, QStringView name)
{
    const auto matches = [name](JsonView text) { return text.toString() == name; };
    return matches(model["slug"]) || std::ranges::any_of(model["aliases"].items(), matches);
}

Result<> checkCatalogue(JsonView root)
{
    if (!root["models"].isArray())
        return fail(Error::Kind::Invalid, u"expected an object with a list named \"models\""_s);
    for (const JsonView model : root["models"].items()) {
        if (!model["slug"].isString())
            return fail(Error::Kind::Invalid, u"every model needs a string named \"slug\""_s);
    }
    return {};
}

} // namespace

ModelCatalogue::ModelCatalogue()
{
    if (auto document = JsonDocument::parse(modelCatalogue)) // a test reads it: it is well-formed
        m_document = std::make_shared<const JsonDocument>(*std::move(document));
}

Result<ModelCatalogue> ModelCatalogue::read(const QString &path)
{
    noteSight(path);
    const auto text = readBounded(path, fileuse::settings);
    if (!text)
        return failAt(u"model_catalog_json %1 cannot be read"_s.arg(path), text.error());
    auto document = JsonDocument::parse(*text);
    if (!document)
        return failAt(path, document.error());
    if (const auto fine = checkCatalogue(document->root()); !fine)
        return failAt(path, fine.error());
    return ModelCatalogue(std::make_shared<const JsonDocument>(*std::move(document)));
}

ModelInfo ModelCatalogue::info(const QString &slug) const
{
    const std::vector<JsonView> models = m_document->root()["models"].items();
    const QStringView untagged = slug.endsWith(u":latest") ? QStringView(slug).chopped(7) : QStringView(slug);
    for (const QStringView name : {untagged, bareName(slug)}) {
        for (const JsonView model : models) {
            if (isCalled(model, name))
                return readModel(model, slug);
        }
    }
    return {.slug = slug};
}

QStringList ModelCatalogue::slugs() const
{
    QStringList slugs;
    for (const JsonView model : m_document->root()["models"].items())
        slugs += model["slug"].toString();
    return slugs;
}

QString ModelCatalogue::pricesAsOf() const
{
    return m_document->root()["prices_as_of"].toString();
}

QString ModelCatalogue::defaultModel(const QString &providerId) const
{
    for (const JsonView model : m_document->root()["models"].items()) {
        for (const JsonView provider : model["default_of"].items()) {
            if (provider.toString() == providerId)
                return model["slug"].toString();
        }
    }
    return {};
}

bool isSameModel(QStringView one, QStringView other)
{
    return bareName(one) == bareName(other);
}

} // namespace nightshift::config
