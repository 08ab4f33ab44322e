#pragma once
#include "batch/options.h"
#include "batch/surroundings.h"

namespace nightshift::batch {

/// The settings of one item: the defaults with what its options say. Loads files only for another model, provider
/// or folder.
class ItemSettings
{
public:
    explicit ItemSettings(const Surroundings &surroundings)
        : m_surroundings(surroundings)
    {}
    Result<Settings> of(const Options &options);

private:
    Result<Settings> load(const Options &options) const;

    const Surroundings &m_surroundings;
    std::vector<std::pair<QString, Settings>> m_loaded; ///< By what was asked for.
};

} // namespace nightshift::batch
