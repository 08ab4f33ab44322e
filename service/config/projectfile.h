#pragma once
#include "base/boundedfile.h"
#include "domain/settings.h"

namespace nightshift::config {

/// The folder that a project's own files may not lead out of, with no link in it; empty for a trusted project, whose
/// links are followed wherever they lead.
QString fenceOf(const Settings &settings);
QString fenceOf(const QString &projectRoot, bool isTrusted);

/// Whether `path` leads out of the fence: it or a folder above it is a link, or a chain of links, to somewhere else.
/// Nothing leads out of an empty fence, and what does not exist leads nowhere.
bool leadsOut(const QString &path, const QString &fence);

/// The file, as readBounded() reads it, unless it leads out of the fence: then Denied. A link that is put on the way
/// after it was looked at is not followed either.
Result<QByteArray> readFenced(const QString &path, const QString &fence, const FileUse &use);

/// Says on stderr, once for each path, that it is not read, why, and, of a link, what would change that.
void warnUnread(const QString &path, const QString &reason);
void warnOfLink(const QString &path, const QString &fence);

} // namespace nightshift::config
