#pragma once
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::config {

/// What we know of a model; `known` is false, and the rest the reference's fallback, for one we do not.
/// A vendor in front (`openai/…`) and a tag `:latest` do not matter.
ModelInfo modelInfo(const QString &slug);

/// The model of a provider when none is named; empty where there is none.
QString defaultModel(const QString &providerId);

/// The models of a catalogue file in the reference's form (model_catalog_json).
Result<std::vector<ModelInfo>> readCatalogue(const QString &path);

} // namespace nightshift::config
