#pragma once
#include "batch/itembounds.h"
#include "batch/options.h"
#include "batch/surroundings.h"

namespace nightshift::batch {

/// The settings of one item: the defaults with what its options say. Loads files only for another model, provider
/// or folder.
class ItemSettings
{
public:
    /// Without bounds items may ask for whatever the settings' own rules allow.
    explicit ItemSettings(const Surroundings &surroundings, std::optional<ItemBounds> bounds = {})
        : m_surroundings(surroundings)
        , m_bounds(std::move(bounds))
    {}
    Result<Settings> of(const Options &options);
    const std::optional<ItemBounds> &bounds() const { return m_bounds; }

private:
    Result<Settings> load(const Options &options) const;

    const Surroundings &m_surroundings;
    const std::optional<ItemBounds> m_bounds;
    std::vector<std::pair<QString, Settings>> m_loaded; ///< By what was asked for.
};

} // namespace nightshift::batch
