#pragma once
#include "config/loadsettings.h"

namespace nightshift::config {

/// The layers laid over each other, before anything is made of them.
struct Layers
{
    std::vector<Entry> entries; ///< One for each key that was set; every value has its key's type.
    QStringList unknown;        ///< "`bogus` (config.toml:3)", in the order met.
    QStringList notices;
    QStringList startupLines;
    QString projectRoot;
    bool trustedProject = false;
};

/// `overrides` are the parsed -c. Flags come later: they stand above all layers.
Result<Layers> readLayers(const LoadOptions &options, const Home &home, const std::vector<Entry> &overrides);

/// Checks one entry and lays it over the others; unknown keys are noted, or an error when `strict`.
Result<> addEntry(Layers &layers, Entry entry, bool strict);

} // namespace nightshift::config
