#pragma once
#include "base/jsonreader.h"
#include "base/result.h"
#include "domain/settings.h"

namespace nightshift::config {

/// What is known of models: our own catalogue (resources/config/models.json), or a file in the reference's
/// form in its place. Read where it is used, model by model: a run needs one.
class ModelCatalogue
{
public:
    /// Our own.
    ModelCatalogue();
    /// The file that model_catalog_json names.
    static Result<ModelCatalogue> read(const QString &path);

    /// What is known of a model; `known` is false, and the rest the reference's fallback, for one that is not
    /// listed. A vendor in front (`openai/…`) and a tag `:latest` do not matter.
    ModelInfo info(const QString &slug) const;

    /// The model of a provider when none is named; empty where there is none.
    QString defaultModel(const QString &providerId) const;

    /// Of all that are listed.
    QStringList slugs() const;
    /// The month its prices were last looked at, "2026-11"; empty where nobody says.
    QString pricesAsOf() const;

private:
    explicit ModelCatalogue(std::shared_ptr<const JsonDocument> document)
        : m_document(std::move(document))
    {}

    std::shared_ptr<const JsonDocument> m_document;
};

/// Whether two names mean one model, but for a vendor in front and a tag `:latest`.
bool isSameModel(QStringView one, QStringView other);

} // namespace nightshift::config
