#pragma once
#include <QString>
#include <optional>
#include <vector>

namespace nightshift::store {

/// A session's log among the files of STATE.
struct SessionFile
{
    QString id;
    QString path; ///< Of the plain file, also when only the compressed one is there.
    bool archived = false;
    bool operator==(const SessionFile &) const = default;
};

/// All logs, by their names alone, in no order.
std::vector<SessionFile> sessionFiles(const QString &stateDir);

/// The log of one session, archived or not. Looks first where the id's time says that it is.
std::optional<SessionFile> sessionFile(const QString &stateDir, const QString &id);

} // namespace nightshift::store
