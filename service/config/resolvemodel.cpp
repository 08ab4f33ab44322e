#include "resolvemodel.h"
#include "config/modelcatalogue.h"

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

/// What others charge for the same models, only they and the user know.
bool chargesListPrices(QStringView provider)
{
    return provider == "openai"_L1 || provider == "anthropic"_L1 || provider == "openrouter"_L1;
}

QString nameOf(const Draft &draft, const ModelCatalogue &own)
{
    if (!draft.model.isEmpty())
        return draft.model;
    const auto table = draft.providers.find(draft.modelProvider);
    const bool likeOpenAi = table != draft.providers.end() && table->second.requiresOpenAiAuth;
    return own.defaultModel(likeOpenAi ? u"openai"_s : draft.modelProvider);
}

void lay(auto &below, const auto &over)
{
    if (over)
        below = *over;
}

Result<> layPrices(ModelInfo &info, const ModelTable::Prices &over)
{
    if (!over.input && !over.cachedInput && !over.cacheWrite && !over.output)
        return {};
    if (!info.prices && !(over.input && over.output))
        return fail(Error::Kind::Invalid,
                    u"models.\"%1\".price needs `input` and `output`: the catalogue has no prices of this model"_s.arg(
                        info.slug));
    if (!info.prices)
        info.prices = ModelPrices{.cachedInput = *over.input, .cacheWrite = *over.input};
    lay(info.prices->input, over.input);
    lay(info.prices->cachedInput, over.cachedInput);
    lay(info.prices->cacheWrite, over.cacheWrite);
    lay(info.prices->output, over.output);
    return {};
}

Result<> layTable(ModelInfo &info, const ModelTable &over)
{
    info.known = true;
    lay(info.contextWindow, over.contextWindow);
    lay(info.images, over.images);
    lay(info.freeformPatch, over.freeformPatch);
    lay(info.verbosity, over.verbosity);
    lay(info.defaultReasoningEffort, over.reasoningEffort);
    lay(info.defaultVerbosity, over.defaultVerbosity);
    return layPrices(info, over.prices);
}

} // namespace

Result<> resolveModel(Draft &draft)
{
    Settings &settings = draft.settings;
    ModelCatalogue catalogue;
    settings.model = nameOf(draft, catalogue);
    if (settings.model.isEmpty())
        return fail(
            Error::Kind::Invalid,
            u"No model: name one with -m, or set `model`; the provider `%1` has no default"_s.arg(draft.modelProvider));
    if (!draft.modelCatalogFile.isEmpty()) {
        auto named = ModelCatalogue::read(draft.modelCatalogFile);
        if (!named)
            return std::unexpected(named.error());
        catalogue = *std::move(named);
    }
    ModelInfo &info = settings.modelInfo;
    info = catalogue.info(settings.model);
    if (!chargesListPrices(draft.modelProvider) || settings.serviceTier)
        info.prices.reset(); // the catalogue's are those of the standard tier
    const auto listed = info.prices;
    for (const auto &[name, table] : draft.models) {
        if (!isSameModel(name, settings.model))
            continue;
        if (const auto laid = layTable(info, table); !laid)
            return laid;
    }
    if (info.prices)
        draft.costSource = info.prices == listed ? u"price-table "_s + catalogue.pricesAsOf() : u"settings"_s;
    if (!info.known) // the reference's words: programs look for them
        settings.notices += u"Model metadata for `%1` not found. Defaulting to fallback metadata; this can degrade "
                            "performance and cause issues."_s.arg(settings.model);
    if (settings.contextWindow)
        info.contextWindow = *settings.contextWindow;
    return {};
}

} // namespace nightshift::config
