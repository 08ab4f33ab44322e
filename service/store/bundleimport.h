#pragma once
#include "store/bundle.h"
#include "store/compression.h"

namespace nightshift::store {

/// A session that a bundle brought, or had brought before.
struct Imported
{
    QString id;
    QString path;       ///< Of its log.
    QString cwd;        ///< Where its latest turn worked, on whatever machine that was.
    bool known = false; ///< The same session was here already; nothing was changed.
    bool operator==(const Imported &) const = default;
};

/// Puts the session of the bundle at `archive` among those of STATE, whole or not at all, also when we are killed
/// meanwhile. Invalid when it is no bundle, or not as its manifest says; Denied when its id is another session's.
Result<Imported> importBundle(const QString &stateDir, const QString &archive, const Archiver &archiver,
                              const Decompress &decompress);

} // namespace nightshift::store
