#include "modelcatalogue.h"
#include "base/jsonreader.h"
#include <QFile>

using namespace Qt::StringLiterals;

namespace nightshift::config {

namespace {

enum Trait { FreeformPatch = 1, Images = 2, OriginalDetail = 4, Verbosity = 8 };

/// A constant rather than a file: nothing to parse at start.
struct Row
{
    QLatin1StringView slug;
    qint64 contextWindow;
    int traits;
    QLatin1StringView effort = {}; ///< Sent when the user names none; empty sends none.
    QLatin1StringView verbosity = {};
};

constexpr int openai = FreeformPatch | Images | OriginalDetail | Verbosity;
constexpr qint64 k = 1000;

// Sources: the reference's bundled catalogue (its own models), the vendors' model pages (the others).
constexpr Row rows[]{
    {"gpt-6.1-sol"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-6.1-terra"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-6-astra"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-6-sol"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-6-luna"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-5.6-sol"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-5.6-terra"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-5.6-luna"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-5.5"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-daybreak-blue-latest"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"gpt-daybreak-red-latest"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"codex-auto-review"_L1, 272 * k, openai, "medium"_L1, "low"_L1},
    {"claude-opus-4-5"_L1, 200 * k, Images},
    {"claude-opus-4-1"_L1, 200 * k, Images},
    {"claude-sonnet-4-5"_L1, 200 * k, Images},
    {"claude-haiku-4-5"_L1, 200 * k, Images},
    {"gpt-oss:20b"_L1, 131'072, 0},
    {"gpt-oss:120b"_L1, 131'072, 0},
    {"gpt-oss-20b"_L1, 131'072, 0},
    {"gpt-oss-120b"_L1, 131'072, 0},
    {"llama3.1"_L1, 131'072, 0},
    {"llama3.3"_L1, 131'072, 0},
    {"qwen3-coder"_L1, 262'144, 0},
    {"devstral"_L1, 131'072, 0},
    {"demo"_L1, 272 * k, FreeformPatch},
};

const Row *find(QStringView slug)
{
    for (const Row &row : rows) {
        if (row.slug == slug)
            return &row;
    }
    return nullptr;
}

std::optional<QString> unlessEmpty(const QString &text)
{
    return text.isEmpty() ? std::nullopt : std::optional(text);
}

} // namespace

ModelInfo modelInfo(const QString &slug)
{
    QStringView name = slug;
    if (name.endsWith(u":latest"))
        name.chop(7);
    const Row *row = find(name);
    if (!row)
        row = find(name.sliced(name.lastIndexOf(u'/') + 1));
    if (!row)
        return {.slug = slug};
    return {.slug = slug,
            .known = true,
            .contextWindow = row->contextWindow,
            .freeformPatch = bool(row->traits & FreeformPatch),
            .images = bool(row->traits & Images),
            .originalImageDetail = bool(row->traits & OriginalDetail),
            .verbosity = bool(row->traits & Verbosity),
            .defaultReasoningEffort = unlessEmpty(row->effort),
            .defaultVerbosity = unlessEmpty(row->verbosity)};
}

QString defaultModel(const QString &providerId)
{
    static constexpr std::pair<QLatin1StringView, QLatin1StringView> defaults[]{
        {"openai"_L1, "gpt-6.1-sol"_L1},
        {"ollama"_L1, "gpt-oss:20b"_L1},
        {"lmstudio"_L1, "openai/gpt-oss-20b"_L1},
        {"anthropic"_L1, "claude-sonnet-4-5"_L1},
        {"demo"_L1, "demo"_L1},
    };
    for (const auto &[provider, model] : defaults) {
        if (provider == providerId)
            return model;
    }
    return {};
}

Result<std::vector<ModelInfo>> readCatalogue(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::Kind::NotFound, u"model_catalog_json %1 cannot be read: %2"_s.arg(path, file.errorString()));
    const auto document = JsonDocument::parse(file.readAll());
    if (!document)
        return failAt(path, document.error());
    if (!document->root()["models"].isArray())
        return fail(Error::Kind::Invalid, path + u": expected an object with a list named \"models\""_s);
    std::vector<ModelInfo> models;
    for (const JsonView model : document->root()["models"].items()) {
        if (!model["slug"].isString())
            return fail(Error::Kind::Invalid, path + u": every model needs a string named \"slug\""_s);
        ModelInfo info{.slug = model["slug"].toString(), .known = true};
        info.contextWindow = model["context_window"].toInteger(info.contextWindow);
        info.freeformPatch = model["apply_patch_tool_type"].toString() == "freeform"_L1;
        info.originalImageDetail = model["supports_image_detail_original"].toBool();
        info.verbosity = model["support_verbosity"].toBool();
        info.defaultReasoningEffort = unlessEmpty(model["default_reasoning_level"].toString());
        info.defaultVerbosity = unlessEmpty(model["default_verbosity"].toString());
        if (const JsonView limit = model["auto_compact_token_limit"]; limit.isInteger())
            info.autoCompactTokenLimit = limit.toInteger();
        if (model["truncation_policy"]["mode"].toString() == "tokens"_L1)
            info.outputTruncationTokens = model["truncation_policy"]["limit"].toInteger(info.outputTruncationTokens);
        if (const JsonView modalities = model["input_modalities"]; modalities.isArray()) {
            info.images = false;
            for (const JsonView modality : modalities.items())
                info.images = info.images || modality.toString() == "image"_L1;
        }
        models.push_back(std::move(info));
    }
    return models;
}

} // namespace nightshift::config
