#pragma once
#include "store/compression.h"
#include "store/sessionfiles.h"

namespace nightshift::store {

/// What is done to a session's log as a whole. Each takes the session's lock first, so that nobody writes it
/// meanwhile; the index follows. The path of what results is returned.

/// Into archived_sessions, where it is neither listed nor resumed.
Result<QString> archive(const QString &stateDir, const SessionFile &file);
/// Back into the folder of the day that its name tells.
Result<QString> unarchive(const QString &stateDir, const SessionFile &file);
/// For ever.
Result<> remove(const QString &stateDir, const SessionFile &file);
/// LOG.jsonl becomes LOG.jsonl.zst, once what was packed has been unpacked again and is the same. A log that is
/// compressed already stays as it is.
Result<QString> compress(const QString &stateDir, const SessionFile &file, const Decompress &pack,
                         const Decompress &unpack);

/// The session bears this name from now on; an empty one takes its name away.
Result<> rename(const QString &stateDir, const QString &id, const QString &name);

} // namespace nightshift::store
