#pragma once
#include "store/bundle.h"

namespace nightshift::archive {

/// Unpacks what lies below `bundle/` in a tar.gz or a zip into an empty folder, for this user only. The archive is a
/// stranger's: links, devices, names that are absolute, dotted, double or no text, more than the limits allow, and all
/// that is damaged are Invalid.
Result<std::vector<store::UnpackedFile>> unpack(const QString &archive, const QString &folder,
                                                const store::UnpackLimits &limits = {});

} // namespace nightshift::archive
